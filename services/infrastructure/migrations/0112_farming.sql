-- Farms, what fields are given and what they leave, burning.

CREATE TABLE livestock_farm (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `scale` BIGINT NOT NULL,
  `head_count` BIGINT NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `built_date` VARCHAR(10) NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL,
  `treatment_state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX livestock_farm_on_village ON livestock_farm (`village`, id);

CREATE TABLE agricultural_input (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `fertiliser_kg` BIGINT,
  `pesticide_kg` BIGINT,
  `film_used_kg` BIGINT,
  `film_recovered_kg` BIGINT
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX agricultural_input_by_village_year ON agricultural_input (`village`, `year`);
CREATE INDEX agricultural_input_on_year ON agricultural_input (`year`, id);

CREATE TABLE straw_record (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `crop` BIGINT NOT NULL,
  `produced_kg` BIGINT NOT NULL,
  `uses` LONGTEXT NOT NULL,
  `used_kg` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX straw_record_by_village_year_crop ON straw_record (`village`, `year`, `crop`);
CREATE INDEX straw_record_on_year ON straw_record (`year`, id);

CREATE TABLE burning_incident (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `incident_date` VARCHAR(10) NOT NULL,
  `found_by` BIGINT NOT NULL,
  `area_centimu` BIGINT NOT NULL,
  `handled_date` VARCHAR(10) NOT NULL,
  `handling` VARCHAR(512) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX burning_incident_on_village ON burning_incident (`village`, id);
