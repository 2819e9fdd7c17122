-- Assistance actions.

CREATE TABLE assistance_action (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `year` BIGINT NOT NULL,
  `position` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `description` VARCHAR(1000) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX assistance_action_on_position ON assistance_action (`position`, id);

CREATE TABLE action_task (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `action` VARCHAR(128) NOT NULL,
  `place` VARCHAR(128) NOT NULL,
  `task` VARCHAR(500) NOT NULL,
  `responsible_body` VARCHAR(128) NOT NULL,
  `roadmap` TEXT NOT NULL,
  `timetable` LONGTEXT NOT NULL,
  `milestone_count` BIGINT NOT NULL,
  `done_count` BIGINT NOT NULL,
  `next_due_date` VARCHAR(10) NOT NULL,
  `deadline` VARCHAR(10) NOT NULL,
  `done_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX action_task_on_action ON action_task (`action`, id);
CREATE INDEX action_task_on_place ON action_task (`place`, id);
CREATE INDEX action_task_on_next_due_date ON action_task (`next_due_date`, id);
