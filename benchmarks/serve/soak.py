"""Mixed load on a running server, with workers killed at random: no wrong answer, no lost request, memory flat.

    python benchmarks/serve/soak.py RELEASE [--seconds 30] [--clients 6] [--kills 1.0]

Starts `pledgegraph serve` over the release, asks it look-ups, named questions, personal queries, broken and hostile
ones, endless ones and giant answers, reads some answers slowly, and kills a worker with SIGKILL every so often. Each
right answer is known beforehand from an undisturbed evaluation. Exit code 1 when an answer was wrong, a request got
none, too many were put off with 429 or 503, or memory grew.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pledgegraph.service import Limits, Request, Service, ServiceError
from questions import look_ups, questions, store_of

CSV = "text/csv"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != %d) }"
GIANT = "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(?c != %d) }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(?c != %d) } ORDER BY ?f ?c"
HOSTILE = (
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "LOAD <http://127.0.0.1:9/>",
    "INSERT DATA { <a:a> <a:b> 1 }",
    "ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "SELECT * { ?s ?p }",
    "SELECT ?s { ?s ?p 'open }",
    "SELECT * { ?s nowhere:p ?o }",
    "ASK {" + " ".join(f"?v <p:{i}> ?w{i} ." for i in range(400)) + "}",
)
LEAST_SHARE = 0.95
"""Of look-ups, questions and hostile queries each, so many have to get an answer, or the refusal that is theirs, and no
429 or 503: those are right for any request, so a server that gave nothing else would not be found wrong."""


@dataclass(frozen=True)
class Case:
    """A query and what may come of it: the body of a 200, sorted by lines, or a status."""

    kind: str
    query: str
    body: list[bytes] | None
    statuses: frozenset[int]


def cases(release: Path) -> list[Case]:
    """All kinds of queries, each with what may come of it."""
    store = store_of(release)
    found: list[Case] = []
    with Service.over_release(release, Limits.from_environment(query_seconds=1.5, cache_bytes=0)) as service:
        for name, query in [*look_ups(store, 300), *(case for seed in range(3) for case in questions(store, seed))]:
            try:
                body = sorted(service.answer(Request(query, CSV)).body.splitlines())
            except ServiceError:
                continue  # too long to be answered in ten seconds under load and at low priority
            found.append(Case(name if name == "look-up" else "question", query, body, frozenset([200])))
    found += [Case("hostile", query, None, frozenset([400, 403])) for query in HOSTILE]
    return found


class Soak:
    """The load, and what came of it."""

    def __init__(self, port: int, known: list[Case], seed: int) -> None:
        self.port = port
        self.looked_up = [case for case in known if case.kind == "look-up"]
        self.asked = [case for case in known if case.kind == "question"]
        self.hostile = [case for case in known if case.kind == "hostile"]
        self.seed = seed
        self.stop = threading.Event()
        self.outcomes: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []
        self.lost: list[str] = []
        self.latencies: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def choose(self, chance: random.Random) -> Case:
        """One case: mostly look-ups, some questions, now and then something heavy or hostile."""
        dice = chance.random()
        number = chance.randrange(10**9)
        late = frozenset([413, 422, 429, 503])
        if dice < 0.70:
            return chance.choice(self.looked_up)
        if dice < 0.90:
            return chance.choice(self.asked)
        if dice < 0.96:
            return chance.choice(self.hostile)
        if dice < 0.975:
            return Case("personal", "SELECT (STRUUID() AS ?u) {}", None, frozenset([200]))
        if dice < 0.985:
            return Case("endless", ENDLESS % number, None, late)
        if dice < 0.995:
            return Case("giant", GIANT % number, None, late)
        return Case("sorted", SORTED % number, None, late)

    def client(self, number: int) -> None:
        """Ask until told to stop."""
        chance = random.Random(self.seed * 1000 + number)  # noqa: S311
        while not self.stop.is_set():
            case = self.choose(chance)
            # A comment makes the query a new one: three in four look-ups go to the workers and not to the cache.
            query = case.query if chance.random() < 0.25 else f"{case.query}\n# {chance.randrange(10**9)}"
            start = time.perf_counter()
            try:
                status, body = self.ask(query, slowly=chance.random() < 0.005)
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.lost.append(f"{case.kind}: {type(error).__name__} {error}")
                continue
            took = time.perf_counter() - start
            with self._lock:
                self.outcomes[case.kind, status] += 1
                self.latencies.setdefault(case.kind, []).append(took)
                if status not in case.statuses and status not in (429, 503):
                    self.wrong.append(f"{case.kind}: status {status}: {body[:200]!r}")
                elif status == 200 and case.body is not None and sorted(body.splitlines()) != case.body:
                    self.wrong.append(f"{case.kind}: another answer to {case.query[:200]!r}")
                elif status >= 400 and b'"status"' not in body:
                    self.wrong.append(f"{case.kind}: status {status} without a problem document")

    def put_off(self) -> list[str]:
        """The kinds of which too few were answered, each with how many were."""
        found = []
        for kind in ("look-up", "question", "hostile"):
            total = sum(count for (asked, _), count in self.outcomes.items() if asked == kind)
            answered = total - self.outcomes[kind, 429] - self.outcomes[kind, 503]
            if not total or answered < LEAST_SHARE * total:
                found.append(f"{kind}: {answered:,} of {total:,} answered, at least {LEAST_SHARE:.0%} wanted")
        return found

    def ask(self, query: str, slowly: bool) -> tuple[int, bytes]:
        """Send one query by GET or POST; read its answer, a little at a time if slowly."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Accept": f"{CSV}, application/problem+json"}
            if len(query) < 2000:
                connection.request("GET", f"/sparql?query={quote(query)}", headers=headers)
            else:
                headers["Content-Type"] = "application/sparql-query"
                connection.request("POST", "/sparql", query.encode(), headers)
            response = connection.getresponse()
            if not slowly:
                return response.status, response.read()
            parts = []
            while part := response.read(2048):
                parts.append(part)
                time.sleep(0.05)
            return response.status, b"".join(parts)
        finally:
            connection.close()


