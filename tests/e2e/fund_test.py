#!/usr/bin/env -S /usr/bin/python3 -B
"""The ledger under fire: 32 clients move money between hot funds while deadlocks are made and the database dies once (on SQLite the
program that holds it): totals are exact at every read, and every acknowledged movement is there once. And allocations to projects of
another program, which may be down. JIEDUI_TEST_SECONDS says how long the money moves; 5 when it is not set."""

import collections
import os
import random
import subprocess
import threading
import time
import unittest

from load import REPEATED
from support import DISTRICT, VILLAGE, CallError, Database, Programs, counts_years, create_place, wait_for

SECONDS = float(os.environ.get("JIEDUI_TEST_SECONDS", "5"))
CLIENTS, SOURCES, ALLOCATIONS = 32, 2, 6
FUNDS = "jiedui.industry.v1.FundService"
CONSTRUCTION = "jiedui.infrastructure.v1.ConstructionService"
# From and to, as (whose, kind).
ROUTES = {
    "APPROPRIATION": (("fund_source", "EXTERNAL"), ("fund_source", "AVAILABLE")),
    "ALLOCATION": (("fund_source", "AVAILABLE"), ("allocation", "UNDISBURSED")),
    "DISBURSEMENT": (("allocation", "UNDISBURSED"), ("allocation", "DISBURSED")),
    "RETURN": (("allocation", "UNDISBURSED"), ("fund_source", "AVAILABLE")),
    "REFUND": (("allocation", "DISBURSED"), ("allocation", "UNDISBURSED")),
}
UNSURE = REPEATED | {"UNKNOWN", "ABORTED", "INTERNAL"}


def settled(call, path, fields):
    """The answer of a write that is repeated until it has one; everything that is repeated has one request_id."""
    while True:
        try:
            return call(path, fields, timeout=10)
        except CallError as error:
            if error.code not in UNSURE:
                raise
            time.sleep(0.05)


def create_source(industry, name):
    industry(f"{FUNDS}/CreateFundSource", {"fund_source_id": name, "fund_source": {
        "display_name": "样例资金", "programme_year": 2018, "level": "FUND_LEVEL_CITY", "division": DISTRICT}})


def allocation(source, project):
    return {"fund_source": f"fundSources/{source}", "project": project, "purpose": "FUND_PURPOSE_INFRASTRUCTURE",
            "district": DISTRICT, "disburse_by": "2018-06-30"}


def movement(kind, amount, source, of=None):
    fields = {"kind": f"FUND_MOVEMENT_KIND_{kind}", "year": 2018, "movement_date": "2018-05-01", "fund_source": f"fundSources/{source}",
              "amount_fen": amount}
    return {**fields, "allocation": f"fundAllocations/{of}"} if of else fields


def accounts_of(industry):
    """All of them, of one snapshot: a page."""
    answer = industry(f"{FUNDS}/ListFundAccounts", {"page_size": 1000}, timeout=10)
    assert not answer.get("next_page_token")
    return {(a["owner"], a["kind"].removeprefix("FUND_ACCOUNT_KIND_")): int(a.get("balance_fen", 0)) for a in answer["fund_accounts"]}


class Mover(threading.Thread):
    """One of the clients: random movements, each with a request_id, some of them sent twice."""

    def __init__(self, client, number, end):
        super().__init__(daemon=True)
        self.client, self.number, self.end, self.random = client, number, end, random.Random(number)
        self.acknowledged, self.refused, self.problem = [], 0, None

    def run(self):
        try:
            count = 0
            while time.monotonic() < self.end:
                count += 1
                self.move(f"m{self.number}-{count}")
        except Exception as error:  # pylint: disable=broad-except
            self.problem = error

    def move(self, request_id):
        target = self.random.randrange(ALLOCATIONS)
        kind = self.random.choice(list(ROUTES))
        fields = movement(kind, self.random.randrange(1, 1000), f"s{target % SOURCES}", None if kind == "APPROPRIATION" else f"a{target}")
        request = {"fund_movement": fields, "request_id": request_id}
        try:
            answer = settled(self.client, f"{FUNDS}/CreateFundMovement", request)
        except CallError as error:
            if error.code != "FAILED_PRECONDITION" or "left_fen" not in error.metadata:
                raise
            self.refused += 1
            return
        self.acknowledged.append(answer["name"])
        if self.random.randrange(4) == 0 and settled(self.client, f"{FUNDS}/CreateFundMovement", request)["name"] != answer["name"]:
            raise AssertionError("one request_id moved money twice")


