"""Random writes of infrastructure: what rows 6, 7 and 20 to 28 and the tracked indicators count."""

from support import listed


def changes(call, chance, facts):
    """Functions that each send one random write through `call`; a refusal is raised as CallError."""
    place = lambda: chance.choice(facts.villages)
    package = "jiedui.infrastructure.v1."
    facilities = listed(call, package + "FacilityService/ListVillageFacilities")
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
        lambda: call(package + "FacilityService/DeleteVillageFacility", {"name": chance.choice(facilities)}),
        lambda: call(package + "SanitationService/DeleteCleanUp", {"name": f"cleanUps/q-{code()}-{quarter()}"}),
        lambda: update("FarmingService", "AgriculturalInput", f"agriculturalInputs/n-{code()}-{chance.choice([2017, 2018])}",
                       {"fertiliser_kg": chance.randrange(200000), "pesticide_kg": chance.randrange(3000),
                        "film_used_kg": 1000, "film_recovered_kg": chance.randrange(1001)}),
        lambda: update("FarmingService", "StrawRecord", f"strawRecords/w-{code()}-1",
                       {"uses": [{"kind": "STRAW_USE_KIND_FUEL", "weight_kg": chance.randrange(1, 30000)}]}),
        lambda: update("FarmingService", "LivestockFarm", f"livestockFarms/a-{code()}-1",
                       {"scale": "FARM_SCALE_LARGE", "closed_date": chance.choice(["", "2018-12-31", "2019-01-01"])}),
    ]
