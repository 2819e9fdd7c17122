"""Holds the include rule of the tree: who may see whom, where drivers may be used, and what no file may contain."""

import os
import re
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# A folder of common/ sees itself and the folders of lower rank; services see all of common/ and never each other.
RANK = {
    "codes": 0, "embed": 0, "status": 0,
    "sql": 1, "filter": 1, "client": 1, "personal": 1,
    "resource": 2,
    "measure": 3, "workflow": 3,
    "store": 4,
    "directory": 5, "bulk": 5,
    "server": 6,
    "service": 7,
}

DRIVERS = {
    "common/sql/sqlite/": re.compile(r"sqlite3(ext)?[.]h$"),
    "common/sql/mysql/": re.compile(r"(cppconn/|mysql|mariadb|errmsg[.]h|jdbc/)"),
}

# Connector/C++ 1.1 drops the errors of these; transactions are statements (START TRANSACTION, COMMIT, ROLLBACK).
LOSES_ERRORS = re.compile(r"(->|[.])\s*(commit|rollback|setAutoCommit)\s*\(")

HOSTS = re.compile(
    r"registry[.]npmjs[.]org|registry[.]yarnpkg[.]com|npmmirror[.]com|pypi[.]org|pythonhosted[.]org|proxy[.]golang[.]org"
    r"|goproxy[.]|crates[.]io|rubygems[.]org|repo1?[.]maven|https?://[\w.-]*(artifactory|nexus|mirror)[\w-]*[.]")
MACHINE_PATHS = re.compile(r"(?<![\w.$}-])/(work|root|home/\w+|Users/\w+)/")

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
SKIPPED = {".git", "build", "node_modules", "__pycache__"}


def files(root):
    """Yields (path relative to `root`, text) of every text file."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        for name in sorted(set(names) - SKIPPED):
            path = os.path.join(folder, name)
            try:
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, root), file.read()
            except (UnicodeDecodeError, FileNotFoundError):
                continue


def include_problem(path, included):
    """Why `path` must not include `included`, or None."""
    source, target = path.split("/"), included.split("/")
    if source[0] == "tests":
        return None
    for folder, headers in DRIVERS.items():
        if headers.match(included) and not path.startswith(folder):
            return "a driver's header outside " + folder
        if included.startswith(folder) and not path.startswith("common/sql/"):
            return "the inside of " + folder
        if included.startswith(folder) and path.startswith(tuple(set(DRIVERS) - {folder})):
            return "another driver's folder"
    if target[0] == "tests" or included.startswith(("gtest/", "gmock/", "benchmark/")):
        return "test code"
    if source[0] == "services" and target[0] == "services" and source[1] != target[1]:
        return "another service"
    if source[0] == "common" and target[0] == "services":
        return "a service"
    if source[0] == target[0] == "common" and source[1] != target[1]:
        unknown = {source[1], target[1]} - set(RANK)
        if unknown:
            return "no rank for common/" + unknown.pop()
        if RANK[source[1]] <= RANK[target[1]]:
            return f"common/{target[1]} is not below common/{source[1]}"
    return None


def problems(root):
    """Every breach of the rules below `root`, one text each."""
    found = []
    for path, text in files(root):
        if path.endswith((".h", ".cc")):
            for included in INCLUDE.findall(text):
                why = include_problem(path, included)
                if why:
                    found.append(f"{path}: includes {included}: {why}")
            if not path.startswith("tests/") and LOSES_ERRORS.search(text):
                found.append(f"{path}: commit(), rollback() or setAutoCommit() of a driver")
        for rule, what in ((HOSTS, "a package registry's host"), (MACHINE_PATHS, "a path of one machine")):
            match = rule.search(text)
            if match:
                found.append(f"{path}: {what}: {match.group(0)}")
    return found


class IncludeRuleTest(unittest.TestCase):

    def test_tree_keeps_the_rules(self):
        self.assertEqual([], problems(ROOT))

    def test_each_rule_catches_its_breach(self):
        breaches = {
            "common/status/a.h": '#include "common/filter/filter.h"\n',
            "common/sql/a.cc": '#include "common/filter/filter.h"\n',
            "common/store/a.cc": '#include "common/server/server.h"\n',
            "common/server/a.cc": '#include "services/village/village.h"\n',
            "common/new/a.cc": '#include "common/status/error.h"\n',
            "common/store/b.cc": "#include <sqlite3.h>\n",
            "common/store/c.cc": "#include <cppconn/connection.h>\n",
            "common/store/d.cc": '#include "common/sql/sqlite/connection.h"\n',
            "common/sql/sqlite/a.cc": '#include "common/sql/mysql/mysql_database.h"\n',
            "common/sql/mysql/a.cc": "void F() { connection->commit(); }\n",
            "common/sql/mysql/b.cc": "void F() { connection_.setAutoCommit (false); }\n",
            "services/village/a.cc": '#include "services/gateway/cube.h"\n',
            "services/village/b.cc": '# include "tests/support/status_matchers.h"\n',
            "services/village/c.cc": "#include <gtest/gtest.h>\n",
            "tests/e2e/a.json": '"https://registry' + '.npmjs.org/x"\n',
            "deploy/a.sh": "cp x /ro" + "ot/data\n",
        }
        allowed = {
            "common/store/z.cc": '#include "common/sql/database.h"\n#include "common/store/a.h"\n#include <vector>\n',
            "common/sql/sqlite/z.cc": "#include <sqlite3.h>\n",
            "common/sql/z.cc": '#include "common/sql/mysql/mysql_database.h"\n',
            "services/village/z.cc": '#include "common/server/server.h"\n#include "services/village/a.h"\n',
            "tests/bench/z.cc": '#include <sqlite3.h>\n#include "services/village/a.h"\n#include <gtest/gtest.h>\n',
        }
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**breaches, **allowed}.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            self.assertEqual(sorted(breaches), sorted(problem.split(":")[0] for problem in problems(root)))


if __name__ == "__main__":
    unittest.main()
