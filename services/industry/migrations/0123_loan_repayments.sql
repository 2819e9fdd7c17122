-- Repayments have their days. Of those that were there nobody knows them, and no release has any.

DELETE FROM loan;
ALTER TABLE loan ADD COLUMN `repayments` LONGTEXT NOT NULL /*sqlite: DEFAULT '[]' */;
ALTER TABLE loan ADD COLUMN `entries` LONGTEXT NOT NULL /*sqlite: DEFAULT '[]' */;
-- Figures are counted again.
DELETE FROM measure_definition;
