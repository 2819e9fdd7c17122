-- Business entities, markets and benefit linkage.

CREATE TABLE business_entity (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `credit_code` VARCHAR(18) NOT NULL,
  `registered_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL,
  `brands` VARCHAR(512) NOT NULL,
  `bases` VARCHAR(512) NOT NULL,
  `served_villages` LONGTEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX business_entity_on_site ON business_entity (`site`, id);

CREATE TABLE market_facility (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `capacity_kg` BIGINT NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX market_facility_on_site ON market_facility (`site`, id);

CREATE TABLE sales_contract (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `channel` BIGINT NOT NULL,
  `buyer` VARCHAR(128) NOT NULL,
  `goods` VARCHAR(128) NOT NULL,
  `signed_date` VARCHAR(10) NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `fulfilled_fen` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX sales_contract_on_village ON sales_contract (`village`, id);
CREATE INDEX sales_contract_on_year ON sales_contract (`year`, id);

CREATE TABLE benefit_linkage (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `mode` BIGINT NOT NULL,
  `operator` VARCHAR(128) NOT NULL,
  `project` VARCHAR(128) NOT NULL,
  `dividend_fen` BIGINT NOT NULL,
  `households` LONGTEXT NOT NULL,
  `household_count` BIGINT NOT NULL,
  `needy_household_count` BIGINT NOT NULL,
  `land_centimu` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX benefit_linkage_on_village ON benefit_linkage (`village`, id);
CREATE INDEX benefit_linkage_on_year ON benefit_linkage (`year`, id);
CREATE INDEX benefit_linkage_on_project ON benefit_linkage (`project`, id);
