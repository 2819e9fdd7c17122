"""Random writes of the industry program: what rows 1 to 5, 13 to 19 and the tracked indicators count."""

from support import listed

PACKAGE = "jiedui.industry.v1."


def changes(call, chance, facts):
    """Functions that each send one random write through `call`; a refusal is raised as CallError."""
    place = lambda: chance.choice(facts.villages)
    projects = listed(call, PACKAGE + "ProjectService/ListIndustryProjects")
    trainings = listed(call, PACKAGE + "TrainingService/ListPersonTrainings")
    terminals = listed(call, PACKAGE + "FinanceService/ListFinanceTerminals")
    return [
        lambda: call(PACKAGE + "ProjectService/UpdateIndustryProject",
                     {"industry_project": {"name": chance.choice(projects), "site": place()}, "update_mask": "site"}),
        lambda: call(PACKAGE + "ProjectService/DeleteIndustryProject", {"name": chance.choice(projects)}),
        lambda: call(PACKAGE + "IncomeService/CreateCollectiveIncome",
                     {"collective_income": {"village": place(), "year": 2018,
                                            "operating_income_fen": chance.randrange(0, 40000000)}}),
        lambda: call(PACKAGE + "TrainingService/DeletePersonTraining", {"name": chance.choice(trainings)}),
        lambda: call(PACKAGE + "FinanceService/UpdateFinanceTerminal",
                     {"finance_terminal": {"name": chance.choice(terminals), "village": place()}, "update_mask": "village"}),
    ]
