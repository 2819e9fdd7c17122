-- How party members came to the party, and what they do.

ALTER TABLE party_member ADD COLUMN `applied_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE party_member ADD COLUMN `activist_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE party_member ADD COLUMN `candidate_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE party_member ADD COLUMN `full_date` VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE party_member ADD COLUMN `recruitment_group` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE party_member ADD COLUMN `origin` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE party_member ADD COLUMN `duties` LONGTEXT NOT NULL DEFAULT ('[]');
ALTER TABLE party_member ADD COLUMN `household_plate` BIGINT NOT NULL DEFAULT 0;
