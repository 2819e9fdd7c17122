-- Needy households and their helpers.

CREATE TABLE needy_household (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `kind` BIGINT NOT NULL,
  `member_count` BIGINT NOT NULL,
  `found_date` VARCHAR(10) NOT NULL,
  `filed_date` VARCHAR(10) NOT NULL,
  `exited_date` VARCHAR(10) NOT NULL,
  `active_pairing_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX needy_household_on_village ON needy_household (`village`, id);

CREATE TABLE helper_pairing (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `helper_name` VARCHAR(64) NOT NULL,
  `helper_kind` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX helper_pairing_on_household ON helper_pairing (`household`, id);
