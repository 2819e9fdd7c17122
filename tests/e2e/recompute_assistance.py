"""The figures of social assistance, from exported CSV files: a part of recompute.py."""

import collections
import datetime

YEAR, YEAR_END = "2018", "2018-12-31"
KEY_GROUPS = tuple("HOUSING_GROUP_" + group for group in ("SPECIALLY_POOR", "MINIMUM_ALLOWANCE", "POOR_DISABLED", "LOW_INCOME"))

WAYS_IN = ("ReopenNeedyHousehold", "ReenterNeedyHousehold")
WAYS_OUT = ("RejectNeedyHousehold", "ExitNeedyHousehold")


def until(date):
    return bool(date) and date <= YEAR_END


def holds(begin, end):
    return until(begin) and not until(end)


def in_year(date):
    return date[:4] == YEAR


def days_between(begin, end):
    return (datetime.date.fromisoformat(end) - datetime.date.fromisoformat(begin)).days


def summed(rows, value=lambda row: 1, place="village"):
    counter = collections.Counter()
    for row in rows:
        counter[row[place]] += value(row)
    return counter


class AssistanceFacts:
    def __init__(self, rows, programme_villages):
        """`rows` answers the rows of a collection."""
        self.programme_villages = programme_villages
        # The last step of each household into or out of the programme by the end of the year.
        last = {}
        for r in sorted((r for r in rows("assistanceTransitions") if until(r["date"])), key=lambda r: int(r["sequence"])):
            if r["rpc"] in WAYS_IN + WAYS_OUT:
                last[r["resource"]] = r["rpc"]
        self.needy = collections.defaultdict(set)  # by village
        for r in rows("needyHouseholds"):
            if until(r["found_date"]) and last.get(r["name"]) not in WAYS_OUT:
                self.needy[r["village"]].add(r["name"])
        self.filed = {r["name"] for r in rows("needyHouseholds") if until(r["filed_date"])}
        self._houses(rows)
        self.with_fund = {r["division"] for r in rows("reliefFunds") if holds(r["established_date"], r["closed_date"])}
        self.paired = {r["household"] for r in rows("helperPairings") if holds(r["start_date"], r["end_date"])}
        self.with_record = {r["household"] for r in rows("healthRecords") if holds(r["opened_date"], r["closed_date"])}
        # Villages that looked and found none.
        self.without_needy = {r["village"] for r in rows("villageSurveys") if r["year"] == YEAR
                              and r["kind"] == "SURVEY_KIND_NEEDY_HOUSEHOLDS" and int(r["found_count"] or 0) == 0}
        coverages = rows("familyDoctorCoverages")
        self.doctor_reported = {r["village"] for r in coverages}
        self.doctor_open = {r["village"] for r in coverages if holds(r["opened_date"], r["closed_date"])}
        self._track(rows)

    def _track(self, rows):
        """What the tracked indicators count: {indicator: counter by village}."""
        aids = [r for r in rows("educationAids") if r["year"] == YEAR]
        needs = [r for r in rows("childNeeds") if r["year"] == YEAR]
        requests = rows("reliefRequests")
        paid = [r for r in requests if in_year(r["paid_date"])]
        gardens = rows("kindergartens")
        steps = [r for r in rows("assistanceTransitions") if in_year(r["date"])]
        self.insured = {r["household"] for r in rows("pensionEnrolments") if holds(r["enrolled_date"], r["ended_date"])}
        self.totals = {
            "education-aid": summed(aids),
            "education-aid-amount": summed(aids, lambda r: int(r["amount_fen"])),
            "family-doctor-residents": summed([r for r in rows("familyDoctorContracts") if holds(r["signed_date"], r["end_date"])],
                                              lambda r: int(r["resident_count"])),
            "relief-cases": summed([r for r in requests if in_year(r["submitted_date"])]),
            "households-exited": summed([r for r in steps if r["rpc"] == "ExitNeedyHousehold"], place="site"),
            "households-reentered": summed([r for r in steps if r["rpc"] == "ReenterNeedyHousehold"], place="site"),
            "kindergartens-built": summed([r for r in gardens if until(r["completed_date"])]),
            "kindergartens-in-reserve": summed([r for r in gardens if until(r["reserve_date"]) and not until(r["started_date"])]),
        }
        self.ratios = {
            "children-needs-met": (summed([r for r in needs if until(r["met_date"])]), summed(needs)),
            "relief-settle-days": (summed(paid, lambda r: days_between(r["submitted_date"], r["paid_date"])), summed(paid)),
        }

    def _houses(self, rows):
        self.with_house = set()
        self.houses = {grade: collections.Counter() for grade in "CD"}
        self.accepted = {grade: collections.Counter() for grade in "CD"}
        for r in rows("dangerousHouses"):
            self.with_house.add(r["village"])
            if r["resident_group"] not in KEY_GROUPS or not holds(r["identified_date"], r["cancelled_date"]):
                continue
            grade = r["grade"][-1]
            self.houses[grade][r["village"]] += 1
            self.accepted[grade][r["village"]] += until(r["accepted_date"])
        self.without_house = {r["village"] for r in rows("villageSurveys") if r["year"] == YEAR
                              and r["kind"] == "SURVEY_KIND_DANGEROUS_HOUSING" and int(r["found_count"] or 0) == 0}

    def add_rows(self, places, members, parent, rows, ratio, passing):
        """Adds the figures of `places` by recompute.py's ways of writing them."""
        needy = [household for place in places for household in self.needy.get(place, ())]
        silent = len([v for v in members if not self.needy.get(v) and v not in self.without_needy])
        ratio("party-pairing", sum(household in self.paired for household in needy), len(needy), silent)
        ratio("health-records", sum(household in self.with_record for household in needy), len(needy), silent)
        ratio("households-registered", sum(household in self.filed for household in needy), len(needy), silent)
        # Districts with villages of the programme, counted where the division is not below them.
        districts = {parent[parent[village]] for village in self.programme_villages} & places
        row = rows["relief-funds"] = {"unreported_count": 0}
        if districts:
            row.update(numerator=len(districts & self.with_fund), denominator=len(districts),
                       value_micros=len(districts & self.with_fund) * 1000000 // len(districts))
        unseen = len(members - self.with_house - self.without_house)
        for grade in "CD":
            ratio("housing-grade-" + grade.lower(), sum(self.accepted[grade][place] for place in places),
                  sum(self.houses[grade][place] for place in places), unseen)
        passing("family-doctor-service", self.doctor_open, self.doctor_reported)

    def tracked_rows(self, places, members, total):
        """{tracked indicator: {figure: value}} of the places; `members`: those of them that are villages of the programme."""
        figures = {target: {"numerator": total(counter)} for target, counter in self.totals.items()}
        for target, (above, below) in self.ratios.items():
            figures[target] = {"numerator": total(above), "denominator": total(below)}
        needy = [household for place in places for household in self.needy.get(place, ())]
        figures["pension-households"] = {"numerator": sum(household in self.insured for household in needy),
                                         "denominator": len(needy)}
        return figures
