-- Comparisons with personal data that a principal made on a day.

CREATE TABLE search_quota (
  principal VARCHAR(255) NOT NULL,
  day VARCHAR(10) NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (principal, day)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE search_hash_lock (
  table_name VARCHAR(63) NOT NULL PRIMARY KEY,
  writes BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;

-- Before personal data was encrypted, the history and the answers that are kept for repetitions held it as it was. This comes with the
-- first release, so that nobody's history is lost by it; a database of a trial begins its history anew.
UPDATE audit_entry SET before_image = NULL;
DELETE FROM request_log;
