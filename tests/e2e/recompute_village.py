"""Rows 11, 12 and 38 of 2018 and the tracked indicators of the village program, from exported CSV files; see recompute.py."""

import collections
import json

YEAR, YEAR_BEGIN, YEAR_END = "2018", "2018-01-01", "2018-12-31"
CLASS_HOURS = 56


def in_force(row):
    return row["start_date"] <= YEAR_END and not ("" < row["end_date"] <= YEAR_END)


class VillageFacts:
    def __init__(self, rows):
        """`rows` answers the rows of a collection."""
        home = {r["name"]: r["village"] for r in rows("villageOfficials")}
        trainings = collections.defaultdict(list)
        for r in rows("officialTrainings"):
            trainings[r["official"]].append(r["held_date"])
        self.in_office, self.elected, self.trained = set(), collections.Counter(), collections.Counter()
        self.one_person = set()
        for r in rows("officialTerms"):
            if not in_force(r):
                continue
            village = home[r["official"]]
            self.in_office.add(village)
            posts = {p["post"] for p in json.loads(r["posts"])}
            if {"VILLAGE_POST_SECRETARY", "VILLAGE_POST_DIRECTOR"} <= posts:
                self.one_person.add(village)
            if r["origin"] == "TERM_ORIGIN_ELECTED" and r["start_date"] >= YEAR_BEGIN:
                self.elected[village] += 1
                self.trained[village] += any(r["start_date"] <= day <= YEAR_END for day in trainings[r["official"]])
        hours = collections.Counter()
        for r in rows("cadreTrainings"):
            if r["held_date"][:4] == YEAR:
                hours[r["cadre"]] += int(r["class_hours"])
        self.cadres, self.qualified = collections.Counter(), collections.Counter()
        for r in rows("cadrePostings"):
            if in_force(r):
                self.cadres[r["village"]] += 1
                self.qualified[r["village"]] += hours[r["cadre"]] >= CLASS_HOURS

    def add_rows(self, members, total, ratio, passing):
        """Adds the rows of the villages `members` by the functions of Facts.rows."""
        ratio("officials-trained", total(self.trained), total(self.elected), len(members - self.in_office))
        passing("secretary-director-one-person", self.one_person, self.in_office)
        with_cadres = {v for v, count in self.cadres.items() if count}
        ratio("cadre-training-hours", total(self.qualified), total(self.cadres), len(members - with_cadres))

    def tracked_rows(self, places, members, total):
        """{tracked indicator: {figure: value}} of the places; `members`: those of them that are villages of the programme."""
        return {}
