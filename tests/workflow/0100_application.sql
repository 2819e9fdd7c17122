CREATE TABLE application (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `amount` BIGINT NOT NULL,
  `state` BIGINT NOT NULL,
  `document` VARCHAR(16) NOT NULL,
  `submitter` VARCHAR(255) NOT NULL,
  `approved_date` VARCHAR(10) NOT NULL,
  `return_reason` VARCHAR(512) NOT NULL,
  `parts` LONGTEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX application_on_village ON application (`village`, id);
