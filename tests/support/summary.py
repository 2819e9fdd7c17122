"""Adds up the results of a run: summary.py <results>. Fails unless something passed and nothing failed.

Counts the cases of GoogleTest programs one by one; any other test counts once. A program that crashed or was stopped counts as
one failure. With CI=true what was skipped has failed.
"""

import glob
import os
import sys
from xml.etree import ElementTree


def google_test_cases(path):
    """(name, outcome) of each case in a GoogleTest result file; none when the file is not complete."""
    try:
        suites = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return []
    cases = []
    for case in suites.iter("testcase"):
        if case.get("status") != "run":
            continue
        failed, skipped = case.find("failure") is not None, case.get("result") == "skipped"
        name = f'{case.get("classname")}.{case.get("name")}'
        cases.append((name, "failed" if failed else "skipped" if skipped else "passed"))
    return cases


def outcomes(results):
    """(name, outcome) of everything that ran."""
    junit = os.path.join(results, "ctest.junit")
    for test in ElementTree.parse(junit).getroot().iter("testcase"):
        name, status = test.get("name"), test.get("status")
        outcome = {"run": "passed", "notrun": "skipped", "disabled": "skipped"}.get(status, "failed")
        cases = google_test_cases(os.path.join(results, name + ".xml"))
        if outcome == "failed" and not any(case_outcome == "failed" for _, case_outcome in cases):
            yield name, "failed"
        if cases:
            yield from ((f"{name}: {case}", case_outcome) for case, case_outcome in cases)
        elif outcome != "failed":
            yield name, outcome
    for path in glob.glob(os.path.join(results, "*.e2e")):
        with open(path, encoding="utf-8") as file:
            yield os.path.basename(path)[: -len(".e2e")], file.read().strip()


def main():
    found = sorted(outcomes(sys.argv[1]))
    named = {outcome: [name for name, result in found if result == outcome] for outcome in ("passed", "skipped", "failed")}
    for outcome in ("skipped", "failed"):
        for name in named[outcome]:
            print(f"{outcome}: {name}")
    failed = len(named["failed"])
    if os.environ.get("CI") == "true":
        failed += len(named["skipped"])
    elif named["skipped"]:
        print(f'{len(named["skipped"])} skipped')
    print(f'{len(named["passed"])} passed, {failed} failed')
    sys.exit(0 if named["passed"] and not failed else 1)


main()
