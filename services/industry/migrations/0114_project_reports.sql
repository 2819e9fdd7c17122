-- Evidence and progress reports of industry projects.

ALTER TABLE industry_project ADD COLUMN `plan` VARCHAR(1024) NOT NULL DEFAULT '';
ALTER TABLE industry_project ADD COLUMN `approval_document` VARCHAR(128) NOT NULL DEFAULT '';
ALTER TABLE industry_project ADD COLUMN `start_evidence` VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE industry_project ADD COLUMN `completion_evidence` VARCHAR(255) NOT NULL DEFAULT '';

CREATE TABLE project_report (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `project` VARCHAR(128) NOT NULL,
  `report_date` VARCHAR(10) NOT NULL,
  `progress_ppm` BIGINT NOT NULL,
  `invested_fen` BIGINT NOT NULL,
  `content` VARCHAR(1024) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX project_report_by_project_report_date ON project_report (`project`, `report_date`);
CREATE INDEX project_report_on_report_date ON project_report (`report_date`, id);
