-- Inspections and appraisals.

CREATE TABLE inspection (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `announced` BIGINT NOT NULL,
  `methods` LONGTEXT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `inspectors` VARCHAR(128) NOT NULL,
  `summary` TEXT NOT NULL,
  `findings` LONGTEXT NOT NULL,
  `finding_count` BIGINT NOT NULL,
  `open_count` BIGINT NOT NULL,
  `next_due_date` VARCHAR(10) NOT NULL,
  `year` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX inspection_on_subject ON inspection (`subject`, id);
CREATE INDEX inspection_on_next_due_date ON inspection (`next_due_date`, id);

CREATE TABLE appraisal (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `scores` LONGTEXT NOT NULL,
  `grade` BIGINT NOT NULL,
  `remark` VARCHAR(1000) NOT NULL,
  `total_centi` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX appraisal_by_subject_year ON appraisal (`subject`, `year`);
CREATE INDEX appraisal_on_total_centi ON appraisal (`total_centi`, id);
