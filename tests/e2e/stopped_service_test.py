#!/usr/bin/env -S /usr/bin/python3 -B
"""A service is killed, hangs, or was never there: the scorecard answers within its deadline, names what is stale since when, and
shows neither a zero nor a partial sum in its place."""

import datetime
import os
import signal
import time
import unittest

from support import (DOMAIN_PROGRAMS, TOWNSHIP, VILLAGE, CallError, Programs, counts_years, create_place, create_village, party_member,
                     wait_for)

DEADLINE_SECONDS = 3
FIGURES = ("value_micros", "numerator", "denominator", "unreported_count", "lower_micros", "upper_micros", "gap_micros", "needed_count")


def record_facts(programs):
    """At least one figure from every service."""
    village, industry, infrastructure, assistance = (programs[name].client() for name in DOMAIN_PROGRAMS)
    create_place(village)
    create_village(village, "villages/120119901202", "第二村")
    for client in (industry, infrastructure, assistance):
        wait_for(lambda client=client: counts_years(client, (2017, 2018)), "the years to be counted")
    village("jiedui.village.v1.PartyService/CreatePartyMember", {"party_member": party_member()})
    village("jiedui.village.v1.RecognitionService/CreateSafeRecognition",
            {"safe_recognition": {"village": VILLAGE, "recognised_date": "2018-05-01"}})
    village("jiedui.village.v1.RecognitionService/CreateCivilisedRecognition",
            {"civilised_recognition": {"village": VILLAGE, "recognised_date": "2018-05-01", "level": "CIVILISED_LEVEL_DISTRICT"}})
    project = {"display_name": "大棚", "programme_year": 2018, "kind": "PROJECT_KIND_AGRICULTURE", "mode": "PROJECT_MODE_BUNDLED",
               "site": TOWNSHIP, "participants": [{"village": VILLAGE, "share_ppm": 400000},
                                                  {"village": "villages/120119901202", "share_ppm": 600000}],
               "planned_date": "2018-01-01", "approved_date": "2018-02-01", "started_date": "2018-03-01",
               "start_evidence": "开工令"}
    industry("jiedui.industry.v1.ProjectService/CreateIndustryProject", {"industry_project": project})
    industry("jiedui.industry.v1.IncomeService/CreateCollectiveIncome",
             {"collective_income": {"village": VILLAGE, "year": 2018, "operating_income_fen": 30000000}})
    for year, income in ((2017, 1000000), (2018, 1150000)):
        industry("jiedui.industry.v1.IncomeService/CreateFarmerIncome",
                 {"farmer_income": {"village": VILLAGE, "year": year, "per_capita_disposable_income_fen": income, "population": 1000}})
    infrastructure("jiedui.infrastructure.v1.FacilityService/CreateFacilityStandard",
                   {"facility_standard": {"display_name": "标准", "first_year": 2018, "items": [{"code": "road-hardening", "display_name": "道路硬化",
                                                                          "group": "FACILITY_GROUP_INFRASTRUCTURE"}]},
                    "facility_standard_id": "2018"})
    infrastructure("jiedui.infrastructure.v1.FacilityService/CreateVillageFacility",
                   {"village_facility": {"village": VILLAGE, "standard": "facilityStandards/2018", "item": "road-hardening",
                                         "planned_date": "2018-01-01", "accepted_date": "2018-02-01", "evidence": "验收单1号"}})
    assistance("jiedui.assistance.v1.HouseholdService/CreateNeedyHousehold",
               {"needy_household": {"village": VILLAGE, "display_name": "王五", "kind": "HOUSEHOLD_KIND_LOW_INCOME", "member_count": 3,
                                    "found_date": "2018-01-05"}})


