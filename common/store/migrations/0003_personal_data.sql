-- Looks at personal data: what for, and how many a day. How far the change to another key has come.

ALTER TABLE audit_entry ADD COLUMN detail VARCHAR(1024) NOT NULL DEFAULT '';

CREATE TABLE reveal_quota (
  principal VARCHAR(255) NOT NULL,
  day VARCHAR(10) NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (principal, day)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE cell_rotation (
  table_name VARCHAR(63) NOT NULL PRIMARY KEY,
  cell_key BIGINT NOT NULL,
  search_key BIGINT NOT NULL,
  last_id VARCHAR(63) NOT NULL,
  changed BIGINT NOT NULL,
  done BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;
