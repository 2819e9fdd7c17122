-- Candidates stand for a post, terms follow from elections, supervised items from recorded inspections. An item that named its
-- inspection in words keeps the words as its source.

ALTER TABLE election_candidate ADD COLUMN `post` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE official_term ADD COLUMN `election` VARCHAR(128) NOT NULL DEFAULT '';
CREATE INDEX official_term_on_election ON official_term (`election`, id);
UPDATE supervised_item SET source = CASE WHEN source = '' THEN inspection ELSE source END, inspection = ''
  WHERE inspection <> '' AND inspection NOT LIKE 'inspections/%';
CREATE INDEX supervised_item_on_inspection ON supervised_item (`inspection`, id);
