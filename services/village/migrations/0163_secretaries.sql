-- Party organisations have a secretary.

ALTER TABLE party_organisation ADD COLUMN `secretary` VARCHAR(128) NOT NULL DEFAULT '';
CREATE INDEX party_organisation_on_secretary ON party_organisation (`secretary`, id);
