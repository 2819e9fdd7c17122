-- Relief funds of the districts and emergency relief.

CREATE TABLE relief_fund (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `division` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `established_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL,
  `township_limit_fen` BIGINT NOT NULL,
  `district_limit_fen` BIGINT NOT NULL,
  `balance_fen` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX relief_fund_by_division ON relief_fund (`division`);

CREATE TABLE relief_request (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `person` VARCHAR(128) NOT NULL,
  `fund` VARCHAR(128) NOT NULL,
  `cause` BIGINT NOT NULL,
  `description` VARCHAR(512) NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `occurred_date` VARCHAR(10) NOT NULL,
  `state` BIGINT NOT NULL,
  `required_level` BIGINT NOT NULL,
  `submitted_date` VARCHAR(10) NOT NULL,
  `approved_date` VARCHAR(10) NOT NULL,
  `paid_date` VARCHAR(10) NOT NULL,
  `settle_days` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX relief_request_on_village ON relief_request (`village`, id);
CREATE INDEX relief_request_on_household ON relief_request (`household`, id);
CREATE INDEX relief_request_on_person ON relief_request (`person`, id);
CREATE INDEX relief_request_on_fund ON relief_request (`fund`, id);

CREATE TABLE relief_movement (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `fund` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `movement_date` VARCHAR(10) NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `request` VARCHAR(128) NOT NULL,
  `counterparty` VARCHAR(128) NOT NULL,
  `note` VARCHAR(512) NOT NULL,
  `change_fen` BIGINT NOT NULL,
  `payment_key` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX relief_movement_by_payment_key ON relief_movement (`payment_key`);
CREATE INDEX relief_movement_on_fund ON relief_movement (`fund`, id);
CREATE INDEX relief_movement_on_movement_date ON relief_movement (`movement_date`, id);
CREATE INDEX relief_movement_on_request ON relief_movement (`request`, id);
