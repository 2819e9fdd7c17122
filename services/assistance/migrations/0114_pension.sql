-- Pension insurance.

CREATE TABLE pension_enrolment (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `member` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `payer` BIGINT NOT NULL,
  `premium_fen` BIGINT NOT NULL,
  `enrolled_date` VARCHAR(10) NOT NULL,
  `ended_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX pension_enrolment_by_member_kind ON pension_enrolment (`member`, `kind`);
CREATE INDEX pension_enrolment_on_household ON pension_enrolment (`household`, id);
CREATE INDEX pension_enrolment_on_village ON pension_enrolment (`village`, id);

CREATE TABLE pension_campaign (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `form` BIGINT NOT NULL,
  `held_date` VARCHAR(10) NOT NULL,
  `attendance` BIGINT NOT NULL,
  `subject` VARCHAR(256) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX pension_campaign_on_village ON pension_campaign (`village`, id);
CREATE INDEX pension_campaign_on_year ON pension_campaign (`year`, id);
