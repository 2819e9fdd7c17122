-- By which definitions the figures are kept, so that a replica of another release knows that they are not its own; and which figures
-- of a closed year were never counted, which is not the same as 0.

ALTER TABLE engine_state ADD COLUMN definitions VARCHAR(16) NOT NULL DEFAULT '';

CREATE TABLE measure_uncounted (
  year BIGINT NOT NULL,
  measure VARCHAR(63) NOT NULL,
  PRIMARY KEY (year, measure)
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;

INSERT INTO measure_uncounted (year, measure)
  SELECT y.year, d.id FROM measure_year y JOIN measure_definition d ON 1 = 1
  WHERE NOT EXISTS (SELECT 1 FROM shard_version v WHERE v.topic = y.year);
