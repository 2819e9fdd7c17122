#!/usr/bin/env -S /usr/bin/python3 -B
"""What deploy/kubernetes and docker say is true: flags that the programs have, ports that they listen on, names that exist,
libraries that the image installs. kubectl renders the base."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ["JIEDUI_BIN"]
BASE = os.path.join(ROOT, "deploy/kubernetes/base")
PROGRAMS = {"gateway": (50050, 9090), "village": (50051, 9091), "industry": (50052, 9092),
            "infrastructure": (50053, 9093), "assistance": (50054, 9094)}
WATCHDOG_SECONDS = 10


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def documents(path):
    return list(yaml.safe_load_all(read(path)))


def flags_of(program):
    text = subprocess.run([os.path.join(BIN, program), "--helpfull"], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"^\s+--(\w+) \(", text, re.MULTILINE))


def flag_values(arguments):
    """{flag: value} of "--flag=value" and "--flag"."""
    return {name: value for name, _, value in (argument[2:].partition("=") for argument in arguments)}


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = yaml.safe_load(read("deploy/kubernetes/base/kustomization.yaml"))["resources"]
        cls.objects = {(d["kind"], d["metadata"]["name"]): d for f in cls.files for d in documents("deploy/kubernetes/base/" + f)}

    def pods(self):
        """(object, pod spec, container) of every workload."""
        for (kind, _), found in sorted(self.objects.items()):
            if kind in ("Deployment", "Job"):
                spec = found["spec"]["template"]["spec"]
                for container in spec["containers"]:
                    yield found, spec, container

    def test_every_file_is_a_resource(self):
        files = {os.path.basename(f) for f in glob.glob(BASE + "/*.yaml")} - {"kustomization.yaml"}
        self.assertEqual(files, set(self.files))

    def test_every_program_has_its_objects(self):
        wanted = {("ConfigMap", "jiedui")}
        for name in PROGRAMS:
            wanted |= {(kind, f"jiedui-{name}") for kind in ("Deployment", "Service", "PodDisruptionBudget")}
            wanted.add(("Job", f"jiedui-{name}-migration"))
        self.assertEqual(wanted, set(self.objects))

    def test_nothing_chooses_a_namespace(self):
        for found in self.objects.values():
            self.assertNotIn("namespace", found["metadata"])

    def test_the_five_programs_are_deployed_alike(self):
        def neutral(name):
            lines = read(f"deploy/kubernetes/base/{name}.yaml").splitlines()[1:]
            text = "\n".join(line for line in lines if "_address=" not in line and "keys" not in line)
            return text.replace(name, "NAME").replace(str(PROGRAMS[name][0]), "GRPC").replace(str(PROGRAMS[name][1]), "HTTP")

        for name in PROGRAMS:
            self.assertEqual(neutral("village"), neutral(name))

    def test_programs_with_personal_data_have_the_keys(self):
        for found, spec, container in self.pods():
            serves = found["kind"] == "Deployment" and container["command"][0] != "jiedui-gateway"
            path = flag_values(container["args"]).get("keys_dir")
            self.assertEqual("/run/secrets/keys" if serves else None, path)
            mounts = [m["name"] for m in container["volumeMounts"] if m["mountPath"] == path]
            secrets = [v["secret"]["secretName"] for v in spec["volumes"] if v["name"] in mounts]
            self.assertEqual(["jiedui-keys"] if serves else [], secrets)

    def test_flags_are_flags_of_the_program(self):
        for found, _, container in self.pods():
            program = container["command"][0]
            self.assertTrue(found["metadata"]["name"].startswith(program))
            self.assertEqual(set(), set(flag_values(container["args"])) - flags_of(program), program)
            self.assertEqual(found["kind"] == "Job", "migrate" in flag_values(container["args"]))

    def test_variables_come_from_the_config_map(self):
        keys = set(self.objects["ConfigMap", "jiedui"]["data"])
        for _, _, container in self.pods():
            self.assertEqual([{"configMapRef": {"name": "jiedui"}}], container["envFrom"])
            self.assertEqual(keys, set(re.findall(r"\$\((\w+)\)", " ".join(container["args"]))))

    def test_the_migration_has_an_account_of_its_own(self):
        for found, spec, container in self.pods():
            flags = flag_values(container["args"])
            account = "jiedui_migration" if found["kind"] == "Job" else "jiedui"
            schema = "jiedui_" + container["command"][0].removeprefix("jiedui-")
            self.assertEqual(f"mysql://{account}@$(DATABASE_ADDRESS)/{schema}", flags["database"])
            self.assertEqual(account.replace("jiedui", "jiedui-database").replace("_", "-"), spec["volumes"][0]["secret"]["secretName"])
            self.assertEqual(container["volumeMounts"][0]["mountPath"] + "/password", flags["database_password_file"])

    def test_a_failed_migration_can_be_read_the_next_day(self):
        for name in PROGRAMS:
            job = self.objects["Job", f"jiedui-{name}-migration"]["spec"]
            self.assertGreaterEqual(job["ttlSecondsAfterFinished"], 86400)
            # A pod whose container is started again keeps the log of its last attempt only.
            self.assertEqual("Never", job["template"]["spec"]["restartPolicy"])

    def test_ports(self):
        for name, (grpc, http) in PROGRAMS.items():
            source = "".join(read(os.path.relpath(f, ROOT)) for f in glob.glob(f"{ROOT}/services/{name}/*.cc"))
            self.assertTrue(re.search(rf"\b{grpc}\b\D+\b{http}\b", source), f"{name} has other ports by default")
            container = self.objects["Deployment", f"jiedui-{name}"]["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual({"grpc": grpc, "http": http}, {p["name"]: p["containerPort"] for p in container["ports"]})
            service = self.objects["Service", f"jiedui-{name}"]["spec"]
            self.assertEqual({"grpc": (grpc, "grpc"), "http": (http, "http")},
                             {p["name"]: (p["port"], p["targetPort"]) for p in service["ports"]})
            self.assertEqual("None", service["clusterIP"])

    def test_addresses_are_services(self):
        for found, _, container in self.pods():
            for flag, value in flag_values(container["args"]).items():
                if flag.endswith("_address"):
                    other = flag.removesuffix("_address")
                    self.assertEqual(f"dns:///jiedui-{other}:{PROGRAMS[other][0]}", value)
                    self.assertIn(("Service", f"jiedui-{other}"), self.objects)
        gateway = flag_values(self.objects["Deployment", "jiedui-gateway"]["spec"]["template"]["spec"]["containers"][0]["args"])
        self.assertEqual({f"{p}_address" for p in PROGRAMS if p != "gateway"}, {f for f in gateway if f.endswith("_address")})

    def test_selectors_meet_servers_only(self):
        for name in PROGRAMS:
            deployment = self.objects["Deployment", f"jiedui-{name}"]["spec"]
            wanted = deployment["selector"]["matchLabels"]
            self.assertLessEqual(wanted.items(), deployment["template"]["metadata"]["labels"].items())
            self.assertEqual(wanted, self.objects["Service", f"jiedui-{name}"]["spec"]["selector"])
            self.assertEqual(wanted, self.objects["PodDisruptionBudget", f"jiedui-{name}"]["spec"]["selector"]["matchLabels"])
            job = self.objects["Job", f"jiedui-{name}-migration"]["spec"]["template"]["metadata"]["labels"]
            self.assertFalse(wanted.items() <= job.items())

    def test_probes(self):
        for name in PROGRAMS:
            container = self.objects["Deployment", f"jiedui-{name}"]["spec"]["template"]["spec"]["containers"][0]
            paths = {probe: container[probe + "Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")}
            self.assertEqual({"startup": {"path": "/livez", "port": "http"}, "liveness": {"path": "/livez", "port": "http"},
                              "readiness": {"path": "/readyz", "port": "http"}}, paths)

    def test_there_is_time_to_end(self):
        for name in PROGRAMS:
            spec = self.objects["Deployment", f"jiedui-{name}"]["spec"]["template"]["spec"]
            flags = flag_values(spec["containers"][0]["args"])
            self.assertGreater(spec["terminationGracePeriodSeconds"],
                               seconds(flags["drain"]) + seconds(flags["grace"]) + WATCHDOG_SECONDS)

    def test_pods_have_no_rights_and_bounded_memory(self):
        for _, spec, container in self.pods():
            wanted = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
            if "keys_dir" in flag_values(container["args"]):
                wanted["fsGroup"] = 10001  # who may read the keys
            self.assertEqual(wanted, spec["securityContext"])
            self.assertFalse(spec["automountServiceAccountToken"])
            self.assertEqual({"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
                             container["securityContext"])
            self.assertIn("memory", container["resources"]["limits"])
            self.assertEqual({"cpu", "memory"}, set(container["resources"]["requests"]))

    def test_servers_can_spool(self):
        """Imports and exports pass through temporary files, and the root is read-only."""
        for found, spec, container in self.pods():
            if found["kind"] == "Deployment":
                volumes = {v["name"]: v for v in spec["volumes"]}
                scratch = [volumes[m["name"]] for m in container["volumeMounts"] if m["mountPath"] == "/tmp"]
                self.assertEqual([["emptyDir", "name"]], [sorted(v) for v in scratch])
                self.assertIn("sizeLimit", scratch[0]["emptyDir"])

    def test_the_base_renders(self):
        rendered = subprocess.run(["kubectl", "kustomize", BASE], capture_output=True, text=True, check=True).stdout
        objects = {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(rendered)}
        self.assertEqual(self.objects, objects)


class Image(unittest.TestCase):
    def test_the_image_installs_a_section_that_there_is(self):
        # Its packages are here: the programs run. So nothing is installed, only the section looked for.
        for section in re.findall(r"install\.sh (\w+)(?![\w/])", read("docker/Dockerfile")):
            result = subprocess.run(["deploy/local/install.sh", section], cwd=ROOT, capture_output=True, text=True)
            self.assertEqual((0, ""), (result.returncode, result.stdout + result.stderr), section)

    def test_programs_of_the_image_are_built(self):
        programs = {"jiedui"} | {f"jiedui-{name}" for name in PROGRAMS}
        for program in programs:
            self.assertTrue(os.access(os.path.join(BIN, program), os.X_OK), program)
            self.assertRegex(read("docker/Dockerfile"), rf"--target [^&]*\b{program}\b")

    def test_the_account_is_a_number_and_not_root(self):
        users = re.findall(r"^USER (.*)$", read("docker/Dockerfile"), re.MULTILINE)
        self.assertRegex(users[-1], r"^[1-9]\d+:[1-9]\d+$")

    def test_every_library_is_installed(self):
        section = re.search(r"\[image\][^\n]*\n(.*?)\n\[", read("deploy/packages.txt"), re.DOTALL)[1]
        packages = {line.partition("#")[0].strip() for line in section.splitlines()} - {""}
        packages |= {"libc6", "libgcc-s1", "libstdc++6"}  # of every Debian
        files = subprocess.run(["dpkg", "-L", *packages], capture_output=True, text=True, check=True).stdout
        installed = {os.path.basename(line) for line in files.splitlines()}
        for program in ["jiedui"] + [f"jiedui-{name}" for name in PROGRAMS]:
            dynamic = subprocess.run(["objdump", "-p", os.path.join(BIN, program)], capture_output=True, text=True, check=True).stdout
            self.assertEqual(set(), set(re.findall(r"NEEDED\s+(\S+)", dynamic)) - installed, program)

    def test_the_sources_are_in_the_context(self):
        kept = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
        self.assertLessEqual({"CMakeLists.txt", "CMakePresets.json", "cmake", "common", "proto", "services"}, kept)
        self.assertLessEqual(set(re.findall(r"^COPY (deploy\S+) ", read("docker/Dockerfile"), re.MULTILINE)), kept)


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compose = yaml.safe_load(read("docker/compose.yaml"))
        cls.services = cls.compose["services"]

    def test_every_program_and_its_migration(self):
        self.assertEqual({"mysql"} | set(PROGRAMS) | {f"{name}-migration" for name in PROGRAMS}, set(self.services))

    def test_commands(self):
        for name, service in self.services.items():
            if name == "mysql":
                continue
            program = name.removesuffix("-migration")
            migration = program != name
            command, flags = service["command"][0], flag_values(service["command"][1:])
            self.assertEqual(f"jiedui-{program}", command)
            self.assertEqual(set(), set(flags) - flags_of(command), name)
            account, secret = ("jiedui_migration", "migration_password") if migration else ("jiedui", "program_password")
            self.assertEqual(f"mysql://{account}@mysql:3306/jiedui_{program}", flags["database"])
            self.assertEqual(f"/run/secrets/{secret}", flags["database_password_file"])
            self.assertEqual([secret], service["secrets"])
            self.assertEqual(migration, "migrate" in flags)
            for flag, value in flags.items():
                if flag.endswith("_address"):
                    other = flag.removesuffix("_address")
                    self.assertEqual(f"{other}:{PROGRAMS[other][0]}", value)

    def test_servers_can_spool(self):
        for name in PROGRAMS:
            self.assertTrue(self.services[name]["read_only"])
            self.assertEqual(["/tmp:size=2g"], self.services[name]["tmpfs"])

    def test_order_ports_and_time_to_end(self):
        for name, ports in PROGRAMS.items():
            service = self.services[name]
            self.assertEqual({f"{name}-migration": {"condition": "service_completed_successfully"}}, service["depends_on"])
            self.assertEqual({"mysql": {"condition": "service_healthy"}}, self.services[f"{name}-migration"]["depends_on"])
            self.assertEqual([f"127.0.0.1:{port}:{port}" for port in ports], service["ports"])
            self.assertGreater(seconds(service["stop_grace_period"]), 5 + 20 + WATCHDOG_SECONDS)

    def test_secrets_are_made_once(self):
        with tempfile.TemporaryDirectory() as folder:
            for part in ("docker/secrets.sh", "deploy/local/new_keys.sh"):
                os.makedirs(os.path.join(folder, os.path.dirname(part)))
                shutil.copy(os.path.join(ROOT, part), os.path.join(folder, part))
            script, folder = os.path.join(folder, "docker/secrets.sh"), os.path.join(folder, "docker")
            keys = [f"./secrets/keys/{name}.key" for name in ("cell-1", "search-1")]
            made = []
            for _ in range(2):
                subprocess.run([script], check=True)
                made.append({})
                for name in [secret["file"] for secret in self.compose["secrets"].values()] + keys:
                    with open(os.path.join(folder, name), encoding="ascii") as file:
                        made[-1][name] = file.read()
            self.assertEqual(made[0], made[1])
            self.assertEqual(5, len(set(made[0].values())))
            self.assertEqual(0o700, os.stat(os.path.join(folder, "secrets")).st_mode & 0o777)
        self.assertIn("/docker/secrets/", read(".gitignore").splitlines())


if __name__ == "__main__":
    unittest.main()
