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
        self.train_by_another_standard()
        self.elect_by_other_rules()
        self.assess_by_another_standard()
        self.act_on_another_action()
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
                                    "--principal_roles", "reviewer", check=False)
        self.assertIn("ROLE_EDITOR", refused.stderr)
        self.assertIn("DECISION_STATE_COMPLETED", self.cli("advance", "decisions/d", "CompleteDecision", "--date", "2019-01-15", *role))

    def record(self, collection, identifier, check=True, **fields):
        """The finished process that recorded it."""
        return self.programs.cli("create", collection, "--id", identifier, "--json", self.file("record.json", json.dumps(fields)),
                                 "-o", "json", check=check)

    def train_by_another_standard(self):
        """Hours that were too few in 2018 are enough in 2019."""
        for year, hours in ((2018, 56), (2019, 40)):
            self.record("cadreStandards", str(year), year=year, class_hours=hours)
        self.record("assistanceUnits", "u", code="91350100M000100Y43", display_name="样例单位", kind="UNIT_KIND_CITY_ORGAN",
                    start_date="2017-08-01")
        self.record("cadres", "c", display_name="样例干部", unit="assistanceUnits/u")
        for year in (2018, 2019):
            self.record("cadreTrainings", str(year), cadre="cadres/c", held_date=f"{year}-05-01", channel="TRAINING_CHANNEL_DISTANCE",
                        class_hours=45)
        years = json.loads(self.cli("get", "cadres/c", "-o", "json"))["years"]
        self.assertEqual({2018: False, 2019: True}, {year["year"]: year.get("hours_met", False) for year in years})

    def elect_by_other_rules(self):
        """A tenth disqualification, and two thirds who must vote."""
        checks = [{"code": f"no-{number}"} for number in range(1, 11)]
        self.record("electionRules", "2019", display_name="选举规则(2019)", valid_from="2019-01-01",
                    disqualifications=[{"code": each["code"], "display_name": "样例情形"} for each in checks],
                    turnout={"numerator": 2, "denominator": 3}, majority={"numerator": 1, "denominator": 2, "more_than": True})
        self.record("elections", "e", village=VILLAGES[0], organ="ELECTED_ORGAN_SUPERVISORY_COMMITTEE", rule="electionRules/2019", term=1,
                    planned_date="2019-05-10", seats=1)
        self.record("electionCandidates", "c", election="elections/e", display_name="样例候选", birth_date="1980-01-01",
                    post="VILLAGE_POST_SUPERVISORY_DIRECTOR", checks=checks[:9])
        reviewer = ("--principal", "users/township", "--principal_roles", "reviewer")
        qualify = ("advance", "electionCandidates/c", "QualifyCandidate", "--date", "2019-05-01", *reviewer)
        self.assertIn("no-10", self.programs.cli(*qualify, check=False).stderr)
        self.cli("update", "electionCandidates/c", "--json", self.file("checks.json", json.dumps({"checks": checks})))
        self.cli(*qualify)
        clerk = ("--principal", "users/clerk", "--principal_roles", "editor")
        self.cli("advance", "elections/e", "AnnounceCandidates", "--date", "2019-05-02", *clerk)

        def hold(voted):
            results = [{"candidate": "electionCandidates/c", "votes": voted, "elected": True}]
            return self.programs.cli("advance", "elections/e", "HoldElection", "--date", "2019-05-10", "--registered_count", "300",
                                     "--voted_count", str(voted), "--results", json.dumps(results), *clerk, check=False)

        self.assertEqual(3, hold(199).returncode)
        self.assertIn("ELECTION_STATE_HELD", hold(200).stdout)

    def assess_by_another_standard(self):
        for year, codes in ((2018, ("order", "law")), (2019, ("order", "law", "fire"))):
            self.record("creationStandards", f"safe-{year}", kind="STANDARD_KIND_SAFE", version=str(year), first_year=year,
                        display_name=f"平安村庄({year})", items=[{"code": code, "display_name": code} for code in codes])
        met = [{"code": "order", "met": True}, {"code": "law", "met": True}]
        self.record("creationAssessments", "a", standard="creationStandards/safe-2018", subject=VILLAGES[0], year=2018, items=met)
        by_2019 = {"standard": "creationStandards/safe-2019", "subject": VILLAGES[0], "year": 2019}
        self.assertEqual(3, self.record("creationAssessments", "b", check=False, items=met, **by_2019).returncode)
        self.record("creationAssessments", "b", items=[*met, {"code": "fire"}], **by_2019)
        passed = {row["year"]: row["passed"] for row in csv.DictReader(io.StringIO(self.cli("export", "creationAssessments")))}
        self.assertEqual({"2018": "true", "2019": "false"}, passed)

    def act_on_another_action(self):
        self.record("assistanceActions", "eleventh-2019", year=2019, position=11, display_name="示例：第十一项行动")
        self.record("actionTasks", "t", action="assistanceActions/eleventh-2019", place=VILLAGES[0], task="落实", responsible_body="样例村党支部",
                    timetable=[{"title": "启动", "due_date": "2019-06-30"}])


if __name__ == "__main__":
    unittest.main()
