-- Industry projects.

CREATE TABLE industry_project (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `programme_year` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `mode` BIGINT NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `participants` LONGTEXT NOT NULL,
  `budget_fen` BIGINT NOT NULL,
  `operator` VARCHAR(128) NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `approved_date` VARCHAR(10) NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL,
  `operating_date` VARCHAR(10) NOT NULL,
  `cancelled_date` VARCHAR(10) NOT NULL,
  `cancel_reason` VARCHAR(512) NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX industry_project_on_programme_year ON industry_project (`programme_year`, id);
CREATE INDEX industry_project_on_site ON industry_project (`site`, id);
