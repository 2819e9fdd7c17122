-- Supervised items.

CREATE TABLE supervised_item (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `site` VARCHAR(128) NOT NULL,
  `task` VARCHAR(255) NOT NULL,
  `measure` VARCHAR(512) NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `due_date` VARCHAR(10) NOT NULL,
  `escalation_days` BIGINT NOT NULL,
  `origin` BIGINT NOT NULL,
  `target` VARCHAR(128) NOT NULL,
  `inspection` VARCHAR(128) NOT NULL,
  `state` BIGINT NOT NULL,
  `level_due_date` VARCHAR(10) NOT NULL,
  `escalated_date` VARCHAR(10) NOT NULL,
  `extended_date` VARCHAR(10) NOT NULL,
  `evidence` VARCHAR(512) NOT NULL,
  `struck_off_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX supervised_item_on_site ON supervised_item (`site`, id);
CREATE INDEX supervised_item_on_state ON supervised_item (`state`, id);
CREATE INDEX supervised_item_on_level_due_date ON supervised_item (`level_due_date`, id);
