"""Writers that remember what was acknowledged, for tests that kill servers under them."""

import random
import threading
import uuid

from support import VILLAGE, CallError, party_member

# Answers after which a caller repeats the call with the same request_id.
REPEATED = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED"}


class Kind:
    """A resource to write: method names, an example, and a field that an update changes."""

    def __init__(self, service, singular, plural, field, example):
        self.service, self.singular, self.plural, self.field, self.example = service, singular, plural, field, example

    def snake(self):
        return "".join("_" + c.lower() if c.isupper() else c for c in self.singular).lstrip("_")


KINDS = {
    "village": Kind("jiedui.village.v1.PartyService", "PartyMember", "PartyMembers", "joined_date", party_member),
    "industry": Kind("jiedui.industry.v1.ProjectService", "IndustryProject", "IndustryProjects", "approved_date", lambda: {
        "display_name": "大棚", "programme_year": 2018, "kind": "PROJECT_KIND_AGRICULTURE", "mode": "PROJECT_MODE_VILLAGE",
        "site": VILLAGE, "planned_date": "2018-01-01",
        "approved_date": "2018-02-01"}),
    "infrastructure": Kind("jiedui.infrastructure.v1.PowerService", "PowerLine", "PowerLines", "display_name", lambda: {
        "site": VILLAGE, "year": 2018, "display_name": "10千伏线路", "voltage": "VOLTAGE_10KV", "planned_metres": 1000,
        "completed_metres": 400, "started_date": "2018-03-01"}),
    "assistance": Kind("jiedui.assistance.v1.HouseholdService", "NeedyHousehold", "NeedyHouseholds", "found_date", lambda: {
        "village": VILLAGE, "display_name": "王五", "kind": "HOUSEHOLD_KIND_LOW_INCOME", "member_count": 3, "found_date": "2018-01-05"}),
    "gateway": Kind("jiedui.gateway.v1.TargetService", "Target", "Targets", "display_name", lambda: {
        "year": 2019, "position": 1, "display_name": "平安村", "clause": "一", "quote": "一", "kind": "TARGET_KIND_SHARE", "unit": "%",
        "comparator": "COMPARATOR_AT_LEAST", "goal_micros": 700000, "deadline": "2019-12-31", "owner_service": "village",
        "accrual": "ACCRUAL_STOCK", "population_measure": "programme_villages", "pass_filter": "safe_recognitions > 0"}),
}


class Writer(threading.Thread):
    """Creates, updates and deletes records of its own until told to stop; repeats what it gets no answer to."""

    def __init__(self, client, kind, seed):
        super().__init__(daemon=True)
        self.client, self.kind, self.random = client, kind, random.Random(seed)
        self.tag = f"load-{seed}"
        self.kept = {}  # name -> the answer of the last acknowledged write
        self.changes = {}  # name -> acknowledged writes
        self.acknowledged = 0
        self.repeated = 0
        self.problem = None
        self._ended = threading.Event()

    def run(self):
        try:
            while not self._ended.is_set():
                self._write()
        except Exception as error:  # pylint: disable=broad-except
            self.problem = error

    def stop(self):
        self._ended.set()
        self.join(120)
        if self.is_alive():
            raise TimeoutError(f"{self.tag} gets no answer")
        if self.problem is not None:
            raise self.problem

    def _write(self):
        chance = self.random.random()
        if chance < 0.6 or not self.kept:
            answer = self._call("Create", {self.kind.snake(): {**self.kind.example(), "source": self.tag}})
        elif chance < 0.9:
            name = self.random.choice(sorted(self.kept))
            # Another value than before: an update that changes nothing is not written.
            value = self.random.choice([v for v in (f"2018-03-{day:02}" for day in range(1, 29)) if v != self.kept[name].get(self.kind.field)])
            answer = self._call("Update", {self.kind.snake(): {"name": name, "etag": self.kept[name]["etag"], self.kind.field: value},
                                           "update_mask": self.kind.field.replace("_d", "D").replace("_n", "N")})
        else:
            name = self.random.choice(sorted(self.kept))
            self._call("Delete", {"name": name, "etag": self.kept[name]["etag"]})
            del self.kept[name]
            self.changes[name] += 1
            self.acknowledged += 1
            return
        self.kept[answer["name"]] = answer
        self.changes[answer["name"]] = self.changes.get(answer["name"], 0) + 1
        self.acknowledged += 1

    def _call(self, verb, request):
        request["request_id"] = str(uuid.UUID(int=self.random.getrandbits(128)))
        while True:
            try:
                return self.client(f"{self.kind.service}/{verb}{self.kind.singular}", request, timeout=10, wait_for_ready=True)
            except CallError as error:
                if error.code not in REPEATED and error.reason != "OUTCOME_UNKNOWN":
                    raise
                self.repeated += 1
                if self._ended.wait(0.02) and self.repeated > 100000:
                    raise

    def check(self, client):
        """What is in the database is what was acknowledged: nothing lost, nothing twice, every change once in the history."""
        found, token = {}, ""
        while True:
            page = client(f"{self.kind.service}/List{self.kind.plural}",
                               {"filter": f'source = "{self.tag}"', "page_size": 1000, "page_token": token})
            for each in page.get(self.kind.snake()[:-1] + "ies" if self.kind.snake().endswith("y") else self.kind.snake() + "s", []):
                found[each["name"]] = each
            token = page.get("next_page_token", "")
            if not token:
                break
        if found != self.kept:
            lost = [name for name in self.kept if name not in found]
            more = [name for name in found if name not in self.kept]
            other = [name for name in found if name in self.kept and found[name] != self.kept[name]]
            raise AssertionError(f"{self.tag}: {len(lost)} acknowledged records lost, {len(more)} that nobody acknowledged or twice, "
                                 f"{len(other)} with another content: {lost[:3]} {more[:3]} {other[:3]}")
        for name, changes in self.changes.items():
            history, token = 0, ""
            while True:
                page = client("jiedui.audit.v1.AuditService/ListAuditEntries", {"resource": name, "page_size": 1000, "page_token": token})
                history += len(page.get("audit_entries", []))
                token = page.get("next_page_token", "")
                if not token:
                    break
            if history != changes:
                raise AssertionError(f"{name}: {changes} acknowledged writes, {history} in the history")


def check_figures(client):
    """The kept figures are the recomputed ones."""
    answer = client("jiedui.measure.v1.MeasureService/VerifyMeasures", timeout=120)
    if int(answer.get("difference_count", 0)) != 0 or int(answer.get("cell_count", 0)) == 0:
        raise AssertionError(f"figures differ from the records: {answer}")
