"""The figures of `infrastructure`, rows 6, 7 and 20 to 28 and the tracked indicators, for recompute.py: from the exported rows, by
the words of the guidance."""

import collections
import json

GROWTH_INPUTS = {"fertiliser-growth": "fertiliser_kg", "pesticide-growth": "pesticide_kg"}
LINES = {"lines-110kv": "VOLTAGE_110KV", "lines-10kv": "VOLTAGE_10KV"}
STRAW = {"corn-straw-use": "CORN", "rice-straw-use": "RICE", "cotton-straw-use": "COTTON", "other-straw-use": "OTHER"}
SHORTAGES = {"low-voltage-villages": "LOW_VOLTAGE", "bottleneck-villages": "BOTTLENECK"}
WATER = {"irrigation-completed": "IRRIGATION", "drinking-water-completed": "DRINKING_WATER"}


def until(date, year):
    """Whether something happened by the end of the year."""
    return bool(date) and date <= f"{year}-12-31"


def ended_quarters(year, day):
    """How many quarters of the year are over on the day."""
    return sum(day > f"{year}-{last}" for last in ("03-31", "06-30", "09-30", "12-31"))


def number(text):
    return int(text) if text else 0


def used(straw):
    """Kilogrammes that a record of straw says were used."""
    return sum(int(use["weight_kg"]) for use in json.loads(straw["uses"] or "[]"))


