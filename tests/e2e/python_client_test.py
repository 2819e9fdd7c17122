#!/usr/bin/env -S /usr/bin/python3 -B
"""python3-grpcio creates, lists, pages, updates, reads health and reflection."""

import unittest

import grpc

from support import (DIVISION_SERVICE, PARTY_SERVICE, VILLAGE, CallError, Programs, create_place, party_member, protos)


class PythonClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = Programs()
        cls.addClassCleanup(cls.programs.close)
        cls.client = cls.programs["village"].client()
        cls.addClassCleanup(cls.client.close)
        create_place(cls.client)

    def refused(self, path, fields, **options):
        with self.assertRaises(CallError) as caught:
            self.client(path, fields, **options)
        self.assertEqual(1, caught.exception.infos)
        self.assertTrue(caught.exception.localized)
        return caught.exception

    def test_create_get_update_delete(self):
        created = self.client(f"{PARTY_SERVICE}/CreatePartyMember", {"party_member": party_member()},
                              metadata=[("x-jiedui-principal", "users/zhang")])
        self.assertRegex(created["name"], r"^partyMembers/[a-z0-9-]{1,63}$")
        self.assertEqual("users/zhang", created["author"])
        self.assertEqual(created, self.client(f"{PARTY_SERVICE}/GetPartyMember", {"name": created["name"]}))
        changed = self.client(f"{PARTY_SERVICE}/UpdatePartyMember",
                              {"party_member": {"name": created["name"], "etag": created["etag"], "display_name": "李四",
                                                "birth_date": "1980-01-01"}, "update_mask": "displayName"})
        self.assertEqual(("李**", "1990-05-01"), (changed["display_name"], changed["birth_date"]))
        stale = self.refused(f"{PARTY_SERVICE}/UpdatePartyMember",
                             {"party_member": {"name": created["name"], "etag": created["etag"], "display_name": "王五"},
                              "update_mask": "displayName"})
        self.assertEqual(("ABORTED", "ETAG_MISMATCH"), (stale.code, stale.reason))
        self.assertEqual("ABORTED", self.refused(f"{PARTY_SERVICE}/DeletePartyMember",
                                                 {"name": created["name"], "etag": created["etag"]}).code)
        self.client(f"{PARTY_SERVICE}/DeletePartyMember", {"name": created["name"], "etag": changed["etag"]})
        gone = self.refused(f"{PARTY_SERVICE}/GetPartyMember", {"name": created["name"]})
        self.assertEqual(("NOT_FOUND", "NOT_FOUND"), (gone.code, gone.reason))
        history = self.client("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": created["name"]})["audit_entries"]
        self.assertEqual(["AUDIT_ACTION_DELETE", "AUDIT_ACTION_UPDATE", "AUDIT_ACTION_CREATE"], [e["action"] for e in history])

    def test_pages_hold_every_record_once(self):
        names = set()
        for index in range(25):
            member = party_member(index, village=VILLAGE, source="pages")
            names.add(self.client(f"{PARTY_SERVICE}/CreatePartyMember", {"party_member": member})["name"])
        seen, token, pages = [], "", 0
        while True:
            page = self.client(f"{PARTY_SERVICE}/ListPartyMembers",
                               {"page_size": 7, "page_token": token, "filter": 'source = "pages"', "order_by": "name desc"})
            seen += [member["name"] for member in page.get("party_members", [])]
            token, pages = page.get("next_page_token", ""), pages + 1
            if not token:
                break
        self.assertEqual(4, pages)
        self.assertEqual(sorted(names, reverse=True), seen)

    def test_a_request_id_is_answered_once(self):
        request = {"party_member": party_member(source="twice"), "request_id": "python-twice"}
        first = self.client(f"{PARTY_SERVICE}/CreatePartyMember", request)
        self.assertEqual(first, self.client(f"{PARTY_SERVICE}/CreatePartyMember", request))
        request["party_member"]["stage"] = "DEVELOPMENT_STAGE_PROBATIONARY"
        other = self.refused(f"{PARTY_SERVICE}/CreatePartyMember", request)
        self.assertEqual(("INVALID_ARGUMENT", "REQUEST_ID_REUSED"), (other.code, other.reason))

    def test_validate_only_writes_nothing(self):
        self.client(f"{PARTY_SERVICE}/CreatePartyMember",
                    {"party_member": party_member(source="validate"), "party_member_id": "validated", "validate_only": True})
        self.assertEqual("NOT_FOUND", self.refused(f"{PARTY_SERVICE}/GetPartyMember", {"name": "partyMembers/validated"}).code)

    def test_scorecard(self):
        gateway = self.programs["gateway"].client()
        for division in ("", "divisions/12", "divisions/120119", "divisions/120119901", VILLAGE):
            scorecard = gateway("jiedui.gateway.v1.ScorecardService/GetScorecard", {"division": division, "year": 2018})
            self.assertEqual("1", scorecard["village_count"])
            positions = [row["position"] for row in scorecard["rows"]]
            self.assertEqual(sorted(set(positions)), positions)
            self.assertLessEqual({*range(1, 11), 35}, set(positions))
            self.assertEqual({"FRESHNESS_FRESH"}, {source["freshness"] for source in scorecard["sources"]})
        for path, fields in (("GetScorecard", {"division": "divisions/99"}), ("GetScorecard", {"year": 2050}),
                             ("ListFailingVillages", {"target": "targets/nothing"})):
            with self.assertRaises(CallError) as caught:
                gateway(f"jiedui.gateway.v1.ScorecardService/{path}", fields)
            self.assertEqual("NOT_FOUND", caught.exception.code)
        failing = gateway("jiedui.gateway.v1.ScorecardService/ListFailingVillages", {"target": "targets/2018-collective-income-nonzero"})
        self.assertEqual([VILLAGE], [village["village"] for village in failing["failing_villages"]])
        gateway.close()

    def test_a_call_without_a_deadline_is_answered(self):
        village = self.client(f"{DIVISION_SERVICE}/GetVillage", {"name": VILLAGE}, timeout=None)
        self.assertEqual(VILLAGE, village["name"])

    def test_a_deadline_that_has_passed_is_an_error(self):
        with self.assertRaises(CallError) as caught:
            self.client(f"{DIVISION_SERVICE}/GetVillage", {"name": VILLAGE}, timeout=-1)
        self.assertEqual("DEADLINE_EXCEEDED", caught.exception.code)

    def test_an_unknown_method_is_unimplemented(self):
        call = self.client.channel.unary_unary(f"/{DIVISION_SERVICE}/PaintVillage")
        with self.assertRaises(grpc.RpcError) as caught:
            call(b"")
        self.assertEqual(grpc.StatusCode.UNIMPLEMENTED, caught.exception.code())

    def test_health(self):
        for service in ("", "readiness", "liveness"):
            answer = self.client("grpc.health.v1.Health/Check", {"service": service} if service else {})
            self.assertEqual("SERVING", answer["status"], service)
        unknown = None
        try:
            self.client("grpc.health.v1.Health/Check", {"service": "nonsense"})
        except CallError as error:
            unknown = error.code
        self.assertEqual("NOT_FOUND", unknown)
        self.assertEqual((200, "ok\n"), self.programs["village"].http("/livez"))
        self.assertEqual(200, self.programs["village"].http("/readyz")[0])
        self.assertIn("# TYPE ", self.programs["village"].http("/metrics")[1])

    def test_reflection_names_every_service(self):
        call = self.client.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        # ServerReflectionRequest.list_services = 7: "*"
        answer = next(iter(call(iter([b"\x3a\x01*"]), timeout=10)))
        wanted = {s.full_name for s in protos().services if s.full_name.startswith("jiedui.village.")}
        wanted |= {"jiedui.measure.v1.MeasureService", "jiedui.bulk.v1.BulkService", "jiedui.audit.v1.AuditService",
                   "grpc.health.v1.Health"}
        for service in wanted:
            self.assertIn(service.encode(), answer)


if __name__ == "__main__":
    unittest.main()
