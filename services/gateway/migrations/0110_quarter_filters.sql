-- What a member of the population has to pass once a quarter has ended.

ALTER TABLE target ADD COLUMN `quarter_filters` LONGTEXT NOT NULL /*sqlite: DEFAULT '[]' */;
