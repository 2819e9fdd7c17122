"""Random writes to the facts of social assistance: what rows 29 to 35 and the tracked indicators count."""

import datetime

PACKAGE = "jiedui.assistance.v1."
FUND_DISTRICTS = ("divisions/120118", "divisions/120119")


def citizen_number(chance):
    """Valid, and of nobody: the region code is in no edition of GB/T 2260."""
    born = datetime.date(1940, 1, 1) + datetime.timedelta(days=chance.randrange(20000))
    digits = f"120199{born:%Y%m%d}{chance.randrange(1, 1000):03}"
    weight = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weight % 11]


class Changes:
    """Each method sends one random write, or the steps of one life; a refusal is raised as CallError."""

    def __init__(self, call, chance, facts):
        self.call, self.chance, self.facts = call, chance, facts
        self.households = self.records("HouseholdService/ListNeedyHouseholds")
        self.members = self.records("PersonService/ListHouseholdMembers")
        self.persons = self.records("PersonService/ListPersons")
        self.students = self.records("EducationService/ListStudents")
        self.aids = self.records("EducationService/ListEducationAids")
        self.needs = self.records("EducationService/ListChildNeeds")
        self.gardens = self.records("EducationService/ListKindergartens")
        self.enrolments = self.records("PensionService/ListPensionEnrolments")
        self.contracts = self.records("HealthService/ListFamilyDoctorContracts")
        self.health = self.records("HealthService/ListHealthRecords")
        self.pairings = self.records("HouseholdService/ListHelperPairings")
        self.houses = self.records("HousingService/ListDangerousHouses")
        self.funds = self.records("ReliefService/ListReliefFunds")
        self.requests = self.records("ReliefService/ListReliefRequests")

    def records(self, method):
        """The first thousand."""
        return next((value for value in self.call(PACKAGE + method, {"page_size": 1000}).values() if isinstance(value, list)), [])

    def name_of(self, records):
        return self.chance.choice(records)["name"]

    def place(self):
        return self.chance.choice(self.facts.villages)

    def day(self, first=1, last=12):
        return f"2018-{self.chance.randrange(first, last + 1):02}-{self.chance.randrange(1, 29):02}"

    def create(self, service, singular, fields):
        field = "".join("_" + c.lower() if c.isupper() else c for c in singular).lstrip("_")
        return self.call(f"{PACKAGE}{service}/Create{singular}", {field: fields})

    def update(self, service, singular, name, fields):
        field = "".join("_" + c.lower() if c.isupper() else c for c in singular).lstrip("_")
        mask = ",".join(key.split("_")[0] + "".join(part.title() for part in key.split("_")[1:]) for key in fields)
        return self.call(f"{PACKAGE}{service}/Update{singular}", {field: {"name": name, **fields}, "update_mask": mask})

    def step(self, service, rpc, name, who, date, **fields):
        """A step of a workflow, by somebody of that office: no one of them does what another of them has to check."""
        return self.call(f"{PACKAGE}{service}/{rpc}", {"name": name, "date": date, "reason": "样例", **fields},
                         metadata=(("x-jiedui-principal", "users/" + who),))

    # Households.

    def move_household(self):
        self.update("HouseholdService", "NeedyHousehold", self.name_of(self.households), {"village": self.place()})

    def new_household(self):
        """Found, with its head, and as far on its way as chance takes it."""
        village = self.place()
        household = self.create("HouseholdService", "NeedyHousehold", {
            "village": village, "display_name": "样例", "kind": "HOUSEHOLD_KIND_LOW_INCOME", "member_count": 2,
            "found_date": self.chance.choice(["2017-11-01", "2018-02-01", "2019-01-02"])})["name"]
        person = self.create("PersonService", "Person", {"village": village, "display_name": "样例",
                                                         "citizen_number": citizen_number(self.chance)})["name"]
        self.create("PersonService", "HouseholdMember", {"household": household, "person": person, "joined_date": "2017-01-01",
                                                         "relation": "MEMBER_RELATION_HEAD"})
        self.households.append({"name": household, "village": village})
        self.walk_household(household)

    def walk_household(self, household=None):
        household = household or self.name_of(self.households)
        for rpc, who, date in (("Review", "village", "2018-03-01"), ("Publicize", "village", "2018-03-09"),
                               ("File", "township", "2018-04-01"))[:self.chance.randrange(1, 4)]:
            self.step("HouseholdService", rpc + "NeedyHousehold", household, who, date)

    def reject_household(self):
        self.step("HouseholdService", self.chance.choice(["RejectNeedyHousehold", "ReopenNeedyHousehold"]),
                  self.name_of(self.households), "township", self.chance.choice([self.day(4), "2019-01-03"]))

    def exit_household(self):
        """Advised by the re-check of the year; it may come back, in that year or the next."""
        household = self.chance.choice(self.households)
        self.create("HouseholdService", "HouseholdRecheck", {
            "household": household["name"], "village": household["village"], "year": 2018, "recheck_date": "2018-05-02",
            "checker": "样例", "outcome": "RECHECK_OUTCOME_EXIT"})
        self.step("HouseholdService", "ExitNeedyHousehold", household["name"], "township", self.day(6, 9))
        if self.chance.random() < 0.7:
            back = self.chance.choice(["2018-11-20", "2019-02-01"])
            self.step("HouseholdService", "ReenterNeedyHousehold", household["name"], "township", back)

    def pair_helper(self):
        self.pairings.append(self.create("HouseholdService", "HelperPairing", {
            "household": self.name_of(self.households), "helper_name": "李四", "helper": f"partyMembers/x-{self.chance.randrange(9)}",
            "helper_kind": "HELPER_KIND_PARTY_MEMBER", "start_date": self.chance.choice(["2018-02-01", "2018-12-31", "2019-01-01"])}))

    def date_pairing(self):
        """Also to after the end of the year, which leaves the year as it is."""
        self.update("HouseholdService", "HelperPairing", self.name_of(self.pairings), self.chance.choice([
            {"end_date": ""}, {"end_date": "2018-12-31"}, {"end_date": "2019-01-01"}, {"start_date": "2018-03-01"},
            {"start_date": "2019-01-02"}]))

    def end_pairing(self):
        self.call(PACKAGE + "HouseholdService/DeleteHelperPairing", {"name": self.name_of(self.pairings)})

    def survey(self):
        self.create("HouseholdService", "VillageSurvey", {
            "village": self.place(), "year": 2018, "surveyed_date": self.day(), "found_count": self.chance.randrange(2),
            "kind": self.chance.choice(["SURVEY_KIND_NEEDY_HOUSEHOLDS", "SURVEY_KIND_DANGEROUS_HOUSING"])})

    # Education, health, pensions.

    def give_aid(self):
        student = self.chance.choice(self.students)
        self.aids.append(self.create("EducationService", "EducationAid", {
            "student": student["name"], "village": student["village"], "year": 2018, "kind": "EDUCATION_AID_KIND_GRANT",
            "stage": "EDUCATION_STAGE_COLLEGE", "amount_fen": self.chance.randrange(1, 900000), "granted_date": self.day()}))

    def change_aid(self):
        self.update("EducationService", "EducationAid", self.name_of(self.aids), {"amount_fen": self.chance.randrange(1, 900000)})

    def take_aid_back(self):
        self.call(PACKAGE + "EducationService/DeleteEducationAid", {"name": self.name_of(self.aids)})

    def meet_need(self):
        self.update("EducationService", "ChildNeed", self.name_of(self.needs),
                    {"met_date": self.chance.choice(["", "2018-12-31", "2019-01-01"])})

    def build_kindergarten(self):
        self.update("EducationService", "Kindergarten", self.name_of(self.gardens), self.chance.choice([
            {"started_date": "", "completed_date": ""}, {"started_date": "2018-05-01", "completed_date": "2018-12-31"},
            {"started_date": "2019-01-01", "completed_date": ""}]))

    def insure(self):
        member = self.chance.choice(self.members)
        village = next((h["village"] for h in self.households if h["name"] == member["household"]), self.place())
        self.enrolments.append(self.create("PensionService", "PensionEnrolment", {
            "household": member["household"], "member": member["name"], "village": village, "kind": "PENSION_KIND_RESIDENT",
            "payer": "PREMIUM_PAYER_SELF", "enrolled_date": self.chance.choice([self.day(), "2019-01-01"])}))

    def end_insurance(self):
        self.update("PensionService", "PensionEnrolment", self.name_of(self.enrolments),
                    {"ended_date": self.chance.choice(["", "2018-12-30", "2019-01-01"])})

    def change_contract(self):
        self.update("HealthService", "FamilyDoctorContract", self.name_of(self.contracts),
                    {"end_date": self.chance.choice(["", "2018-12-31", "2019-01-01"]), "resident_count": self.chance.randrange(1, 9)})

    def close_health_record(self):
        self.update("HealthService", "HealthRecord", self.name_of(self.health),
                    {"closed_date": self.chance.choice(["", "2018-12-30", "2019-01-01"])})

    def open_doctor_service(self):
        self.create("HealthService", "FamilyDoctorCoverage", {"village": self.place(), "institution": "样例", "opened_date": self.day()})

    # Housing.

    def find_house(self):
        self.houses.append(self.create("HousingService", "DangerousHouse", {
            "village": self.place(), "owner_name": "样例", "report_number": "样例", "identified_date": self.day(1, 2),
            "grade": self.chance.choice(["HOUSING_GRADE_C", "HOUSING_GRADE_D"]),
            "resident_group": self.chance.choice(["HOUSING_GROUP_LOW_INCOME", "HOUSING_GROUP_DISASTER"])}))

    def work_on_house(self):
        name = self.name_of(self.houses)
        rpc, who, fields = self.chance.choice([
            ("Approve", "district", {"measure": "HOUSING_MEASURE_REINFORCE", "subsidy_fen": 100000}), ("Start", "village", {}),
            ("Accept", "checker", {"acceptance_document": "样例"}), ("Cancel", "district", {})])
        self.step("HousingService", rpc + "DangerousHouse", name, who, self.chance.choice([self.day(3), "2019-01-05"]), **fields)

    # Relief.

    def found_fund(self):
        self.funds.append(self.create("ReliefService", "ReliefFund", {
            "division": self.chance.choice(FUND_DISTRICTS), "display_name": "样例", "established_date": self.day(),
            "township_limit_fen": 100, "district_limit_fen": 200}))

    def date_fund(self):
        self.update("ReliefService", "ReliefFund", self.name_of(self.funds),
                    {"established_date": self.chance.choice(["2018-01-15", "2018-01-15", "2019-01-02"])})

    def move_money(self):
        self.create("ReliefService", "ReliefMovement", {
            "fund": self.name_of(self.funds), "movement_date": "2019-02-01", "amount_fen": self.chance.randrange(1, 90000),
            "kind": self.chance.choice(["RELIEF_MOVEMENT_KIND_DEPOSIT", "RELIEF_MOVEMENT_KIND_WITHDRAWAL"])})

    def ask_for_relief(self):
        village = self.place()
        fund = next((f["name"] for f in self.funds if f["division"].endswith(village.partition("/")[2][:6])), self.name_of(self.funds))
        self.requests.append(self.create("ReliefService", "ReliefRequest", {
            "village": village, "person": self.name_of(self.persons), "fund": fund, "cause": "RELIEF_CAUSE_ACCIDENT",
            "description": "样例", "amount_fen": self.chance.randrange(1, 3000000), "occurred_date": self.day(1, 2)}))

    def work_on_relief(self):
        name = self.name_of(self.requests)
        rpc, who = self.chance.choice([("Submit{}", "clerk"), ("Approve{}AtTownship", "township"), ("Approve{}AtDistrict", "district"),
                                       ("Approve{}AtCity", "city"), ("Return{}", "auditor"), ("Reject{}", "auditor"), ("Pay{}", "cashier")])
        self.step("ReliefService", rpc.format("ReliefRequest"), name, who, self.chance.choice([self.day(3), "2018-12-31", "2019-01-05"]))

    def settle_relief(self):
        """All of its way, to the payment."""
        name = self.name_of(self.requests)
        for rpc, who, date in (("Submit{}", "clerk", self.day(3, 4)), ("Approve{}AtTownship", "township", "2018-05-02"),
                               ("Pay{}", "cashier", self.chance.choice(["2018-06-01", "2019-01-05"]))):
            self.step("ReliefService", rpc.format("ReliefRequest"), name, who, date)

    def all(self):
        return [self.move_household, self.new_household, self.walk_household, self.reject_household, self.exit_household,
                self.pair_helper, self.date_pairing, self.end_pairing, self.survey, self.give_aid, self.change_aid, self.take_aid_back, self.meet_need,
                self.build_kindergarten, self.insure, self.end_insurance, self.change_contract, self.close_health_record,
                self.open_doctor_service, self.find_house, self.work_on_house, self.found_fund, self.date_fund,
                self.move_money, self.ask_for_relief, self.work_on_relief, self.settle_relief]


def changes(call, chance, facts):
    """Functions that each send one random write through `call`, or a few; a refusal is raised as CallError."""
    return Changes(call, chance, facts).all()
