-- Sewage, ponds, irrigation and drinking water.

CREATE TABLE sewage_facility (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `capacity_m3_per_day` BIGINT NOT NULL,
  `household_count` BIGINT NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `built_date` VARCHAR(10) NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX sewage_facility_on_site ON sewage_facility (`site`, id);

CREATE TABLE pond (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `area_centimu` BIGINT NOT NULL,
  `river_chief` VARCHAR(64) NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `treated_date` VARCHAR(10) NOT NULL,
  `inspections` LONGTEXT NOT NULL,
  `inspection_count` BIGINT NOT NULL,
  `last_inspection_date` VARCHAR(255) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX pond_on_village ON pond (`village`, id);

CREATE TABLE water_project (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `irrigated_area_centimu` BIGINT NOT NULL,
  `household_count` BIGINT NOT NULL,
  `budget_fen` BIGINT NOT NULL,
  `surveyed_date` VARCHAR(10) NOT NULL,
  `designed_date` VARCHAR(10) NOT NULL,
  `approved_date` VARCHAR(10) NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX water_project_on_site ON water_project (`site`, id);
CREATE INDEX water_project_on_year ON water_project (`year`, id);
