-- Cadres.

CREATE TABLE cadre (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `unit` VARCHAR(128) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL,
  `phone` VARCHAR(32) NOT NULL,
  `party_member` BIGINT NOT NULL,
  `years` LONGTEXT NOT NULL,
  `qualified_years` VARCHAR(255) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX cadre_on_unit ON cadre (`unit`, id);

CREATE TABLE cadre_posting (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `cadre` VARCHAR(128) NOT NULL,
  `team` VARCHAR(128) NOT NULL,
  `role` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `qualified_years` VARCHAR(255) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX cadre_posting_on_village ON cadre_posting (`village`, id);
CREATE INDEX cadre_posting_on_cadre ON cadre_posting (`cadre`, id);
CREATE INDEX cadre_posting_on_team ON cadre_posting (`team`, id);

CREATE TABLE cadre_training (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `cadre` VARCHAR(128) NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `channel` BIGINT NOT NULL,
  `topic` VARCHAR(128) NOT NULL,
  `class_hours` BIGINT NOT NULL,
  `year` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX cadre_training_on_cadre ON cadre_training (`cadre`, id);

CREATE TABLE cadre_stay (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `posting` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `month` BIGINT NOT NULL,
  `days` BIGINT NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `cadre` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX cadre_stay_by_posting_year_month ON cadre_stay (`posting`, `year`, `month`);
CREATE INDEX cadre_stay_on_village ON cadre_stay (`village`, id);
CREATE INDEX cadre_stay_on_cadre ON cadre_stay (`cadre`, id);

CREATE TABLE safety_briefing (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `topic` VARCHAR(128) NOT NULL,
  `attendees` LONGTEXT NOT NULL,
  `year` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX safety_briefing_on_village ON safety_briefing (`village`, id);

CREATE TABLE cadre_standard (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `year` BIGINT NOT NULL,
  `class_hours` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX cadre_standard_by_year ON cadre_standard (`year`);
CREATE INDEX cadre_standard_on_year ON cadre_standard (`year`, id);
