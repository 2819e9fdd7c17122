#!/usr/bin/env -S /usr/bin/python3 -B
"""Each program, and the database, is killed ten times under load: no acknowledged write is lost, none is done twice for one
request_id, and the figures are those of the records. On SQLite, and on a MariaDB with the accounts of docker/mysql-init.sh."""

import random
import threading
import unittest

from load import KINDS, Writer, check_figures
from support import DOMAIN_PROGRAMS, PROGRAMS, Database, Programs, counts_years, create_place, wait_for

KILLS = 10
WRITERS = 4


class Killed(unittest.TestCase):
    def kill_under_load(self, programs, database=None):
        client = programs["village"].client()
        create_place(client)
        client.close()
        clients = {name: programs[name].client() for name in PROGRAMS}
        for name in DOMAIN_PROGRAMS:
            wait_for(lambda name=name: counts_years(clients[name], (2018,)), f"{name} to count 2018")
        writers = {name: [Writer(clients[name], KINDS[name], f"{name}-{i}") for i in range(WRITERS)] for name in PROGRAMS}
        for group in writers.values():
            for writer in group:
                writer.start()

        def acknowledged(group):
            for writer in group:
                if writer.problem is not None:
                    raise writer.problem
            return sum(writer.acknowledged for writer in group)

        def await_writes(group, count):
            wanted = acknowledged(group) + count
            wait_for(lambda: acknowledged(group) >= wanted, f"{count} writes", lambda: f"{[w.tag for w in group]}", 120)

        problems = []

        def kill_again_and_again(name):
            chance = random.Random(name)
            try:
                for _ in range(KILLS):
                    await_writes(writers[name], chance.randrange(5, 200))
                    programs[name].kill()
                    programs[name].start()
                await_writes(writers[name], 20)
            except Exception as error:  # pylint: disable=broad-except
                problems.append(error)

        killers = [threading.Thread(target=kill_again_and_again, args=(name,)) for name in PROGRAMS]
        for killer in killers:
            killer.start()
        for killer in killers:
            killer.join()
        everybody = sum(writers.values(), [])
        if database is not None and not problems:
            for _ in range(KILLS):
                await_writes(everybody, 40)
                database.kill()
                database.start()
            for group in writers.values():
                await_writes(group, 20)
        for writer in everybody:
            writer.stop()
        self.assertEqual([], problems)
        # What is not in memory any more either: everything ends once more, and is read from the files.
        for name in PROGRAMS:
            programs[name].kill()
            programs[name].start()
            programs[name].wait_ready()
            clients[name].close()
            clients[name] = programs[name].client()
            for writer in writers[name]:
                writer.check(clients[name])
            if name != "gateway":  # which keeps no figures in its database
                check_figures(clients[name])
            clients[name].close()
        print(f"{acknowledged(everybody)} writes acknowledged, {sum(w.repeated for w in everybody)} repeated")
        self.assertGreater(sum(w.repeated for w in everybody), 0)

    def test_sqlite(self):
        with Programs() as programs:
            self.kill_under_load(programs)

    def test_mariadb(self):
        database = Database()
        self.addCleanup(database.close)
        with Programs(mysql=database) as programs:
            self.kill_under_load(programs, database)


if __name__ == "__main__":
    unittest.main()
