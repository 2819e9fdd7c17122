-- The history of resources with a workflow.

CREATE TABLE workflow_transition (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `resource` VARCHAR(128) NOT NULL,
  `rpc` VARCHAR(64) NOT NULL,
  `actor` VARCHAR(128) NOT NULL,
  `date` VARCHAR(10) NOT NULL,
  `reason` VARCHAR(512) NOT NULL,
  `input_json` TEXT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `from_state` VARCHAR(64) NOT NULL,
  `to_state` VARCHAR(64) NOT NULL,
  `site` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX workflow_transition_by_resource_sequence ON workflow_transition (`resource`, `sequence`);
CREATE INDEX workflow_transition_on_sequence ON workflow_transition (`sequence`, id);
