#!/usr/bin/env -S /usr/bin/python3 -B
"""The scorecard of the sample is what recompute.py makes of the exported files: for the whole, every district, every township and
every village; also after thousands of concurrent changes, among them villages that move to another township."""

import os
import random
import threading
import unittest

from recompute import Facts
from support import CallError, Programs

FIGURES = ("numerator", "denominator", "value_micros", "unreported_count")
THREADS, WRITES = 8, 300


def infrastructure_writes(call, chance, place):
    """Random changes of what rows 20 to 28 count."""
    package = "jiedui.infrastructure.v1."
    quarter = lambda: chance.randrange(1, 5)

    def clean_up():
        number = quarter()
        return call(package + "SanitationService/CreateCleanUp", {"clean_up": {
            "village": place(), "year": 2018, "quarter": number, "held_date": f"2018-{number * 3:02}-11"}})

    def toilets():
        planned = chance.randrange(1, 60)
        return call(package + "SanitationService/CreateToiletRenovation", {"toilet_renovation": {
            "village": place(), "year": 2018, "batch": f"批{chance.randrange(99)}", "planned_count": planned,
            "completed_count": chance.randrange(planned + 1)}})

    def line():
        return call(package + "PowerService/CreatePowerLine", {"power_line": {
            "site": place(), "year": chance.choice([2017, 2018]), "display_name": "支线", "planned_metres": 9999,
            "voltage": chance.choice(["VOLTAGE_110KV", "VOLTAGE_10KV", "VOLTAGE_LOW"]),
            "completed_metres": chance.randrange(1, 9999), "started_date": "2017-03-01"}})

    def update(service, singular, identifier, fields):
        return call(f"{package}{service}/Update{singular}", {
            "".join("_" + c.lower() if c.isupper() else c for c in singular).lstrip("_"): {"name": identifier, **fields},
            "update_mask": ",".join(name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]) for name in fields)})

    code = lambda: place().removeprefix("villages/")
    return [
        clean_up, toilets, line,
        lambda: call(package + "SanitationService/DeleteCleanUp", {"name": f"cleanUps/q-{code()}-{quarter()}"}),
        lambda: update("FarmingService", "AgriculturalInput", f"agriculturalInputs/n-{code()}-{chance.choice([2017, 2018])}",
                       {"fertiliser_kg": chance.randrange(200000), "pesticide_kg": chance.randrange(3000),
                        "film_used_kg": 1000, "film_recovered_kg": chance.randrange(1001)}),
        lambda: update("FarmingService", "StrawRecord", f"strawRecords/w-{code()}-1",
                       {"uses": [{"kind": "STRAW_USE_KIND_FUEL", "weight_kg": chance.randrange(1, 30000)}]}),
        lambda: update("FarmingService", "LivestockFarm", f"livestockFarms/a-{code()}-1",
                       {"scale": "FARM_SCALE_LARGE", "closed_date": chance.choice(["", "2018-12-31", "2019-01-01"])}),
    ]