class Reader(threading.Thread):
    """Reads all accounts again and again: they add up to nothing, and none but the external ones is below it."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.ended, self.reads, self.problem = client, threading.Event(), 0, None

    def run(self):
        while not self.ended.is_set() and self.problem is None:
            try:
                balances = accounts_of(self.client)
            except CallError as error:
                if error.code not in UNSURE:
                    self.problem = error
                time.sleep(0.05)
                continue
            self.reads += 1
            wrong = {key: fen for key, fen in balances.items() if fen < 0 and key[1] != "EXTERNAL"}
            if wrong or sum(balances.values()) != 0:
                self.problem = AssertionError(f"{wrong} of {balances}")


class Deadlocks(threading.Thread):
    """Locks allocations before sources, the other way round than the program: one of the two must give way."""

    SCRIPT = ("START TRANSACTION; SELECT COUNT(*) FROM fund_account WHERE owner LIKE 'fundAllocations/%' FOR UPDATE; "
              "SELECT COUNT(*) FROM fund_account WHERE owner LIKE 'fundSources/%' FOR UPDATE; ROLLBACK; DO SLEEP(0.02);\n")

    def __init__(self, database):
        super().__init__(daemon=True)
        self.database, self.ended = database, threading.Event()

    def ask(self, script):
        return subprocess.run(["mariadb", "--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{self.database.port}", "-uroot", "--force",
                               "--skip-column-names", "--batch", "jiedui_industry"], input=script, capture_output=True, text=True,
                              check=False)

    def run(self):
        while not self.ended.is_set():
            self.ask(self.SCRIPT * 20)

    def count(self):
        return int(self.ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'").stdout.split()[1])


class Bank(unittest.TestCase):
    def move_money(self, programs, kill, deadlocks=None):
        village, industry = programs["village"].client(), programs["industry"].client()
        create_place(village)
        wait_for(lambda: counts_years(industry, (2018,)), "2018 to be counted")
        for i in range(SOURCES):
            create_source(industry, f"s{i}")
        for i in range(ALLOCATIONS):
            industry("jiedui.industry.v1.ProjectService/CreateIndustryProject", {"industry_project_id": f"p{i}", "industry_project": {
                "display_name": "大棚", "programme_year": 2018, "kind": "PROJECT_KIND_AGRICULTURE", "mode": "PROJECT_MODE_VILLAGE",
                "site": VILLAGE, "planned_date": "2018-01-01"}})
            industry(f"{FUNDS}/CreateFundAllocation", {"fund_allocation_id": f"a{i}",
                                                       "fund_allocation": allocation(f"s{i % SOURCES}", f"industryProjects/p{i}")})
        begin = time.monotonic()
        clients = [programs["industry"].client() for _ in range(8)]
        movers = [Mover(clients[i % 8], i, begin + SECONDS) for i in range(CLIENTS)]
        reader = Reader(industry)
        background = [reader] + ([deadlocks] if deadlocks else [])
        for thread in movers + background:
            thread.start()
        time.sleep(SECONDS / 2)
        made = deadlocks.count() if deadlocks else 0  # the count ends with the server
        kill()
        for mover in movers:
            mover.join(120)
            self.assertFalse(mover.is_alive())
        for thread in background:
            thread.ended.set()
            thread.join(60)
        for each in [*movers, reader]:
            if each.problem is not None:
                raise each.problem
        acknowledged = [name for mover in movers for name in mover.acknowledged]
        refused = sum(mover.refused for mover in movers)
        if deadlocks:
            made += deadlocks.count()
            self.assertGreater(made, 0)
        self.check(industry, acknowledged)
        self.assertGreater(refused, 0)
        self.assertGreater(reader.reads, 3)
        print(f"{len(acknowledged)} movements acknowledged, {refused} refused, {reader.reads} reads of all accounts, {made} deadlocks")
        for client in [*clients, village, industry]:
            client.close()

    def check(self, industry, acknowledged):
        self.assertEqual(len(acknowledged), len(set(acknowledged)))
        balances, recorded, token = collections.Counter(), [], ""
        while True:
            page = industry(f"{FUNDS}/ListFundMovements", {"page_size": 1000, "page_token": token})
            for each in page.get("fund_movements", []):
                recorded.append(each["name"])
                (owner_from, kind_from), (owner_to, kind_to) = ROUTES[each["kind"].removeprefix("FUND_MOVEMENT_KIND_")]
                balances[each[owner_from], kind_from] -= int(each["amount_fen"])
                balances[each[owner_to], kind_to] += int(each["amount_fen"])
            token = page.get("next_page_token", "")
            if not token:
                break
        self.assertEqual(sorted(acknowledged), sorted(recorded))
        self.assertEqual({key: fen for key, fen in accounts_of(industry).items() if fen}, {key: fen for key, fen in balances.items() if fen})

    def test_sqlite(self):
        with Programs("village", "industry") as programs:
            def kill():
                programs["industry"].kill()
                programs["industry"].start()
            self.move_money(programs, kill)

    def test_mariadb(self):
        database = Database()
        self.addCleanup(database.close)

        def kill():
            database.kill()
            database.start()
        with Programs("village", "industry", mysql=database) as programs:
            self.move_money(programs, kill, Deadlocks(database))


class AcrossPrograms(unittest.TestCase):
    def test_a_construction_project_gets_money_when_its_program_is_up_and_a_clear_state_when_it_is_down(self):
        with Programs("village", "infrastructure", "industry") as programs:
            village, industry = programs["village"].client(), programs["industry"].client()
            infrastructure = programs["infrastructure"].client()
            create_place(village)
            for client in (industry, infrastructure):
                wait_for(lambda client=client: counts_years(client, (2018,)), "2018 to be counted")
            for name in ("c1", "c2"):
                infrastructure(f"{CONSTRUCTION}/CreateConstructionProject", {"construction_project_id": name, "construction_project": {
                    "site": VILLAGE, "year": 2018, "display_name": "道路", "kind": "CONSTRUCTION_KIND_ROADS", "planned_quantity": 100,
                    "unit": "QUANTITY_UNIT_METRE", "planned_date": "2018-01-01"}})
            create_source(industry, "s")
            industry(f"{FUNDS}/CreateFundMovement", {"fund_movement": movement("APPROPRIATION", 100, "s")})

            def allocate(name, project):
                return industry(f"{FUNDS}/CreateFundAllocation", {"fund_allocation_id": name, "fund_allocation": allocation("s", project)})

            def state(name):
                return industry(f"{FUNDS}/GetFundAllocation", {"name": f"fundAllocations/{name}"})["state"]

            def move(name):
                return industry(f"{FUNDS}/CreateFundMovement", {"fund_movement": movement("ALLOCATION", 10, "s", name)})

            # Up: the first movement need not wait, nor be repeated.
            self.assertEqual("ALLOCATION_STATE_PENDING", allocate("a1", "constructionProjects/c1")["state"])
            move("a1")
            self.assertEqual("ALLOCATION_STATE_CONFIRMED", state("a1"))
            # Down: recorded, pending, and no money moves.
            programs["infrastructure"].kill()
            allocate("a2", "constructionProjects/c2")
            allocate("a3", "constructionProjects/none")
            for name in ("a2", "a3"):
                with self.assertRaises(CallError) as caught:
                    move(name)
                self.assertEqual("INVALID_ARGUMENT", caught.exception.code)
                self.assertEqual(["fund_movement.allocation"], [field for field, _ in caught.exception.violations])
                self.assertEqual("ALLOCATION_STATE_PENDING", state(name))
                self.assertEqual(0, accounts_of(industry)[f"fundAllocations/{name}", "UNDISBURSED"])
            # So it is after a restart of the one, until the other is back.
            programs["industry"].kill()
            programs["industry"].start().wait_ready()
            industry.close()
            industry = programs["industry"].client()
            wait_for(lambda: counts_years(industry, (2018,)), "2018 to be counted")
            self.assertEqual("ALLOCATION_STATE_PENDING", state("a2"))
            programs["infrastructure"].start()
            wait_for(lambda: state("a2") == "ALLOCATION_STATE_CONFIRMED", "the project to be confirmed")
            wait_for(lambda: state("a3") == "ALLOCATION_STATE_REJECTED", "the project that is not there to be rejected")
            move("a2")
            self.assertEqual(0, sum(accounts_of(industry).values()))
            # The history says who found it out.
            history = industry("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": "fundAllocations/a3"})
            self.assertIn("services/industry", str(history))
            self.import_an_overdraft(industry)
            for client in (village, industry, infrastructure):
                client.close()

    def import_an_overdraft(self, industry):
        """80 are left: the row that wants more is named like every other wrong row, and the rows around it are right."""
        heading = "name,kind,year,movement_date,fund_source,allocation,amount_fen"
        rows = [f"fundMovements/i{number},FUND_MOVEMENT_KIND_ALLOCATION,2018,2018-05-02,fundSources/s,fundAllocations/a1,{amount}"
                for number, amount in enumerate((30, 51, 50))]
        before = accounts_of(industry)
        result, errors = industry.import_csv("fundMovements", "\n".join([heading, *rows]) + "\n")
        self.assertEqual((3, 1), (int(result["row_count"]), int(result["failed_count"])))
        self.assertFalse(result.get("committed", False))
        self.assertEqual([("3", "51", "amount_fen", "REASON_STATE")],
                         [(each["line"], each["value"], each["violation"]["field"], each["violation"]["reason"]) for each in errors])
        self.assertIn("only 50 fen are left", errors[0]["violation"]["message"])
        self.assertEqual(before, accounts_of(industry))
        result, errors = industry.import_csv("fundMovements", "\n".join([heading, *rows]) + "\n", "IMPORT_MODE_KEEP_GOOD")
        self.assertEqual((2, 1, 1), (int(result["created_count"]), int(result["failed_count"]), len(errors)))
        self.assertEqual(0, accounts_of(industry)["fundSources/s", "AVAILABLE"])


if __name__ == "__main__":
    unittest.main()
