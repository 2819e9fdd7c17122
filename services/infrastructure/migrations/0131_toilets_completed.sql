-- When the toilets of a batch were completed.

ALTER TABLE toilet_renovation ADD COLUMN `completed_date` VARCHAR(10) NOT NULL DEFAULT '';
