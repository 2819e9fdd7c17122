#!/usr/bin/env -S /usr/bin/python3 -B
"""The year as it goes by: records come in day by day, and on days around the ends of the quarters the scorecard is what recompute.py
makes of what was recorded by then, for the whole, every division and every village."""

import csv
import os
import unittest

from exactness_test import Exactness
from recompute import Facts
from support import Programs

# The day on which a record of the collection comes in; the others are there from the beginning.
RECORDED = {"cleanUps": "held_date", "toiletRenovations": "completed_date", "powerLines": "completed_date", "villageFacilities": "accepted_date"}
DAYS = ("2018-02-14", "2018-03-31", "2018-04-01", "2018-07-01", "2018-10-01", "2018-12-31", "2019-01-01")


class AsOf(unittest.TestCase):
    compare_places = Exactness.compare_places

    def setUp(self):
        self.programs = Programs()
        self.addCleanup(self.programs.close)
        self.gateway = self.programs["gateway"].client()
        self.sample = os.path.join(self.programs.folder, "sample")
        self.programs.cli("sample", "--out", self.sample, "--villages", "60")

    def hold_back(self):
        """Takes the dated records out of the sample: {collection: (columns, rows)}."""
        held = {}
        for collection, field in RECORDED.items():
            path = os.path.join(self.sample, collection + ".csv")
            with open(path, encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                rows = list(reader)
            held[collection] = (field, reader.fieldnames, rows)
            os.remove(path)
        return held

    def record(self, held, after, day):
        """Imports what happened after one day and until the other; what has no day comes first."""
        folder = os.path.join(self.programs.folder, "until-" + day)
        os.mkdir(folder)
        count = 0
        for collection, (field, columns, rows) in held.items():
            until_day = [row for row in rows if after < (row[field] or "2000-01-01") <= day]
            count += len(until_day)
            with open(os.path.join(folder, collection + ".csv"), "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(until_day)
        self.programs.cli("import", folder)
        return count

    def test_every_quarter(self):
        held = self.hold_back()
        self.programs.cli("import", self.sample)
        after, cleaned = "", []
        for day in DAYS:
            self.record(held, after, day)
            after = day
            self.gateway.close()
            self.gateway = self.programs.gateway_of(day)
            folder = os.path.join(self.programs.folder, "exported-" + day)
            self.programs.cli("export", "--all", "--out", folder)
            facts = Facts(folder, as_of=day)
            self.compare_places(facts, facts.villages)
            cleaned.append(facts.rows(facts.within()[""])["quarterly-cleanups"].get("numerator"))
        # Nothing is asked for before a quarter has ended; then it is.
        self.assertGreaterEqual(cleaned[1], cleaned[2])
        self.assertGreater(cleaned[2], 0)
        self.assertGreater(cleaned[5], cleaned[6])
        self.programs.cli("verify")


if __name__ == "__main__":
    unittest.main()
