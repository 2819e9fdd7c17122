-- The ledger of the programme's money.

CREATE TABLE fund_source (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `programme_year` BIGINT NOT NULL,
  `level` BIGINT NOT NULL,
  `division` VARCHAR(128) NOT NULL,
  `giver` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX fund_source_on_programme_year ON fund_source (`programme_year`, id);
CREATE INDEX fund_source_on_division ON fund_source (`division`, id);

CREATE TABLE fund_allocation (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `fund_source` VARCHAR(128) NOT NULL,
  `project` VARCHAR(96) NOT NULL,
  `purpose` BIGINT NOT NULL,
  `district` VARCHAR(128) NOT NULL,
  `disburse_by` VARCHAR(10) NOT NULL,
  `note` VARCHAR(512) NOT NULL,
  `state` BIGINT NOT NULL,
  `rejection` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX fund_allocation_by_project_fund_source ON fund_allocation (`project`, `fund_source`);
CREATE INDEX fund_allocation_on_fund_source ON fund_allocation (`fund_source`, id);
CREATE INDEX fund_allocation_on_district ON fund_allocation (`district`, id);
CREATE INDEX fund_allocation_on_state ON fund_allocation (`state`, id);

CREATE TABLE fund_movement (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `kind` BIGINT NOT NULL,
  `year` BIGINT NOT NULL,
  `movement_date` VARCHAR(10) NOT NULL,
  `fund_source` VARCHAR(128) NOT NULL,
  `allocation` VARCHAR(128) NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `reverses` VARCHAR(128) NOT NULL,
  `document_number` VARCHAR(64) NOT NULL,
  `note` VARCHAR(512) NOT NULL,
  `from_account` BIGINT NOT NULL,
  `to_account` BIGINT NOT NULL,
  `reversal_key` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX fund_movement_by_reversal_key ON fund_movement (`reversal_key`);
CREATE INDEX fund_movement_on_year ON fund_movement (`year`, id);
CREATE INDEX fund_movement_on_movement_date ON fund_movement (`movement_date`, id);
CREATE INDEX fund_movement_on_fund_source ON fund_movement (`fund_source`, id);
CREATE INDEX fund_movement_on_allocation ON fund_movement (`allocation`, id);
CREATE INDEX fund_movement_on_reverses ON fund_movement (`reverses`, id);

CREATE TABLE fund_account (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `owner` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `balance_fen` BIGINT NOT NULL,
  `fund_source` VARCHAR(128) NOT NULL,
  `programme_year` BIGINT NOT NULL,
  `level` BIGINT NOT NULL,
  `district` VARCHAR(128) NOT NULL,
  `purpose` BIGINT NOT NULL,
  `disburse_by` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX fund_account_by_owner_kind ON fund_account (`owner`, `kind`);
CREATE INDEX fund_account_on_programme_year ON fund_account (`programme_year`, id);

CREATE TABLE audit_finding (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `fund_source` VARCHAR(128) NOT NULL,
  `allocation` VARCHAR(128) NOT NULL,
  `severity` BIGINT NOT NULL,
  `description` VARCHAR(512) NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `found_date` VARCHAR(10) NOT NULL,
  `rectify_by` VARCHAR(10) NOT NULL,
  `rectified_date` VARCHAR(10) NOT NULL,
  `rectification` VARCHAR(512) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX audit_finding_on_fund_source ON audit_finding (`fund_source`, id);
CREATE INDEX audit_finding_on_allocation ON audit_finding (`allocation`, id);
CREATE INDEX audit_finding_on_found_date ON audit_finding (`found_date`, id);
CREATE INDEX audit_finding_on_rectify_by ON audit_finding (`rectify_by`, id);
