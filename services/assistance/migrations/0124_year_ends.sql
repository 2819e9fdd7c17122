-- At the ends of which years a household was needy, paired, had a health record, was in a pension scheme: what began or ended after
-- a year's end does not change its figures.

ALTER TABLE needy_household ADD COLUMN `reopened_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `needy_since_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `needy_years` VARCHAR(512) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `paired_since_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `paired_years` VARCHAR(512) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `record_since_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `record_years` VARCHAR(512) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `pension_since_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `pension_years` VARCHAR(512) NOT NULL DEFAULT '';
UPDATE needy_household SET reopened_date = COALESCE(
  (SELECT MAX(t.date) FROM workflow_transition t
    WHERE t.resource = REPLACE('needyHouseholds/@', '@', needy_household.id) AND t.rpc = 'ReopenNeedyHousehold'), '');
UPDATE needy_household SET needy_since_date = COALESCE(
  (SELECT MAX(CASE WHEN t.date > needy_household.found_date THEN t.date ELSE needy_household.found_date END)
    FROM workflow_transition t
    WHERE t.resource = REPLACE('needyHouseholds/@', '@', needy_household.id)
      AND t.rpc IN ('ReopenNeedyHousehold', 'ReenterNeedyHousehold')), found_date)
  WHERE state IN (1, 2, 3, 4);
-- As often out as in again by the end of the year, and out later.
UPDATE needy_household SET needy_years = COALESCE(
  (SELECT REPLACE(GROUP_CONCAT(years.y), ',', ' ')
    FROM (SELECT 2000 + 8 * a.n + b.n AS y FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) a,
      (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL
       SELECT 6 UNION ALL SELECT 7) b) years
    WHERE years.y >= SUBSTR(needy_household.found_date, 1, 4) + 0
      AND years.y < (SELECT MAX(SUBSTR(t.date, 1, 4) + 0) FROM workflow_transition t
        WHERE t.resource = REPLACE('needyHouseholds/@', '@', needy_household.id)
          AND t.rpc IN ('RejectNeedyHousehold', 'ExitNeedyHousehold'))
      AND (SELECT COALESCE(SUM(CASE WHEN t.rpc IN ('RejectNeedyHousehold', 'ExitNeedyHousehold') THEN 1 ELSE -1 END), 0)
        FROM workflow_transition t
        WHERE t.resource = REPLACE('needyHouseholds/@', '@', needy_household.id)
          AND t.rpc IN ('RejectNeedyHousehold', 'ExitNeedyHousehold', 'ReopenNeedyHousehold', 'ReenterNeedyHousehold')
          AND SUBSTR(t.date, 1, 4) + 0 <= years.y) = 0), '')
  WHERE id IN (SELECT SUBSTR(resource, 17) FROM workflow_transition
    WHERE rpc IN ('RejectNeedyHousehold', 'ExitNeedyHousehold'));
UPDATE needy_household SET paired_since_date = COALESCE(
  (SELECT MIN(r.start_date) FROM helper_pairing r
    WHERE r.household = REPLACE('needyHouseholds/@', '@', needy_household.id) AND r.end_date = ''), '');
UPDATE needy_household SET paired_years = COALESCE(
  (SELECT REPLACE(GROUP_CONCAT(DISTINCT years.y), ',', ' ')
    FROM helper_pairing r, (SELECT 2000 + 8 * a.n + b.n AS y FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) a,
      (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL
       SELECT 6 UNION ALL SELECT 7) b) years
    WHERE r.household = REPLACE('needyHouseholds/@', '@', needy_household.id)
      AND years.y >= SUBSTR(r.start_date, 1, 4) + 0 AND years.y < SUBSTR(NULLIF(r.end_date, ''), 1, 4) + 0), '')
  WHERE id IN (SELECT SUBSTR(household, 17) FROM helper_pairing WHERE end_date <> '');
UPDATE needy_household SET record_since_date = COALESCE(
  (SELECT MIN(r.opened_date) FROM health_record r
    WHERE r.household = REPLACE('needyHouseholds/@', '@', needy_household.id) AND r.closed_date = ''), '');
UPDATE needy_household SET record_years = COALESCE(
  (SELECT REPLACE(GROUP_CONCAT(DISTINCT years.y), ',', ' ')
    FROM health_record r, (SELECT 2000 + 8 * a.n + b.n AS y FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) a,
      (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL
       SELECT 6 UNION ALL SELECT 7) b) years
    WHERE r.household = REPLACE('needyHouseholds/@', '@', needy_household.id)
      AND years.y >= SUBSTR(r.opened_date, 1, 4) + 0 AND years.y < SUBSTR(NULLIF(r.closed_date, ''), 1, 4) + 0), '')
  WHERE id IN (SELECT SUBSTR(household, 17) FROM health_record WHERE closed_date <> '');
UPDATE needy_household SET pension_since_date = COALESCE(
  (SELECT MIN(r.enrolled_date) FROM pension_enrolment r
    WHERE r.household = REPLACE('needyHouseholds/@', '@', needy_household.id) AND r.ended_date = ''), '');
UPDATE needy_household SET pension_years = COALESCE(
  (SELECT REPLACE(GROUP_CONCAT(DISTINCT years.y), ',', ' ')
    FROM pension_enrolment r, (SELECT 2000 + 8 * a.n + b.n AS y FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) a,
      (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL
       SELECT 6 UNION ALL SELECT 7) b) years
    WHERE r.household = REPLACE('needyHouseholds/@', '@', needy_household.id)
      AND years.y >= SUBSTR(r.enrolled_date, 1, 4) + 0 AND years.y < SUBSTR(NULLIF(r.ended_date, ''), 1, 4) + 0), '')
  WHERE id IN (SELECT SUBSTR(household, 17) FROM pension_enrolment WHERE ended_date <> '');
-- Figures are counted again.
DELETE FROM measure_definition;
