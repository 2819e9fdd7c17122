-- Training, employment and technical service.

CREATE TABLE training_demand (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `willing_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX training_demand_by_village_year_kind ON training_demand (`village`, `year`, `kind`);
CREATE INDEX training_demand_on_year ON training_demand (`year`, id);

CREATE TABLE person_training (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL,
  `willing` BIGINT NOT NULL,
  `trained_date` VARCHAR(10) NOT NULL,
  `course` VARCHAR(128) NOT NULL,
  `organiser` VARCHAR(128) NOT NULL,
  `subsidy_fen` BIGINT NOT NULL,
  `namesake` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX person_training_by_display_name_birth_date_year_kind_namesake ON person_training (`display_name`, `birth_date`, `year`, `kind`, `namesake`);
CREATE INDEX person_training_on_village ON person_training (`village`, id);
CREATE INDEX person_training_on_year ON person_training (`year`, id);

CREATE TABLE job_seeker (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL,
  `registered_date` VARCHAR(10) NOT NULL,
  `needy` BIGINT NOT NULL,
  `placed_date` VARCHAR(10) NOT NULL,
  `placement_kind` BIGINT NOT NULL,
  `employer` VARCHAR(128) NOT NULL,
  `employer_subsidy_fen` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX job_seeker_by_display_name_birth_date_registered_date ON job_seeker (`display_name`, `birth_date`, `registered_date`);
CREATE INDEX job_seeker_on_village ON job_seeker (`village`, id);
CREATE INDEX job_seeker_on_registered_date ON job_seeker (`registered_date`, id);

CREATE TABLE technical_service (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `group_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `service_date` VARCHAR(10) NOT NULL,
  `participant_count` BIGINT NOT NULL,
  `technique` VARCHAR(128) NOT NULL,
  `variety` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX technical_service_on_village ON technical_service (`village`, id);
CREATE INDEX technical_service_on_service_date ON technical_service (`service_date`, id);
