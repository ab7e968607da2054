"""The servers that are measured side by side, each started over the same release on a free port of this machine."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

HERE = Path(__file__).parent
JSON = "application/sparql-results+json"
GRAPH = "urn:pledgegraph:default"
"""Virtuoso's default graph is the union of all graphs; the merged set goes into this one, which requests name."""

LONGEST_GET = 7500
"""Bytes of a query and its parameters that go into an address: Fuseki takes a request's head of up to 8 KiB."""

VIRTUOSO_INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = {isql}
DirsAllowed = {folder}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxCheckpointRemap = 2000
MaxClientConnections = 40
ServerThreads = 40
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
MaxClientConnections = 20
MaxKeepAlives = 20
KeepAliveTimeout = 60
[SPARQL]
MaxQueryExecutionTime = 30
ResultSetMaxRows = 1000000
"""


@dataclass
class Server:
    """A server that runs: its name, port, the path queries go to, parameters each request has, and its process."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]
    parameters: tuple[tuple[str, str], ...] = ()

    def request(self, query: str) -> bytes:
        """The bytes of a request for a query: by GET, or by POST where the address would be long."""
        form = urlencode([("query", query), *self.parameters])
        head = f"Host: 127.0.0.1:{self.port}\r\nAccept: {JSON}\r\n"
        if len(form) < LONGEST_GET:
            return f"GET {self.path}?{form} HTTP/1.1\r\n{head}\r\n".encode()
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        return f"POST {self.path} HTTP/1.1\r\n{head}{kind}Content-Length: {len(form)}\r\n\r\n{form}".encode()

    def ask(self, connection: http.client.HTTPConnection, query: str) -> tuple[int, bytes]:
        """Send a query over a connection that is kept; returns status and body."""
        form = urlencode([("query", query), *self.parameters])
        if len(form) < LONGEST_GET:
            connection.request("GET", f"{self.path}?{form}", headers={"Accept": JSON})
        else:
            headers = {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", self.path, form.encode(), headers)
        response = connection.getresponse()
        return response.status, response.read()

    def processor_seconds(self) -> float:
        """Processor time of all its processes, those that ended and were waited for included."""
        ticks = os.sysconf("SC_CLK_TCK")
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15]))
        return total / ticks

    def megabytes(self) -> float:
        """Proportional memory of all its processes."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        return total / 1024

    def pids(self) -> list[int]:
        """Its process and all below."""
        found, rest = [], [self.process.pid]
        while rest:
            pid = rest.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    rest += map(int, (task / "children").read_text().split())
        return found


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    name: str,
    command: list[str],
    port: int,
    path: str,
    *,
    ready: Callable[[Server], bool],
    parameters: tuple[tuple[str, str], ...] = (),
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[Server]:
    """A server once it is ready; killed at the end."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    )
    server = Server(name, port, path, process, parameters)
    try:
        end = time.monotonic() + 600
        while not ready(server):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} does not start: {' '.join(command)}")
            time.sleep(0.2)
        yield server
    finally:
        pids = server.pids()[1:]
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
            process.kill()
            process.wait()


