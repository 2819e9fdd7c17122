-- Those who wanted a training and had it are counted with every one of them.

CREATE INDEX person_training_by_village_year_kind_willing ON person_training (`village`, `year`, `kind`, `willing`);
