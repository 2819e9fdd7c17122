"""What the end-to-end tests share: the programs in temporary folders on free ports, and calls by method name with messages
made from descriptors. Nothing generated is needed."""

import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("JIEDUI_BIN", os.path.join(ROOT, "build/release/bin"))
DOMAIN_PROGRAMS = ("village", "industry", "infrastructure", "assistance")
PROGRAMS = DOMAIN_PROGRAMS + ("gateway",)
GOOGLEAPIS = "/usr/share/gocode/src/github.com/gogo/googleapis"
GRPC_PROTO = "/usr/share/grpc-proto"
START_SECONDS = 60


class Protos:
    """Every message and method of proto/, the error details and health."""

    def __init__(self):
        with tempfile.NamedTemporaryFile() as file:
            includes = [os.path.join(ROOT, "proto"), GOOGLEAPIS, GRPC_PROTO]
            sources = glob.glob(includes[0] + "/jiedui/**/*.proto", recursive=True)
            sources += [GOOGLEAPIS + "/google/rpc/status.proto", GOOGLEAPIS + "/google/rpc/error_details.proto",
                        GRPC_PROTO + "/grpc/health/v1/health.proto"]
            subprocess.run(["protoc", *("-I" + include for include in includes), "--include_imports", "-o", file.name, *sources],
                           check=True)
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        self._pool = descriptor_pool.DescriptorPool()
        for each in files.file:
            self._pool.Add(each)
        self._factory = message_factory.MessageFactory(self._pool)
        self.services = [self._pool.FindServiceByName(f"{each.package}.{service.name}") for each in files.file for service in each.service]

    def type(self, name):
        return self._factory.GetPrototype(self._pool.FindMessageTypeByName(name))

    def method(self, path):
        service, _, name = path.partition("/")
        return self._pool.FindServiceByName(service).methods_by_name[name]

    def request(self, path, fields):
        """The request of a method from a dictionary in proto3 JSON with proto field names."""
        return json_format.ParseDict(fields, self.request_type(path)(), descriptor_pool=self._pool)

    def request_type(self, path):
        return self._factory.GetPrototype(self.method(path).input_type)

    def response_type(self, path):
        return self._factory.GetPrototype(self.method(path).output_type)

    def dictionary(self, message):
        return json_format.MessageToDict(message, preserving_proto_field_name=True, descriptor_pool=self._pool)


_protos = None


def protos():
    global _protos
    if _protos is None:
        _protos = Protos()
    return _protos


class CallError(Exception):
    """A call that was refused, with its google.rpc details."""

    def __init__(self, error):
        super().__init__(f"{error.code().name}: {error.details()}")
        self.code = error.code().name
        self.message = error.details()
        self.reason, self.metadata, self.violations, self.localized, self.infos = "", {}, [], "", 0
        trailing = {key: value for key, value in error.trailing_metadata() or ()}
        status = protos().type("google.rpc.Status").FromString(trailing.get("grpc-status-details-bin", b""))
        self.wire = status.SerializeToString()
        for detail in status.details:
            kind = detail.type_url.rpartition("/")[2]
            value = protos().type(kind).FromString(detail.value)
            if kind == "google.rpc.ErrorInfo":
                self.infos += 1
                self.reason, self.metadata = value.reason, dict(value.metadata)
            elif kind == "google.rpc.LocalizedMessage":
                self.localized = value.message
            elif kind == "google.rpc.BadRequest":
                self.violations = [(each.field, each.description.partition(":")[0]) for each in value.field_violations]


