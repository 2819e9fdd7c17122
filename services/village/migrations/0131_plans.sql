-- Plans.

CREATE TABLE village_plan (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `year` BIGINT NOT NULL,
  `last_year` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `goals` LONGTEXT NOT NULL,
  `state` BIGINT NOT NULL,
  `decision` VARCHAR(128) NOT NULL,
  `submitter` VARCHAR(128) NOT NULL,
  `submitted_date` VARCHAR(10) NOT NULL,
  `return_reason` VARCHAR(512) NOT NULL,
  `returned_date` VARCHAR(10) NOT NULL,
  `filed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX village_plan_by_village_kind_year ON village_plan (`village`, `kind`, `year`);
CREATE INDEX village_plan_on_year ON village_plan (`year`, id);
CREATE INDEX village_plan_on_decision ON village_plan (`decision`, id);
