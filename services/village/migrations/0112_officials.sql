-- Village officials.

CREATE TABLE village_official (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL,
  `phone` VARCHAR(32) NOT NULL,
  `party_member` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX village_official_on_village ON village_official (`village`, id);
CREATE INDEX village_official_on_party_member ON village_official (`party_member`, id);

CREATE TABLE official_term (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `official` VARCHAR(128) NOT NULL,
  `posts` LONGTEXT NOT NULL,
  `origin` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `secretary` BIGINT NOT NULL,
  `director` BIGINT NOT NULL,
  `secretary_and_director` BIGINT NOT NULL,
  `trained_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX official_term_on_official ON official_term (`official`, id);
CREATE INDEX official_term_on_village ON official_term (`village`, id);

CREATE TABLE official_training (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `official` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `class_hours` BIGINT NOT NULL,
  `topic` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `village` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX official_training_on_official ON official_training (`official`, id);
CREATE INDEX official_training_on_village ON official_training (`village`, id);
