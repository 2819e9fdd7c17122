-- The year of a household's last re-check. No re-check is older than this: 0120 has removed what was recorded before.

ALTER TABLE needy_household ADD COLUMN `last_recheck_year` BIGINT NOT NULL DEFAULT 0;
