-- Assistance units, resident teams, technical groups, pairings; villages count their units.

CREATE TABLE assistance_unit (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `code` VARCHAR(18) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `contact_name` VARCHAR(64) NOT NULL,
  `contact_phone` VARCHAR(32) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX assistance_unit_by_code ON assistance_unit (`code`);
CREATE INDEX assistance_unit_on_code ON assistance_unit (`code`, id);

CREATE TABLE resident_team (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `unit` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX resident_team_on_unit ON resident_team (`unit`, id);

CREATE TABLE technical_group (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `specialty` VARCHAR(128) NOT NULL,
  `leader_name` VARCHAR(64) NOT NULL,
  `expert_count` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE village_pairing (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `partner` VARCHAR(128) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `document_number` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX village_pairing_on_village ON village_pairing (`village`, id);
CREATE INDEX village_pairing_on_partner ON village_pairing (`partner`, id);

ALTER TABLE village ADD COLUMN `unit_count` BIGINT NOT NULL DEFAULT 0;
