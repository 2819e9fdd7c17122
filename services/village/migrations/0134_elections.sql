-- Elections.

CREATE TABLE election_rule (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `valid_from` VARCHAR(10) NOT NULL,
  `valid_to` VARCHAR(10) NOT NULL,
  `disqualifications` LONGTEXT NOT NULL,
  `turnout` LONGTEXT NOT NULL,
  `majority` LONGTEXT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

CREATE TABLE election (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `organ` BIGINT NOT NULL,
  `rule` VARCHAR(128) NOT NULL,
  `term` BIGINT NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `seats` BIGINT NOT NULL,
  `state` BIGINT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `registered_count` BIGINT NOT NULL,
  `voted_count` BIGINT NOT NULL,
  `results` LONGTEXT NOT NULL,
  `handover_date` VARCHAR(10) NOT NULL,
  `handover_note` VARCHAR(512) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX election_by_village_organ_term ON election (`village`, `organ`, `term`);
CREATE INDEX election_on_rule ON election (`rule`, id);

CREATE TABLE election_candidate (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `election` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL,
  `checks` LONGTEXT NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX election_candidate_by_election_display_name_birth_date ON election_candidate (`election`, `display_name`, `birth_date`);

CREATE TABLE election_voter (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `election` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX election_voter_by_election_display_name_birth_date ON election_voter (`election`, `display_name`, `birth_date`);
