-- Names and numbers of people are encrypted: no SQL can do that to those that are there, and no release has any.

DELETE FROM household_member;
DELETE FROM helper_pairing;
DELETE FROM needy_household;
DELETE FROM household_recheck;
DELETE FROM dangerous_house;
DELETE FROM doctor_training;
DELETE FROM family_doctor_contract;
DELETE FROM person;
DROP INDEX person_by_citizen_number /*! ON person */;
ALTER TABLE helper_pairing DROP COLUMN `helper_name`;
ALTER TABLE helper_pairing ADD COLUMN `helper_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE needy_household DROP COLUMN `display_name`;
ALTER TABLE needy_household ADD COLUMN `display_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE household_recheck DROP COLUMN `checker`;
ALTER TABLE household_recheck ADD COLUMN `checker` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE dangerous_house DROP COLUMN `owner_name`;
ALTER TABLE dangerous_house ADD COLUMN `owner_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE doctor_training DROP COLUMN `doctor_name`;
ALTER TABLE doctor_training ADD COLUMN `doctor_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE family_doctor_contract DROP COLUMN `doctor_name`;
ALTER TABLE family_doctor_contract ADD COLUMN `doctor_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE person DROP COLUMN `display_name`;
ALTER TABLE person ADD COLUMN `display_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE person DROP COLUMN `citizen_number`;
ALTER TABLE person ADD COLUMN `citizen_number` VARBINARY(136) NOT NULL DEFAULT '';
ALTER TABLE person DROP COLUMN `phone`;
ALTER TABLE person ADD COLUMN `phone` VARBINARY(112) NOT NULL DEFAULT '';
ALTER TABLE person DROP COLUMN `bank_account`;
ALTER TABLE person ADD COLUMN `bank_account` VARBINARY(192) NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN `citizen_number_hash` VARCHAR(64);
CREATE UNIQUE INDEX person_by_citizen_number ON person (`citizen_number_hash`);
-- Figures are counted again.
DELETE FROM measure_definition;
