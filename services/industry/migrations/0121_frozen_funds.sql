-- Money of projects that are cancelled is frozen: no more goes out. 2: a confirmed allocation, 4: a frozen one, 6: a cancelled project.

ALTER TABLE industry_project ADD COLUMN `allocation_count` BIGINT NOT NULL DEFAULT 0;
UPDATE industry_project SET allocation_count = (SELECT COUNT(*) FROM fund_allocation a
  WHERE a.project LIKE 'industryProjects/%' AND SUBSTR(a.project, 18) = industry_project.id);
UPDATE fund_allocation SET state = 4, rejection = '项目已取消' WHERE state = 2 AND project LIKE 'industryProjects/%'
  AND SUBSTR(project, 18) IN (SELECT id FROM industry_project WHERE state = 6);
ALTER TABLE fund_account ADD COLUMN `frozen` BIGINT NOT NULL DEFAULT 0;
UPDATE fund_account SET frozen = 1 WHERE owner LIKE 'fundAllocations/%'
  AND SUBSTR(owner, 17) IN (SELECT id FROM fund_allocation WHERE state <> 2);
