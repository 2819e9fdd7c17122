"""Random writes of the industry program: what rows 1 to 5, 13 to 19 and the tracked indicators count."""

from support import listed

PACKAGE = "jiedui.industry.v1."
CHANNELS = ("SUPERMARKET", "WHOLESALE", "SCHOOL", "ENTERPRISE", "DIRECT", "E_COMMERCE")
# Which money a movement of a few fen may take from an allocation or its source; others are refused when nothing is left.
MOVEMENTS = ("ALLOCATION", "DISBURSEMENT", "RETURN", "REFUND")


def changes(call, chance, facts):
    """Functions that each send one random write through `call`; a refusal is raised as CallError."""
    place = lambda: chance.choice(facts.villages)
    names = lambda service, plural: listed(call, f"{PACKAGE}{service}/List{plural}")
    day = lambda year=2018: f"{year}-{chance.randrange(1, 13):02}-15"
    projects = names("ProjectService", "IndustryProjects")

    def create(service, singular, fields):
        return call(f"{PACKAGE}{service}/Create{singular}", {snake(singular): fields})

    def update(service, singular, chosen, fields):
        mask = ",".join(name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]) for name in fields)
        return call(f"{PACKAGE}{service}/Update{singular}", {snake(singular): {"name": chance.choice(chosen), **fields}, "update_mask": mask})

    def delete(service, singular, chosen):
        return call(f"{PACKAGE}{service}/Delete{singular}", {"name": chance.choice(chosen)})

    return [
        lambda: update("ProjectService", "IndustryProject", projects, {"site": place()}),
        lambda: delete("ProjectService", "IndustryProject", projects),
        lambda: create("IncomeService", "CollectiveIncome", {"village": place(), "year": 2018,
                                                             "operating_income_fen": chance.randrange(0, 40000000)}),
        *incomes(names, chance, update, delete), *training(names, chance, place, create, update, delete),
        *finance(names, chance, place, day, create, update), *market(names, chance, place, day, create, update, delete),
        *funds(call, chance),
    ]


def snake(singular):
    return "".join("_" + c.lower() if c.isupper() else c for c in singular).lstrip("_")


def incomes(names, chance, update, delete):
    """Growth needs both years: some lose one."""
    farmers = names("IncomeService", "FarmerIncomes")
    return [
        lambda: update("IncomeService", "FarmerIncome", farmers, {
            "per_capita_disposable_income_fen": chance.randrange(1000000, 3000000), "population": chance.randrange(100, 3000)}),
        lambda: delete("IncomeService", "FarmerIncome", farmers),
    ]


def training(names, chance, place, create, update, delete):
    """Nobody trained wanted it but those whom the village's demand counts: it seldom goes below them, and they may take what is left of it."""
    trainings, demands = names("TrainingService", "PersonTrainings"), names("TrainingService", "TrainingDemands")
    kinds = ["TRAINING_KIND_PRACTICAL", "TRAINING_KIND_SKILLS"]

    def train():
        day = f"{chance.randrange(1950, 1990)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        return create("TrainingService", "PersonTraining", {
            "village": place(), "year": 2018, "kind": chance.choice(kinds), "display_name": f"示例{chance.randrange(10**6)}", "birth_date": day,
            "trained_date": "2018-05-15", "willing": chance.randrange(2) == 0})

    return [
        train,
        lambda: delete("TrainingService", "PersonTraining", trainings),
        lambda: update("TrainingService", "PersonTraining", trainings, {"willing": chance.randrange(2) == 0}),
        lambda: update("TrainingService", "TrainingDemand", demands, {"willing_count": chance.randrange(1, 20)}),
        lambda: delete("TrainingService", "TrainingDemand", demands),
        lambda: create("TrainingService", "TrainingDemand", {
            "village": place(), "year": chance.choice([2017, 2018]), "kind": chance.choice(kinds), "willing_count": chance.randrange(1, 9)}),
    ]


def finance(names, chance, place, day, create, update):
    service = "FinanceService"
    terminals, outlets = names(service, "FinanceTerminals"), names(service, "FinanceOutlets")
    coverages, loans = names(service, "FinanceCoverages"), names(service, "Loans")
    return [
        lambda: update(service, "FinanceTerminal", terminals, {"village": place()}),
        lambda: update(service, "FinanceOutlet", outlets, {"closed_date": chance.choice(["", "2018-12-31", "2019-01-01"])}),
        lambda: update(service, "FinanceCoverage", coverages, {"served_count": chance.randrange(200)}),
        lambda: create(service, "FinanceCoverage", {"village": place(), "year": 2018, "adult_count": 900, "served_count": chance.randrange(901)}),
        lambda: create(service, "Loan", {"village": place(), "borrower_kind": "BORROWER_KIND_FARMER", "institution": "示例银行",
                                         "granted_date": day(chance.choice([2018, 2019])), "granted_fen": chance.randrange(1, 10**15)}),
        lambda: update(service, "Loan", loans, {"repayments": [
            {"repaid_date": f"{year}-12-31", "amount_fen": chance.randrange(1, 10**6)} for year in (2018, 2019)[:chance.randrange(3)]]}),
    ]


def market(names, chance, place, day, create, update, delete):
    service = "MarketService"
    entities, contracts = names(service, "BusinessEntities"), names(service, "SalesContracts")
    linkages = names(service, "BenefitLinkages")

    def link():
        paid = chance.randrange(1000) * 2
        return create(service, "BenefitLinkage", {
            "village": place(), "year": 2018, "mode": "LINKAGE_MODE_ORDER", "operator": f"示例主体{chance.randrange(99)}", "dividend_fen": paid,
            "households": [{"household": f"户{i}", "share_ppm": 500000, "dividend_fen": paid // 2} for i in range(2)]})

    return [
        link,
        lambda: delete(service, "BenefitLinkage", linkages),
        lambda: update(service, "BusinessEntity", entities, {
            "kind": chance.choice(["ENTITY_KIND_LEADING_ENTERPRISE", "ENTITY_KIND_COOPERATIVE"]),
            "closed_date": chance.choice(["", "2018-12-31", "2019-01-01"])}),
        lambda: create(service, "SalesContract", {
            "village": place(), "year": 2018, "channel": "SALES_CHANNEL_" + chance.choice(CHANNELS), "buyer": "示例采购方", "signed_date": day(),
            "amount_fen": chance.randrange(1, 10**12)}),
        lambda: update(service, "SalesContract", contracts, {"channel": "SALES_CHANNEL_" + chance.choice(CHANNELS), "village": place()}),
    ]


def funds(call, chance):
    allocations = call(PACKAGE + "FundService/ListFundAllocations", {"page_size": 1000})["fund_allocations"]
    moved = []

    def move():
        allocation = chance.choice(allocations)
        answer = call(PACKAGE + "FundService/CreateFundMovement", {"fund_movement": {
            "kind": "FUND_MOVEMENT_KIND_" + chance.choice(MOVEMENTS), "year": 2018, "movement_date": "2018-12-20",
            "fund_source": allocation["fund_source"], "allocation": allocation["name"], "amount_fen": chance.randrange(1, 100)}})
        moved.append(answer["name"])

    def reverse():
        if not moved:
            return move()
        return call(PACKAGE + "FundService/ReverseFundMovement", {
            "name": moved.pop(chance.randrange(len(moved))), "movement_date": chance.choice(["2018-12-21", "2019-01-05"]), "note": "示例"})

    return [move, reverse]
