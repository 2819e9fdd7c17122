#!/usr/bin/env -S /usr/bin/python3 -B
"""What `jiedui funds`, `overdue`, `findings`, `incomplete`, `warranties`, `finances`, `allocations` and `ranking` print of the sample
is what the exported CSV files say, `jiedui warnings` lists a record that is odd, and `jiedui call` reaches a method that no command is
made for."""

import collections
import csv
import io
import json
import os
import unittest

from support import Programs, wait_for

YEAR_END = "2018-12-31"
# What a movement adds to: appropriated, allocated, paid out.
EFFECTS = {"APPROPRIATION": (1, 0, 0), "ALLOCATION": (0, 1, 0), "DISBURSEMENT": (0, 0, 1), "RETURN": (0, -1, 0), "REFUND": (0, 0, -1)}


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = Programs()
        cls.addClassCleanup(cls.programs.close)
        sample, cls.exported = (os.path.join(cls.programs.folder, name) for name in ("sample", "exported"))
        cls.programs.cli("sample", "--out", sample, "--villages", "40")
        cls.programs.cli("import", sample)
        cls.programs.cli("export", "--all", "--out", cls.exported)

    def rows(self, collection):
        with open(os.path.join(self.exported, collection + ".csv"), encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def report(self, *words):
        return list(csv.DictReader(io.StringIO(self.programs.cli(*words, "-o", "csv").stdout)))

    def ledger(self, key):
        """[appropriated, allocated, paid out] of 2018 by what `key` makes of a source and an allocation, from the movements."""
        sources = {row["name"]: row for row in self.rows("fundSources") if row["programme_year"] == "2018"}
        allocations = {row["name"]: row for row in self.rows("fundAllocations")}
        sums = collections.defaultdict(lambda: [0, 0, 0])
        for row in self.rows("fundMovements"):
            if row["fund_source"] not in sources:
                continue
            amount = int(row["amount_fen"]) * (-1 if row["reverses"] else 1)
            total = sums[key(sources[row["fund_source"]], allocations.get(row["allocation"]))]
            for i, effect in enumerate(EFFECTS[row["kind"].removeprefix("FUND_MOVEMENT_KIND_")]):
                total[i] += effect * amount
        return dict(sums)

    def test_targets_are_exported_and_imported_like_any_record(self):
        path = os.path.join(self.exported, "targets.csv")

        def imported(file):
            (row,) = csv.DictReader(io.StringIO(self.programs.cli("import", file, "-o", "csv").stdout))
            return [int(row[count]) for count in ("created_count", "updated_count", "unchanged_count", "failed_count")]

        rows = self.rows("targets")
        self.assertGreater(len(rows), 20)
        self.assertEqual([0, 0, len(rows), 0], imported(path))
        changed = os.path.join(self.programs.folder, "changed", "targets.csv")
        os.makedirs(os.path.dirname(changed))
        for reading, wanted in (("按年末数据计算", [0, 1, 0, 0]), (rows[0]["reading"], [0, 1, 0, 0])):
            with open(changed, "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerows([["name", "reading"], [rows[0]["name"], reading]])
            self.assertEqual(wanted, imported(changed))

    def test_funds_by_level(self):
        wanted = {level: [str(appropriated), str(appropriated - allocated), str(allocated), str(paid), str(paid * 1000000 // allocated) if allocated else ""]
                  for level, (appropriated, allocated, paid) in self.ledger(lambda source, _: source["level"]).items()}
        self.assertGreater(len(wanted), 2)
        self.assertEqual(wanted, {row.pop("level"): list(row.values()) for row in self.report("funds", "--year", "2018")})

    def test_funds_by_use(self):
        sums = self.ledger(lambda source, allocation: allocation and (source["level"], allocation["district"], allocation["purpose"]))
        wanted = {key: [str(allocated), str(paid)] for key, (_, allocated, paid) in sums.items() if key is not None}
        found = {(row["level"], row["district"], row["purpose"]): [row["allocated_fen"], row["disbursed_fen"]]
                 for row in self.report("funds", "--year", "2018", "--by", "use")}
        self.assertGreater(len(wanted), 5)
        self.assertEqual(wanted, found)

    def test_overdue_money(self):
        due = {row["name"]: row["disburse_by"] for row in self.rows("fundAllocations")}
        left = {allocation: allocated - paid for allocation, (_, allocated, paid)
                in self.ledger(lambda _, allocation: allocation and allocation["name"]).items() if allocation is not None}
        wanted = {name: str(fen) for name, fen in left.items() if fen > 0 and due[name] < YEAR_END}
        self.assertGreater(len(wanted), 0)
        self.assertEqual(wanted, {row["allocation"]: row["undisbursed_fen"]
                                  for row in self.report("overdue", "--year", "2018", "--as_of_date", YEAR_END)})

    def test_open_findings(self):
        found_some = False
        for day in ("2018-09-01", YEAR_END):
            wanted = {row["name"] for row in self.rows("auditFindings")
                      if row["found_date"] <= day and not (row["rectified_date"] and row["rectified_date"] <= day)}
            self.assertEqual(wanted, {row["finding.name"] for row in self.report("findings", "--as_of_date", day)}, day)
            found_some |= bool(wanted)
        self.assertTrue(found_some)

    def test_villages_that_lack_items(self):
        items = {item["code"] for row in self.rows("facilityStandards") if row["name"] == "facilityStandards/2018"
                 for item in json.loads(row["items"])}
        standing = collections.defaultdict(set)
        for row in self.rows("villageFacilities"):
            standing[row["village"]].add(row["item"] if row["accepted_date"] and row["accepted_date"] <= YEAR_END
                                         and not (row["lost_date"] and row["lost_date"] <= YEAR_END) else "")
        lacking = {village: items - there for village, there in standing.items()}
        for missing in (1, 2):
            wanted = {village: lacks for village, lacks in lacking.items() if len(lacks) == missing}
            self.assertEqual(wanted, {row["village"]: set(row["missing_items"].split())
                                      for row in self.report("incomplete", "--year", "2018", "--missing", str(missing))})
        self.assertTrue(any(len(lacks) == 1 for lacks in lacking.values()))
        townships = {row["name"]: row["township"] for row in self.rows("villages")}
        parents = {row["name"]: row["parent"] for row in self.rows("divisions")}
        for place in (set(townships.values()) | set(parents.values())) - {""}:
            wanted = {village for village, lacks in lacking.items() if len(lacks) == 1
                      and place in (townships[village], parents[townships[village]], parents[parents[townships[village]]])}
            self.assertEqual(wanted, {row["village"] for row in self.report("incomplete", "--year", "2018", "--division", place)}, place)

    def test_warranties_that_end(self):
        wanted = sorted((row["warranty_end_date"], row["name"]) for row in self.rows("constructionProjects")
                        if "2020-11-01" <= row["warranty_end_date"] <= "2020-11-20")
        self.assertGreater(len(wanted), 1)
        found = self.report("warranties", "--from_date", "2020-11-01", "--until_date", "2020-11-20")
        self.assertEqual(wanted, [(row["warranty_end_date"], row["project"]) for row in found])

    def test_who_pays_for_construction(self):
        amounts = collections.Counter()
        for row in self.rows("constructionProjects"):
            if row["year"] == "2018" and not row["cancelled_date"]:
                for entry in json.loads(row["finances"] or "[]"):
                    amounts[entry["source"]] += int(entry["amount_fen"])
        self.assertIn("FINANCE_SOURCE_FARMERS", amounts)
        self.assertEqual({source: (str(fen), str(fen * 1000000 // sum(amounts.values()))) for source, fen in amounts.items()},
                         {row["source"]: (row["amount_fen"], row["share_ppm"]) for row in self.report("finances", "--year", "2018")})

    def test_allocations_that_do_not_agree(self):
        self.assertEqual([], self.report("allocations"))
        projects = [row for row in self.rows("constructionProjects") if "fundAllocations/" in row["finances"]]
        entry = json.loads(projects[0]["finances"])[0]
        entry["amount_fen"] = str(int(entry["amount_fen"]) + 1)
        changes = {projects[0]["name"]: ("AMOUNT", [entry]), projects[1]["name"]: ("MISSING", [{**entry, "allocation": "fundAllocations/none"}])}
        for name, (_, finances) in changes.items():
            self.programs.cli("update", name, "--finances", json.dumps(finances))
            self.addCleanup(self.programs.cli, "update", name, "--finances",
                            next(row["finances"] for row in projects if row["name"] == name))
        found = list(csv.DictReader(io.StringIO(self.programs.cli("allocations", "-o", "csv", check=False).stdout)))
        self.assertEqual({name: problem for name, (problem, _) in changes.items()}, {row["project"]: row["problem"] for row in found})

    def test_ranking(self):
        """Divisions are ranked among those of their level."""
        for level, digits in (("district", 6), ("township", 9)):
            points = {row["subject"]: int(row["total_centi"]) for row in self.rows("appraisals")
                      if row["year"] == "2018" and len(row["subject"].removeprefix("divisions/")) == digits and row["subject"].startswith("divisions/")}
            wanted = [(str(1 + sum(1 for other in points.values() if other > points[subject])), subject, str(points[subject]))
                      for subject in sorted(points, key=lambda subject: (-points[subject], subject))]
            self.assertEqual(wanted, [(row["rank"], row["subject"], row["total_centi"])
                                      for row in self.report("ranking", "divisions", "--year", "2018", "--level", level)])
            self.assertTrue(level == "township" or len(wanted) > 3)

    def test_a_record_that_is_odd_is_kept_and_listed(self):
        record = next(row["name"] for row in self.rows("agriculturalInputs") if row["year"] == "2018")
        self.assertNotIn(record, self.programs.cli("warnings").stdout)
        self.programs.cli("update", record, "--fertiliser_kg", "900000000")
        self.assertIn(record, [row["resource"] for row in self.report("warnings", "--year", "2018")])
        self.assertNotIn(record, self.programs.cli("warnings", "--year", "2017").stdout)

    def test_a_method_without_a_command_is_called(self):
        project = next(row["name"] for row in self.rows("industryProjects") if row["state"] == "PROJECT_STATE_APPROVED")
        words = ("call", "CancelIndustryProject", "--name", project, "--cancel_reason", "示例：不再实施", "--cancelled_date", "2018-12-01")
        self.programs.cli(*words, "--validate_only", "true")
        self.assertIn("PROJECT_STATE_APPROVED", self.programs.cli("get", project, "-o", "json").stdout)
        self.assertIn("PROJECT_STATE_CANCELLED", self.programs.cli(*words).stdout)
        self.assertIn("PROJECT_STATE_CANCELLED", self.programs.cli("get", project, "-o", "json").stdout)
        refused = self.programs.cli(*words, check=False)
        self.assertEqual(3, refused.returncode, refused.stderr)

    def test_the_methods_of_money_and_of_a_villages_projects_are_called(self):
        call = lambda *words: json.loads(self.programs.cli("call", *words, "-o", "json").stdout)
        district = self.rows("fundAllocations")[0]["district"]
        # Of the year before: the reports of this one stay as they are.
        self.programs.cli("create", "fundSources", "--id", "cli", "--display_name", "示例", "--programme_year", "2017", "--level", "FUND_LEVEL_CITY",
                          "--division", district)
        self.programs.cli("create", "fundMovements", "--id", "cli", "--kind", "FUND_MOVEMENT_KIND_APPROPRIATION", "--year", "2017",
                          "--movement_date", "2017-12-01", "--fund_source", "fundSources/cli", "--amount_fen", "7")
        words = ("ReverseFundMovement", "--name", "fundMovements/cli", "--movement_date", "2017-12-30", "--note", "示例：误录")
        reversal = call(*words)
        self.assertEqual(("fundMovements/cli", 7), (reversal["reverses"], int(reversal["amount_fen"])))
        refused = self.programs.cli("call", *words, check=False)
        self.assertNotEqual(0, refused.returncode, refused.stdout)
        # Whose project is there cannot be asked for again; whose is not can.
        confirmed = next(row["name"] for row in self.rows("fundAllocations") if row["project"].startswith("constructionProjects/"))
        self.assertEqual(3, self.programs.cli("call", "RecheckFundAllocation", "--name", confirmed, check=False).returncode)
        self.programs.cli("create", "fundAllocations", "--id", "none", "--fund_source", "fundSources/cli", "--project", "constructionProjects/none",
                          "--purpose", "FUND_PURPOSE_OTHER", "--district", district, "--disburse_by", "2018-12-31")
        wait_for(lambda: "REJECTED" in self.programs.cli("get", "fundAllocations/none", "-o", "json").stdout, "it to be rejected")
        self.assertEqual("ALLOCATION_STATE_PENDING", call("RecheckFundAllocation", "--name", "fundAllocations/none")["state"])
        bundled = next(row for row in self.rows("industryProjects") if row["mode"] == "PROJECT_MODE_BUNDLED")
        part = json.loads(bundled["participants"])[0]
        found = {each["project"]["name"]: each for each in call("ListVillageProjects", "--village", part["village"])["village_projects"]}
        self.assertEqual(int(part["share_ppm"]), int(found[bundled["name"]]["share_ppm"]))
        own = {row["name"] for row in self.rows("industryProjects") if row["site"] == part["village"]}
        self.assertEqual(own | {bundled["name"]}, set(found))


if __name__ == "__main__":
    unittest.main()
