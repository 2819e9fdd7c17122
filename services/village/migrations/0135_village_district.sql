-- The district of a village, from the tree: "divisions/" and the id of its township.

ALTER TABLE village ADD COLUMN `district` VARCHAR(128) NOT NULL DEFAULT '';
UPDATE village SET district = COALESCE((SELECT d.parent FROM division d WHERE d.id = SUBSTR(village.township, 11)), '');
