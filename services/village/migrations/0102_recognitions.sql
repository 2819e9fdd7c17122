-- Recognitions of civilised and of safe villages.

CREATE TABLE civilised_recognition (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `level` BIGINT NOT NULL,
  `recognised_date` VARCHAR(10) NOT NULL,
  `lost_date` VARCHAR(10) NOT NULL,
  `document_number` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX civilised_recognition_by_village_level_recognised_date ON civilised_recognition (`village`, `level`, `recognised_date`);

CREATE TABLE safe_recognition (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `recognised_date` VARCHAR(10) NOT NULL,
  `lost_date` VARCHAR(10) NOT NULL,
  `document_number` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX safe_recognition_by_village_recognised_date ON safe_recognition (`village`, `recognised_date`);
