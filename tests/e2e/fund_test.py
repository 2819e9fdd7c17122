#!/usr/bin/env -S /usr/bin/python3 -B
"""The ledger under fire: 32 clients move money between hot funds, and reverse what others moved, while deadlocks are made and the
database dies once (on SQLite the program that holds it): at every read the balances are the sums of the movements, and every
acknowledged movement is there once. And allocations to projects of another program, which may be down. JIEDUI_TEST_SECONDS says how
long the money moves; 60 when it is not set."""

import collections
import os
import random
import subprocess
import threading
import time
import unittest

from load import REPEATED
from support import DISTRICT, TOWNSHIP, VILLAGE, CallError, Database, Programs, counts_years, create_place, wait_for

SECONDS = float(os.environ.get("JIEDUI_TEST_SECONDS", "60"))
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


def unsure(error):
    """Whether a call may succeed when it is repeated. An internal error is none of that."""
    return error.code in REPEATED or error.code == "ABORTED" or error.reason == "OUTCOME_UNKNOWN"


def settled(call, path, fields):
    """The answer of a write that is repeated until it has one; everything that is repeated has one request_id."""
    while True:
        try:
            return call(path, fields, timeout=10)
        except CallError as error:
            if not unsure(error):
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


def legs(movement):
    """What a movement does to accounts: {(owner, kind): change}."""
    (owner_from, kind_from), (owner_to, kind_to) = ROUTES[movement["kind"].removeprefix("FUND_MOVEMENT_KIND_")]
    amount = int(movement["amount_fen"]) * (-1 if movement.get("reverses") else 1)
    return {(movement[owner_from], kind_from): -amount, (movement[owner_to], kind_to): amount}


class Mover(threading.Thread):
    """One of the clients: random movements, and reversals of what was moved a moment ago, by whomever; each with a request_id, some of
    them sent twice. `recent` is shared by all."""

    def __init__(self, client, number, end, recent):
        super().__init__(daemon=True)
        self.client, self.number, self.end, self.recent, self.random = client, number, end, recent, random.Random(number)
        self.acknowledged, self.refused, self.lost_races, self.problem = [], 0, 0, None

    def run(self):
        try:
            count = 0
            while time.monotonic() < self.end:
                count += 1
                self.move(f"m{self.number}-{count}")
        except Exception as error:  # pylint: disable=broad-except
            self.problem = error

    def request(self):
        if self.recent and self.random.randrange(5) == 0:
            return "ReverseFundMovement", {"name": self.random.choice(self.recent), "movement_date": "2018-05-02", "note": "示例：冲销"}
        target = self.random.randrange(ALLOCATIONS)
        kind = self.random.choice(list(ROUTES))
        return "CreateFundMovement", {"fund_movement": movement(
            kind, self.random.randrange(1, 1000), f"s{target % SOURCES}", None if kind == "APPROPRIATION" else f"a{target}")}

    def move(self, request_id):
        method, request = self.request()
        request["request_id"] = request_id
        try:
            answer = settled(self.client, f"{FUNDS}/{method}", request)
        except CallError as error:
            if error.code == "ALREADY_EXISTS" and method == "ReverseFundMovement":
                self.lost_races += 1
                return
            if error.code != "FAILED_PRECONDITION" or "left_fen" not in error.metadata:
                raise
            self.refused += 1
            return
        self.acknowledged.append(answer)
        if method == "CreateFundMovement":
            self.recent.append(answer["name"])  # a deque of a few: several clients choose the same
        if self.random.randrange(4) == 0 and settled(self.client, f"{FUNDS}/{method}", request)["name"] != answer["name"]:
            raise AssertionError("one request_id moved money twice")


