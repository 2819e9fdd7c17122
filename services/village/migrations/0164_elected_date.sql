-- Since when an official has been elected, over terms that follow each other: another organ that is elected later in the year begins
-- another term, not another election of the person.

ALTER TABLE official_term ADD COLUMN `elected_date` VARCHAR(10) NOT NULL DEFAULT '';
UPDATE official_term SET elected_date = start_date WHERE origin = 1;
-- Two terms back: more organs than three are not elected one after the other.
UPDATE official_term SET elected_date = COALESCE(
  (SELECT MIN(before_it.elected_date) FROM (SELECT official, end_date, elected_date FROM official_term) before_it
    WHERE before_it.official = official_term.official AND before_it.end_date = official_term.start_date AND before_it.elected_date <> ''
      AND (official_term.origin <> 1 OR SUBSTR(before_it.elected_date, 1, 4) = SUBSTR(official_term.start_date, 1, 4))), elected_date);
UPDATE official_term SET elected_date = COALESCE(
  (SELECT MIN(before_it.elected_date) FROM (SELECT official, end_date, elected_date FROM official_term) before_it
    WHERE before_it.official = official_term.official AND before_it.end_date = official_term.start_date AND before_it.elected_date <> ''
      AND (official_term.origin <> 1 OR SUBSTR(before_it.elected_date, 1, 4) = SUBSTR(official_term.start_date, 1, 4))), elected_date);
UPDATE official_term SET trained_date = COALESCE(
  (SELECT MIN(t.held_date) FROM official_training t
    WHERE t.official = official_term.official AND t.held_date >= official_term.elected_date), '')
  WHERE elected_date <> '' AND elected_date < start_date;
