"""Random writes to the facts of social assistance: what rows 29 to 35 and the tracked indicators count."""

from support import listed

PACKAGE = "jiedui.assistance.v1."


def changes(call, chance, facts):
    """Functions that each send one random write through `call`; a refusal is raised as CallError."""
    place = lambda: chance.choice(facts.villages)
    households = listed(call, PACKAGE + "HouseholdService/ListNeedyHouseholds")
    records = listed(call, PACKAGE + "HealthService/ListHealthRecords")
    open_day = lambda: f"2018-{chance.randrange(1, 13):02}-15"
    return [
        lambda: call(PACKAGE + "HouseholdService/CreateHelperPairing",
                     {"helper_pairing": {"household": chance.choice(households), "helper_name": "李四",
                                         "helper_kind": "HELPER_KIND_PARTY_MEMBER", "start_date": "2018-02-01"}}),
        lambda: call(PACKAGE + "HouseholdService/UpdateNeedyHousehold",
                     {"needy_household": {"name": chance.choice(households), "village": place()}, "update_mask": "village"}),
        lambda: call(PACKAGE + "HealthService/UpdateHealthRecord",
                     {"health_record": {"name": chance.choice(records), "closed_date": chance.choice(["", "2018-12-30"])},
                      "update_mask": "closedDate"}),
        lambda: call(PACKAGE + "HouseholdService/CreateVillageSurvey",
                     {"village_survey": {"village": place(), "year": 2018, "kind": "SURVEY_KIND_NEEDY_HOUSEHOLDS",
                                         "surveyed_date": open_day(), "found_count": chance.randrange(2)}}),
        lambda: call(PACKAGE + "HealthService/CreateFamilyDoctorCoverage",
                     {"family_doctor_coverage": {"village": place(), "institution": "样例", "opened_date": open_day()}}),
    ]