class Client:
    """Calls by name: client("jiedui.village.v1.DivisionService/GetVillage", {"name": "villages/1"}) answers a dictionary."""

    def __init__(self, port):
        # min_reconnect_backoff_ms is how long an attempt to connect may take: a loaded machine needs its time. Without a pool of its
        # own a new client of a program that was started again would take over the connection that the old one saw refused.
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[
            ("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1),
            ("grpc.initial_reconnect_backoff_ms", 20), ("grpc.min_reconnect_backoff_ms", 5000), ("grpc.max_reconnect_backoff_ms", 200),
            ("grpc.use_local_subchannel_pool", 1)])

    def __call__(self, path, fields=None, **options):
        request = fields if hasattr(fields, "SerializeToString") else protos().request(path, fields or {})
        return protos().dictionary(self.message(path, request, **options))

    def message(self, path, request, timeout=30, metadata=None, wait_for_ready=None):
        data = request if isinstance(request, bytes) else request.SerializeToString()
        call = self.channel.unary_unary("/" + path, request_serializer=None,
                                        response_deserializer=protos().response_type(path).FromString)
        try:
            return call(data, timeout=timeout, metadata=metadata, wait_for_ready=wait_for_ready)
        except grpc.RpcError as error:
            raise CallError(error) from None

    def import_csv(self, collection, text, mode="IMPORT_MODE_ALL_OR_NOTHING", dry_run=False, metadata=()):
        """(result, errors) of an import through the program's BulkService."""
        path = "jiedui.bulk.v1.BulkService/Import"
        data = text.encode() if isinstance(text, str) else text
        requests = [protos().request(path, {"header": {"collection": collection, "mode": mode, "dry_run": dry_run}})]
        for begin in range(0, len(data), 1 << 20):
            requests.append(protos().request_type(path)(chunk=data[begin:begin + (1 << 20)]))
        call = self.channel.stream_stream("/" + path, request_serializer=lambda m: m.SerializeToString(),
                                          response_deserializer=protos().response_type(path).FromString)
        result, errors = None, []
        try:
            for answer in call(iter(requests), timeout=300, metadata=metadata):
                each = protos().dictionary(answer)
                errors += [each["error"]] if "error" in each else []
                result = each.get("result", result)
        except grpc.RpcError as error:
            raise CallError(error) from None
        return result, errors

    def export_csv(self, collection, filter_text=""):
        """The text of a collection."""
        path = "jiedui.bulk.v1.BulkService/Export"
        call = self.channel.unary_stream("/" + path, request_serializer=lambda m: m.SerializeToString(),
                                         response_deserializer=protos().response_type(path).FromString)
        try:
            return b"".join(answer.chunk for answer in call(
                protos().request(path, {"collection": collection, "filter": filter_text}), timeout=300)).decode()
        except grpc.RpcError as error:
            raise CallError(error) from None

    def close(self):
        self.channel.close()


