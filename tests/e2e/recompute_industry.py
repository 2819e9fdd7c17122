"""Rows 13 to 19 of 2018 and the tracked indicators of industry, from exported CSV files; see recompute.py."""

import collections
import json

YEAR_END = "2018-12-31"
CHANNELS = ("supermarket", "wholesale", "school", "enterprise", "direct", "e-commerce")


def open_at_year_end(row):
    return row["opened_date"] <= YEAR_END and not (row["closed_date"] and row["closed_date"] <= YEAR_END)


def summed(rows, value, place="village"):
    counter = collections.Counter()
    for row in rows:
        counter[row[place]] += value(row)
    return counter


class IndustryFacts:
    def __init__(self, rows):
        of_year = lambda name: [r for r in rows(name) if r["year"] == "2018"]
        trainings, demands = of_year("personTrainings"), of_year("trainingDemands")
        self.with_training = {r["village"] for r in trainings + demands}
        # A row is a person: the server refuses one that was entered before, and files show masked names.
        self.trained = {kind: summed([r for r in trainings if r["kind"] == f"TRAINING_KIND_{kind}"
                                      and (r["willing"] == "true" or kind not in ("PRACTICAL", "SKILLS"))], lambda r: 1)
                        for kind in ("PRACTICAL", "SKILLS", "PROFESSIONAL_FARMER", "TECHNICAL_BACKBONE")}
        self.willing, self.asked = {}, {}
        for kind in ("PRACTICAL", "SKILLS"):
            wanted = [r for r in demands if r["kind"] == f"TRAINING_KIND_{kind}"]
            self.willing[kind] = summed(wanted, lambda r: int(r["willing_count"] or 0))
            self.asked[kind] = {r["village"] for r in wanted}
        self.with_outlet = {r["township"] for r in rows("financeOutlets") if open_at_year_end(r)}
        self.with_terminal = {r["village"] for r in rows("financeTerminals") if open_at_year_end(r)}
        coverages = of_year("financeCoverages")
        self.covered = {r["village"] for r in coverages}
        self.adults = summed(coverages, lambda r: int(r["adult_count"] or 0))
        self.served = summed(coverages, lambda r: int(r["served_count"] or 0))
        self._track(rows, of_year)

    def _track(self, rows, of_year):
        entities = [r for r in rows("businessEntities")
                    if r["registered_date"] <= YEAR_END and not (r["closed_date"] and r["closed_date"] <= YEAR_END)]
        contracts, linkages = of_year("salesContracts"), of_year("benefitLinkages")
        self.tracked = {
            "cooperatives": summed([r for r in entities if r["kind"] == "ENTITY_KIND_COOPERATIVE"], lambda r: 1, "site"),
            "leading-enterprises": summed([r for r in entities if r["kind"] == "ENTITY_KIND_LEADING_ENTERPRISE"], lambda r: 1, "site"),
            "loans-outstanding": summed([r for r in rows("loans") if r["granted_date"] <= YEAR_END], lambda r: int(r["granted_fen"]) - sum(
                int(part["amount_fen"]) for part in json.loads(r["repayments"] or "[]") if part["repaid_date"] <= YEAR_END)),
            "workers-placed": summed([r for r in rows("jobSeekers") if r["placed_date"][:4] == "2018"], lambda r: 1),
            "households-linked": summed(linkages, lambda r: len(json.loads(r["households"]))),
            "dividends-paid": summed(linkages, lambda r: int(r["dividend_fen"] or 0)),
        }
        districts = {r["name"]: r["district"] for r in rows("fundAllocations")}
        self.tracked["fund-execution"], self.allocated = collections.Counter(), collections.Counter()
        for r in rows("fundMovements"):
            if r["movement_date"] > YEAR_END:
                continue
            for counter, signs in ((self.tracked["fund-execution"], {"DISBURSEMENT": 1, "REFUND": -1}),
                                   (self.allocated, {"ALLOCATION": 1, "RETURN": -1})):
                sign = signs.get(r["kind"].removeprefix("FUND_MOVEMENT_KIND_"), 0) * (-1 if r["reverses"] else 1)
                if sign:
                    counter[districts[r["allocation"]]] += sign * int(r["amount_fen"])
        for channel in CHANNELS:
            kind = "SALES_CHANNEL_" + channel.replace("-", "_").upper()
            self.tracked["sales-" + channel] = summed([r for r in contracts if r["channel"] == kind], lambda r: int(r["amount_fen"]))

    def add_rows(self, members, townships, total, ratio, passing):
        """Adds rows 13 to 19 by the helpers of recompute.py; `townships`: those with villages of the programme."""
        for target, kind, least in (("professional-farmers", "PROFESSIONAL_FARMER", 3), ("technical-backbones", "TECHNICAL_BACKBONE", 1)):
            passing(target, {v for v, count in self.trained[kind].items() if count >= least}, self.with_training)
        for target, kind in (("practical-training", "PRACTICAL"), ("skills-training", "SKILLS")):
            ratio(target, total(self.trained[kind]), total(self.willing[kind]), len(members - self.asked[kind]))
        passing("township-finance-outlets", self.with_outlet, townships, members=townships)
        passing("village-finance-terminals", self.with_terminal, members)
        ratio("finance-for-everyone", total(self.served), total(self.adults), len(members - self.covered))

    def tracked_rows(self, places, members, total):
        """{tracked indicator: {figure: value}} of the places; `members`: those of them that are villages of the programme."""
        rows = {target: {"numerator": total(counter)} for target, counter in self.tracked.items()}
        rows["fund-execution"]["denominator"] = total(self.allocated)
        return rows
