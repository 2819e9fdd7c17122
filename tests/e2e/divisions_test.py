#!/usr/bin/env -S /usr/bin/python3 -B
"""The real divisions of Tianjin, 16 districts and 299 towns and streets, are imported as CSV and listed: where they are present, in
the folder JIEDUI_DIVISIONS or in ../shared/data/divisions beside the repository. They are not part of the repository, so that
without them the test says so and checks the same with divisions that it makes up: as many, with codes of the same form."""

import csv
import os
import unittest

from support import DIVISION_SERVICE, ROOT, Programs

FOLDER = os.environ.get("JIEDUI_DIVISIONS", os.path.join(ROOT, "../shared/data/divisions"))


def real(name):
    with open(os.path.join(FOLDER, name + ".csv"), encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["code"].startswith("12")]


def made_up(name):
    if name == "provinces":
        return [{"code": "12", "name": "示例市"}]
    areas = [{"code": f"1201{number:02}", "name": f"示例区{number}"} for number in range(1, 17)]
    if name == "areas":
        return areas
    return [{"code": f"{areas[number % 16]['code']}{number // 16 + 1:03}", "name": f"示例镇{number}", "areaCode": areas[number % 16]["code"]}
            for number in range(299)]


class Divisions(unittest.TestCase):
    def test_import_and_list(self):
        rows = real
        if not os.path.exists(os.path.join(FOLDER, "streets.csv")):
            print(f"NOTE: no real divisions in {FOLDER}: made-up ones take their place")
            rows = made_up
        with Programs("village") as programs:
            file = os.path.join(programs.folder, "divisions.csv")
            with open(file, "w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["name", "code", "display_name", "level", "parent"])
                for row in rows("provinces"):
                    writer.writerow([f"divisions/{row['code']}", row["code"], row["name"], "DIVISION_LEVEL_CITY", ""])
                for row in rows("areas"):
                    writer.writerow([f"divisions/{row['code']}", row["code"], row["name"], "DIVISION_LEVEL_DISTRICT", "divisions/12"])
                for row in rows("streets"):
                    writer.writerow([f"divisions/{row['code']}", row["code"], row["name"], "DIVISION_LEVEL_TOWNSHIP",
                                     f"divisions/{row['areaCode']}"])
            programs.cli("import", "--dry_run", file)
            client = programs["village"].client()
            self.assertEqual([], self.listed(client, "code:*"))
            programs.cli("import", file)
            for level, name, count in (("DISTRICT", "areas", 16), ("TOWNSHIP", "streets", 299)):
                found = self.listed(client, f"level = DIVISION_LEVEL_{level}")
                self.assertEqual([(row["code"], row["name"]) for row in sorted(rows(name), key=lambda row: row["code"])],
                                 [(division["code"], division["display_name"]) for division in found])
                self.assertEqual(count, len(found))
            again = programs.cli("import", file)
            self.assertIn("316", again.stdout + again.stderr)
            self.assertEqual(316, len(self.listed(client, "code:*")))
            client.close()

    def listed(self, client, filter_text):
        found, token = [], ""
        while True:
            page = client(f"{DIVISION_SERVICE}/ListDivisions",
                          {"filter": filter_text, "order_by": "code", "page_size": 100, "page_token": token})
            found += page.get("divisions", [])
            token = page.get("next_page_token", "")
            if not token:
                return found


if __name__ == "__main__":
    unittest.main()
