-- Incomes of villages and farmers.

CREATE TABLE collective_income (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `operating_income_fen` BIGINT NOT NULL,
  `contracting_income_fen` BIGINT NOT NULL,
  `investment_income_fen` BIGINT NOT NULL,
  `subsidy_income_fen` BIGINT NOT NULL,
  `other_income_fen` BIGINT NOT NULL,
  `total_income_fen` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX collective_income_by_village_year ON collective_income (`village`, `year`);
CREATE INDEX collective_income_on_year ON collective_income (`year`, id);

CREATE TABLE farmer_income (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `per_capita_disposable_income_fen` BIGINT NOT NULL,
  `population` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX farmer_income_by_village_year ON farmer_income (`village`, `year`);
CREATE INDEX farmer_income_on_year ON farmer_income (`year`, id);
