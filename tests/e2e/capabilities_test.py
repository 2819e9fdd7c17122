#!/usr/bin/env -S /usr/bin/python3 -B
"""Every capability of the four programs is carried by collections that the command line lists, that hold records of the sample, that
can be exported, and whose exported rows can be imported again; and no collection is without a capability."""

import csv
import io
import os
import unittest

from support import Programs

# {program: {capability and its clause: collections}}.
CAPABILITIES = {
    "village": {
        "division tree with validity and changes 一, 三1": "divisions divisionChanges programmeYears",
        "village master record 一": "villages",
        "units, teams, groups and pairings 一, 三1": "assistanceUnits residentTeams technicalGroups villagePairings",
        "cadres 三5": "cadres cadrePostings cadreTrainings cadreLeaves cadreStays cadreStandards safetyBriefings",
        "party organisations and venues 二(一)1": "partyOrganisations organisationGrades creationStandards creationAssessments activityVenues",
        "party activities 二(一)1": "partyActivities",
        "elections 二(一)2": "electionRules elections electionCandidates electionVoters",
        "village officials 二(一)2": "villageOfficials officialTerms officialTrainings",
        "party members and activists 二(一)3": "partyMembers volunteerServices studyGroups",
        "major decisions 二(一)4": "decisionMethods decisions decisionSteps",
        "civilised villages 二(一)5": "civilisedRecognitions cultureFacilities cultureTeams traditions",
        "safe villages 二(一)6": "safeRecognitions disputes patrolTeams defenceMeasures lawPublicities",
        "plans 三2": "plans villageTransitions",
        "ten assistance actions 三1": "assistanceActions actionTasks",
        "supervised items 三3": "supervisedItems",
        "inspections and appraisals 三3": "inspections appraisals",
        "models and publicity 三6": "modelVillages experienceReports mutualVisits mediaItems",
    },
    "industry": {
        "industry projects 二(二)1": "industryProjects projectReports",
        "funds 三4, 二(三)1": "fundSources fundAllocations fundMovements fundAccounts auditFindings",
        "business entities 二(二)2": "businessEntities",
        "market facilities and contracts 二(二)2": "marketFacilities salesContracts",
        "technical service 二(二)3": "technicalServices",
        "farmer training 二(二)3": "trainingDemands personTrainings",
        "finance 二(二)4": "financeOutlets financeTerminals financeCoverages financeProducts loans",
        "employment 二(二)5": "jobSeekers",
        "benefit linkage 二(二)6": "benefitLinkages",
        "incomes 一": "collectiveIncomes farmerIncomes",
    },
    "infrastructure": {
        "六化六有 二(三)1": "facilityStandards villageFacilities",
        "construction projects 二(三)1, 2": "constructionProjects",
        "toilets 二(三)2": "toiletRenovations",
        "clean-ups 二(三)2": "cleanUps",
        "sewage and ponds 二(三)2": "sewageFacilities ponds",
        "livestock farms 二(三)2": "livestockFarms",
        "fertiliser, pesticide, film, straw 二(三)2": "agriculturalInputs strawRecords burningIncidents",
        "irrigation and drinking water 二(三)3": "waterProjects",
        "power 二(三)3": "powerLines powerShortages",
    },
    "assistance": {
        "needy households 二(四)4": "needyHouseholds householdMembers householdIncomes householdRechecks villageSurveys assistanceTransitions",
        "persons 二(四)": "persons",
        "education 二(四)1": "students childNeeds educationAids graduateEmployments schoolImprovements kindergartens",
        "dangerous housing 二(四)2": "dangerousHouses",
        "health 二(四)3": "medicalAids villageClinics doctorTrainings healthRecords familyDoctorCoverages familyDoctorContracts",
        "pensions and relief 二(四)4": "pensionEnrolments pensionCampaigns reliefFunds reliefRequests reliefMovements",
        "helpers and social forces 二(四)5": "helperPairings helperVisits assistanceNeeds socialActivities needMatches",
    },
}
# What the programs themselves write: it is listed and exported, and not imported.
DERIVED = {"fundAccounts"}


class Capabilities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = Programs()
        cls.addClassCleanup(cls.programs.close)
        sample, cls.exported = (os.path.join(cls.programs.folder, name) for name in ("sample", "exported"))
        cls.programs.cli("sample", "--out", sample, "--villages", "250")
        cls.programs.cli("import", sample)

    def rows(self, *words):
        return list(csv.DictReader(io.StringIO(self.programs.cli(*words, "-o", "csv").stdout)))

    def test_every_collection_has_a_capability_and_every_capability_its_collections(self):
        known = {row["collection"]: row["program"] for row in self.rows("collections")}
        for program, capabilities in CAPABILITIES.items():
            wanted = {collection for collections in capabilities.values() for collection in collections.split()}
            there = {collection for collection, owner in known.items() if owner == program}
            self.assertEqual(wanted, there, program)

    def test_each_is_listed_exported_and_imported_again(self):
        for program, capabilities in CAPABILITIES.items():
            for capability, collections in capabilities.items():
                for collection in collections.split():
                    with self.subTest(program=program, capability=capability, collection=collection):
                        self.check(collection)

    def test_a_whole_export_is_imported_again(self):
        folder = os.path.join(self.programs.folder, "whole")
        self.programs.cli("export", "--all", "--out", folder)
        for collection in DERIVED:
            self.assertTrue(os.path.exists(os.path.join(folder, collection + ".csv")), collection)
        answer = self.programs.cli("import", "--dry_run", folder, "-o", "csv", check=False)
        self.assertEqual(0, answer.returncode, answer.stdout[-800:] + answer.stderr[-800:])
        imported = {row["collection"] for row in csv.DictReader(io.StringIO(answer.stdout))}
        self.assertEqual({row["collection"] for row in self.rows("collections")} - DERIVED, imported)

    def check(self, collection):
        listed = self.rows("list", collection, "--limit", "3")
        self.assertGreater(len(listed), 0, "the sample has none")
        for row in listed:
            self.assertTrue(row["name"].startswith(collection + "/"), row)
        # After the list: the scheduler adds steps of items that are overdue.
        self.programs.cli("export", collection, "--out", self.exported)
        path = os.path.join(self.exported, collection + ".csv")
        with open(path, encoding="utf-8", newline="") as file:
            names = {row["name"] for row in csv.DictReader(file)}
        self.assertLessEqual({row["name"] for row in listed}, names)
        if collection in DERIVED:
            return
        answer = self.programs.cli("import", "--dry_run", path, "-o", "csv", check=False)
        self.assertEqual(0, answer.returncode, answer.stdout[-800:] + answer.stderr[-800:])
        result = next(csv.DictReader(io.StringIO(answer.stdout)))
        self.assertEqual((str(len(names)), str(len(names))), (result["row_count"], result["unchanged_count"]), result)


if __name__ == "__main__":
    unittest.main()
