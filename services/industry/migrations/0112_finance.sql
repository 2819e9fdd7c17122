-- Rural finance.

CREATE TABLE finance_outlet (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `township` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX finance_outlet_on_township ON finance_outlet (`township`, id);

CREATE TABLE finance_terminal (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `kind` BIGINT NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX finance_terminal_on_village ON finance_terminal (`village`, id);

CREATE TABLE finance_coverage (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `adult_count` BIGINT NOT NULL,
  `served_count` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX finance_coverage_by_village_year ON finance_coverage (`village`, `year`);
CREATE INDEX finance_coverage_on_year ON finance_coverage (`year`, id);

CREATE TABLE finance_product (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `borrower_kind` BIGINT NOT NULL,
  `limit_fen` BIGINT NOT NULL,
  `interest_ppm` BIGINT NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `closed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX finance_product_by_institution_display_name ON finance_product (`institution`, `display_name`);

CREATE TABLE loan (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `borrower_kind` BIGINT NOT NULL,
  `institution` VARCHAR(128) NOT NULL,
  `product` VARCHAR(128) NOT NULL,
  `granted_date` VARCHAR(10) NOT NULL,
  `granted_fen` BIGINT NOT NULL,
  `repaid_fen` BIGINT NOT NULL,
  `outstanding_fen` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX loan_on_village ON loan (`village`, id);
CREATE INDEX loan_on_product ON loan (`product`, id);
CREATE INDEX loan_on_granted_date ON loan (`granted_date`, id);