def answers(server: Server, query: str = "ASK {}") -> bool:
    """Whether it answers a query with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        return server.ask(connection, query)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def pledgegraph(release: Path, folder: Path) -> Iterator[Server]:
    """This server, with its limits as they are but for the budget: all requests come from one address."""
    port = free_port()
    command = [sys.executable, "-m", "pledgegraph", "serve", "--release", str(release), "--port", str(port)]
    with running(
        "pledgegraph",
        command,
        port,
        "/sparql",
        ready=answers,
        environment={"PLEDGEGRAPH_BUDGET_SECONDS": "1e9"},
        folder=folder,
    ) as server:
        yield server


@contextmanager
def constant(folder: Path) -> Iterator[Server]:
    """The ceiling: the same web server answering constant bytes; `size` in the address says how many."""
    port = free_port()
    command = [sys.executable, str(HERE / "constant.py"), str(port)]
    with running("constant bytes", command, port, "/sparql", ready=answers, folder=folder) as server:
        yield server


@contextmanager
def oxigraph(release: Path, folder: Path, disk: bool) -> Iterator[Server]:
    """`oxigraph serve`, in memory or on disk."""
    program = program_of("oxigraph")
    port, place = free_port(), []
    if disk:
        store = folder / "oxigraph"
        place = ["--location", str(store)]
        data = ["--file", str(release / "dataset.nq")]
        subprocess.run([program, "load", *place, *data], check=True, capture_output=True)
    command = [program, "serve", *place, "--bind", f"127.0.0.1:{port}"]
    name = f"oxigraph serve, {'disk' if disk else 'memory'}"
    with running(name, command, port, "/query", ready=answers, folder=folder) as server:
        if not disk:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            with (release / "dataset.nq").open("rb") as file:
                connection.request("POST", "/store", file, {"Content-Type": "application/n-quads"}, encode_chunked=True)
                assert connection.getresponse().status in (200, 201, 204)
            connection.close()
        yield server


@contextmanager
def fuseki(release: Path, folder: Path) -> Iterator[Server]:
    """Apache Jena Fuseki in memory; PLEDGEGRAPH_FUSEKI names its jar."""
    jar, port = os.environ.get("PLEDGEGRAPH_FUSEKI", ""), free_port()
    if not Path(jar).is_file():
        raise RuntimeError("PLEDGEGRAPH_FUSEKI names no jar of Fuseki (.ci/run engines fetches one)")
    options = ["--port", str(port), "--localhost", f"--file={release / 'dataset.nq'}", "/graph"]
    command = ["java", "-Xmx4g", "-jar", jar, *options]
    with running("Fuseki", command, port, "/graph/query", ready=answers, folder=folder) as server:
        yield server


@contextmanager
def virtuoso(release: Path, folder: Path) -> Iterator[Server]:
    """Virtuoso open source with the merged set as one graph and the others as they are."""
    program, isql = program_of("virtuoso-t"), program_of("isql-vt")
    port, sql = free_port(), free_port()
    place = folder / "virtuoso"
    place.mkdir()
    (place / "virtuoso.ini").write_text(VIRTUOSO_INI.format(folder=place, port=port, isql=sql))
    default, named = place / "default.nt", place / "named.nq"
    split(release / "dataset.nq", default, named)
    command = [program, "+foreground", "+configfile", str(place / "virtuoso.ini")]
    parameters = (("default-graph-uri", GRAPH),)
    with running("Virtuoso", command, port, "/sparql", ready=answers, parameters=parameters, folder=place) as server:
        script = (
            f"DB.DBA.TTLP_MT(file_to_string_output('{default}'), '', '{GRAPH}', 255);\n"
            f"DB.DBA.TTLP_MT(file_to_string_output('{named}'), '', '{GRAPH}:named', 512 + 255);\ncheckpoint;\n"
        )
        done = subprocess.run([isql, str(sql), "dba", "dba"], input=script.encode(), capture_output=True, check=False)
        if b"Error" in done.stdout + done.stderr:
            raise RuntimeError(f"Virtuoso does not load: {(done.stdout + done.stderr).decode()[:500]}")
        yield server


@contextmanager
def rdflib_endpoint(release: Path, folder: Path) -> Iterator[Server]:
    """rdflib-endpoint over the merged set; RDFLIB_ENDPOINT names the interpreter of an environment that has it."""
    python, port = os.environ.get("RDFLIB_ENDPOINT", ""), free_port()
    if not python:
        raise RuntimeError("RDFLIB_ENDPOINT names no interpreter that has the packages rdflib-endpoint and uvicorn")
    default = folder / "default.nt"
    if not default.exists():
        split(release / "dataset.nq", default, folder / "named.nq")
    command = [python, "-m", "rdflib_endpoint", "serve", "--port", str(port), "--host", "127.0.0.1", str(default)]
    with running("rdflib-endpoint", command, port, "/", ready=answers, folder=folder) as server:
        yield server


def split(dataset: Path, default: Path, named: Path) -> None:
    """Write the triples of the default graph and the quads of the others into files of their own."""
    from pyoxigraph import DefaultGraph, RdfFormat, parse

    with dataset.open("rb") as file, default.open("w") as plain, named.open("w") as quads:
        for quad in parse(file, format=RdfFormat.N_QUADS):
            triple = f"{quad.subject} {quad.predicate} {quad.object}"
            if isinstance(quad.graph_name, DefaultGraph):
                plain.write(f"{triple} .\n")
            else:
                quads.write(f"{triple} {quad.graph_name} .\n")


def program_of(name: str) -> str:
    """A program beside this interpreter or on the PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise RuntimeError(f"the program {name} is not installed")
    return found


PEERS: dict[str, Callable[[Path, Path], contextlib.AbstractContextManager[Server]]] = {
    "oxigraph-memory": lambda release, folder: oxigraph(release, folder, disk=False),
    "oxigraph-disk": lambda release, folder: oxigraph(release, folder, disk=True),
    "fuseki": fuseki,
    "virtuoso": virtuoso,
    "rdflib-endpoint": rdflib_endpoint,
}
"""Starters of the other servers."""
