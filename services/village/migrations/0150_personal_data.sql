-- Names of people are encrypted: no SQL can do that to those that are there, and no release has any.

DELETE FROM party_member;
ALTER TABLE party_member DROP COLUMN `display_name`;
ALTER TABLE party_member ADD COLUMN `display_name` VARBINARY(320) NOT NULL DEFAULT '';
-- Figures are counted again.
DELETE FROM measure_definition;
