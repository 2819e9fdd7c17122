-- Visits of helpers, and social forces matched to needs.

CREATE TABLE helper_visit (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `pairing` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `visit_date` VARCHAR(10) NOT NULL,
  `content` VARCHAR(512) NOT NULL,
  `difficulty` VARCHAR(512) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX helper_visit_on_pairing ON helper_visit (`pairing`, id);
CREATE INDEX helper_visit_on_village ON helper_visit (`village`, id);
CREATE INDEX helper_visit_on_visit_date ON helper_visit (`visit_date`, id);

CREATE TABLE assistance_need (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `description` VARCHAR(512) NOT NULL,
  `raised_date` VARCHAR(10) NOT NULL,
  `met_date` VARCHAR(10) NOT NULL,
  `match_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX assistance_need_on_village ON assistance_need (`village`, id);
CREATE INDEX assistance_need_on_household ON assistance_need (`household`, id);

CREATE TABLE social_activity (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `organisation` VARCHAR(128) NOT NULL,
  `organisation_kind` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `year` BIGINT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `description` VARCHAR(512) NOT NULL,
  `value_fen` BIGINT NOT NULL,
  `beneficiary_count` BIGINT NOT NULL,
  `match_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX social_activity_on_village ON social_activity (`village`, id);
CREATE INDEX social_activity_on_year ON social_activity (`year`, id);

CREATE TABLE need_match (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `need` VARCHAR(128) NOT NULL,
  `activity` VARCHAR(128) NOT NULL,
  `matched_date` VARCHAR(10) NOT NULL,
  `note` VARCHAR(256) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX need_match_by_need_activity ON need_match (`need`, `activity`);
CREATE INDEX need_match_on_activity ON need_match (`activity`, id);
