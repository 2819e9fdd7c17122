-- Model villages, experience, visits, media.

CREATE TABLE model_village (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `theme` VARCHAR(128) NOT NULL,
  `level` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `document_number` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX model_village_on_village ON model_village (`village`, id);

CREATE TABLE experience_report (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `title` VARCHAR(128) NOT NULL,
  `summary` TEXT NOT NULL,
  `published_date` VARCHAR(10) NOT NULL,
  `document_number` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX experience_report_on_subject ON experience_report (`subject`, id);

CREATE TABLE mutual_visit (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `host` VARCHAR(128) NOT NULL,
  `guest` VARCHAR(128) NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `topic` VARCHAR(128) NOT NULL,
  `guest_count` BIGINT NOT NULL,
  `year` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX mutual_visit_on_host ON mutual_visit (`host`, id);
CREATE INDEX mutual_visit_on_guest ON mutual_visit (`guest`, id);

CREATE TABLE media_item (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `title` VARCHAR(128) NOT NULL,
  `outlet` VARCHAR(64) NOT NULL,
  `level` BIGINT NOT NULL,
  `published_date` VARCHAR(10) NOT NULL,
  `url` VARCHAR(255) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX media_item_on_subject ON media_item (`subject`, id);
