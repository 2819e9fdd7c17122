-- When a plan went back to the draft, and which year's plan a decision is on.

ALTER TABLE village_plan ADD COLUMN `reopened_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN `plan_year` BIGINT NOT NULL DEFAULT 0;
