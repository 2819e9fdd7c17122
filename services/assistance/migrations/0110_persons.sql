-- Persons and the households that they live in.

CREATE TABLE person (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `citizen_number` VARCHAR(18) NOT NULL,
  `phone` VARCHAR(12) NOT NULL,
  `bank_account` VARCHAR(32) NOT NULL,
  `household_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX person_by_citizen_number ON person (`citizen_number`);
CREATE INDEX person_on_village ON person (`village`, id);

CREATE TABLE household_member (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `person` VARCHAR(128) NOT NULL,
  `relation` BIGINT NOT NULL,
  `joined_date` VARCHAR(10) NOT NULL,
  `left_date` VARCHAR(10) NOT NULL,
  `work_ability` BIGINT NOT NULL,
  `health_condition` BIGINT NOT NULL,
  `residence_key` VARCHAR(128) NOT NULL,
  `head_key` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX household_member_by_residence_key ON household_member (`residence_key`);
CREATE UNIQUE INDEX household_member_by_head_key ON household_member (`head_key`);
CREATE INDEX household_member_on_household ON household_member (`household`, id);
CREATE INDEX household_member_on_person ON household_member (`person`, id);
