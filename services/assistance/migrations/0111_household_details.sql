-- Causes, members, incomes and re-checks of needy households; villages that found none.

ALTER TABLE needy_household ADD COLUMN `causes` LONGTEXT NOT NULL DEFAULT ('[]');
ALTER TABLE needy_household ADD COLUMN `registered_member_count` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE needy_household ADD COLUMN `health_record_count` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE needy_household ADD COLUMN `pension_enrolment_count` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE helper_pairing ADD COLUMN `visit_count` BIGINT NOT NULL DEFAULT 0;

CREATE TABLE household_income (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `wage_income_fen` BIGINT NOT NULL,
  `business_income_fen` BIGINT NOT NULL,
  `property_income_fen` BIGINT NOT NULL,
  `transfer_income_fen` BIGINT NOT NULL,
  `member_count` BIGINT NOT NULL,
  `total_income_fen` BIGINT NOT NULL,
  `per_capita_income_fen` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX household_income_by_household_year ON household_income (`household`, `year`);
CREATE INDEX household_income_on_village ON household_income (`village`, id);
CREATE INDEX household_income_on_year ON household_income (`year`, id);

CREATE TABLE household_recheck (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `recheck_date` VARCHAR(10) NOT NULL,
  `checker` VARCHAR(64) NOT NULL,
  `outcome` BIGINT NOT NULL,
  `new_kind` BIGINT NOT NULL,
  `note` VARCHAR(512) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX household_recheck_by_household_year ON household_recheck (`household`, `year`);
CREATE INDEX household_recheck_on_village ON household_recheck (`village`, id);
CREATE INDEX household_recheck_on_year ON household_recheck (`year`, id);

CREATE TABLE village_survey (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `surveyed_date` VARCHAR(10) NOT NULL,
  `found_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX village_survey_by_village_year_kind ON village_survey (`village`, `year`, `kind`);
CREATE INDEX village_survey_on_year ON village_survey (`year`, id);
