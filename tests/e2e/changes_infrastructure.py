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
        year, completed = chance.choice([2017, 2018, 2018]), chance.randrange(planned + 1)
        return call(package + "SanitationService/CreateToiletRenovation", {"toilet_renovation": {
            "village": place(), "year": year, "batch": f"批{chance.randrange(99)}", "planned_count": planned,
            "completed_count": completed, "completed_date": f"{year}-08-09" if completed else ""}})

    def line():
        return call(package + "PowerService/CreatePowerLine", {"power_line": {
            "site": place(), "year": chance.choice([2017, 2018]), "display_name": "支线", "planned_metres": 9999,
            "voltage": chance.choice(["VOLTAGE_110KV", "VOLTAGE_10KV", "VOLTAGE_LOW"]),
            "completed_metres": chance.randrange(1, 9999), "started_date": "2017-03-01"}})

    def update(service, singular, identifier, fields):
        return call(f"{package}{service}/Update{singular}", {
            "".join("_" + c.lower() if c.isupper() else c for c in singular).lstrip("_"): {"name": identifier, **fields},
            "update_mask": ",".join(name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]) for name in fields)})

    def straw():
        produced = chance.randrange(1, 90000)
        return call(package + "FarmingService/CreateStrawRecord", {"straw_record": {
            "village": place(), "year": chance.choice([2017, 2018]), "produced_kg": produced,
            "crop": "STRAW_CROP_" + chance.choice(["CORN", "RICE", "COTTON", "OTHER"]),
            "uses": [{"kind": "STRAW_USE_KIND_MATERIAL", "weight_kg": chance.randrange(1, produced + 1)}]}})

    def burning():
        return call(package + "FarmingService/CreateBurningIncident", {"burning_incident": {
            "village": place(), "found_by": "BURNING_SOURCE_PATROL", "incident_date": f"{chance.choice([2017, 2018])}-06-0{quarter()}"}})

    def shortage():
        return call(package + "PowerService/CreatePowerShortage", {"power_shortage": {
            "village": place(), "problem": "POWER_PROBLEM_" + chance.choice(["LOW_VOLTAGE", "BOTTLENECK"]),
            "found_date": f"{chance.choice([2017, 2018, 2019])}-01-01", "relieved_date": chance.choice(["", "2019-02-01"])}})

    def sewage():
        return call(package + "WaterService/CreateSewageFacility", {"sewage_facility": {
            "site": place(), "display_name": "站", "kind": "SEWAGE_KIND_TREATMENT", "built_date": "2017-05-06",
            "accepted_date": chance.choice(["", "2018-05-06", "2019-05-06"])}})

    def pond():
        return call(package + "WaterService/CreatePond", {"pond": {
            "village": place(), "display_name": "塘", "river_chief": "张三", "started_date": "2017-05-06",
            "treated_date": chance.choice(["", "2017-06-07", "2018-12-31", "2019-01-01"])}})

    def water():
        done = chance.choice(["", "2018-05-06", "2019-05-06"])
        return call(package + "WaterService/CreateWaterProject", {"water_project": {
            "site": place(), "year": 2018, "display_name": "渠", "surveyed_date": "2017-01-02", "designed_date": "2017-02-02",
            "approved_date": "2017-03-02", "started_date": "2017-04-02", "completed_date": done,
            "kind": "WATER_PROJECT_KIND_" + chance.choice(["IRRIGATION", "DRINKING_WATER"])}})

    def lose():
        """A village loses an item, or gets one again that was lost."""
        name, day = chance.choice(facilities), f"{chance.choice([2017, 2018, 2019])}-1{chance.randrange(3)}-01"
        facility = call(package + "FacilityService/GetVillageFacility", {"name": name})
        if not facility.get("lost_date"):
            return update("FacilityService", "VillageFacility", name, {"lost_date": day})
        return call(package + "FacilityService/CreateVillageFacility", {"village_facility": {
            "village": facility["village"], "standard": facility["standard"], "item": facility["item"], "period": 2,
            "accepted_date": day, "evidence": "单"}})

    code = lambda: place().removeprefix("villages/")
    return [
        clean_up, toilets, line, straw, burning, shortage, sewage, pond, water, lose, lose,
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
