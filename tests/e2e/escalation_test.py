#!/usr/bin/env -S /usr/bin/python3 -B
"""Overdue supervised items go up a level by themselves and once, though three replicas of jiedui-village on one MariaDB look for them
and one is killed in the middle of its round and started again."""

import collections
import csv
import io
import os
import subprocess
import threading
import unittest

from support import Database, Program, Programs, VILLAGE, create_place, wait_for

REPLICAS, ITEMS = 3, 1500
HEADER = "name,site,task,measure,owner,due_date,escalation_days,origin\n"


class Escalation(unittest.TestCase):
    def setUp(self):
        self.database = Database()
        self.addCleanup(self.database.close)
        programs = Programs("village", mysql=self.database)
        self.addCleanup(programs.close)
        self.replicas = [programs["village"]]
        for number in range(1, REPLICAS):
            replica = Program("village", os.path.join(programs.folder, f"replica-{number}"), programs["village"].flags)
            self.addCleanup(lambda replica=replica: replica.process and replica.kill())
            self.replicas.append(replica.start().wait_ready())
        self.client = self.replicas[0].client()
        self.addCleanup(self.client.close)
        create_place(self.client)

    def rows(self, collection, filter_text=""):
        return list(csv.DictReader(io.StringIO(self.client.export_csv(collection, filter_text))))

    def states(self):
        return collections.Counter(row["state"] for row in self.rows("supervisedItems"))

    def sql(self, statement):
        subprocess.run(["mariadb", "--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{self.database.port}", "-uroot", "jiedui_village"],
                       input=statement.encode(), check=True)

    def add(self, prefix, due_date):
        text = HEADER + "".join(f"supervisedItems/{prefix}{n},{VILLAGE},开工,落实,镇长,{due_date},30,SUPERVISION_ORIGIN_MANUAL\n"
                                for n in range(ITEMS))
        result, errors = self.client.import_csv("supervisedItems", text)
        self.assertEqual([], errors)
        self.assertTrue(result["committed"])
        # As if on another day: today's are left alone.
        self.assertEqual({"SUPERVISION_STATE_TOWNSHIP": ITEMS}, self.states())
        self.sql("UPDATE supervised_item SET create_time = 1")

    def escalate(self, make_overdue, there, level):
        """Kills a replica once some of the items have come to the level, and waits until all have."""
        adding = threading.Thread(target=make_overdue)
        adding.start()
        wait_for(lambda: self.states()[level] >= there + 50, f"the scheduler to take items to {level}", lambda: str(self.states()))
        victim = self.replicas[-1]
        victim.kill()
        self.assertLess(self.states()[level], there + ITEMS, "the round was over before a replica was killed")
        adding.join()
        victim.start()
        wait_for(lambda: self.states()[level] == there + ITEMS, f"all to come to {level}", lambda: str(self.states()), 120)

    def pass_days(self):
        """As if the district's days were over: the clock of the programs is today's."""
        self.sql("UPDATE supervised_item SET level_due_date = '2018-08-01' WHERE level_due_date > ''")

    def test_each_level_once_with_three_replicas_one_of_which_dies(self):
        self.escalate(lambda: self.add("a", "2018-06-30"), 0, "SUPERVISION_STATE_DISTRICT")
        self.escalate(self.pass_days, 0, "SUPERVISION_STATE_CITY")
        steps = collections.defaultdict(list)
        for row in self.rows("villageTransitions"):
            steps[row["resource"]].append((int(row["sequence"]), row["rpc"], row["from_state"], row["to_state"], row["actor"]))
        self.assertEqual(ITEMS, len(steps))
        scheduler = "services/village-scheduler"
        for name, taken in steps.items():
            self.assertEqual([(1, "EscalateItem", "TOWNSHIP", "DISTRICT", scheduler), (2, "EscalateItem", "DISTRICT", "CITY", scheduler)],
                             sorted(taken), name)
        self.assertEqual({"SUPERVISION_STATE_CITY": ITEMS}, self.states())
        # What is not overdue stays.
        self.client("jiedui.village.v1.SupervisionService/CreateSupervisedItem", {"supervised_item": {
            "site": VILLAGE, "task": "开工", "measure": "落实", "owner": "镇长", "due_date": "2099-12-31", "escalation_days": 30,
            "origin": "SUPERVISION_ORIGIN_MANUAL"}})
        self.client.close()
        for replica in self.replicas:
            replica.kill()
            replica.start().wait_ready()
        self.client = self.replicas[0].client()
        self.addCleanup(self.client.close)
        self.assertEqual({"SUPERVISION_STATE_CITY": ITEMS, "SUPERVISION_STATE_TOWNSHIP": 1}, self.states())


if __name__ == "__main__":
    unittest.main()
