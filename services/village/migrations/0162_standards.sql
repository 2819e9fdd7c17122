-- The years of a standard: those that are there were named by theirs.

ALTER TABLE creation_standard ADD COLUMN `first_year` BIGINT NOT NULL DEFAULT 0;
UPDATE creation_standard SET first_year = version + 0 WHERE version LIKE '20__';
CREATE UNIQUE INDEX creation_standard_by_kind_first_year ON creation_standard (`kind`, `first_year`);
