"""Rows 11, 12 and 38 of 2018 and the tracked indicators of the village program, from exported CSV files; see recompute.py."""

import collections
import json

YEAR, YEAR_BEGIN, YEAR_END = "2018", "2018-01-01", "2018-12-31"
CLASS_HOURS = 56


def until(date):
    """Whether something happened by the end of the year."""
    return "" < date <= YEAR_END


def in_force(row):
    return until(row["start_date"]) and not until(row["end_date"])


class VillageFacts:
    def __init__(self, rows):
        """`rows` answers the rows of a collection."""
        self._officials(rows)
        hours = collections.Counter()
        for r in rows("cadreTrainings"):
            if r["held_date"][:4] == YEAR:
                hours[r["cadre"]] += int(r["class_hours"])
        self.cadres, self.qualified = collections.Counter(), collections.Counter()
        for r in rows("cadrePostings"):
            if in_force(r):
                self.cadres[r["village"]] += 1
                self.qualified[r["village"]] += hours[r["cadre"]] >= CLASS_HOURS
        self._party(rows)
        self._places(rows)

    def _officials(self, rows):
        home = {r["name"]: r["village"] for r in rows("villageOfficials")}
        trainings = collections.defaultdict(list)
        for r in rows("officialTrainings"):
            trainings[r["official"]].append(r["held_date"])
        self.in_office, self.elected, self.trained = set(), collections.Counter(), collections.Counter()
        self.one_person = set()
        terms = collections.defaultdict(dict)
        for r in rows("officialTerms"):
            terms[r["official"]][r["end_date"]] = r
        for r in rows("officialTerms"):
            if not in_force(r):
                continue
            village = home[r["official"]]
            self.in_office.add(village)
            posts = {p["post"] for p in json.loads(r["posts"])}
            if {"VILLAGE_POST_SECRETARY", "VILLAGE_POST_DIRECTOR"} <= posts:
                self.one_person.add(village)
            # In office without a break since elected in the year, in whichever terms.
            elected = ""
            while r and r["start_date"] >= YEAR_BEGIN:
                if r["origin"] == "TERM_ORIGIN_ELECTED":
                    elected = r["start_date"]
                official = r["official"]
                r = terms[official].get(r["start_date"])
            if elected:
                self.elected[village] += 1
                self.trained[village] += any(elected <= day <= YEAR_END for day in trainings[official])

    def _party(self, rows):
        """五好党支部, 后进党组织, 三会一课, 换届."""
        home = {r["name"]: r["village"] for r in rows("partyOrganisations")}
        items = {r["name"]: {item["code"] for item in json.loads(r["items"])} for r in rows("creationStandards")
                 if r["kind"] == "STANDARD_KIND_FIVE_GOOD"}
        self.five_good, self.backward = collections.Counter(), collections.Counter()
        for r in rows("creationAssessments"):
            met = {item["code"] for item in json.loads(r["items"]) if item.get("met")}
            if r["year"] == YEAR and r["standard"] in items and met == items[r["standard"]]:
                self.five_good[home[r["subject"]]] += 1
        for r in rows("organisationGrades"):
            if r["grade"] == "PARTY_GRADE_BACKWARD" and in_force(r):
                self.backward[home[r["organisation"]]] += 1
        self.activities = collections.Counter(home[r["organisation"]] for r in rows("partyActivities") if r["held_date"][:4] == YEAR)
        self.reelected = collections.Counter(
            r["village"] for r in rows("elections")
            if r["held_date"][:4] == YEAR and r["state"] in ("ELECTION_STATE_HELD", "ELECTION_STATE_HANDED_OVER"))

    def _places(self, rows):
        """帮扶单位, 矛盾纠纷, 挂账督办."""
        self.with_unit = {r["village"] for r in rows("villagePairings") if r["partner"].startswith("assistanceUnits/") and in_force(r)}
        self.disputes, self.settled = collections.Counter(), collections.Counter()
        for r in rows("disputes"):
            if r["raised_date"][:4] == YEAR:
                self.disputes[r["village"]] += 1
                self.settled[r["village"]] += until(r["settled_date"]) and r["outcome"] == "DISPUTE_OUTCOME_AGREED"
        self.open_items, self.overdue_items = collections.Counter(), collections.Counter()
        for r in rows("supervisedItems"):
            if not until(r["raised_date"]) or until(r["struck_off_date"]):
                continue
            # Its last day is not yet overdue.
            self.open_items[r["site"]] += 1
            self.overdue_items[r["site"]] += (r["extended_date"] or r["due_date"]) < YEAR_END

    def add_rows(self, members, total, ratio, passing):
        """Adds the rows of the villages `members` by the functions of Facts.rows."""
        ratio("officials-trained", total(self.trained), total(self.elected), len(members - self.in_office))
        passing("secretary-director-one-person", self.one_person, self.in_office)
        with_cadres = {v for v, count in self.cadres.items() if count}
        ratio("cadre-training-hours", total(self.qualified), total(self.cadres), len(members - with_cadres))

    def tracked_rows(self, places, members, total):
        """{tracked indicator: {figure: value}} of the places; `members`: those of them that are villages of the programme."""
        rows = {}
        for target, counter in (("five-good-branches", self.five_good), ("backward-organisations", self.backward),
                                ("party-activities", self.activities), ("organs-reelected", self.reelected),
                                ("supervised-items-open", self.open_items), ("supervised-items-overdue", self.overdue_items)):
            rows[target] = {"numerator": total(counter), "denominator": 0, "value_micros": total(counter) * 1000000}
        for target, above, below in (("villages-with-unit", len(members & self.with_unit), len(members)),
                                     ("disputes-settled", total(self.settled), total(self.disputes))):
            rows[target] = {"numerator": above, "denominator": below, "value_micros": above * 1000000 // below if below else 0}
        return {target: {**row, "unreported_count": 0} for target, row in rows.items()}
