-- Changes of divisions and villages.

CREATE TABLE division_change (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `subject` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `effective_date` VARCHAR(10) NOT NULL,
  `code` VARCHAR(12) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `parent` VARCHAR(128) NOT NULL,
  `successors` LONGTEXT NOT NULL,
  `document_number` VARCHAR(128) NOT NULL,
  `code_before` VARCHAR(12) NOT NULL,
  `display_name_before` VARCHAR(64) NOT NULL,
  `parent_before` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX division_change_by_subject_effective_date ON division_change (`subject`, `effective_date`);
CREATE INDEX division_change_on_parent ON division_change (`parent`, id);
CREATE INDEX division_change_on_parent_before ON division_change (`parent_before`, id);
