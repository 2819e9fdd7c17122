#!/usr/bin/env -S /usr/bin/python3 -B
"""Names and birth dates of people never reach a log, a metric, an error or the history: neither of records that are written nor of
those that are refused."""

import os
import sqlite3
import subprocess
import unittest

from support import (DOMAIN_PROGRAMS, ROOT, VILLAGE, CallError, Database, Programs, create_place, party_member, protos, wait_for)

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


def citizen_number(index):
    """A valid one of nobody: its region code is in no edition of GB/T 2260."""
    return with_check_character(f"120999{1950 + index}0501{index:03}")


def with_check_character(digits):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


def written(number):
    """The forms in which people write a number."""
    return (number, "".join(chr(ord(c) + 0xFEE0) for c in number), f"{number[:6]}-{number[6:14]}-{number[14:]}",
            f"{number[:6]} {number[6:14]} {number[14:]}")


def text_paths(descriptor, depth=3):
    """Every text of a message as a path of fields."""
    for field in descriptor.fields:
        if field.type == field.TYPE_STRING:
            yield (field,)
        elif field.message_type is not None and depth > 1 and not field.message_type.GetOptions().map_entry:
            for path in text_paths(field.message_type, depth - 1):
                yield (field, *path)


def with_text(message, path, text):
    """Sets one text of a message, in the first element of what is repeated."""
    for field in path[:-1]:
        part = getattr(message, field.name)
        message = part.add() if field.label == field.LABEL_REPEATED else part
    if path[-1].label == path[-1].LABEL_REPEATED:
        getattr(message, path[-1].name).append(text)
    else:
        setattr(message, path[-1].name, text)


# One for each door, and a name and a telephone number that go in with each.
DOORS = {door: citizen_number(index) for index, door in enumerate(
    ("create", "update", "import", "refused", "filter", "name", "remark", "column", "heading", "replay", "dry_run", "refused_file",
     "anywhere", "caller", "trace", "reason", "cli", "purpose"), 1)}
PERSON_NAME, PHONE = "上官金丝雀", "13912345678"
PERSONS = "jiedui.assistance.v1.PersonService"


