#!/usr/bin/env -S /usr/bin/python3 -B
"""Bad and hostile input over the wire: a clear error at once, with every violation; nothing is written; the server goes on."""

import os
import random
import sqlite3
import subprocess
import time
import unittest

from support import (CITY, DISTRICT, DIVISION_SERVICE, DOMAIN_PROGRAMS, PARTY_SERVICE, PROGRAMS, VILLAGE, CallError, Database,
                     Programs, counts_years, create_place, create_village, party_member, protos, wait_for)

CREATE = f"{PARTY_SERVICE}/CreatePartyMember"
UPDATE = f"{PARTY_SERVICE}/UpdatePartyMember"
LIST = f"{PARTY_SERVICE}/ListPartyMembers"
AT_ONCE_SECONDS = 5


def call_refused(test, call, code="INVALID_ARGUMENT", reason=None, violations=None):
    """The error of a call that must be refused at once, with one reason and in Chinese too."""
    begin = time.monotonic()
    with test.assertRaises(CallError) as caught:
        call()
    error = caught.exception
    test.assertLess(time.monotonic() - begin, AT_ONCE_SECONDS)
    test.assertEqual(code, error.code, error.message)
    test.assertEqual(1, error.infos)
    test.assertTrue(error.localized)
    if reason is not None:
        test.assertEqual(reason, error.reason)
    if violations is not None:
        test.assertEqual(sorted(violations), sorted(error.violations))
    return error


