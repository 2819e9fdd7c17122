-- An item that is lost and built up again has a record of each period; its part of the standard follows from the standard's
-- items, which no portable SQL can count for those that are there, and no release has any.

DELETE FROM village_facility;
ALTER TABLE village_facility ADD COLUMN `period` BIGINT NOT NULL DEFAULT 1;
ALTER TABLE village_facility ADD COLUMN `share_ppm` BIGINT NOT NULL DEFAULT 0;
DROP INDEX village_facility_by_village_standard_item /*! ON village_facility */;
CREATE UNIQUE INDEX village_facility_by_village_standard_item_period ON village_facility (`village`, `standard`, `item`, `period`);
-- Figures are counted again.
DELETE FROM measure_definition;
