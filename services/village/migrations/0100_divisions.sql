-- Divisions, villages, years.

CREATE TABLE division (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `code` VARCHAR(9) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `level` BIGINT NOT NULL,
  `parent` VARCHAR(128) NOT NULL,
  `valid_from` VARCHAR(10) NOT NULL,
  `valid_to` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX division_by_code ON division (`code`);
CREATE INDEX division_on_code ON division (`code`, id);
CREATE INDEX division_on_parent ON division (`parent`, id);

CREATE TABLE village (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `code` VARCHAR(12) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `township` VARCHAR(128) NOT NULL,
  `support_level` BIGINT NOT NULL,
  `population` BIGINT NOT NULL,
  `household_count` BIGINT NOT NULL,
  `labour_force` BIGINT NOT NULL,
  `arable_land_centimu` BIGINT NOT NULL,
  `entry_date` VARCHAR(10) NOT NULL,
  `exit_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX village_by_code ON village (`code`);
CREATE INDEX village_on_code ON village (`code`, id);
CREATE INDEX village_on_township ON village (`township`, id);

CREATE TABLE programme_year (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `year` BIGINT NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX programme_year_by_year ON programme_year (`year`);
CREATE INDEX programme_year_on_year ON programme_year (`year`, id);