class Program:
    """One program. Its ports stay the same when it is started again, so that others find it."""

    def __init__(self, name, folder, flags=()):
        self.name, self.folder, self.flags = name, folder, list(flags)
        self.grpc_port = self.http_port = 0
        self.process = None
        self._log = os.path.join(folder, name + ".log")
        os.makedirs(os.path.join(folder, name), exist_ok=True)

    def command(self, *more):
        return [os.path.join(BIN, "jiedui-" + self.name), "--data_dir=" + os.path.join(self.folder, self.name), *self.flags, *more]

    def migrate(self, *flags):
        result = subprocess.run(self.command("--migrate", *flags), capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"jiedui-{self.name} --migrate: {result.stdout}{result.stderr}")

    def start(self):
        """Starts it and waits until it says its ports."""
        before = len(self.log())
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                self.command("--bind_address=127.0.0.1", f"--grpc_port={self.grpc_port}", f"--http_port={self.http_port}",
                             "--drain=0s", "--grace=5s"), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            for line in self.log()[before:].splitlines():
                if '"event":"server.start"' in line:
                    event = json.loads(line)
                    self.grpc_port, self.http_port = int(event["grpc_port"]), int(event["http_port"])
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"jiedui-{self.name} did not start:\n{self.log()[before:][-4000:]}")

    def http(self, path):
        """(status, text) of a page on the metrics port."""
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                    f"http://127.0.0.1:{self.http_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ready(self):
        try:
            return self.http("/readyz")[0] == 200
        except OSError:
            return False

    def wait_ready(self):
        wait_for(self.ready, f"jiedui-{self.name} to be ready", lambda: self.log()[-4000:])
        return self

    def client(self):
        return Client(self.grpc_port)

    def log(self):
        try:
            with open(self._log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def end(self, number=signal.SIGTERM):
        """Ends it; answers its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.process = None
        return code

    def kill(self):
        return self.end(signal.SIGKILL)


class Programs:
    """Programs by name, migrated and started, in a temporary folder that ends with them."""

    def __init__(self, *names, mysql=None, data=None):
        """mysql: the Database to use, else SQLite. data: a folder whose contents are copied to begin with."""
        self.folder = tempfile.mkdtemp(prefix="jiedui-e2e.")
        if data is not None:
            shutil.copytree(data, self.folder, dirs_exist_ok=True)
        self.by_name, self._mysql = {}, mysql
        try:
            # Each after those whose address it is told.
            for name in names or sorted(PROGRAMS, key=("village", "infrastructure", "industry", "assistance", "gateway").index):
                self.add(name)
        except BaseException:
            self.close()
            raise

    def add(self, name):
        flags, migration = [], []
        if name != "gateway":
            keys = os.path.join(self.folder, "keys")
            subprocess.run([os.path.join(ROOT, "deploy/local/new_keys.sh"), keys], check=True)
            flags.append(f"--keys_dir={keys}")
        if self._mysql is not None:
            password = os.path.join(self.folder, "password")
            with open(password, "w", encoding="utf-8") as file:
                file.write(self._mysql.PASSWORD + "\n")
            flags += [f"--database={self._mysql.url(name)}", f"--database_password_file={password}"]
            migration = [f"--database={self._mysql.url(name, 'jiedui_migration')}"]
        if name == "gateway":
            flags += [f"--{other}_address=127.0.0.1:{self.by_name[other].grpc_port}" for other in DOMAIN_PROGRAMS if other in self.by_name]
        elif name != "village":
            flags.append(f"--village_address=127.0.0.1:{self.by_name['village'].grpc_port}")
        if name == "industry" and "infrastructure" in self.by_name:
            flags.append(f"--infrastructure_address=127.0.0.1:{self.by_name['infrastructure'].grpc_port}")
        program = self.by_name[name] = Program(name, self.folder, flags)
        program.migrate(*migration)
        program.start()
        program.wait_ready()

    def __getitem__(self, name):
        return self.by_name[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for program in reversed(self.by_name.values()):
            if program.process is not None:
                program.kill()
        if os.environ.get("JIEDUI_KEEP"):
            print("kept:", self.folder, file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def gateway_of(self, day):
        """Starts the gateway again as if today were `day`; answers a client of it."""
        gateway = self.by_name["gateway"]
        gateway.end()
        gateway.flags = [*(flag for flag in gateway.flags if not flag.startswith("--today=")), f"--today={day}"]
        return gateway.start().wait_ready().client()

    def addresses(self):
        """What the command line and the gateway are told."""
        return [f"--{name}_address=127.0.0.1:{program.grpc_port}" for name, program in self.by_name.items()]

    def cli(self, *arguments, check=True, **options):
        """Runs `jiedui`; answers the finished process."""
        environment = {**os.environ}
        for name, program in self.by_name.items():
            environment[f"JIEDUI_{name.upper()}_ADDRESS"] = f"127.0.0.1:{program.grpc_port}"
        result = subprocess.run([os.path.join(BIN, "jiedui"), *arguments], capture_output=True, text=True, check=False,
                                env=environment, **options)
        if check and result.returncode != 0:
            raise RuntimeError(f"jiedui {' '.join(arguments)}: exit code {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-4000:]}")
        return result


def wait_for(condition, what, detail=lambda: "", seconds=START_SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}\n{detail()}")
        time.sleep(0.05)


class Database:
    """A private MariaDB with the schemas and accounts of docker/mysql-init.sh."""

    MARIADB = os.path.join(ROOT, "tests/support/mariadb.sh")
    PASSWORD = "e2e-password"

    def __init__(self, *options):
        """options: of mariadbd."""
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="jiedui-e2e-mariadb.")
        os.chmod(self.folder, 0o755)
        self.start()
        with tempfile.TemporaryDirectory() as secrets:
            for account in ("migration", "program"):
                with open(os.path.join(secrets, account + "_password"), "w", encoding="utf-8") as file:
                    file.write(self.PASSWORD)
            statements = subprocess.run([os.path.join(ROOT, "docker/mysql-init.sh"), secrets, "127.0.0.1"],
                                        capture_output=True, check=True).stdout
        subprocess.run(["mariadb", "--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{self.port}", "-uroot"],
                       input=statements, check=True)

    def start(self):
        answer = subprocess.run([self.MARIADB, "start", self.folder, *self.options], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.port = int(answer.strip().rpartition(":")[2])

    def kill(self):
        subprocess.run([self.MARIADB, "kill", self.folder], check=True)

    def url(self, name, account="jiedui"):
        return f"mysql://{account}@127.0.0.1:{self.port}/jiedui_{name}"

    def close(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def listed(client, method):
    """Names of the first thousand records of a List method."""
    answer = client(method, {"page_size": 1000})
    records = next(value for value in answer.values() if isinstance(value, list))
    return [record["name"] for record in records]


# A small place to work in: a city, a district, a township, a village, an open year.
CITY, DISTRICT, TOWNSHIP, VILLAGE = "divisions/12", "divisions/120119", "divisions/120119901", "villages/120119901201"
DIVISION_SERVICE = "jiedui.village.v1.DivisionService"
PARTY_SERVICE = "jiedui.village.v1.PartyService"


def create_division(client, name, display_name, level, parent="", **more):
    code = name.rpartition("/")[2]
    return client(f"{DIVISION_SERVICE}/CreateDivision",
                  {"division": {"code": code, "display_name": display_name, "level": level, "parent": parent}, "division_id": code, **more})


def create_village(client, name, display_name="示例村", township=TOWNSHIP, **more):
    code = name.rpartition("/")[2]
    return client(f"{DIVISION_SERVICE}/CreateVillage",
                  {"village": {"code": code, "display_name": display_name, "township": township,
                               "support_level": "SUPPORT_LEVEL_CITY", "population": 1200, "entry_date": "2017-08-01"},
                   "village_id": code, **more})


def counts_years(client, years):
    """Whether the program counts figures of the years; it takes up a new year a moment after it was opened."""
    answer = client("jiedui.measure.v1.MeasureService/SyncMeasures", {"years": [{"year": year} for year in years]})
    return all(year.get("counted") for year in answer["years"])


def create_place(client, years=(2017, 2018)):
    """The place, through an open client of `village`; its figures are counted when this returns."""
    create_division(client, CITY, "天津市", "DIVISION_LEVEL_CITY")
    create_division(client, DISTRICT, "蓟州区", "DIVISION_LEVEL_DISTRICT", CITY)
    create_division(client, TOWNSHIP, "示例镇", "DIVISION_LEVEL_TOWNSHIP", DISTRICT)
    for year in years:
        client(f"{DIVISION_SERVICE}/CreateProgrammeYear",
               {"programme_year": {"year": year, "state": "YEAR_STATE_OPEN"}, "programme_year_id": str(year)})
    create_village(client, VILLAGE)
    wait_for(lambda: counts_years(client, years), "the years to be counted")


def party_member(index=0, **fields):
    return {"village": VILLAGE, "display_name": f"张三{index}", "birth_date": "1990-05-01", "stage": "DEVELOPMENT_STAGE_FULL",
            "joined_date": "2015-07-01", **fields}
