#!/usr/bin/env -S /usr/bin/python3 -B
"""The next year is data: 2019 is opened, its targets, a standard of 73 items and another method of decision are loaded from the
command line into running programs, and both years read right, each by its own standard."""

import csv
import io
import json
import os
import unittest

from support import DOMAIN_PROGRAMS, Programs, counts_years, create_place, create_village, wait_for

VILLAGES = ["villages/120119901201", "villages/120119901202", "villages/120119901203"]


class YearChange(unittest.TestCase):
    def setUp(self):
        self.programs = Programs()
        self.addCleanup(self.programs.close)
        village = self.programs["village"].client()
        create_place(village, (2018,))
        for name in VILLAGES[1:]:
            create_village(village, name)
        self.counted(2018)

    def counted(self, *years):
        for program in DOMAIN_PROGRAMS:
            client = self.programs[program].client()
            wait_for(lambda client=client: counts_years(client, years), f"{program} to count {years}")
            client.close()

    def cli(self, *words, **options):
        return self.programs.cli(*words, **options).stdout

    def file(self, name, text):
        path = os.path.join(self.programs.folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def standard(self, year, count):
        record = {"display_name": f"{year}年标准", "first_year": year, "items": [
            {"code": f"item-{number}", "display_name": f"第{number}项",
             "group": f"FACILITY_GROUP_{'INFRASTRUCTURE' if number % 2 else 'PUBLIC_SERVICE'}"} for number in range(1, count + 1)]}
        self.cli("create", "facilityStandards", "--id", str(year), "--json", self.file("standard.json", json.dumps(record)))

    def accept(self, village, standard, numbers, date):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["name", "village", "standard", "item", "planned_date", "built_date", "accepted_date", "evidence"])
        for number in numbers:
            writer.writerow([f"villageFacilities/{village[-3:]}-{standard}-{number}", village, f"facilityStandards/{standard}",
                             f"item-{number}", date, date, date, "验收单"])
        self.cli("import", self.file("villageFacilities.csv", out.getvalue()))

    def rows(self, year):
        """(value, goal) of rows 6 and 7 in millionths, and who lacks what."""
        rows = {row["position"]: row for row in csv.DictReader(io.StringIO(self.cli("scorecard", "--year", str(year), "-o", "csv")))}
        lacking = csv.DictReader(io.StringIO(self.cli("incomplete", "--year", str(year), "-o", "csv")))
        return ([(rows[position]["numerator"], rows[position]["goal_micros"]) for position in ("6", "7")],
                {row["village"]: row["missing_items"] for row in lacking})

    def load_targets(self):
        """2018's, with another goal, as a file: what a village must have is said by the year's standard, not by them."""
        self.cli("export", "targets", "--out", self.programs.folder)
        path = os.path.join(self.programs.folder, "targets.csv")
        with open(path, encoding="utf-8", newline="") as file:
            targets = list(csv.DictReader(file))
        self.assertGreaterEqual(len(targets), 38)
        for target in targets:
            target.update(name=target["name"].replace("targets/2018-", "targets/2019-"), year="2019", deadline="2019-12-31")
            if target["name"].endswith("-beautiful-villages"):
                target["goal_micros"] = "800000"
        out = io.StringIO()
        writer = csv.DictWriter(out, targets[0])
        writer.writeheader()
        writer.writerows(targets)
        self.cli("import", self.file("targets.csv", out.getvalue()))
        return len(targets)

    def test_a_year_is_loaded_as_data(self):
        self.standard(2018, 12)
        self.accept(VILLAGES[0], 2018, range(1, 13), "2018-05-01")
        self.accept(VILLAGES[1], 2018, range(1, 12), "2018-06-01")
        of_2018 = [("1", "500000"), ("1", "250000000")], {VILLAGES[1]: "item-12"}
        self.assertEqual(of_2018, self.rows(2018))

        started = {name: program.process.pid for name, program in self.programs.by_name.items()}
        self.cli("create", "programmeYears", "--id", "2019", "--year", "2019", "--state", "YEAR_STATE_OPEN")
        self.counted(2018, 2019)
        self.standard(2019, 73)
        count = self.load_targets()
        listed = list(csv.DictReader(io.StringIO(self.cli("targets", "--year", "2019", "-o", "csv"))))
        self.assertEqual(count, len(listed))
        self.assertEqual(of_2018, self.rows(2018))
        # What was accepted by the old standard counts for nothing by the new one.
        self.assertEqual({}, self.rows(2019)[1])
        self.accept(VILLAGES[0], 2019, range(1, 73), "2019-03-01")
        self.accept(VILLAGES[1], 2019, range(1, 74), "2019-04-01")
        self.accept(VILLAGES[2], 2019, range(1, 74), "2019-04-01")
        self.assertEqual(([("2", "800000"), ("2", "250000000")], {VILLAGES[0]: "item-73"}), self.rows(2019))
        self.assertEqual(of_2018, self.rows(2018))
        self.decide_in_another_way()
        self.cli("verify")
        self.assertEqual(started, {name: program.process.pid for name, program in self.programs.by_name.items()})

    def decide_in_another_way(self):
        """A method of three steps, of which 2018 knew nothing."""
        steps = [{"code": "ask", "display_name": "入户征求意见", "body": "DECISION_BODY_TWO_COMMITTEES"},
                 {"code": "vote", "display_name": "村民代表表决", "body": "DECISION_BODY_VILLAGERS",
                  "quorum": {"numerator": 2, "denominator": 3}, "approval": {"numerator": 1, "denominator": 2, "more_than": True}},
                 {"code": "publish", "display_name": "公示", "body": "DECISION_BODY_PUBLIC", "publicity_days": 7}]
        method = {"display_name": "三步法(2019)", "kind": "DECISION_METHOD_KIND_OTHER", "valid_from": "2019-01-01", "steps": steps}
        self.cli("create", "decisionMethods", "--id", "three-2019", "--json", self.file("method.json", json.dumps(method)))
        self.cli("create", "decisions", "--id", "d", "--village", VILLAGES[0], "--method", "decisionMethods/three-2019",
                 "--display_name", "2019年度计划", "--subject", "DECISION_SUBJECT_PLAN", "--start_date", "2019-01-02")

        def step(code, date, *more, check=True):
            return self.programs.cli("create", "decisionSteps", "--decision", "decisions/d", "--code", code, "--held_date", date, *more,
                                     check=check)

        step("ask", "2019-01-03")
        skipped = step("publish", "2019-01-04", "--end_date", "2019-01-12", "--publicity_place", "村务公开栏", check=False)
        self.assertEqual(3, skipped.returncode)
        votes = ("--eligible_count", "30", "--approve_count", "18", "--against_count", "1", "--abstain_count", "0")
        self.assertEqual(3, step("vote", "2019-01-05", "--present_count", "19", *votes, check=False).returncode)
        step("vote", "2019-01-05", "--present_count", "20", *votes)
        step("publish", "2019-01-06", "--end_date", "2019-01-14", "--publicity_place", "村务公开栏")
        role = ("--principal", "users/clerk", "--principal_roles", "editor")
        refused = self.programs.cli("advance", "decisions/d", "CompleteDecision", "--date", "2019-01-15", "--principal", "users/clerk",
                                    "--principal_roles", "viewer", check=False)
        self.assertIn("ROLE_EDITOR", refused.stderr)
        self.assertIn("DECISION_STATE_COMPLETED", self.cli("advance", "decisions/d", "CompleteDecision", "--date", "2019-01-15", *role))


if __name__ == "__main__":
    unittest.main()