def stopped(pid):
    """Whether every thread of a process has stopped; on a busy machine this takes a while."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="utf-8") as file:
            if file.read().rpartition(")")[2].split()[0] != "T":
                return False
    return True


def figures(row):
    return {name: row[name] for name in FIGURES if name in row}


class StoppedService(unittest.TestCase):
    def setUp(self):
        self.programs = Programs()
        self.addCleanup(self.programs.close)
        record_facts(self.programs)
        self.gateway = self.programs["gateway"].client()
        self.late = 0
        wait_for(self.all_fresh, "every source to be fresh")

    def scorecard(self, division=""):
        begin = time.monotonic()
        answer = self.gateway("jiedui.gateway.v1.ScorecardService/GetScorecard", {"division": division, "year": 2018},
                              timeout=DEADLINE_SECONDS, wait_for_ready=True)
        self.assertLess(time.monotonic() - begin, DEADLINE_SECONDS)
        return answer

    def sources(self, scorecard):
        return {source["service"]: source for source in scorecard["sources"]}

    def all_fresh(self):
        return {source["freshness"] for source in self.scorecard()["sources"]} == {"FRESHNESS_FRESH"}

    def assert_stale(self, name, before):
        """Only `name` is stale, since its state of `before`, with the figures of then."""
        for scorecard in (self.only_stale(name), self.only_stale(name, TOWNSHIP), self.only_stale(name, VILLAGE)):
            for service, source in self.sources(scorecard).items():
                self.assertEqual(service == name, bool(source.get("problem")))
            since = datetime.datetime.fromisoformat(self.sources(scorecard)[name]["as_of_time"])
            self.assertGreaterEqual(since, datetime.datetime.fromisoformat(self.sources(before)[name]["as_of_time"]))
            self.assertLess(since, datetime.datetime.now(datetime.timezone.utc))
            for row in scorecard["rows"]:
                self.assertEqual("FRESHNESS_STALE" if name in row["sources"] else "FRESHNESS_FRESH", row["freshness"])
        for row, old in zip(self.only_stale(name)["rows"], before["rows"]):
            self.assertEqual(figures(old), figures(row))

    def only_stale(self, name, division=""):
        """A scorecard on which `name` is stale and the others are fresh; on a busy machine one of them may be late at first."""
        while True:
            scorecard = self.scorecard(division)
            freshness = {service: source["freshness"] for service, source in self.sources(scorecard).items()}
            self.assertEqual("FRESHNESS_STALE", freshness.pop(name))
            if set(freshness.values()) == {"FRESHNESS_FRESH"}:
                return scorecard
            self.late += 1
            self.assertLess(self.late, 20, f"{freshness} while {name} is stopped")

    def test_killed_and_back(self):
        before = self.scorecard()
        for row in before["rows"]:
            if row["position"] in (*range(1, 11), 35):
                self.assertIn("value_micros", row, row["target"])
        for name in DOMAIN_PROGRAMS:
            with self.subTest(name):
                self.programs[name].kill()
                self.assert_stale(name, before)
                self.programs[name].start()
                wait_for(self.all_fresh, f"{name} to be fresh again")
                for row, old in zip(self.scorecard()["rows"], before["rows"]):
                    self.assertEqual(figures(old), figures(row))

    def test_what_hangs_does_not_hang_the_scorecard(self):
        before = self.scorecard()
        for name in DOMAIN_PROGRAMS:
            with self.subTest(name):
                process = self.programs[name].process
                process.send_signal(signal.SIGSTOP)
                try:
                    wait_for(lambda process=process: stopped(process.pid), f"{name} to stop")
                    self.assert_stale(name, before)
                finally:
                    process.send_signal(signal.SIGCONT)
                wait_for(self.all_fresh, f"{name} to be fresh again")

    def test_what_was_never_seen_is_missing(self):
        for name in DOMAIN_PROGRAMS:
            with self.subTest(name):
                self.programs["gateway"].kill()
                self.programs[name].kill()
                self.programs["gateway"].start()
                self.gateway = self.programs["gateway"].client()
                try:
                    scorecard = self.scorecard()
                except CallError as error:
                    # Without divisions and years nothing can be said.
                    self.assertEqual(("village", "UNAVAILABLE"), (name, error.code))
                else:
                    source = self.sources(scorecard)[name]
                    self.assertEqual("FRESHNESS_MISSING", source["freshness"])
                    self.assertNotIn("as_of_time", source)
                    for row in scorecard["rows"]:
                        if name in row["sources"]:
                            self.assertEqual("FRESHNESS_MISSING", row["freshness"])
                            self.assertEqual("TARGET_STATUS_NO_DATA", row["status"])
                            self.assertEqual({}, figures(row), row["target"])
                self.programs[name].start()
                wait_for(self.all_fresh, f"{name} to be fresh again")

    def test_others_go_on_counting(self):
        before = self.scorecard()
        self.programs["industry"].kill()
        village = self.programs["village"].client()
        village("jiedui.village.v1.RecognitionService/CreateSafeRecognition",
                {"safe_recognition": {"village": "villages/120119901202", "recognised_date": "2018-06-01"}})
        village.close()
        rows = {row["target"]: row for row in self.only_stale("industry")["rows"]}
        old = {row["target"]: row for row in before["rows"]}
        self.assertEqual(int(old["targets/2018-safe-villages"]["numerator"]) + 1, int(rows["targets/2018-safe-villages"]["numerator"]))


if __name__ == "__main__":
    unittest.main()