def rows_of_sqlite(programs):
    """All rows of all tables of the program."""
    rows = {}
    for name in programs.by_name:
        database = sqlite3.connect(f"file:{programs.folder}/{name}/{name}.db?mode=ro", uri=True)
        try:
            tables = [table for table, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            rows.update({(name, table): sorted(map(repr, database.execute(f"SELECT * FROM {table}"))) for table in tables})
        finally:
            database.close()
    return rows


class VillageInput:
    mysql = None

    @classmethod
    def setUpClass(cls):
        cls.programs = Programs("village", mysql=cls.mysql)
        cls.addClassCleanup(cls.programs.close)
        cls.village = cls.programs["village"]
        cls.client = cls.village.client()
        cls.addClassCleanup(cls.client.close)
        create_place(cls.client)
        for index in range(10):
            cls.client(CREATE, {"party_member": party_member(index), "party_member_id": f"member-{index}"})

    def setUp(self):
        self.before = self.everything()

    def tearDown(self):
        self.assertEqual(self.before, self.everything(), "something was written")
        self.assertTrue(self.village.ready())
        self.assertEqual(VILLAGE, self.client(f"{DIVISION_SERVICE}/GetVillage", {"name": VILLAGE})["name"])

    def everything(self):
        return rows_of_sqlite(self.programs)

    def refused(self, path, fields, code="INVALID_ARGUMENT", reason=None, violations=None):
        call = self.client.message if isinstance(fields, bytes) else self.client
        return call_refused(self, lambda: call(path, fields), code, reason, violations)

    def test_every_violation_at_once(self):
        self.refused(CREATE, {"party_member": {"village": "villages/999999999999", "display_name": "长" * 65, "birth_date": "1990-02-30",
                                               "stage": 77, "source": "x" * 256}},
                     reason="INVALID_FIELDS",
                     violations=[("party_member.village", "DANGLING_REFERENCE"), ("party_member.display_name", "LENGTH"),
                                 ("party_member.birth_date", "FORMAT"), ("party_member.stage", "ENUM"),
                                 ("party_member.source", "LENGTH"), ("party_member.joined_date", "RULE")])

    def test_bad_codes_and_numbers(self):
        self.refused(f"{DIVISION_SERVICE}/CreateVillage",
                     {"village": {"code": "12011990120", "display_name": "村", "township": DISTRICT, "support_level": "SUPPORT_LEVEL_CITY",
                                  "population": -1, "household_count": 100001, "entry_date": "2017-08-01", "exit_date": "2016-01-01"},
                      "village_id": "Not An Id"},
                     violations=[("village_id", "NAME"), ("village.code", "FORMAT"), ("village.population", "RANGE"),
                                 ("village.household_count", "RANGE"), ("village.township", "RULE"), ("village.exit_date", "RULE")])

    def test_bad_names(self):
        for name in ("", "villages", "villages/", "partyMembers/x/y", "villages/120119901201", "partyMembers/../x", "partyMembers/x\0y",
                     "partyMembers/" + "x" * 10000, "partyMembers/' OR 1=1 --"):
            self.refused(f"{PARTY_SERVICE}/GetPartyMember", {"name": name})
        self.refused(f"{PARTY_SERVICE}/GetPartyMember", {"name": "partyMembers/nobody"}, code="NOT_FOUND", reason="NOT_FOUND")

    def test_what_cannot_be_changed(self):
        self.refused(UPDATE, {"party_member": {"name": "partyMembers/member-0", "display_name": ""}, "update_mask": "displayName"},
                     violations=[("party_member.display_name", "REQUIRED")])
        self.refused(UPDATE, {"party_member": {"name": "partyMembers/member-0"}, "update_mask": "nickname"})
        self.refused(UPDATE, {"party_member": {"name": "partyMembers/member-0", "display_name": "x", "etag": "1-0"},
                              "update_mask": "displayName"}, code="ABORTED", reason="ETAG_MISMATCH")
        self.refused(f"{PARTY_SERVICE}/DeletePartyMember", {"name": "partyMembers/member-0", "etag": "nonsense"},
                     code="ABORTED", reason="ETAG_MISMATCH")

    def test_what_is_referred_to_cannot_go(self):
        self.refused(f"{DIVISION_SERVICE}/DeleteVillage", {"name": VILLAGE}, code="FAILED_PRECONDITION", reason="REFERENCED")
        self.refused(f"{DIVISION_SERVICE}/DeleteDivision", {"name": CITY}, code="FAILED_PRECONDITION", reason="REFERENCED")

    def test_what_is_there_already(self):
        self.refused(CREATE, {"party_member": party_member(), "party_member_id": "member-0"}, code="ALREADY_EXISTS",
                     reason="ALREADY_EXISTS")
        with self.assertRaises(CallError) as caught:
            create_village(self.client, VILLAGE)
        self.assertEqual("ALREADY_EXISTS", caught.exception.code)

    def test_text_that_is_not_utf8(self):
        request = protos().request(CREATE, {"party_member": party_member(display_name="MARK")}).SerializeToString()
        for bad in (b"\xff\xfe\xfd\xfc", b"\xc0\xaf\xc0\xaf", b"\xed\xa0\x80A", b"\xf4\x90\x80\x80"):
            self.refused(CREATE, request.replace(b"MARK", bad), reason="MALFORMED")

    def test_bytes_that_are_no_message(self):
        request = protos().request(CREATE, {"party_member": party_member()}).SerializeToString()
        noise = random.Random(7)
        for bad in (request[:-3], b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x7f", b"\x0b" * 5000):
            self.refused(CREATE, bad, reason="MALFORMED")
        for _ in range(200):
            broken = bytearray(request)
            for _ in range(3):
                broken[noise.randrange(len(broken))] = noise.randrange(256)
            # With validate_only (field 4), so that what happens to be right is not written.
            try:
                self.client.message(CREATE, bytes(broken) + b"\x20\x01")
            except CallError as error:
                self.assertEqual("INVALID_ARGUMENT", error.code, error.message)

    def test_controls_and_nulls_in_text(self):
        self.refused(CREATE, {"party_member": party_member(display_name="a\0b")})

    def test_page_tokens(self):
        page = self.client(LIST, {"page_size": 3, "filter": "stage = DEVELOPMENT_STAGE_FULL"})
        token = page["next_page_token"]
        forged = [token[:-4], token + "AAAA", token[::-1], "x", "AAAA", "∞", "x" * 100000]
        forged += [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:] for i in range(0, len(token) - 2, 3)]
        for bad in forged:
            self.refused(LIST, {"page_size": 3, "filter": "stage = DEVELOPMENT_STAGE_FULL", "page_token": bad}, reason="PAGE_TOKEN")
        for other in ({}, {"filter": "stage = DEVELOPMENT_STAGE_APPLICANT"},
                      {"filter": "stage = DEVELOPMENT_STAGE_FULL", "order_by": "name desc"}):
            self.refused(LIST, {"page_size": 3, "page_token": token, **other}, reason="PAGE_TOKEN")
        self.refused(f"{DIVISION_SERVICE}/ListVillages", {"page_token": token}, reason="PAGE_TOKEN")
        with Programs("village") as foreign:
            client = foreign["village"].client()
            with self.assertRaises(CallError) as caught:
                client(LIST, {"page_size": 3, "filter": "stage = DEVELOPMENT_STAGE_FULL", "page_token": token})
            client.close()
        self.assertEqual("PAGE_TOKEN", caught.exception.reason)
        self.refused(LIST, {"page_size": -1})

    def test_hostile_filters(self):
        for bad in ("(" * 10000 + "stage = 1" + ")" * 10000, "(" * 10000, "NOT " * 10000 + "stage:*", "-" * 10000,
                    " AND ".join(["stage:*"] * 100000), "source = \"" + "x" * 2000000 + "\"", "stage = ", "stage = = 1", "nickname = 1",
                    "stage = NO_SUCH_STAGE", "birth_date", "source = 'x", "village = villages/1; DROP TABLE party_member",
                    "1 = 1", "name = \"x\" UNION SELECT", "joined_date > 7", "stage > \"x\"", "\0", "a.b.c.d.e.f = 1"):
            with self.subTest(bad[:40]):
                error = self.refused(LIST, {"filter": bad})
                self.assertEqual({("filter", "FILTER")}, set(error.violations))
        for harmless in ("source = \"' OR '1'='1\"", "source = \"x'; DROP TABLE party_member; --\"", "source = \"%\"", "source : \"_\""):
            self.assertEqual({}, self.client(LIST, {"filter": harmless}), harmless)

    def test_hostile_order(self):
        for bad in ("name; DROP TABLE village", "nickname", "name name", "name up", "name,,name", "display_name", "(SELECT 1)",
                    "name," * 10000):
            with self.subTest(bad[:40]):
                error = self.refused(LIST, {"order_by": bad})
                self.assertEqual({("order_by", "ORDER_BY")}, set(error.violations))

    def test_a_personal_field_is_no_filter(self):
        for field in ("display_name", "birth_date"):
            self.assertEqual({("filter", "FILTER")}, set(self.refused(LIST, {"filter": f"{field} = \"1990-05-01\""}).violations))

    def test_messages_of_64_mib(self):
        before = self.resident_kib()
        data = protos().request(CREATE, {"party_member": party_member(source="x" * (64 << 20))}).SerializeToString()
        for _ in range(10):
            begin = time.monotonic()
            with self.assertRaises(CallError) as caught:
                self.client.message(CREATE, data)
            self.assertEqual("RESOURCE_EXHAUSTED", caught.exception.code)
            self.assertLess(time.monotonic() - begin, AT_ONCE_SECONDS)
        # Buffers of the transport stay, the messages do not.
        self.assertLess(self.resident_kib() - before, 200 << 10)

    def resident_kib(self):
        with open(f"/proc/{self.village.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 10


class OnSqlite(VillageInput, unittest.TestCase):
    pass


class OnMariaDb(VillageInput, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mysql = Database()
        cls.addClassCleanup(cls.mysql.close)
        super().setUpClass()

    def everything(self):
        return subprocess.run(["mariadb-dump", "--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{self.mysql.port}", "-uroot",
                               "--single-transaction", "--skip-dump-date", "--order-by-primary", "--hex-blob", "jiedui_village"],
                              capture_output=True, check=True).stdout


class EveryMethod(unittest.TestCase):
    """What every program answers alike, asked of every method of every program."""

    @classmethod
    def setUpClass(cls):
        cls.programs = Programs()
        cls.addClassCleanup(cls.programs.close)
        cls.clients = {name: cls.programs[name].client() for name in PROGRAMS}
        create_place(cls.clients["village"])
        # What the others copy of the place they have copied.
        for name in DOMAIN_PROGRAMS:
            wait_for(lambda name=name: counts_years(cls.clients[name], (2017, 2018)), f"{name} to count the years")

    def setUp(self):
        self.before = rows_of_sqlite(self.programs)

    def tearDown(self):
        self.assertEqual(self.before, rows_of_sqlite(self.programs), "something was written")

    def methods(self, prefix=""):
        """(client, path, method) of each unary method of the domains and the gateway whose name begins so."""
        for service in protos().services:
            client = self.clients.get(service.full_name.split(".")[1])
            for method in service.methods if client is not None else ():
                if method.name.startswith(prefix):
                    yield client, f"{service.full_name}/{method.name}", method

    def test_bytes_that_are_no_message(self):
        count = 0
        for client, path, _ in self.methods():
            with self.subTest(path):
                call_refused(self, lambda: client.message(path, b"\x0a\xff\xff\xff\xff\x7f"), reason="MALFORMED")
            count += 1
        self.assertGreater(count, 500)

    def test_names(self):
        for verb in ("Get", "Delete"):
            for client, path, method in self.methods(verb):
                if "name" not in method.input_type.fields_by_name:
                    continue
                for name in ("", "x", "villages/../x", "' OR 1=1 --", "x" * 10000):
                    with self.subTest(f"{path} {name[:20]}"):
                        call_refused(self, lambda: client(path, {"name": name}), violations=[("name", "NAME")])

    def test_lists(self):
        for client, path, method in self.methods("List"):
            fields = method.input_type.fields_by_name
            for field, reason, hostile in (("filter", "FILTER", ("(" * 10000, "a = ", "nickname = 1", "\0")),
                                           ("order_by", "ORDER_BY", ("nickname", "name; DROP TABLE village"))):
                for bad in hostile if field in fields else ():
                    with self.subTest(f"{path} {bad[:20]}"):
                        error = call_refused(self, lambda: client(path, {field: bad}))
                        self.assertIn((field, reason), error.violations)

    def test_creates(self):
        """An empty record misses what is required: all of it is said."""
        for client, path, method in self.methods("Create"):
            with self.subTest(path):
                error = call_refused(self, lambda: client(path, {}))
                self.assertTrue(error.violations)


if __name__ == "__main__":
    unittest.main()