def descendants(pid: int) -> list[int]:
    """All processes below a process; one that ends meanwhile has none."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for word in (task / "children").read_text().split():
                found += [int(word), *descendants(int(word))]
    return found


def workers(server: int) -> list[int]:
    """The server's workers: processes two levels down that run the evaluator."""
    found = []
    for pid in descendants(server):
        try:
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            if b"service.workers" in Path(f"/proc/{parent}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def memory(server: int) -> float:
    """Proportional memory of the server and all its processes in MB."""
    total = 0.0
    for pid in [server, *descendants(server)]:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
    return total


def main() -> int:
    """Run the soak; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--seconds", type=float, default=30, help="30 by default; 1800 is the full soak")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--kills", type=float, default=1.0, help="seconds between two kills, on average")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    known = cases(options.release)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pledgegraph", "serve", "--release", str(options.release), "--port", str(port)]
    environment = {**os.environ, "PLEDGEGRAPH_BUDGET_SECONDS": "1e9"}  # all clients of this load are one address
    log = tempfile.TemporaryFile()  # noqa: SIM115
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    soak = Soak(port, known, options.seed)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        threads = [threading.Thread(target=soak.client, args=(number,)) for number in range(options.clients)]
        for thread in threads:
            thread.start()
        chance = random.Random(options.seed)  # noqa: S311
        end, killed, samples = time.monotonic() + options.seconds, 0, []
        while time.monotonic() < end and server.poll() is None:
            time.sleep(min(chance.expovariate(1 / options.kills), 5))
            if found := workers(server.pid):
                try:
                    os.kill(chance.choice(found), signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
            samples.append(memory(server.pid))
        soak.stop.set()
        for thread in threads:
            thread.join()
        died = server.poll() is not None
    finally:
        soak.stop.set()
        server.terminate()
        server.wait(30)
    log.seek(0)
    report(soak, killed, samples)
    # The first quarter warms up; after it, memory may move with the queries under way and must not climb.
    quarter = max(len(samples) // 4, 1)
    early, late = (sorted(part)[len(part) // 2] for part in (samples[quarter : 2 * quarter], samples[-quarter:]))
    grown = late > early * 1.25 + 20
    put_off = soak.put_off()
    if died or soak.wrong or soak.lost or put_off or grown:
        print(f"FAILED: server died {died}, wrong {len(soak.wrong)}, lost {len(soak.lost)}, memory grew {grown}")
        print(*soak.wrong[:5], *soak.lost[:5], *put_off, log.read()[-2000:].decode(errors="replace"), sep="\n")
        return 1
    print("passed")
    return 0


def report(soak: Soak, killed: int, samples: list[float]) -> None:
    """Print what came of it."""
    print(f"{sum(soak.outcomes.values()):,} requests, {killed} workers killed")
    for (kind, status), count in sorted(soak.outcomes.items()):
        print(f"  {kind:10} {status}  {count:,}")
    for kind, times in sorted(soak.latencies.items()):
        times.sort()
        middle, late = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
        print(f"  {kind:10} p50 {middle:8.1f} ms   p99 {late:8.1f} ms")
    print(json.dumps({"memory MB": [round(value) for value in samples[:: max(len(samples) // 20, 1)]]}))


if __name__ == "__main__":
    sys.exit(main())
