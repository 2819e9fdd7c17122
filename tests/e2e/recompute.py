"""The figures of 2018, computed from exported CSV files by the words of the guidance, row by row and without the programs'
definitions of measures: what the scorecard must say."""

import collections
import csv
import json
import os

from recompute_assistance import AssistanceFacts
from recompute_industry import IndustryFacts
from recompute_infrastructure import InfrastructureFacts
from recompute_village import VillageFacts

YEAR_END = "2018-12-31"
ADULT_STAGES = ("DEVELOPMENT_STAGE_PROBATIONARY", "DEVELOPMENT_STAGE_FULL")
HIGH_LEVELS = ("CIVILISED_LEVEL_DISTRICT", "CIVILISED_LEVEL_CITY", "CIVILISED_LEVEL_NATIONAL")


def until(date):
    """Whether something happened by the end of the year."""
    return bool(date) and date <= YEAR_END


def holds(begin, end):
    """Whether what began and perhaps ended is so at the end of the year."""
    return until(begin) and not until(end)


def share(numerator, denominator):
    """Millionths, rounded down."""
    return numerator * 1000000 // denominator


class Facts:
    def __init__(self, folder, as_of="2019-01-01"):
        """as_of: the day of which the gateway reports."""
        self.as_of = as_of

        def rows(collection):
            with open(os.path.join(folder, collection + ".csv"), encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))

        divisions, villages = rows("divisions"), rows("villages")
        self.parent = {d["name"]: d["parent"] for d in divisions}
        self.parent.update({v["name"]: v["township"] for v in villages})
        self.villages = [v["name"] for v in villages]
        self.divisions = [d["name"] for d in divisions]
        self.members = {v["name"] for v in villages if holds(v["entry_date"], v["exit_date"])}
        self._projects(rows("industryProjects"))
        incomes = [r for r in rows("collectiveIncomes") if r["year"] == "2018"]
        self.operating_income = {r["village"]: int(r["operating_income_fen"] or 0) for r in incomes}
        self.farmers = {(r["village"], r["year"]): (int(r["per_capita_disposable_income_fen"]), int(r["population"]))
                        for r in rows("farmerIncomes")}
        self.infrastructure = InfrastructureFacts(rows)
        self.civilised = {r["village"] for r in rows("civilisedRecognitions")
                          if r["level"] in HIGH_LEVELS and holds(r["recognised_date"], r["lost_date"])}
        self.safe = {r["village"] for r in rows("safeRecognitions") if holds(r["recognised_date"], r["lost_date"])}
        self.party, self.young = collections.Counter(), collections.Counter()
        for r in rows("partyMembers"):
            if r["stage"] in ADULT_STAGES and holds(r["joined_date"], r["left_date"]):
                self.party[r["village"]] += 1
                self.young[r["village"]] += r["birth_date"] >= "1983-01-01"
        self._plans(rows("plans"))
        self.assistance = AssistanceFacts(rows, self.members)
        self.village = VillageFacts(rows)
        self.industry = IndustryFacts(rows)

    def _plans(self, rows):
        self.planned, self.filed = collections.defaultdict(set), collections.defaultdict(set)
        for r in rows:
            first, last = int(r["year"]), int(r["year"]) + (2 if r["kind"] == "PLAN_KIND_THREE_YEAR" else 0)
            if first <= 2018 <= last:
                self.planned[r["kind"]].add(r["village"])
                if until(r["filed_date"]):
                    self.filed[r["kind"]].add(r["village"])

    def _projects(self, rows):
        self.with_project = set()
        self.projects = {state: collections.Counter() for state in ("approved", "started", "completed")}
        for r in rows:
            if r["programme_year"] != "2018":
                continue
            self.with_project.add(r["site"])
            self.with_project.update(p["village"] for p in json.loads(r["participants"] or "[]"))
            if r["cancelled_date"] or not until(r["approved_date"]):
                continue
            for state, counter in self.projects.items():
                counter[r["site"]] += until(r[state + "_date"])

    def within(self):
        """{division, village or "" for the whole: the places in it, itself included}."""
        result = collections.defaultdict(set)
        for place in self.parent:
            above = place
            while above:
                result[above].add(place)
                above = self.parent.get(above, "")
            result[""].add(place)
        return result

    def rows(self, places):
        """{target: {figure: value}} of a set of places; figures that do not exist are left out."""
        members = places & self.members
        rows = {}

        def ratio(target, above, below, unreported):
            row = rows[target] = {"unreported_count": unreported}
            if below > 0:
                row.update(numerator=above, denominator=below, value_micros=share(above, below))

        def passing(target, passed, reported, total=False, members=members):
            row = rows[target] = {"unreported_count": len(members - reported)}
            if members & reported:
                row["numerator"] = len(members & passed & reported)
                if total:
                    row["value_micros"] = row["numerator"] * 1000000
                else:
                    row.update(denominator=len(members), value_micros=share(row["numerator"], len(members)))

        def amount(target, sum_of_units, scale, reported):
            row = rows[target] = {"unreported_count": len(members - reported)}
            if sum_of_units or members & reported:
                row.update(numerator=sum_of_units, value_micros=sum_of_units * 1000000 // scale)

        def growth_at_most(target, now, before, both):
            row = rows[target] = {"unreported_count": len(members) - both}
            if both:
                row.update(numerator=now, denominator=before)
            if both and (before or not now):  # from nothing to something there is no value
                row["value_micros"] = -((before - now) * 1000000 // before) if before else 0

        def total(counter):
            return sum(counter[place] for place in places)

        silent = len(members - self.with_project)
        ratio("projects-started", total(self.projects["started"]), total(self.projects["approved"]), silent)
        ratio("projects-completed", total(self.projects["completed"]), total(self.projects["approved"]), silent)
        reported = set(self.operating_income)
        passing("collective-income-nonzero", {v for v, fen in self.operating_income.items() if fen > 0}, reported)
        passing("collective-income-200k", {v for v, fen in self.operating_income.items() if fen >= 20000000}, reported)
        self._growth(rows, members)
        self.infrastructure.fill(places, members, self.as_of, passing, ratio, amount, growth_at_most)
        passing("civilised-villages", self.civilised, members)
        passing("safe-villages", self.safe, members)
        for target, kind in (("three-year-plans-filed", "PLAN_KIND_THREE_YEAR"), ("annual-plans-filed", "PLAN_KIND_ANNUAL")):
            passing(target, self.filed[kind], self.planned[kind])
        passing("young-party-members", {v for v, count in self.young.items() if count >= 2}, {v for v, count in self.party.items() if count})
        self.assistance.add_rows(places, members, self.parent, rows, ratio, passing)
        self.village.add_rows(members, total, ratio, passing)
        townships = {self.parent[v] for v in self.members} & places
        self.industry.add_rows(members, townships, total, ratio, passing)
        return rows

    def tracked(self, places):
        """{tracked indicator: {figure: value}} of a set of places; figures that do not exist are left out."""
        total = lambda counter: sum(counter[place] for place in places)
        rows = {}
        for domain in (self.village, self.industry, self.infrastructure, self.assistance):
            rows.update(domain.tracked_rows(places, places & self.members, total))
        return rows

    def _growth(self, rows, members):
        both = [v for v in members if (v, "2018") in self.farmers and (v, "2017") in self.farmers]
        row = rows["farmer-income-growth"] = {"unreported_count": len(members) - len(both)}
        if both:
            now = sum(self.farmers[v, "2018"][0] * self.farmers[v, "2018"][1] for v in both)
            before = sum(self.farmers[v, "2017"][0] * self.farmers[v, "2018"][1] for v in both)
            row.update(numerator=now, denominator=before, value_micros=share(now - before, before))
