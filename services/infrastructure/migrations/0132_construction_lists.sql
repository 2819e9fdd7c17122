-- Which project uses an allocation, and which warranties end when.

CREATE TABLE allocation_use (
  allocation VARCHAR(128) NOT NULL PRIMARY KEY,
  project VARCHAR(128) NOT NULL
) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;
CREATE INDEX construction_project_on_warranty_end_date ON construction_project (`warranty_end_date`, id);