class Canary(unittest.TestCase):
    """Numbers, a name and a telephone number written through every door are in no file of the database, no log, metric, error, answer
    or export."""

    def test_on_sqlite(self):
        with Programs(*DOMAIN_PROGRAMS) as programs:
            said = self.write_through_every_door(programs)
            self.assert_silent(said, programs.folder)

    def test_on_mariadb_with_binlog(self):
        database = Database("--log-bin=binlog", "--binlog-format=ROW")
        try:
            with Programs(*DOMAIN_PROGRAMS, mysql=database) as programs:
                said = self.write_through_every_door(programs)
                binlogs = [name for name in os.listdir(os.path.join(database.folder, "data")) if name.startswith("binlog.")]
                self.assertTrue(binlogs)
                self.assert_silent(said, programs.folder, os.path.join(database.folder, "data"))
        finally:
            database.close()

    def write_through_every_door(self, programs):
        """Everything that was answered."""
        client = programs["assistance"].client()
        village = programs["village"].client()
        create_place(village)
        said = []

        def person(door, **fields):
            return {"village": VILLAGE, "display_name": PERSON_NAME, "citizen_number": DOORS[door], "phone": PHONE, **fields}

        def call(path, fields, **options):
            try:
                answer = client(path, fields, **options)
                said.append(str(answer))
                return answer
            except CallError as error:
                said.append(repr(error.wire) + error.message + error.localized)
                return None

        wait_for(lambda: call(f"{PERSONS}/CreatePerson", {"person": person("create"), "person_id": "p1"}) is not None, "the village")
        self.assertIsNotNone(call(f"{PERSONS}/UpdatePerson", {"person": {"name": "persons/p1", "citizen_number": DOORS["update"]},
                                                              "update_mask": "citizenNumber"}))
        for _ in range(2):
            self.assertIsNotNone(call(f"{PERSONS}/CreatePerson",
                                      {"person": person("replay"), "person_id": "p2", "request_id": "again"}))
        # The same number again, a wrong village, a mistyped number.
        self.assertIsNone(call(f"{PERSONS}/CreatePerson", {"person": person("replay")}))
        self.assertIsNone(call(f"{PERSONS}/CreatePerson", {"person": person("refused", village="villages/" + DOORS["refused"])}))
        self.assertIsNone(call(f"{PERSONS}/CreatePerson", {"person": person("refused", citizen_number=DOORS["refused"] + "1")}))
        found = call(f"{PERSONS}/ListPersons", {"filter": f'citizen_number = "{DOORS["update"]}"'})
        self.assertEqual(["persons/p1"], [each["name"] for each in found["persons"]])
        call(f"{PERSONS}/ListPersons", {"filter": f'citizen_number = "{DOORS["filter"]}" OR {DOORS["filter"]} = 1', "page_size": 1})
        call(f"{PERSONS}/ListPersons", {"filter": f'source = "{DOORS["filter"]}"', "order_by": DOORS["filter"],
                                        "page_token": DOORS["filter"]})
        for path in ("GetPerson", "DeletePerson"):
            self.assertIsNone(call(f"{PERSONS}/{path}", {"name": "persons/" + DOORS["name"].lower()}))
        self.assertIsNone(call(f"{PERSONS}/CreatePerson", {"person": person("refused"), "person_id": DOORS["name"].lower()}))
        self.assertIsNone(call(f"{PERSONS}/CreatePerson", {"person": person("refused", source="身份证" + DOORS["remark"])}))
        call("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": "persons/p1"})
        call("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": "persons/" + DOORS["name"].lower()})

        heading = "name,village,display_name,citizen_number,phone,source\n"
        result, errors = client.import_csv("persons", heading + f"persons/p3,{VILLAGE},{PERSON_NAME},{DOORS['import']},{PHONE},\n")
        self.assertTrue(result.get("committed"), errors)
        for text in (heading + f"persons/p4,{DOORS['column']},{PERSON_NAME},{DOORS['refused']}9,{PHONE},{DOORS['column']}\n"
                     f"{DOORS['column']},{VILLAGE},,{DOORS['import']},1{PHONE},\n",
                     f"{DOORS['heading']},{PERSON_NAME}\n1,2\n"):
            result, errors = client.import_csv("persons", text, mode="IMPORT_MODE_KEEP_GOOD")
            self.assertTrue(errors)
            said.append(str(result) + str(errors))
        dry = heading + f"persons/p5,{VILLAGE},{PERSON_NAME},{DOORS['dry_run']},{PHONE},\n"
        result, errors = client.import_csv("persons", dry, dry_run=True)
        self.assertEqual((1, []), (int(result["created_count"]), errors))
        result, errors = client.import_csv("persons", heading + f"persons/p6,{VILLAGE},{PERSON_NAME},{DOORS['refused_file']},{PHONE},\n"
                                           f"persons/p7,villages/none,{PERSON_NAME},{DOORS['refused_file']},{PHONE},\n")
        self.assertFalse(result.get("committed"))
        said.append(str(result) + str(errors))
        self.write_into_every_text(programs, said)
        self.write_beside_the_records(programs, client, call)
        exported = client.export_csv("persons")
        self.assertIn("persons/p3", exported)
        said.append(exported)
        # What is exported goes in again: masks of the same values change nothing.
        result, errors = client.import_csv("persons", exported)
        self.assertEqual((3, []), (int(result.get("unchanged_count", 0)), errors))
        shown = client.message("jiedui.personal.v1.PersonalDataService/Reveal",
                               protos().request("jiedui.personal.v1.PersonalDataService/Reveal",
                                                {"name": "persons/p3", "fields": ["citizen_number"], "purpose": "核对身份"}),
                               metadata=(("x-jiedui-principal", "users/auditor"), ("x-jiedui-roles", "auditor")))
        self.assertEqual(DOORS["import"], shown.values["citizen_number"])
        client.close()
        village.close()
        said += [programs[name].http("/metrics")[1] for name in DOMAIN_PROGRAMS]
        for name in reversed(DOMAIN_PROGRAMS):
            programs[name].kill()  # the write-ahead log stays as it is
        return said

    def write_into_every_text(self, programs, said):
        """Into each text of the request of every method, alone and in every form."""
        texts = 0
        for name in DOMAIN_PROGRAMS:
            client = programs[name].client()
            for service in protos().services:
                if service.full_name.split(".")[1] not in (name, "audit", "measure", "personal", "workflow", "resource"):
                    continue
                for method in service.methods:
                    path = f"{service.full_name}/{method.name}"
                    # Streams have doors of their own.
                    if method.name in ("Import", "Export"):
                        continue
                    for fields in text_paths(method.input_type):
                        for form in written(DOORS["anywhere"]):
                            request = protos().request_type(path)()
                            with_text(request, fields, form)
                            texts += 1
                            try:
                                said.append(str(client.message(path, request)))
                            except CallError as error:
                                said.append(repr(error.wire) + error.message + error.localized)
            client.close()
        self.assertGreater(texts, 5000)

    def write_beside_the_records(self, programs, client, call):
        """Into what goes with a call: who calls, its trace, its ids, a step's reason, a purpose; and on the command line."""
        person = {"village": VILLAGE, "display_name": PERSON_NAME, "citizen_number": citizen_number(40)}
        number = DOORS["caller"]
        for form in (number, number.lower(), f"{number[:6]}-{number[6:14]}-{number[14:]}"):
            self.assertIsNone(call(f"{PERSONS}/ListPersons", {}, metadata=(("x-jiedui-principal", "users/" + form),)))
            self.assertIsNone(call(f"{PERSONS}/CreatePerson", {"person": person, "request_id": form}))
        call(f"{PERSONS}/ListPersons", {}, metadata=(("traceparent", f"00-ab{DOORS['trace']}{'ab' * 6}-{'cd' * 8}-01"),))
        household = call("jiedui.assistance.v1.HouseholdService/CreateNeedyHousehold",
                         {"needy_household": {"village": VILLAGE, "display_name": PERSON_NAME, "kind": "HOUSEHOLD_KIND_LOW_INCOME",
                                              "member_count": 1, "found_date": "2018-01-01"}})
        self.assertIsNotNone(household)
        steps = [method for service in protos().services if service.full_name == "jiedui.assistance.v1.HouseholdService"
                 for method in service.methods if "reason" in method.input_type.fields_by_name]
        self.assertTrue(steps)
        for form in written(DOORS["reason"]):
            for step in steps:
                self.assertIsNone(call(f"jiedui.assistance.v1.HouseholdService/{step.name}", {"name": household["name"], "reason": form}))
        for form in written(DOORS["purpose"]):
            self.assertIsNone(call("jiedui.personal.v1.PersonalDataService/Reveal",
                                   {"name": "persons/p3", "fields": ["phone"], "purpose": "核对" + form},
                                   metadata=(("x-jiedui-principal", "users/auditor"), ("x-jiedui-roles", "auditor"))))
        number = DOORS["cli"]
        for arguments in (("list", "persons", "--filter", f'citizen_number = "{number}"'), ("list", "persons", "--filter", number),
                          ("get", "persons/" + number.lower()), ("list", "persons", "--principal", "users/" + number),
                          ("call", "Reveal", "--program", "assistance", "--name", "persons/p3", "--fields", "phone", "--purpose", number)):
            programs.cli(*arguments, check=False)

    def assert_silent(self, said, *folders):
        texts = [("an answer", text.encode()) for text in said]
        for folder in folders:
            for parent, _, names in os.walk(folder):
                for name in names:
                    with open(os.path.join(parent, name), "rb") as file:
                        texts.append((name, file.read()))
        self.assertGreater(len(texts), 20)
        for secret in (*DOORS.values(), PERSON_NAME, PHONE):
            forms = written(secret) if secret in DOORS.values() else (secret,)
            for form in {part for each in forms for part in self.encodings(each)}:
                for name, text in texts:
                    at = text.find(form)
                    self.assertEqual(-1, at, f"{secret} in {name}: {text[max(at - 80, 0):at + 80]}")

    @staticmethod
    def encodings(secret):
        return {secret.encode(), secret.lower().encode(), secret.encode("unicode_escape"), secret.encode("utf-16-le"),
                         repr(secret.encode())[2:-1].encode()}


