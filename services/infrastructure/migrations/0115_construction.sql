-- Construction projects.

CREATE TABLE construction_project (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `planned_quantity` BIGINT NOT NULL,
  `completed_quantity` BIGINT NOT NULL,
  `unit` BIGINT NOT NULL,
  `contractor` VARCHAR(128) NOT NULL,
  `budget_fen` BIGINT NOT NULL,
  `finances` LONGTEXT NOT NULL,
  `finance_fen` BIGINT NOT NULL,
  `farmers_share_fen` BIGINT NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `approved_date` VARCHAR(10) NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL,
  `accepted_date` VARCHAR(10) NOT NULL,
  `warranty_end_date` VARCHAR(10) NOT NULL,
  `cancelled_date` VARCHAR(10) NOT NULL,
  `cancel_reason` VARCHAR(512) NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX construction_project_on_site ON construction_project (`site`, id);
CREATE INDEX construction_project_on_year ON construction_project (`year`, id);
