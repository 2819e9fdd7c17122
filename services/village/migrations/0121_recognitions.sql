-- Recognitions name the standard, and why they were lost.

ALTER TABLE civilised_recognition ADD COLUMN `standard` VARCHAR(128) NOT NULL DEFAULT '';
ALTER TABLE civilised_recognition ADD COLUMN `lost_reason` VARCHAR(255) NOT NULL DEFAULT '';
CREATE INDEX civilised_recognition_on_standard ON civilised_recognition (`standard`, id);
ALTER TABLE safe_recognition ADD COLUMN `standard` VARCHAR(128) NOT NULL DEFAULT '';
ALTER TABLE safe_recognition ADD COLUMN `lost_reason` VARCHAR(255) NOT NULL DEFAULT '';
CREATE INDEX safe_recognition_on_standard ON safe_recognition (`standard`, id);
