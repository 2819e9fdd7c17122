-- What the engine keeps beside the facts: identity and epoch of the database, audit, request log, measures, copies.

CREATE TABLE engine_state (
  id BIGINT NOT NULL PRIMARY KEY,
  database_id VARCHAR(32) NOT NULL,
  epoch BIGINT NOT NULL,
  page_token_key BLOB NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;

CREATE TABLE audit_entry (
  transaction_id VARBINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  principal VARCHAR(255) NOT NULL,
  method VARCHAR(255) NOT NULL,
  resource VARCHAR(128) NOT NULL,
  action BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  trace_id VARCHAR(32) NOT NULL,
  before_image LONGBLOB,
  PRIMARY KEY (transaction_id, sequence)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE INDEX audit_entry_on_resource ON audit_entry (resource, transaction_id, sequence);

CREATE TABLE request_log (
  request_key VARBINARY(32) NOT NULL PRIMARY KEY,
  create_time BIGINT NOT NULL,
  body_hash VARBINARY(32) NOT NULL,
  response LONGBLOB NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE INDEX request_log_on_create_time ON request_log (create_time);

CREATE TABLE measure_year (
  year BIGINT NOT NULL PRIMARY KEY,
  open BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;

CREATE TABLE measure_definition (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;

CREATE TABLE measure_value (
  year BIGINT NOT NULL,
  shard BIGINT NOT NULL,
  node VARCHAR(128) NOT NULL,
  measure VARCHAR(63) NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (year, shard, node, measure)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE shard_version (
  topic BIGINT NOT NULL,
  shard BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (topic, shard)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE directory_copy (
  shard BIGINT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  content LONGBLOB NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;

CREATE TABLE bulk_import (
  import_key VARBINARY(32) NOT NULL PRIMARY KEY,
  create_time BIGINT NOT NULL,
  content_hash VARBINARY(32) NOT NULL,
  committed_rows BIGINT NOT NULL,
  result LONGBLOB
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */;
