"""The figures of social assistance, from exported CSV files: a part of recompute.py."""

import collections

YEAR, YEAR_END = "2018", "2018-12-31"


def until(date):
    return bool(date) and date <= YEAR_END


def holds(begin, end):
    return until(begin) and not until(end)


class AssistanceFacts:
    def __init__(self, rows):
        """`rows` answers the rows of a collection."""
        self.needy = collections.defaultdict(set)  # by village
        for r in rows("needyHouseholds"):
            if holds(r["found_date"], r["exited_date"]):
                self.needy[r["village"]].add(r["name"])
        self.paired = {r["household"] for r in rows("helperPairings") if not r["end_date"]}
        self.with_record = {r["household"] for r in rows("healthRecords") if not r["closed_date"]}
        # Villages that looked and found none.
        self.without_needy = {r["village"] for r in rows("villageSurveys") if r["year"] == YEAR
                              and r["kind"] == "SURVEY_KIND_NEEDY_HOUSEHOLDS" and int(r["found_count"] or 0) == 0}
        coverages = rows("familyDoctorCoverages")
        self.doctor_reported = {r["village"] for r in coverages}
        self.doctor_open = {r["village"] for r in coverages if holds(r["opened_date"], r["closed_date"])}

    def add_rows(self, places, members, ratio, passing):
        """Adds the figures of `places` by recompute.py's ways of writing them."""
        needy = [household for place in places for household in self.needy.get(place, ())]
        silent = len([v for v in members if not self.needy.get(v) and v not in self.without_needy])
        ratio("party-pairing", sum(household in self.paired for household in needy), len(needy), silent)
        ratio("health-records", sum(household in self.with_record for household in needy), len(needy), silent)
        passing("family-doctor-service", self.doctor_open, self.doctor_reported)
