-- Who set the limits of a fund last; nobody is known of those that are there.

ALTER TABLE relief_fund ADD COLUMN `limits_author` VARCHAR(255) NOT NULL DEFAULT '';
