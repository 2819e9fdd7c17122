#!/usr/bin/env -S /usr/bin/python3 -B
"""The scorecard of the sample is what recompute.py makes of the exported files: for the whole, every district, every township and
every village; also after ten thousand concurrent changes, among them villages that move to another township. On both databases."""

import os
import random
import threading
import unittest

import changes_assistance
import changes_industry
import changes_infrastructure
import changes_village
from recompute import Facts
from support import CallError, Database, Programs

FIGURES = ("numerator", "denominator", "value_micros", "unreported_count")
CHANGES = {"village": changes_village, "industry": changes_industry, "infrastructure": changes_infrastructure,
           "assistance": changes_assistance}
THREADS, ACCEPTED, MOST_ATTEMPTS = 8, 10_000, 40_000
# Deleted meanwhile, there already, or against a rule: refused is not written.
REFUSALS = ("NOT_FOUND", "ALREADY_EXISTS", "INVALID_ARGUMENT", "FAILED_PRECONDITION", "ABORTED")


class Exactness:
    mysql = None

    def setUp(self):
        self.programs = Programs(mysql=self.mysql)
        self.addCleanup(self.programs.close)
        self.gateway = self.programs["gateway"].client()
        sample = os.path.join(self.programs.folder, "sample")
        self.programs.cli("sample", "--out", sample)
        self.programs.cli("import", sample)

    def compare(self, name, **options):
        self.programs.cli("verify")
        folder = os.path.join(self.programs.folder, name)
        self.programs.cli("export", "--all", "--out", folder)
        facts = Facts(folder, **options)
        self.compare_places(facts, facts.villages)
        return facts

    def compare_places(self, facts, villages):
        within = facts.within()
        for place in ["", *facts.divisions, *villages]:
            answer = self.gateway("jiedui.gateway.v1.ScorecardService/GetScorecard", {"division": place, "year": 2018})
            self.assertEqual({"FRESHNESS_FRESH"}, {source["freshness"] for source in answer["sources"]})
            self.assertEqual(len(within[place] & facts.members), int(answer.get("village_count", 0)), place)
            found = {row["target"].removeprefix("targets/2018-"): {name: int(row[name]) for name in FIGURES if name in row}
                     for row in answer["rows"]}
            wanted = facts.rows(within[place])
            self.assertEqual(set(wanted), set(found))
            for target, row in wanted.items():
                self.assertEqual(row, found[target], f"{target} of {place or 'the whole'}")
            tracked = {row["target"].removeprefix("targets/2018-"): row for row in answer["tracked_rows"]}
            for target, row in facts.tracked(within[place]).items():
                found = {name: int(tracked[target].get(name, 0)) for name in row}
                self.assertEqual(row, found, f"{target} of {place or 'the whole'}")

    def test_after_the_import_and_after_changes(self):
        facts = self.compare("imported")
        self.assertEqual(1041, len(facts.villages))
        self.change(facts)
        self.check_changed(self.compare("changed"))

    def check_changed(self, facts):
        """More about the facts after the changes."""

    def as_of_every_quarter(self, facts):
        """A quarter asks for a clean-up once it has ended, and not a day before."""
        passed = []
        for day in ("2018-02-14", "2018-03-31", "2018-04-01", "2018-07-01", "2018-10-01", "2018-12-31", "2019-01-01"):
            self.gateway.close()
            self.gateway = self.programs.gateway_of(day)
            facts.as_of = day
            self.compare_places(facts, facts.villages[::40])
            passed.append(facts.rows(facts.within()[""])["quarterly-cleanups"]["numerator"])
        self.assertEqual(passed[0], passed[1])
        self.assertEqual(passed[4], passed[5])
        self.assertEqual(len({passed[i] for i in (1, 2, 3, 4, 6)}), 5, passed)

    def change(self, facts):
        """Random writes from many threads, on what the export has shown, until enough were taken."""
        clients = {name: self.programs[name].client() for name in CHANGES}
        problems, refused = [], []
        accepted, attempts, lock = 0, 0, threading.Lock()

        def write(seed):
            nonlocal accepted, attempts
            chance = random.Random(seed)
            try:
                kinds = [kind for name, domain in CHANGES.items() for kind in domain.changes(clients[name], chance, facts)]
                while True:
                    with lock:
                        if accepted >= ACCEPTED or attempts >= MOST_ATTEMPTS or problems:
                            return
                        attempts += 1
                    try:
                        chance.choice(kinds)()
                    except CallError as error:
                        if error.code not in REFUSALS:
                            raise
                        refused.append(error.code)
                    else:
                        with lock:
                            accepted += 1
            except Exception as error:  # pylint: disable=broad-except
                problems.append(error)

        threads = [threading.Thread(target=write, args=(seed,)) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], problems)
        self.assertGreaterEqual(accepted, ACCEPTED, f"{len(refused)} refused")
        for client in clients.values():
            client.close()


class OnSqlite(Exactness, unittest.TestCase):
    def check_changed(self, facts):
        self.as_of_every_quarter(facts)  # the gateway's part, whatever the database


class OnMariaDb(Exactness, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mysql = Database()
        cls.addClassCleanup(cls.mysql.close)


if __name__ == "__main__":
    unittest.main()
