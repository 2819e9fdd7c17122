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


class Exactness(unittest.TestCase):
    def setUp(self):
        self.programs = Programs()
        self.addCleanup(self.programs.close)
        self.gateway = self.programs["gateway"].client()
        sample = os.path.join(self.programs.folder, "sample")
        self.programs.cli("sample", "--out", sample)
        self.programs.cli("import", sample)

    def compare(self, name):
        self.programs.cli("verify")
        folder = os.path.join(self.programs.folder, name)
        self.programs.cli("export", "--all", "--out", folder)
        facts = Facts(folder)
        within = facts.within()
        for place in ["", *facts.divisions, *facts.villages]:
            answer = self.gateway("jiedui.gateway.v1.ScorecardService/GetScorecard", {"division": place, "year": 2018})
            self.assertEqual({"FRESHNESS_FRESH"}, {source["freshness"] for source in answer["sources"]})
            self.assertEqual(len(within[place] & facts.members), int(answer.get("village_count", 0)), place)
            found = {row["target"].removeprefix("targets/2018-"): {name: int(row[name]) for name in FIGURES if name in row}
                     for row in answer["rows"]}
            wanted = facts.rows(within[place])
            self.assertEqual(set(wanted), set(found))
            for target, row in wanted.items():
                self.assertEqual(row, found[target], f"{target} of {place or 'the whole'}")
        return facts

    def test_after_the_import_and_after_changes(self):
        facts = self.compare("imported")
        self.assertEqual(1041, len(facts.villages))
        self.change(facts)
        self.compare("changed")

    def change(self, facts):
        """Random writes from many threads, on what the export has shown."""
        townships = sorted({facts.parent[village] for village in facts.villages})
        village, industry, infrastructure, assistance = (self.programs[name].client() for name in
                                                         ("village", "industry", "infrastructure", "assistance"))
        members = [m["name"] for m in village("jiedui.village.v1.PartyService/ListPartyMembers", {"page_size": 1000})["party_members"]]
        projects = industry("jiedui.industry.v1.ProjectService/ListIndustryProjects", {"page_size": 1000})["industry_projects"]
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
                lambda: infrastructure("jiedui.infrastructure.v1.FacilityService/DeleteVillageFacility", {"name": chance.choice(facilities)}),
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
