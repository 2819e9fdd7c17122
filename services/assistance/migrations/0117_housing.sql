-- Dangerous housing.

CREATE TABLE dangerous_house (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `owner_name` VARCHAR(64) NOT NULL,
  `resident_group` BIGINT NOT NULL,
  `grade` BIGINT NOT NULL,
  `report_number` VARCHAR(64) NOT NULL,
  `floor_area` BIGINT NOT NULL,
  `identified_date` VARCHAR(10) NOT NULL,
  `state` BIGINT NOT NULL,
  `measure` BIGINT NOT NULL,
  `subsidy_fen` BIGINT NOT NULL,
  `approved_date` VARCHAR(10) NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL,
  `acceptance_document` VARCHAR(128) NOT NULL,
  `cancelled_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX dangerous_house_by_village_report_number ON dangerous_house (`village`, `report_number`);
CREATE INDEX dangerous_house_on_household ON dangerous_house (`household`, id);
