-- What each movement does to the money allocated and paid out in a district: 2 allocates, 3 pays out, 4 takes back, 5 refunds.

ALTER TABLE fund_movement ADD COLUMN `district` VARCHAR(128) NOT NULL DEFAULT '';
ALTER TABLE fund_movement ADD COLUMN `allocated_change_fen` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE fund_movement ADD COLUMN `disbursed_change_fen` BIGINT NOT NULL DEFAULT 0;
UPDATE fund_movement SET district = COALESCE((SELECT a.district FROM fund_allocation a WHERE a.id = SUBSTR(fund_movement.allocation, 17)), ''),
  allocated_change_fen = CASE kind WHEN 2 THEN amount_fen WHEN 4 THEN -amount_fen ELSE 0 END * CASE reverses WHEN '' THEN 1 ELSE -1 END,
  disbursed_change_fen = CASE kind WHEN 3 THEN amount_fen WHEN 5 THEN -amount_fen ELSE 0 END * CASE reverses WHEN '' THEN 1 ELSE -1 END;
