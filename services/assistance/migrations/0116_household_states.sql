-- The states of needy households. What was recorded before them has the state that its dates say.

ALTER TABLE needy_household ADD COLUMN `state` BIGINT NOT NULL DEFAULT 1;
ALTER TABLE needy_household ADD COLUMN `reviewed_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `publicised_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `rejected_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `reentered_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE needy_household ADD COLUMN `exit_reason` VARCHAR(512) NOT NULL DEFAULT '';
UPDATE needy_household SET state = CASE WHEN exited_date <> '' THEN 5 WHEN filed_date <> '' THEN 4 ELSE 1 END;