class Reader(threading.Thread):
    """Reads again and again: the balances are the sums of the movements of the same moment, all accounts add up to nothing, and none
    but the external ones is below it."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.ended, self.reads, self.problem = client, threading.Event(), 0, None

    def run(self):
        while not self.ended.is_set() and self.problem is None:
            try:
                balances = accounts_of(self.client)
                verified = self.client(f"{FUNDS}/VerifyFundAccounts", {}, timeout=10)
            except CallError as error:
                if not unsure(error):
                    self.problem = error
                time.sleep(0.05)
                continue
            self.reads += 1
            wrong = {key: fen for key, fen in balances.items() if fen < 0 and key[1] != "EXTERNAL"}
            if wrong or sum(balances.values()) != 0:
                self.problem = AssertionError(f"{wrong} of {balances}")
            if int(verified.get("difference_count", 0)) != 0 or int(verified["account_count"]) != len(balances):
                self.problem = AssertionError(str(verified))


class Deadlocks(threading.Thread):
    """Locks allocations before sources, the other way round than the program: one of the two must give way. The database spares whoever
    has written more, so this one writes much, elsewhere."""

    PREPARE = ("CREATE DATABASE IF NOT EXISTS injector; CREATE TABLE IF NOT EXISTS injector.weight (id INT PRIMARY KEY, n INT NOT NULL) "
               "ENGINE=InnoDB; INSERT IGNORE INTO injector.weight SELECT seq, 0 FROM seq_1_to_100;\n")
    SCRIPT = ("START TRANSACTION; UPDATE injector.weight SET n = n + 1; "
              "SELECT COUNT(*) FROM fund_account WHERE owner LIKE 'fundAllocations/%' FOR UPDATE; DO SLEEP(0.005); "
              "SELECT COUNT(*) FROM fund_account WHERE owner LIKE 'fundSources/%' FOR UPDATE; ROLLBACK; DO SLEEP(0.02);\n")

    def __init__(self, database):
        super().__init__(daemon=True)
        self.database, self.ended = database, threading.Event()

    def ask(self, script):
        return subprocess.run(["mariadb", "--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{self.database.port}", "-uroot", "--force",
                               "--skip-column-names", "--batch", "jiedui_industry"], input=script, capture_output=True, text=True,
                              check=False)

    def run(self):
        self.ask(self.PREPARE)
        while not self.ended.is_set():
            self.ask(self.SCRIPT * 20)

    def count(self):
        return int(self.ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'").stdout.split()[1])


def retries(program):
    """Transactions that the program has run again so far."""
    text = program.http("/metrics")[1]
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("jiedui_database_retries_total"))


class Bank(unittest.TestCase):
    def open_accounts(self, village, industry):
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

    def move_money(self, programs, kill, deadlocks=None):
        village, industry = programs["village"].client(), programs["industry"].client()
        self.open_accounts(village, industry)
        before = retries(programs["industry"])
        begin = time.monotonic()
        clients = [programs["industry"].client() for _ in range(8)]
        recent = collections.deque(maxlen=16)
        movers = [Mover(clients[i % 8], i, begin + SECONDS, recent) for i in range(CLIENTS)]
        reader = Reader(industry)
        background = [reader] + ([deadlocks] if deadlocks else [])
        for thread in movers + background:
            thread.start()
        time.sleep(SECONDS / 2)
        made = deadlocks.count() if deadlocks else 0  # the count ends with the server
        kill()
        for mover in movers:
            mover.join(SECONDS + 120)
            self.assertFalse(mover.is_alive())
        for thread in background:
            thread.ended.set()
            thread.join(60)
        for each in [*movers, reader]:
            if each.problem is not None:
                raise each.problem
        acknowledged = [answer for mover in movers for answer in mover.acknowledged]
        refused, lost_races = sum(mover.refused for mover in movers), sum(mover.lost_races for mover in movers)
        again = retries(programs["industry"]) - before
        if deadlocks:
            made += deadlocks.count()
            self.assertGreater(made, 0)
            self.assertGreater(again, 0, "no transaction of the program gave way")
        print(f"{len(acknowledged)} movements acknowledged, {refused} refused, {lost_races} reversed by another, {reader.reads} reads of "
              f"all accounts, {made} deadlocks, {again:.0f} transactions run again")
        self.check(programs, industry, acknowledged)
        self.assertGreater(refused, 0)
        self.assertGreater(lost_races, 0)
        self.assertGreater(sum(1 for answer in acknowledged if answer.get("reverses")), 0)
        self.assertGreater(reader.reads, SECONDS / 3)
        for client in [*clients, village, industry]:
            client.close()

    def check(self, programs, industry, acknowledged):
        """The clients' own ledger, the one that is recorded, the balances and the report are one."""
        recorded, token = {}, ""
        while True:
            page = industry(f"{FUNDS}/ListFundMovements", {"page_size": 1000, "page_token": token})
            recorded.update((each["name"], each) for each in page.get("fund_movements", []))
            token = page.get("next_page_token", "")
            if not token:
                break
        self.assertEqual(len(acknowledged), len({answer["name"] for answer in acknowledged}))
        self.assertEqual({answer["name"]: answer for answer in acknowledged}, recorded)
        reversed_ones = [answer["reverses"] for answer in acknowledged if answer.get("reverses")]
        self.assertEqual(len(reversed_ones), len(set(reversed_ones)), "reversed twice")
        balances = collections.Counter()
        for answer in acknowledged:
            for account, change in legs(answer).items():
                balances[account] += change
        self.assertEqual({key: fen for key, fen in accounts_of(industry).items() if fen}, {key: fen for key, fen in balances.items() if fen})
        kinds = collections.Counter()
        for (_, kind), fen in balances.items():
            kinds[kind] += fen
        (level,) = industry(f"{FUNDS}/GetFundReport", {"programme_year": 2018})["levels"]
        self.assertEqual({"appropriated_fen": -kinds["EXTERNAL"], "available_fen": kinds["AVAILABLE"],
                          "allocated_fen": kinds["UNDISBURSED"] + kinds["DISBURSED"], "disbursed_fen": kinds["DISBURSED"]},
                         {name: int(level.get(name, 0)) for name in ("appropriated_fen", "available_fen", "allocated_fen", "disbursed_fen")})
        verified = industry(f"{FUNDS}/VerifyFundAccounts", {})
        self.assertEqual((len(acknowledged), 0), (int(verified["movement_count"]), int(verified.get("difference_count", 0))))
        figures = industry("jiedui.measure.v1.MeasureService/VerifyMeasures", {})
        self.assertEqual(0, int(figures.get("difference_count", 0)), figures)

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
            programs["industry"].flags.append("--allocation_recheck_interval=1s")
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
            self.cancel_a_project(infrastructure, industry, state)
            with self.assertRaises(CallError) as caught:
                industry(f"{FUNDS}/CreateFundAllocation", {"fund_allocation": {**allocation("s", "constructionProjects/c3"), "district": TOWNSHIP}})
            self.assertEqual(["fund_allocation.district"], [field for field, _ in caught.exception.violations])
            # The history says who found it out.
            history = industry("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": "fundAllocations/a3"})
            self.assertIn("services/industry", str(history))
            self.import_an_overdraft(industry)
            for client in (village, industry, infrastructure):
                client.close()

    def cancel_a_project(self, infrastructure, industry, state):
        """Its money only comes back."""
        infrastructure(f"{CONSTRUCTION}/UpdateConstructionProject", {
            "construction_project": {"name": "constructionProjects/c2", "cancelled_date": "2018-06-01", "cancel_reason": "示例"},
            "update_mask": "cancelledDate,cancelReason"})
        wait_for(lambda: state("a2") == "ALLOCATION_STATE_FROZEN", "the money of the cancelled project to be frozen")
        for kind in ("ALLOCATION", "DISBURSEMENT"):
            with self.assertRaises(CallError) as caught:
                industry(f"{FUNDS}/CreateFundMovement", {"fund_movement": movement(kind, 1, "s", "a2")})
            self.assertEqual(["fund_movement.allocation"], [field for field, _ in caught.exception.violations])
        industry(f"{FUNDS}/CreateFundMovement", {"fund_movement": movement("RETURN", 10, "s", "a2")})
        industry(f"{FUNDS}/CreateFundMovement", {"fund_movement": movement("ALLOCATION", 10, "s", "a1")})

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
