-- Names and telephone numbers of people are encrypted: no SQL can do that to those that are there, and no release has any.

DELETE FROM person_training;
DELETE FROM job_seeker;
DROP INDEX person_training_by_display_name_birth_date_year_kind_namesake /*! ON person_training */;
ALTER TABLE person_training DROP COLUMN `display_name`;
ALTER TABLE person_training ADD COLUMN `display_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE person_training ADD COLUMN `display_name_hash` VARCHAR(64);
CREATE UNIQUE INDEX person_training_by_display_name_birth_date_year_kind_namesake ON person_training (`display_name_hash`, `birth_date`, `year`, `kind`, `namesake`);
DROP INDEX job_seeker_by_display_name_birth_date_registered_date /*! ON job_seeker */;
ALTER TABLE job_seeker DROP COLUMN `display_name`;
ALTER TABLE job_seeker ADD COLUMN `display_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE job_seeker ADD COLUMN `display_name_hash` VARCHAR(64);
CREATE UNIQUE INDEX job_seeker_by_display_name_birth_date_registered_date ON job_seeker (`display_name_hash`, `birth_date`, `registered_date`);
-- Figures are counted again.
DELETE FROM measure_definition;
