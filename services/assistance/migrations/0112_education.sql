-- Education assistance.

CREATE TABLE student (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `household` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `member` VARCHAR(128) NOT NULL,
  `stage` BIGINT NOT NULL,
  `school_name` VARCHAR(128) NOT NULL,
  `enrolled_date` VARCHAR(10) NOT NULL,
  `graduated_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX student_by_member ON student (`member`);
CREATE INDEX student_on_household ON student (`household`, id);
CREATE INDEX student_on_village ON student (`village`, id);

CREATE TABLE child_need (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `student` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `needs` LONGTEXT NOT NULL,
  `description` VARCHAR(512) NOT NULL,
  `met_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX child_need_by_student_year ON child_need (`student`, `year`);
CREATE INDEX child_need_on_village ON child_need (`village`, id);
CREATE INDEX child_need_on_year ON child_need (`year`, id);

CREATE TABLE education_aid (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `student` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `kind` BIGINT NOT NULL,
  `stage` BIGINT NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `granted_date` VARCHAR(10) NOT NULL,
  `giver` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX education_aid_on_student ON education_aid (`student`, id);
CREATE INDEX education_aid_on_village ON education_aid (`village`, id);
CREATE INDEX education_aid_on_year ON education_aid (`year`, id);

CREATE TABLE graduate_employment (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `student` VARCHAR(128) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `year` BIGINT NOT NULL,
  `outcome` BIGINT NOT NULL,
  `employer` VARCHAR(128) NOT NULL,
  `placed_date` VARCHAR(10) NOT NULL,
  `helper_unit` VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX graduate_employment_by_student_year ON graduate_employment (`student`, `year`);
CREATE INDEX graduate_employment_on_village ON graduate_employment (`village`, id);
CREATE INDEX graduate_employment_on_year ON graduate_employment (`year`, id);

CREATE TABLE school_improvement (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `school_name` VARCHAR(128) NOT NULL,
  `description` VARCHAR(256) NOT NULL,
  `amount_fen` BIGINT NOT NULL,
  `planned_date` VARCHAR(10) NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX school_improvement_on_village ON school_improvement (`village`, id);

CREATE TABLE kindergarten (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(128) NOT NULL,
  `batch` BIGINT NOT NULL,
  `places` BIGINT NOT NULL,
  `reserve_date` VARCHAR(10) NOT NULL,
  `started_date` VARCHAR(10) NOT NULL,
  `completed_date` VARCHAR(10) NOT NULL,
  `opened_date` VARCHAR(10) NOT NULL,
  `state` BIGINT NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX kindergarten_on_village ON kindergarten (`village`, id);
CREATE INDEX kindergarten_on_batch ON kindergarten (`batch`, id);
