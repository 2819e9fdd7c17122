-- Health assistance.

CREATE TABLE medical_aid (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `member` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `expense_fen` BIGINT NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `granted_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX medical_aid_on_household ON medical_aid (`household`, id);
CREATE INDEX medical_aid_on_village ON medical_aid (`village`, id);
CREATE INDEX medical_aid_on_member ON medical_aid (`member`, id);
CREATE INDEX medical_aid_on_year ON medical_aid (`year`, id);

CREATE TABLE village_clinic (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `standard_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL,
  `floor_area` BIGINT NOT NULL,
  `doctor_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX village_clinic_on_village ON village_clinic (`village`, id);

CREATE TABLE doctor_training (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `doctor_name` VARCHAR(64) NOT NULL,
  `kind` BIGINT NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `class_hours` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX doctor_training_on_village ON doctor_training (`village`, id);
CREATE INDEX doctor_training_on_year ON doctor_training (`year`, id);

CREATE TABLE health_record (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `record_number` VARCHAR(32) NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX health_record_by_record_number ON health_record (`record_number`);
CREATE INDEX health_record_on_household ON health_record (`household`, id);
CREATE INDEX health_record_on_village ON health_record (`village`, id);

CREATE TABLE family_doctor_coverage (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX family_doctor_coverage_by_village ON family_doctor_coverage (`village`);

CREATE TABLE family_doctor_contract (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `doctor_name` VARCHAR(64) NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `signed_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `resident_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX family_doctor_contract_on_village ON family_doctor_contract (`village`, id);
CREATE INDEX family_doctor_contract_on_household ON family_doctor_contract (`household`, id);
