-- Names of people are encrypted: no SQL can do that to those that are there, and no release has any.

DELETE FROM helper_pairing;
DELETE FROM needy_household;
ALTER TABLE helper_pairing DROP COLUMN `helper_name`;
ALTER TABLE helper_pairing ADD COLUMN `helper_name` VARBINARY(320) NOT NULL DEFAULT '';
ALTER TABLE needy_household DROP COLUMN `display_name`;
ALTER TABLE needy_household ADD COLUMN `display_name` VARBINARY(320) NOT NULL DEFAULT '';
-- Figures are counted again.
DELETE FROM measure_definition;
