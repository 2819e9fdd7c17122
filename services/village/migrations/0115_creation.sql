-- Standards and assessments.

CREATE TABLE creation_standard (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `kind` BIGINT NOT NULL,
  `version` VARCHAR(32) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `items` LONGTEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX creation_standard_by_kind_version ON creation_standard (`kind`, `version`);

CREATE TABLE creation_assessment (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `standard` VARCHAR(128) NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `items` LONGTEXT NOT NULL,
  `kind` BIGINT NOT NULL,
  `passed` BIGINT NOT NULL,
  `missing_count` BIGINT NOT NULL,
  `village` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX creation_assessment_by_subject_standard_year ON creation_assessment (`subject`, `standard`, `year`);
CREATE INDEX creation_assessment_on_standard ON creation_assessment (`standard`, id);
CREATE INDEX creation_assessment_on_village ON creation_assessment (`village`, id);
