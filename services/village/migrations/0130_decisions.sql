-- Decisions, their methods and steps.

CREATE TABLE decision_method (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `kind` BIGINT NOT NULL,
  `valid_from` VARCHAR(10) NOT NULL,
  `valid_to` VARCHAR(10) NOT NULL,
  `steps` LONGTEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE decision (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `method` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(255) NOT NULL,
  `subject` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `state` BIGINT NOT NULL,
  `step_count` BIGINT NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX decision_on_village ON decision (`village`, id);
CREATE INDEX decision_on_method ON decision (`method`, id);

CREATE TABLE decision_step (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `decision` VARCHAR(128) NOT NULL,
  `position` BIGINT NOT NULL,
  `code` VARCHAR(32) NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `eligible_count` BIGINT NOT NULL,
  `present_count` BIGINT NOT NULL,
  `approve_count` BIGINT NOT NULL,
  `against_count` BIGINT NOT NULL,
  `abstain_count` BIGINT NOT NULL,
  `publicity_place` VARCHAR(128) NOT NULL,
  `minutes` VARCHAR(1000) NOT NULL,
  `lost` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX decision_step_by_decision_position ON decision_step (`decision`, `position`);
