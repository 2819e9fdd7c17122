-- Party organisations.

CREATE TABLE party_organisation (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `grade` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX party_organisation_on_village ON party_organisation (`village`, id);

CREATE TABLE organisation_grade (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `organisation` VARCHAR(128) NOT NULL,
  `grade` BIGINT NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `measures` VARCHAR(500) NOT NULL,
  `village` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX organisation_grade_on_organisation ON organisation_grade (`organisation`, id);
CREATE INDEX organisation_grade_on_village ON organisation_grade (`village`, id);

CREATE TABLE activity_venue (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `organisation` VARCHAR(128) NOT NULL,
  `area_centisquare_metres` BIGINT NOT NULL,
  `uses` LONGTEXT NOT NULL,
  `built_date` VARCHAR(10) NOT NULL,
  `renovated_date` VARCHAR(10) NOT NULL,
  `renovation` VARCHAR(500) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX activity_venue_on_village ON activity_venue (`village`, id);
CREATE INDEX activity_venue_on_organisation ON activity_venue (`organisation`, id);

CREATE TABLE party_activity (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `organisation` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `topic` VARCHAR(128) NOT NULL,
  `venue` VARCHAR(128) NOT NULL,
  `expected_count` BIGINT NOT NULL,
  `attended_count` BIGINT NOT NULL,
  `attendees` LONGTEXT NOT NULL,
  `year` BIGINT NOT NULL,
  `village` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX party_activity_on_organisation ON party_activity (`organisation`, id);
CREATE INDEX party_activity_on_venue ON party_activity (`venue`, id);
CREATE INDEX party_activity_on_village ON party_activity (`village`, id);

CREATE TABLE volunteer_service (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `member` VARCHAR(128) NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `content` VARCHAR(128) NOT NULL,
  `hours` BIGINT NOT NULL,
  `year` BIGINT NOT NULL,
  `village` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX volunteer_service_on_member ON volunteer_service (`member`, id);
CREATE INDEX volunteer_service_on_village ON volunteer_service (`village`, id);

CREATE TABLE study_group (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `members` LONGTEXT NOT NULL,
  `session_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX study_group_on_village ON study_group (`village`, id);
