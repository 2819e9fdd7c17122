-- Rows of files that only compared with personal data, as those of a dry run do, by principal and day.

CREATE TABLE file_quota (
  principal VARCHAR(255) NOT NULL,
  day VARCHAR(10) NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (principal, day)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
