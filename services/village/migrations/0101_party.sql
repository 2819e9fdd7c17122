-- Party members.

CREATE TABLE party_member (
  id VARCHAR(63) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  author VARCHAR(255) NOT NULL,
  source VARCHAR(255) NOT NULL,
  `village` VARCHAR(128) NOT NULL,
  `display_name` VARCHAR(64) NOT NULL,
  `birth_date` VARCHAR(10) NOT NULL,
  `stage` BIGINT NOT NULL,
  `joined_date` VARCHAR(10) NOT NULL,
  `left_date` VARCHAR(10) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX party_member_on_village ON party_member (`village`, id);
