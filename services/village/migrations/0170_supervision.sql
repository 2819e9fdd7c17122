-- No step of an item is from before it was raised: those that have such a step were raised by then. Items of a district or the city
-- that nobody has acted on are before that level.

UPDATE supervised_item SET raised_date = (
  SELECT MIN(t.date) FROM workflow_transition t
  WHERE t.resource LIKE 'supervisedItems/%' AND SUBSTR(t.resource, 17) = supervised_item.id)
WHERE EXISTS (
  SELECT 1 FROM workflow_transition t
  WHERE t.resource LIKE 'supervisedItems/%' AND SUBSTR(t.resource, 17) = supervised_item.id AND t.date < supervised_item.raised_date);
UPDATE supervised_item SET state = 2
WHERE state = 1 AND site LIKE 'divisions/%' AND SUBSTR(site, 11) IN (SELECT id FROM division WHERE level = 2)
  AND id NOT IN (SELECT SUBSTR(resource, 17) FROM workflow_transition WHERE resource LIKE 'supervisedItems/%');
UPDATE supervised_item SET state = 3, level_due_date = ''
WHERE state = 1 AND site LIKE 'divisions/%' AND SUBSTR(site, 11) IN (SELECT id FROM division WHERE level = 1)
  AND id NOT IN (SELECT SUBSTR(resource, 17) FROM workflow_transition WHERE resource LIKE 'supervisedItems/%');
DELETE FROM measure_definition;
