-- Power lines and villages with too little power.

CREATE TABLE power_line (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `voltage` BIGINT NOT NULL,
  `planned_metres` BIGINT NOT NULL,
  `completed_metres` BIGINT NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX power_line_on_site ON power_line (`site`, id);
CREATE INDEX power_line_on_year ON power_line (`year`, id);

CREATE TABLE power_shortage (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `problem` BIGINT NOT NULL,
  `found_date` VARCHAR(10) NOT NULL,
  `household_count` BIGINT NOT NULL,
  `measure` VARCHAR(255) NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `relieved_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX power_shortage_by_village_problem_found_date ON power_shortage (`village`, `problem`, `found_date`);