class Exactness(unittest.TestCase):
    def setUp(self):
        self.programs = Programs()
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
            tracked = {row["target"].removeprefix("targets/2018-"): int(row.get("numerator", 0)) for row in answer["tracked_rows"]}
            for target, value in facts.tracked(within[place]).items():
                self.assertEqual(value, tracked[target], f"{target} of {place or 'the whole'}")

    def test_after_the_import_and_after_changes(self):
        facts = self.compare("imported")
        self.assertEqual(1041, len(facts.villages))
        self.change(facts)
        facts = self.compare("changed")
        self.as_of_every_quarter(facts)

    def as_of_every_quarter(self, facts):
        """A quarter asks for a clean-up once it has ended, and not a day before."""
        flags = list(self.programs["gateway"].flags)
        passed = []
        for day in ("2018-02-14", "2018-03-31", "2018-04-01", "2018-07-01", "2018-10-01", "2018-12-31", "2019-01-01"):
            gateway = self.programs["gateway"]
            gateway.end()
            gateway.flags = [*flags, f"--today={day}"]
            gateway.start().wait_ready()
            facts.as_of = day
            self.compare_places(facts, facts.villages[::40])
            passed.append(facts.rows(facts.within()[""])["quarterly-cleanups"]["numerator"])
        self.assertEqual(passed[0], passed[1])
        self.assertEqual(passed[4], passed[5])
        self.assertEqual(len({passed[i] for i in (1, 2, 3, 4, 6)}), 5, passed)

    def change(self, facts):
        """Random writes from many threads, on what the export has shown."""
        townships = sorted({facts.parent[village] for village in facts.villages})
        village, industry, infrastructure, assistance = (self.programs[name].client() for name in
                                                         ("village", "industry", "infrastructure", "assistance"))
        members = [m["name"] for m in village("jiedui.village.v1.PartyService/ListPartyMembers", {"page_size": 1000})["party_members"]]
        projects = industry("jiedui.industry.v1.ProjectService/ListIndustryProjects", {"page_size": 1000})["industry_projects"]
        trainings = [t["name"] for t in industry("jiedui.industry.v1.TrainingService/ListPersonTrainings",
                                                 {"page_size": 1000})["person_trainings"]]
        terminals = [t["name"] for t in industry("jiedui.industry.v1.FinanceService/ListFinanceTerminals",
                                                 {"page_size": 1000})["finance_terminals"]]
        facilities = [f["name"] for f in infrastructure("jiedui.infrastructure.v1.FacilityService/ListVillageFacilities",
                                                        {"page_size": 1000})["village_facilities"]]
        households = [h["name"] for h in assistance("jiedui.assistance.v1.HouseholdService/ListNeedyHouseholds",
                                                    {"page_size": 1000})["needy_households"]]
        cadres = [c["name"] for c in village("jiedui.village.v1.CadreService/ListCadres", {"page_size": 1000})["cadres"]]
        trainings = [t["name"] for t in village("jiedui.village.v1.CadreService/ListCadreTrainings",
                                                {"page_size": 1000})["cadre_trainings"]]
        terms = [t["name"] for t in village("jiedui.village.v1.OfficialService/ListOfficialTerms", {"page_size": 1000})["official_terms"]]
        problems, refused = [], []

        def write(seed):
            chance = random.Random(seed)
            place = lambda: chance.choice(facts.villages)
            kinds = [
                lambda: village("jiedui.village.v1.DivisionService/UpdateVillage",
                                {"village": {"name": place(), "township": chance.choice(townships)}, "update_mask": "township"}),
                lambda: village("jiedui.village.v1.PartyService/UpdatePartyMember",
                                {"party_member": {"name": chance.choice(members), "village": place()}, "update_mask": "village"}),
                lambda: village("jiedui.village.v1.PartyService/DeletePartyMember", {"name": chance.choice(members)}),
                lambda: village("jiedui.village.v1.CadreService/CreateCadreTraining",
                                {"cadre_training": {"cadre": chance.choice(cadres), "channel": "TRAINING_CHANNEL_GUIDANCE",
                                                    "held_date": "2018-11-30", "class_hours": chance.randrange(1, 30)}}),
                lambda: village("jiedui.village.v1.CadreService/DeleteCadreTraining", {"name": chance.choice(trainings)}),
                lambda: village("jiedui.village.v1.OfficialService/UpdateOfficialTerm",
                                {"official_term": {"name": chance.choice(terms), "posts": [{"post": chance.choice(
                                    ["VILLAGE_POST_SECRETARY", "VILLAGE_POST_DIRECTOR", "VILLAGE_POST_OTHER"])}]}, "update_mask": "posts"}),
                lambda: village("jiedui.village.v1.RecognitionService/CreateSafeRecognition",
                                {"safe_recognition": {"village": place(), "recognised_date": f"2018-06-{chance.randrange(1, 31):02}"}}),
                lambda: industry("jiedui.industry.v1.ProjectService/UpdateIndustryProject",
                                 {"industry_project": {"name": chance.choice(projects)["name"], "site": place()}, "update_mask": "site"}),
                lambda: industry("jiedui.industry.v1.ProjectService/DeleteIndustryProject", {"name": chance.choice(projects)["name"]}),
                lambda: industry("jiedui.industry.v1.IncomeService/CreateCollectiveIncome",
                                 {"collective_income": {"village": place(), "year": 2018,
                                                        "operating_income_fen": chance.randrange(0, 40000000)}}),
                lambda: industry("jiedui.industry.v1.TrainingService/DeletePersonTraining", {"name": chance.choice(trainings)}),
                lambda: industry("jiedui.industry.v1.FinanceService/UpdateFinanceTerminal",
                                 {"finance_terminal": {"name": chance.choice(terminals), "village": place()}, "update_mask": "village"}),
                lambda: infrastructure("jiedui.infrastructure.v1.FacilityService/DeleteVillageFacility", {"name": chance.choice(facilities)}),
                *infrastructure_writes(infrastructure, chance, place),
                lambda: assistance("jiedui.assistance.v1.HouseholdService/CreateHelperPairing",
                                   {"helper_pairing": {"household": chance.choice(households), "helper_name": "李四",
                                                       "helper_kind": "HELPER_KIND_PARTY_MEMBER", "start_date": "2018-02-01"}}),
                *assistance_changes(assistance, chance, place, households),
            ]
            try:
                for _ in range(WRITES):
                    try:
                        chance.choice(kinds)()
                    except CallError as error:
                        # Deleted meanwhile, there already, or against a rule: refused is not written.
                        if error.code not in ("NOT_FOUND", "ALREADY_EXISTS", "INVALID_ARGUMENT", "FAILED_PRECONDITION", "ABORTED"):
                            raise
                        refused.append(error.code)
            except Exception as error:  # pylint: disable=broad-except
                problems.append(error)

        threads = [threading.Thread(target=write, args=(seed,)) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], problems)
        self.assertLess(len(refused), THREADS * WRITES / 2)
        for client in (village, industry, infrastructure, assistance):
            client.close()


def assistance_changes(assistance, chance, place, households):
    """Random writes to the facts of social assistance."""
    service = "jiedui.assistance.v1."
    found = [h["name"] for h in assistance(service + "HealthService/ListHealthRecords", {"page_size": 1000})["health_records"]]
    open_day = lambda: f"2018-{chance.randrange(1, 13):02}-15"
    return [
        lambda: assistance(service + "HouseholdService/UpdateNeedyHousehold",
                           {"needy_household": {"name": chance.choice(households), "village": place()}, "update_mask": "village"}),
        lambda: assistance(service + "HealthService/UpdateHealthRecord",
                           {"health_record": {"name": chance.choice(found), "closed_date": chance.choice(["", "2018-12-30"])},
                            "update_mask": "closedDate"}),
        lambda: assistance(service + "HouseholdService/CreateVillageSurvey",
                           {"village_survey": {"village": place(), "year": 2018, "kind": "SURVEY_KIND_NEEDY_HOUSEHOLDS",
                                               "surveyed_date": open_day(), "found_count": chance.randrange(2)}}),
        lambda: assistance(service + "HealthService/CreateFamilyDoctorCoverage",
                           {"family_doctor_coverage": {"village": place(), "institution": "样例", "opened_date": open_day()}}),
    ]


if __name__ == "__main__":
    unittest.main()
