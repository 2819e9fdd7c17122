-- The years of a standard, and when an item was built.

ALTER TABLE facility_standard ADD COLUMN `first_year` BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX facility_standard_by_first_year ON facility_standard (`first_year`);
ALTER TABLE village_facility ADD COLUMN `built_date` VARCHAR(10) NOT NULL DEFAULT '';
