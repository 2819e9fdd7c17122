-- Items of a district or the city that were extended before they were put before that level: it was theirs to extend, and to strike off.

UPDATE workflow_transition SET from_state = 'DISTRICT', to_state = 'DISTRICT'
WHERE resource LIKE 'supervisedItems/%' AND SUBSTR(resource, 17) IN (
  SELECT id FROM supervised_item WHERE state = 1 AND site LIKE 'divisions/%' AND SUBSTR(site, 11) IN (SELECT id FROM division WHERE level = 2));
UPDATE supervised_item SET state = 2
WHERE state = 1 AND site LIKE 'divisions/%' AND SUBSTR(site, 11) IN (SELECT id FROM division WHERE level = 2);
UPDATE workflow_transition SET from_state = 'CITY', to_state = 'CITY'
WHERE resource LIKE 'supervisedItems/%' AND SUBSTR(resource, 17) IN (
  SELECT id FROM supervised_item WHERE state = 1 AND site LIKE 'divisions/%' AND SUBSTR(site, 11) IN (SELECT id FROM division WHERE level = 1));
UPDATE supervised_item SET state = 3, level_due_date = ''
WHERE state = 1 AND site LIKE 'divisions/%' AND SUBSTR(site, 11) IN (SELECT id FROM division WHERE level = 1);