class InfrastructureFacts:
    def __init__(self, rows, year=2018):
        """rows: the exported records of a collection."""
        self.year = year
        of_year = lambda collection: [r for r in rows(collection) if r["year"] == str(year)]
        self._facilities(rows("facilityStandards"), rows("villageFacilities"))
        self.toilets = collections.Counter()
        self.with_toilets = set()
        for r in rows("toiletRenovations"):
            if r["year"] == str(year):
                self.with_toilets.add(r["village"])
            if r["completed_date"][:4] == str(year):
                self.toilets[r["village"]] += number(r["completed_count"])
        self.cleaned = collections.defaultdict(set)
        for r in of_year("cleanUps"):
            self.cleaned[r["village"]].add((int(r["held_date"][5:7]) + 2) // 3)
        self.farms, self.treated = collections.Counter(), collections.Counter()
        for r in rows("livestockFarms"):
            begun = not r["opened_date"] or until(r["opened_date"], year)
            if r["scale"] == "FARM_SCALE_LARGE" and begun and not until(r["closed_date"], year):
                self.farms[r["village"]] += 1
                self.treated[r["village"]] += until(r["accepted_date"], year)
        self.inputs = {(r["village"], int(r["year"])): r for r in rows("agriculturalInputs")}
        straws = of_year("strawRecords")
        self.wheat = {r["village"]: (number(r["produced_kg"]), used(r)) for r in straws if r["crop"] == "STRAW_CROP_WHEAT"}
        self._track(rows, straws)
        self.metres = {target: collections.Counter() for target in LINES}
        for r in of_year("powerLines"):
            for target, voltage in LINES.items():
                self.metres[target][r["site"]] += number(r["completed_metres"]) if r["voltage"] == voltage else 0

    def _facilities(self, standards, facilities):
        """By the standard of the year: the latest that is not later."""
        valid = [s for s in standards if int(s["first_year"]) <= self.year]
        standard = max(valid, key=lambda s: int(s["first_year"])) if valid else {"name": "", "items": "[]"}
        self.items = {item["code"] for item in json.loads(standard["items"])}
        self.with_facility, self.accepted, self.accepted_in_year = set(), collections.defaultdict(set), set()
        for r in facilities:
            if r["standard"] != standard["name"]:
                continue
            self.with_facility.add(r["village"])
            if until(r["accepted_date"], self.year) and not until(r["lost_date"], self.year):
                self.accepted[r["village"]].add(r["item"])
                if r["accepted_date"][:4] == str(self.year):
                    self.accepted_in_year.add(r["village"])

    def _track(self, rows, straws):
        """Of the tracked indicators: what is added up, above and below the line, and the villages that have a problem."""
        counters = collections.defaultdict(collections.Counter)
        self.tracked_above, self.tracked_below, self.tracked_villages = {}, {}, {}
        for target, crop in STRAW.items():
            above, below = self.tracked_above[target], self.tracked_below[target] = collections.Counter(), collections.Counter()
            for r in straws:
                if r["crop"] == "STRAW_CROP_" + crop:
                    above[r["village"]] += used(r)
                    below[r["village"]] += number(r["produced_kg"])
        for r in rows("burningIncidents"):
            counters["burning-incidents"][r["village"]] += r["incident_date"][:4] == str(self.year)
        for r in rows("sewageFacilities"):
            counters["sewage-facilities"][r["site"]] += until(r["accepted_date"], self.year) and not until(r["closed_date"], self.year)
        ponds = self.tracked_below["ponds-treated"] = collections.Counter()
        for r in rows("ponds"):
            ponds[r["village"]] += 1
            counters["ponds-treated"][r["village"]] += until(r["treated_date"], self.year)
        for target, kind in WATER.items():
            for r in rows("waterProjects"):
                counters[target][r["site"]] += r["kind"] == "WATER_PROJECT_KIND_" + kind and r["completed_date"][:4] == str(self.year)
        self.tracked_above.update({target: counters[target] for target in
                                   ("burning-incidents", "sewage-facilities", "ponds-treated", *WATER)})
        for target, problem in SHORTAGES.items():
            self.tracked_villages[target] = {r["village"] for r in rows("powerShortages") if r["problem"] == "POWER_PROBLEM_" + problem
                                             and until(r["found_date"], self.year) and not until(r["relieved_date"], self.year)}

    def fill(self, places, members, as_of, passing, ratio, total, growth):
        """Hands every row to the function of its kind; see recompute.py."""
        beautiful = {v for v, items in self.accepted.items() if items == self.items}
        passing("beautiful-villages", beautiful, self.with_facility)
        passing("six-six-completed", beautiful & self.accepted_in_year, self.with_facility, total=True)
        total("toilets-renovated", sum(self.toilets[place] for place in places), 1, self.with_toilets)
        wanted = set(range(1, ended_quarters(self.year, as_of) + 1))
        passing("quarterly-cleanups", {v for v, quarters in self.cleaned.items() if quarters >= wanted}, set(self.cleaned))
        ratio("large-farms-treated", sum(self.treated[place] for place in places), sum(self.farms[place] for place in places), 0)
        for target, field in GROWTH_INPUTS.items():
            value = lambda village, year, field=field: number(self.inputs.get((village, year), {}).get(field, ""))
            has = lambda village, year, field=field: self.inputs.get((village, year), {}).get(field, "") != ""
            both = [v for v in members if has(v, self.year) and has(v, self.year - 1)]
            growth(target, sum(value(v, self.year) for v in both), sum(value(v, self.year - 1) for v in both), len(both))
        film = {v: r for (v, year), r in self.inputs.items() if year == self.year and r["film_used_kg"] != ""
                and (r["film_recovered_kg"] != "" or int(r["film_used_kg"]) == 0)}
        ratio("film-recovery", sum(number(film[v]["film_recovered_kg"]) for v in places & set(film)),
              sum(int(film[v]["film_used_kg"]) for v in places & set(film)), len(members - set(film)))
        ratio("wheat-straw-use", sum(self.wheat[v][1] for v in places & set(self.wheat)),
              sum(self.wheat[v][0] for v in places & set(self.wheat)), len(members - set(self.wheat)))
        for target, counter in self.metres.items():
            total(target, sum(counter[place] for place in places), 1000, members)

    def tracked_rows(self, places, members, total):
        """{tracked indicator: {figure: value}} of the places; `members`: those of them that are villages of the programme."""
        result = {target: {"numerator": total(counter)} for target, counter in self.tracked_above.items()}
        for target, counter in self.tracked_below.items():
            result[target]["denominator"] = total(counter)
        result.update({target: {"numerator": len(members & villages)} for target, villages in self.tracked_villages.items()})
        return result
