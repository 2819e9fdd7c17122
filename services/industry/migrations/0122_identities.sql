-- Who or what a record is of: people by their citizen number, entities by their credit code; a linkage is there once.

ALTER TABLE person_training ADD COLUMN `citizen_number` VARBINARY(136) NOT NULL DEFAULT '';
ALTER TABLE person_training ADD COLUMN `citizen_number_hash` VARCHAR(64);
ALTER TABLE person_training ADD COLUMN `namesake_evidence` VARCHAR(255) NOT NULL DEFAULT '';
CREATE UNIQUE INDEX person_training_by_citizen_number_year_kind ON person_training (`citizen_number_hash`, `year`, `kind`);
ALTER TABLE business_entity ADD COLUMN `credit_key` VARCHAR(128) NOT NULL DEFAULT '';
UPDATE business_entity SET credit_key = CASE credit_code WHEN '' THEN /*! CONCAT('businessEntities/', id) */ /*sqlite: 'businessEntities/' || id */ ELSE credit_code END;
CREATE UNIQUE INDEX business_entity_by_credit_key ON business_entity (`credit_key`);
CREATE UNIQUE INDEX benefit_linkage_by_village_year_mode_operator_project ON benefit_linkage (`village`, `year`, `mode`, `operator`, `project`);
