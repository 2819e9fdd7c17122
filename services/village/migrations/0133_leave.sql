-- Leave of cadres.

CREATE TABLE cadre_leave (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `cadre` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `start_date` VARCHAR(10) NOT NULL,
  `end_date` VARCHAR(10) NOT NULL,
  `day_count` BIGINT NOT NULL,
  `purpose` VARCHAR(255) NOT NULL,
  `state` BIGINT NOT NULL,
  `approver` VARCHAR(128) NOT NULL,
  `returned_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX cadre_leave_on_cadre ON cadre_leave (`cadre`, id);
CREATE INDEX cadre_leave_on_village ON cadre_leave (`village`, id);
