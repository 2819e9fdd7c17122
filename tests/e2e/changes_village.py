"""Random writes of the village program: what rows 8 to 12, 36 to 38 and the tracked indicators count."""

from support import listed

PACKAGE = "jiedui.village.v1."


def changes(call, chance, facts):
    """Functions that each send one random write through `call`; a refusal is raised as CallError."""
    place = lambda: chance.choice(facts.villages)
    townships = sorted({facts.parent[village] for village in facts.villages})
    members = listed(call, PACKAGE + "PartyService/ListPartyMembers")
    cadres = listed(call, PACKAGE + "CadreService/ListCadres")
    trainings = listed(call, PACKAGE + "CadreService/ListCadreTrainings")
    terms = listed(call, PACKAGE + "OfficialService/ListOfficialTerms")
    posts = ["VILLAGE_POST_SECRETARY", "VILLAGE_POST_DIRECTOR", "VILLAGE_POST_OTHER"]
    return [
        lambda: call(PACKAGE + "DivisionService/UpdateVillage",
                     {"village": {"name": place(), "township": chance.choice(townships)}, "update_mask": "township"}),
        lambda: call(PACKAGE + "PartyService/UpdatePartyMember",
                     {"party_member": {"name": chance.choice(members), "village": place()}, "update_mask": "village"}),
        lambda: call(PACKAGE + "PartyService/DeletePartyMember", {"name": chance.choice(members)}),
        lambda: call(PACKAGE + "CadreService/CreateCadreTraining",
                     {"cadre_training": {"cadre": chance.choice(cadres), "channel": "TRAINING_CHANNEL_GUIDANCE",
                                         "held_date": "2018-11-30", "class_hours": chance.randrange(1, 30)}}),
        lambda: call(PACKAGE + "CadreService/DeleteCadreTraining", {"name": chance.choice(trainings)}),
        lambda: call(PACKAGE + "OfficialService/UpdateOfficialTerm",
                     {"official_term": {"name": chance.choice(terms), "posts": [{"post": chance.choice(posts)}]}, "update_mask": "posts"}),
        lambda: call(PACKAGE + "RecognitionService/CreateSafeRecognition",
                     {"safe_recognition": {"village": place(), "recognised_date": f"2018-06-{chance.randrange(1, 31):02}"}}),
    ]
