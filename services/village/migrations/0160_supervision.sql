-- When items were raised: those that are there have their deadline, by which they were counted. No level is above the city, whatever
-- was granted.

ALTER TABLE supervised_item ADD COLUMN `raised_date` VARCHAR(10) NOT NULL DEFAULT '';
UPDATE supervised_item SET raised_date = due_date;
UPDATE supervised_item SET level_due_date = '' WHERE state = 3;
