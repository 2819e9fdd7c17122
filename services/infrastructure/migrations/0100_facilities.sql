-- Standards and items of villages.

CREATE TABLE facility_standard (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `items` LONGTEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE village_facility (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `standard` VARCHAR(128) NOT NULL,
  `item` VARCHAR(63) NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL,
  `evidence` VARCHAR(255) NOT NULL,
  `lost_date` VARCHAR(10) NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX village_facility_by_village_standard_item ON village_facility (`village`, `standard`, `item`);
CREATE INDEX village_facility_on_standard ON village_facility (`standard`, id);
