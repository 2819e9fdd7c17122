#!/usr/bin/env -S /usr/bin/python3 -B
"""Names and birth dates of people never reach a log, a metric, an error or the history: neither of records that are written nor of
those that are refused."""

import os
import unittest

from support import (DOMAIN_PROGRAMS, VILLAGE, CallError, Programs, create_place, party_member, protos)

NAMES = ("欧阳秘密甲", "Secretary Hidden", "司徒不可见")
BIRTH_DATES = ("1987-06-05", "1988-07-06", "1989-08-07")


class PersonalData(unittest.TestCase):
    def test_it_stays_in_its_fields(self):
        with Programs(*DOMAIN_PROGRAMS) as programs:
            village, assistance = programs["village"].client(), programs["assistance"].client()
            create_place(village)
            said = []  # every error as it came over the wire

            def refused(client, path, fields):
                with self.assertRaises(CallError) as caught:
                    client.message(path, fields) if isinstance(fields, bytes) else client(path, fields)
                said.append(caught.exception.wire)
                said.append(caught.exception.message.encode())

            service = "jiedui.village.v1.PartyService"
            secret = {"display_name": NAMES[0], "birth_date": BIRTH_DATES[0]}
            member = village(f"{service}/CreatePartyMember", {"party_member": party_member(**secret)})["name"]
            village(f"{service}/UpdatePartyMember",
                    {"party_member": {"name": member, "display_name": NAMES[1], "birth_date": BIRTH_DATES[1]},
                     "update_mask": "displayName,birthDate"})
            for wrong in ({"display_name": NAMES[2] * 20}, {"birth_date": "secret " + BIRTH_DATES[2]}, {"village": "villages/1"},
                          {"joined_date": "1970-01-01"}, {"stage": 9}, {"display_name": NAMES[2] + "\0"}):
                refused(village, f"{service}/CreatePartyMember", {"party_member": party_member(**{**secret, **wrong})})
            refused(village, f"{service}/UpdatePartyMember",
                    {"party_member": {"name": member, "etag": "1-1", "display_name": NAMES[2]}, "update_mask": "displayName"})
            refused(village, f"{service}/CreatePartyMember",
                    protos().request(f"{service}/CreatePartyMember", {"party_member": party_member(**secret)}).SerializeToString() + b"\xff")
            for text in (f'display_name = "{NAMES[2]}"', f'display_name : {NAMES[0]}', f'birth_date = "{BIRTH_DATES[0]}"'):
                refused(village, f"{service}/ListPartyMembers", {"filter": text})
            refused(village, f"{service}/GetPartyMember", {"name": "partyMembers/" + NAMES[2]})
            refused(assistance, "jiedui.assistance.v1.HouseholdService/CreateNeedyHousehold",
                    {"needy_household": {"village": VILLAGE, "display_name": NAMES[2], "member_count": 900}})
            rows = "village,display_name,birth_date,stage,joined_date\n"
            for name, date in zip(NAMES, BIRTH_DATES):
                rows += f"villages/1,{name}{'长' * 70},x{date},DEVELOPMENT_STAGE_FULL,2015-07-01\n"
            result, errors = village.import_csv("partyMembers", rows)
            self.assertFalse(result.get("committed"))
            said.append(str(errors).encode())
            history = village("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": member})
            said.append(str(history).encode())
            village("jiedui.village.v1.PartyService/DeletePartyMember", {"name": member})
            village.close()
            assistance.close()
            for name in DOMAIN_PROGRAMS:
                said.append(programs[name].http("/metrics")[1].encode())
                programs[name].end()
                said.append(programs[name].log().encode())
            self.assertGreater(len(programs["village"].log().splitlines()), 20)
            self.assert_free_of_secrets(said)
            self.assertEqual([], [name for name in os.listdir(programs.folder) if any(s in name for s in NAMES)])

    def assert_free_of_secrets(self, said):
        for text in said:
            for secret in NAMES + BIRTH_DATES:
                for form in (secret.encode(), secret.encode("unicode_escape"), secret.encode("utf-16-le")):
                    self.assertNotIn(form, text, text[:300])


if __name__ == "__main__":
    unittest.main()
