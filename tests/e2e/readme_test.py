#!/usr/bin/env -S /usr/bin/python3 -B
"""What the READMEs tell a newcomer to run is run: every block marked `sh`, in order, in a copy of the tree's place in time: with a
home, ports and build folder of its own. A block that cannot be run here is marked `text` and says why. Both languages have the same
commands, and every path and link that they name exists."""

import os
import random
import re
import shutil
import subprocess
import tempfile
import unittest

from support import BIN, ROOT

PORTS = r"\b(5005[0-4]|909[0-4])\b"


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def blocks(name, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", read(name), re.MULTILINE | re.DOTALL)


def commands(name):
    """The blocks without their comments."""
    return [re.sub(r" +# .*", "", block) for kind in ("sh", "text") for block in blocks(name, kind)]


def with_a_crash_before_the_restore(script):
    """What is written after the backup, and lies in the write-ahead log of a program that was killed, is gone when it is put back, and
    is not mixed into its pages."""
    start = script.index("deploy/local/down.sh\nrm -f")
    end = script.index("deploy/local/up.sh", start)
    end = script.index("\n", end) + 1
    copy = re.search(r"^cp (\S+) ", script[start:end], re.MULTILINE)[1]
    crash = f"""test "$(stat -c %a {copy})" = 600
jiedui create partyMembers --id late --village "$village" --display_name 张三 --birth_date 1990-05-01 --stage DEVELOPMENT_STAGE_FULL \\
  --joined_date 2015-07-01
kill -9 "$(cat ~/.local/share/jiedui/run/village.pid)"
test -s ~/.local/share/jiedui/data/village/village.db-wal
"""
    check = """test "$(sqlite3 ~/.local/share/jiedui/data/village/village.db 'PRAGMA integrity_check')" = ok
jiedui get partyMembers/late && exit 9 || test $? = 4
"""
    return script[:start] + crash + script[start:end] + check + script[end:]


class Readme(unittest.TestCase):
    def test_both_languages_have_the_same_commands(self):
        self.assertEqual(commands("README.md"), commands("README.zh-CN.md"))

    def test_what_is_not_run_says_why(self):
        for name in ("README.md", "README.zh-CN.md"):
            self.assertEqual(len(blocks(name, "text")), len(re.findall(r"^<!-- not run: .*-->\n```text$", read(name), re.MULTILINE)))

    def test_paths_exist(self):
        for name in ("README.md", "README.zh-CN.md"):
            text = read(name)
            named = set(re.findall(r"\]\(([^):]+)\)", text))
            named |= set(re.findall(r"`((?:common|services|tests|deploy|docker|proto)/[^`<>…* ]*)`", text)) - {"proto/jiedui/"}
            self.assertGreater(len(named), 15)
            for path in named:
                self.assertTrue(os.path.exists(os.path.join(ROOT, path)), f"{name} names {path}")

    def test_the_commands_run(self):
        home = tempfile.mkdtemp(prefix="jiedui-readme.")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        # Above the ports that the kernel hands out.
        offset = random.randrange(11000, 15000)
        script = re.sub(PORTS, lambda port: str(int(port[0]) + offset), "\n".join(blocks("README.md", "sh")))
        # What is written besides the installation goes into the home; the tree stays as it is.
        for word in ("exported", "secrets", "village-copy.db"):
            script = re.sub(rf"(?<![/\w-]){word}\b", os.path.join(home, word), script)
        script = with_a_crash_before_the_restore(script)
        environment = {**os.environ, "HOME": home, "JIEDUI_SKIP_INSTALL": "1", "JIEDUI_PORT_OFFSET": str(offset), "LANG": "C.UTF-8",
                       "PATH": f"{BIN}:{os.environ['PATH']}", "JIEDUI_BUILD_DIR": os.path.dirname(BIN)}
        for name, port in (("GATEWAY", 50050), ("VILLAGE", 50051), ("INDUSTRY", 50052), ("INFRASTRUCTURE", 50053), ("ASSISTANCE", 50054)):
            environment[f"JIEDUI_{name}_ADDRESS"] = f"127.0.0.1:{port + offset}"
        environment.pop("JIEDUI_HOME", None)
        try:
            result = subprocess.run(["bash", "-euxo", "pipefail", "-c", script], cwd=ROOT, env=environment, text=True, check=False,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        finally:
            subprocess.run(["deploy/local/down.sh"], cwd=ROOT, env=environment, check=False, capture_output=True)
        self.assertEqual(0, result.returncode, result.stdout[-6000:])
        for said in ("1041", "partyMembers/readme-1", "蓟州区", "ok", "GRANT SELECT"):
            self.assertIn(said, result.stdout)


if __name__ == "__main__":
    unittest.main()
