-- Toilets and clean-ups.

CREATE TABLE toilet_renovation (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `batch` VARCHAR(32) NOT NULL,
  `planned_count` BIGINT NOT NULL,
  `completed_count` BIGINT NOT NULL,
  `accepted_count` BIGINT NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX toilet_renovation_by_village_year_batch ON toilet_renovation (`village`, `year`, `batch`);
CREATE INDEX toilet_renovation_on_year ON toilet_renovation (`year`, id);

CREATE TABLE clean_up (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `quarter` BIGINT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `content` VARCHAR(255) NOT NULL,
  `participant_count` BIGINT NOT NULL,
  `waste_kg` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX clean_up_on_village ON clean_up (`village`, id);
CREATE INDEX clean_up_on_year ON clean_up (`year`, id);