class Rotation(unittest.TestCase):
    """The keys are replaced while the program serves and is killed in the midst of it; then the old one goes. A damaged field is found."""

    COUNT = 4000

    def test_on_sqlite(self):
        with Programs(*DOMAIN_PROGRAMS) as programs:
            self.rotate(programs)
            self.assertEqual(0, programs.cli("verify").returncode)
            self.damage(programs)

    def damage(self, programs):
        program = programs["assistance"]
        program.end()
        connection = sqlite3.connect(os.path.join(programs.folder, "assistance/assistance.db"))
        (cell,) = connection.execute("SELECT phone FROM person WHERE id = 'r0'").fetchone()
        connection.execute("UPDATE person SET phone = ? WHERE id = 'r0'", (cell[:-1] + bytes([cell[-1] ^ 1]),))
        connection.commit()
        connection.close()
        program.start().wait_ready()
        client = program.client()
        with self.assertRaises(CallError) as caught:
            client(f"{PERSONS}/GetPerson", {"name": "persons/r0"})
        client.close()
        self.assertEqual("DATA_LOSS", caught.exception.code)
        self.assertIn("\njiedui_personal_cells_damaged_total 1\n", program.http("/metrics")[1])
        found = programs.cli("verify", check=False)
        self.assertEqual(1, found.returncode)
        self.assertRegex(found.stdout, r"CELL_PROBLEM_DAMAGED +persons/r0 +phone")

    def test_on_mariadb(self):
        database = Database()
        try:
            with Programs("village", "assistance", mysql=database) as programs:
                self.rotate(programs)
        finally:
            database.close()

    @staticmethod
    def number(index):
        return with_check_character(f"120999{19500101 + index // 900}{index % 900:03}")

    def uses(self, client):
        """{key: fields}, of which none is bad."""
        found, token = {}, ""
        while True:
            page = client("jiedui.personal.v1.PersonalDataService/CheckCells",
                          {"collection": "persons", "page_size": 10000, "page_token": token}, wait_for_ready=True)
            self.assertEqual([], page.get("bad_cells", []))
            for use in page.get("key_uses", []):
                found["cell-" + use["cell_key"]] = found.get("cell-" + use["cell_key"], 0) + int(use["cell_count"])
            for use in page.get("search_key_uses", []):
                found["search-" + use["search_key"]] = found.get("search-" + use["search_key"], 0) + int(use["hash_count"])
            token = page.get("next_page_token", "")
            if not token:
                return found

    def rotate(self, programs):
        program, keys = programs["assistance"], os.path.join(programs.folder, "keys")
        client, village = program.client(), programs["village"].client()
        create_place(village)
        rows = "name,village,display_name,citizen_number\n"
        rows += "".join(f"persons/r{i},{VILLAGE},{PERSON_NAME},{self.number(i)}\n" for i in range(self.COUNT))
        wait_for(lambda: client.import_csv("persons", rows)[0].get("committed"), "the village")
        self.assertEqual({"cell-1", "search-1"}, set(self.uses(client)))
        subprocess.run([os.path.join(ROOT, "deploy/local/new_keys.sh"), keys, "--rotate", "--rotate-search", "--sm4"], check=True)
        wait_for(lambda: {"cell-2", "search-2"} <= set(self.uses(client)), "the first fields under the new keys")
        program.kill()
        client.close()
        client = program.start().wait_ready().client()
        written = 0
        while {"cell-1", "search-1"} & set(self.uses(client)):
            client(f"{PERSONS}/UpdatePerson", {"person": {"name": f"persons/r{written}", "phone": PHONE}, "update_mask": "phone"})
            written += 1
        client(f"{PERSONS}/UpdatePerson", {"person": {"name": "persons/r0", "phone": PHONE}, "update_mask": "phone"})
        os.remove(os.path.join(keys, "cell-1.key"))
        os.remove(os.path.join(keys, "search-1.key"))
        program.end()
        client.close()
        client = program.start().wait_ready().client()
        total = self.uses(client)
        self.assertEqual({"cell-2", "search-2"}, set(total))
        self.assertEqual(self.COUNT, total["search-2"])
        with self.assertRaises(CallError) as caught:
            client(f"{PERSONS}/CreatePerson",
                   {"person": {"village": VILLAGE, "display_name": PERSON_NAME, "citizen_number": self.number(1)}})
        self.assertEqual("ALREADY_EXISTS", caught.exception.code)
        for i in (0, self.COUNT // 2, self.COUNT - 1):
            found = client(f"{PERSONS}/ListPersons", {"filter": f'citizen_number = "{self.number(i)}"'})
            self.assertEqual([f"persons/r{i}"], [each["name"] for each in found["persons"]])
        self.assertEqual(0, programs.cli("call", "CheckCells", "--program", "assistance", "--collection", "persons").returncode)
        client.close()
        village.close()


class Guesses(unittest.TestCase):
    """A file of guesses that is only checked tells of no more numbers than a principal may compare in a day."""

    COUNT = 250
    FILE_QUOTA = 5000

    def test_on_sqlite(self):
        with Programs("village", "assistance") as programs:
            self.guess(programs)

    def test_on_mariadb(self):
        database = Database()
        try:
            with Programs("village", "assistance", mysql=database) as programs:
                self.guess(programs)
        finally:
            database.close()

    def guess(self, programs):
        client, village = programs["assistance"].client(), programs["village"].client()
        create_place(village)
        heading = "name,village,display_name,citizen_number\n"

        def rows(prefix, numbers):
            return heading + "".join(f"persons/{prefix}{i},{VILLAGE},{PERSON_NAME},{Rotation.number(i)}\n" for i in numbers)

        known = rows("r", range(self.COUNT))
        wait_for(lambda: client.import_csv("persons", known)[0].get("committed"), "the village")
        # A file with a few people who are known is an everyday matter.
        result, errors = client.import_csv("persons", rows("x", range(3)), dry_run=True)
        self.assertEqual(3, len(errors))
        for dry_run in (True, False):
            for numbers in (range(self.COUNT), [0], [self.COUNT + 1]):
                with self.assertRaises(CallError) as caught:
                    client.import_csv("persons", rows("y", numbers), dry_run=dry_run)
                self.assertEqual("RESOURCE_EXHAUSTED", caught.exception.code)
                self.assertEqual("QUOTA", caught.exception.reason)
        with self.assertRaises(CallError) as caught:
            client.export_csv("persons", f'citizen_number = "{Rotation.number(0)}"')
        self.assertEqual("RESOURCE_EXHAUSTED", caught.exception.code)
        history = client("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": "persons"})
        self.assertEqual(["compared 197, taken 197", "compared 3, taken 3"], [each["detail"] for each in history["audit_entries"]])
        # Masks are no guesses.
        result, errors = client.import_csv("persons", client.export_csv("persons"))
        self.assertEqual((self.COUNT, []), (int(result["unchanged_count"]), errors))
        self.guess_in_vain(client, rows)
        client.close()
        village.close()

    def guess_in_vain(self, client, rows):
        """Values that nobody has are compared too, where a file leaves no records of them."""
        wrong = f"persons/w,{VILLAGE},{PERSON_NAME},1\n"

        def send(who, count, role="editor", more="", **options):
            return client.import_csv("persons", rows("z", range(1000, 1000 + count)) + more,
                                     metadata=(("x-jiedui-principal", "users/" + who), ("x-jiedui-roles", role)), **options)

        def history(who):
            entries = client("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": "persons"})["audit_entries"]
            return [each["detail"] for each in entries if each["principal"] == "users/" + who]

        # A file that is only checked, and one of which nothing is written as a row is wrong.
        for who, more, options in (("checks", "", {"dry_run": True}), ("fails", wrong, {})):
            result, errors = send(who, self.FILE_QUOTA - 10, more=more, **options)
            self.assertFalse(result.get("committed"))
            self.assertEqual(1 if more else 0, len(errors))
            with self.assertRaises(CallError) as caught:
                send(who, 11, more=more, **options)
            self.assertEqual("QUOTA", caught.exception.reason)
            self.assertEqual([f"compared {11 if more else 10}, taken 0", f"compared {self.FILE_QUOTA - 10}, taken 0"], history(who))
        # An administrator may, and it is in the history.
        self.assertEqual([], send("administrator", self.FILE_QUOTA + 1, "administrator", dry_run=True)[1])
        self.assertEqual([f"compared {self.FILE_QUOTA + 1}, taken 0"], history("administrator"))
        # What is written needs no quota.
        self.assertTrue(send("checks", 20)[0].get("committed"))


if __name__ == "__main__":
    unittest.main()
