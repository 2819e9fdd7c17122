-- Who helps, by name. A pairing from before names nobody; its key is its own.

ALTER TABLE helper_pairing ADD COLUMN `helper` VARCHAR(128) NOT NULL DEFAULT '';
ALTER TABLE helper_pairing ADD COLUMN `helper_key` VARCHAR(128) NOT NULL DEFAULT '';
UPDATE helper_pairing SET helper_key = id;
CREATE UNIQUE INDEX helper_pairing_by_household_helper_key ON helper_pairing (`household`, `helper_key`);
