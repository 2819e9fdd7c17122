-- Safe villages.

CREATE TABLE dispute (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `raised_date` VARCHAR(10) NOT NULL,
  `summary` VARCHAR(500) NOT NULL,
  `mediation` BIGINT NOT NULL,
  `mediated_date` VARCHAR(10) NOT NULL,
  `settled_date` VARCHAR(10) NOT NULL,
  `outcome` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX dispute_on_village ON dispute (`village`, id);

CREATE TABLE patrol_team (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `member_count` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX patrol_team_on_village ON patrol_team (`village`, id);

CREATE TABLE defence_measure (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `form` BIGINT NOT NULL,
  `quantity` BIGINT NOT NULL,
  `description` VARCHAR(255) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX defence_measure_on_village ON defence_measure (`village`, id);

CREATE TABLE law_publicity (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `topic` VARCHAR(128) NOT NULL,
  `form` VARCHAR(64) NOT NULL,
  `attended_count` BIGINT NOT NULL,
  `year` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX law_publicity_on_village ON law_publicity (`village`, id);
