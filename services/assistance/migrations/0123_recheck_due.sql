-- The first year whose re-check a filed household lacks: the lists of those that are due read an index, not the table.

ALTER TABLE needy_household ADD COLUMN `recheck_due_year` BIGINT NOT NULL DEFAULT 0;
UPDATE needy_household SET recheck_due_year =
  CASE WHEN last_recheck_year >= SUBSTR(filed_date, 1, 4) + 0 THEN last_recheck_year + 1
       ELSE SUBSTR(filed_date, 1, 4) + 0 END
  WHERE state = 4;
CREATE INDEX needy_household_on_recheck_due_year ON needy_household (`recheck_due_year`, id);
