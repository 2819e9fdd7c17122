-- Targets.

CREATE TABLE target (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `year` BIGINT NOT NULL,
  `position` BIGINT NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `clause` VARCHAR(64) NOT NULL,
  `quote` VARCHAR(512) NOT NULL,
  `kind` BIGINT NOT NULL,
  `unit` VARCHAR(16) NOT NULL,
  `comparator` BIGINT NOT NULL,
  `goal_micros` BIGINT NOT NULL,
  `deadline` VARCHAR(10) NOT NULL,
  `owner_service` VARCHAR(32) NOT NULL,
  `accrual` BIGINT NOT NULL,
  `reading` VARCHAR(1024) NOT NULL,
  `population_measure` VARCHAR(63) NOT NULL,
  `pass_filter` VARCHAR(512) NOT NULL,
  `reported_filter` VARCHAR(512) NOT NULL,
  `numerator_measure` VARCHAR(63) NOT NULL,
  `denominator_measure` VARCHAR(63) NOT NULL,
  `unit_scale` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX target_on_year ON target (`year`, id);
CREATE INDEX target_on_position ON target (`position`, id);
