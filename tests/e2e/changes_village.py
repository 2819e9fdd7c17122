"""Random writes of the village program: what rows 8 to 12, 36 to 38 and the tracked indicators count."""

from support import listed

PACKAGE = "jiedui.village.v1."
# Around the end of the year, on which figures are taken.
EDGES = ["2018-01-01", "2018-06-30", "2018-12-30", "2018-12-31", "2019-01-01", "2019-03-31"]


class Changes:
    def __init__(self, call, chance, facts):
        self.call, self.chance, self.facts = call, chance, facts
        self.townships = sorted({facts.parent[village] for village in facts.villages})
        names = lambda method: listed(call, PACKAGE + method)
        self.members, self.organisations = names("PartyService/ListPartyMembers"), names("OrganisationService/ListPartyOrganisations")
        self.cadres, self.trainings = names("CadreService/ListCadres"), names("CadreService/ListCadreTrainings")
        self.terms, self.plans = names("OfficialService/ListOfficialTerms"), names("PlanService/ListPlans")
        self.units, self.grades = names("AssistanceUnitService/ListAssistanceUnits"), names("OrganisationService/ListOrganisationGrades")
        self.elections = names("ElectionService/ListElections")
        self.civilised = names("RecognitionService/ListCivilisedRecognitions")
        self.items, self.disputes, self.pairings = [], [], []

    def place(self):
        return self.chance.choice(self.facts.villages)

    def day(self):
        return self.chance.choice(EDGES)

    def create(self, service, resource, fields):
        """Answers the name."""
        snake = "".join("_" + c.lower() if c.isupper() else c for c in resource).lstrip("_")
        return self.call(f"{PACKAGE}{service}/Create{resource}", {snake: fields})["name"]

    def update(self, service, resource, name, fields):
        """Also empties the fields that are given as empty."""
        snake = "".join("_" + c.lower() if c.isupper() else c for c in resource).lstrip("_")
        camel = lambda field: field.split("_")[0] + "".join(part.title() for part in field.split("_")[1:])
        return self.call(f"{PACKAGE}{service}/Update{resource}", {snake: {"name": name, **fields},
                                                                  "update_mask": ",".join(camel(field) for field in fields)})

    def delete(self, method, names):
        return self.call(f"{PACKAGE}{method}", {"name": self.chance.choice(names)})

    # Villages, people.

    def move_village(self):
        return self.update("DivisionService", "Village", self.place(), {"township": self.chance.choice(self.townships)})

    def exit_village(self):
        return self.update("DivisionService", "Village", self.place(), {"exit_date": self.chance.choice(["", "2018-12-31", "2019-01-01"])})

    def move_member(self):
        return self.update("PartyService", "PartyMember", self.chance.choice(self.members), {"village": self.place()})

    def let_member_go(self):
        return self.update("PartyService", "PartyMember", self.chance.choice(self.members), {"left_date": self.chance.choice(["", *EDGES])})

    def age_member(self):
        return self.update("PartyService", "PartyMember", self.chance.choice(self.members),
                           {"birth_date": self.chance.choice(["1982-12-31", "1983-01-01"])})

    def train_cadre(self):
        return self.create("CadreService", "CadreTraining", {"cadre": self.chance.choice(self.cadres), "held_date": self.day(),
                                                             "channel": "TRAINING_CHANNEL_GUIDANCE",
                                                             "class_hours": self.chance.randrange(1, 30)})

    def change_posts(self):
        post = self.chance.choice(["VILLAGE_POST_SECRETARY", "VILLAGE_POST_DIRECTOR", "VILLAGE_POST_OTHER"])
        return self.update("OfficialService", "OfficialTerm", self.chance.choice(self.terms), {"posts": [{"post": post}]})

    def end_term(self):
        return self.update("OfficialService", "OfficialTerm", self.chance.choice(self.terms), {"end_date": self.chance.choice(["", *EDGES])})

    # Recognitions, organisations.

    def recognise(self):
        kind = self.chance.choice(["Safe", "Civilised"])
        level = {"level": "CIVILISED_LEVEL_" + self.chance.choice(["TOWNSHIP", "DISTRICT", "CITY"])} if kind == "Civilised" else {}
        lost = self.chance.choice([{}, {"lost_date": self.day(), "lost_reason": "复查未通过"}])
        return self.create("RecognitionService", kind + "Recognition",
                           {"village": self.place(), "recognised_date": f"2018-06-{self.chance.randrange(1, 31):02}", **level, **lost})

    def lose_recognition(self):
        return self.update("RecognitionService", "CivilisedRecognition", self.chance.choice(self.civilised),
                           {"lost_date": self.chance.choice(["", *EDGES]), "lost_reason": ""})

    def grade(self):
        return self.update("OrganisationService", "OrganisationGrade", self.chance.choice(self.grades),
                           {"grade": "PARTY_GRADE_" + self.chance.choice(["ADVANCED", "MIDDLE", "BACKWARD"]), "measures": "整顿"})

    def end_grade(self):
        return self.update("OrganisationService", "OrganisationGrade", self.chance.choice(self.grades),
                           {"end_date": self.chance.choice(["", *EDGES])})

    def meet(self):
        return self.create("OrganisationService", "PartyActivity",
                           {"organisation": self.chance.choice(self.organisations), "kind": "ACTIVITY_KIND_THEMED_DAY",
                            "held_date": self.day(), "topic": "主题党日", "expected_count": 20})

    def assess(self):
        items = [{"code": code, "met": self.chance.random() < 0.9} for code in ("leadership", "members", "institutions", "work", "response")]
        name = "creationAssessments/f-" + self.place().removeprefix("villages/") + "-1"
        return self.update("CreationService", "CreationAssessment", name, {"items": items})

    # Units, disputes, supervised items.

    def pair(self):
        end = self.chance.choice([{}, {"end_date": self.day()}])
        self.pairings.append(self.create("AssistanceUnitService", "VillagePairing",
                                         {"village": self.place(), "partner": self.chance.choice(self.units),
                                          "start_date": "2018-01-01", **end}))

    def part(self):
        name = "villagePairings/u-" + self.place().removeprefix("villages/") + "-1"
        return self.update("AssistanceUnitService", "VillagePairing", self.chance.choice([name, *self.pairings]),
                           {"end_date": self.chance.choice(["", *EDGES])})

    def quarrel(self):
        settled = self.chance.choice([{}, {"settled_date": self.day(), "mediation": "MEDIATION_KIND_PEOPLE",
                                           "outcome": "DISPUTE_OUTCOME_" + self.chance.choice(["AGREED", "NOT_AGREED"])}])
        self.disputes.append(self.create("SafetyService", "Dispute", {"village": self.place(), "kind": "DISPUTE_KIND_LAND", "summary": "边界",
                                                                      "raised_date": self.chance.choice(["2017-12-31", *EDGES]), **settled}))

    def raise_item(self, **raised):
        site = self.chance.choice([self.place(), self.chance.choice(self.townships)])
        self.items.append(self.create("SupervisionService", "SupervisedItem",
                                      {"site": site, "task": "开工", "measure": "落实", "owner": "镇长", "due_date": self.day(), **raised,
                                       "escalation_days": 30, "origin": "SUPERVISION_ORIGIN_MANUAL"}))

    def strike_off(self):
        self.raise_item(raised_date="2018-01-01")
        return self.call(PACKAGE + "SupervisionService/StrikeOffItem", {"name": self.items[-1], "evidence": "验收单", "date": self.day()})

    def extend(self):
        self.raise_item(raised_date="2018-01-01")
        return self.call(PACKAGE + "SupervisionService/ExtendItem", {"name": self.items[-1], "reason": "汛期", "date": "2018-06-01",
                                                                     "extended_date": self.chance.choice(EDGES)})

    # Plans and elections: whatever comes next.

    def advance_plan(self):
        step = self.chance.choice(["SubmitPlan", "ReviewPlan", "CheckPlan", "FilePlan"])
        return self.call(f"{PACKAGE}PlanService/{step}", {"name": self.chance.choice(self.plans), "date": self.day()})

    def hand_over(self):
        return self.call(PACKAGE + "ElectionService/HandOverElection", {"name": self.chance.choice(self.elections), "handover_note": "已移交",
                                                                        "date": "2018-12-31"})


def changes(call, chance, facts):
    """Functions that each send one random write through `call`; a refusal is raised as CallError."""
    c = Changes(call, chance, facts)
    return [
        c.move_village, c.exit_village, c.move_member, c.let_member_go, c.age_member, c.train_cadre, c.change_posts, c.end_term, c.recognise,
        c.lose_recognition, c.grade, c.end_grade, c.meet, c.assess, c.pair, c.part, c.quarrel, c.raise_item, c.strike_off, c.extend,
        c.advance_plan, c.hand_over,
        lambda: c.delete("PartyService/DeletePartyMember", c.members),
        lambda: c.delete("CadreService/DeleteCadreTraining", c.trainings),
        lambda: c.delete("SafetyService/DeleteDispute", c.disputes or ["disputes/d-0"]),
        lambda: c.delete("AssistanceUnitService/DeleteVillagePairing", c.pairings or ["villagePairings/u-0"]),
    ]
