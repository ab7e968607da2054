"""This server beside others over the same graph, in one run: look-ups and named questions, cold and warm.

    python benchmarks/serve/compare.py RELEASE [--scale 10] [--peers oxigraph-memory,fuseki] [--out FOLDER]

Needs the program wrk, and for the peers: the package oxigraph; PLEDGEGRAPH_FUSEKI (a jar) and Java; Virtuoso's
programs; RDFLIB_ENDPOINT (an interpreter with rdflib-endpoint and uvicorn). A peer that is not there is left out, and
that is said.
Writes results.json, and report.md and plot.svg made from it.

Cold: each request is one that was never sent before; a round asks each question with other parameters. Warm: the same
requests over and over. Questions are asked one after the other, of all servers in turn, so that what else the machine
does falls on all of them; loads run with 8 connections. rdflib-endpoint cannot end a query that takes too long, so it
is measured last, alone, and no further than its sixth failure.
"""

import argparse
import contextlib
import http.client
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from load import Measure, machine, replay, unique
from report import write_report
from scale import scaled
from servers import PEERS, Server, constant, pledgegraph

from questions import look_ups, questions, store_of

PATIENCE_SECONDS = 15.0
SLOW_MS = 1000.0
"""A server that took longer than this over a question is not asked it again: one round tells enough."""

WARM_TURNS = 5
"""Loads of a warm question, in turn with as many of constant bytes; their medians count."""

Cases = Sequence[tuple[str, str]]
"""Names of questions and their texts."""


def rows(body: bytes) -> int:
    """Rows of a result, or its truth."""
    document = json.loads(body)
    return int(document["boolean"]) if "boolean" in document else len(document["results"]["bindings"])


class Asker:
    """Asks one server one question at a time and remembers how long each took."""

    def __init__(self, server: Server, most_failures: int = 1000) -> None:
        self.server = server
        self.most_failures = most_failures
        self.times: dict[str, list[float]] = {}
        self.rows: dict[str, list[int | None]] = {}
        self.failed: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, name: str, query: str) -> None:
        """Ask; a question that failed once is not asked again, and a server that failed often is left alone."""
        if name in self.failed:
            return
        if len(self.failed) >= self.most_failures:
            self.failed[name] = "not asked"
            return
        self._connection = self._connection or http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=PATIENCE_SECONDS
        )
        start = time.perf_counter()
        try:
            try:
                status, body = self.server.ask(self._connection, query)
            except http.client.RemoteDisconnected:  # it was idle for too long; http.client connects anew
                start = time.perf_counter()
                status, body = self.server.ask(self._connection, query)
        except TimeoutError:
            self.failed[name] = f"over {PATIENCE_SECONDS:g} s"
            self._connection = None
            return
        except (OSError, http.client.HTTPException) as error:
            self.failed[name] = type(error).__name__
            self._connection = None
            return
        took = time.perf_counter() - start
        if status != 200:
            self.failed[name] = f"status {status}"
            return
        self.times.setdefault(name, []).append(took * 1000)
        try:
            self.rows.setdefault(name, []).append(rows(body))
        except (ValueError, KeyError):
            self.rows.setdefault(name, []).append(None)

    def summary(self) -> dict[str, dict[str, Any]]:
        """For each question its times, their median, the rows of its answers, and what went wrong."""
        return {
            name: {
                "ms": statistics.median(self.times[name]) if name in self.times else None,
                "times": self.times.get(name, []),
                "rows": self.rows.get(name, []),
                "failed": self.failed.get(name),
            }
            for name in [*self.times, *self.failed]
        }


def in_turn(servers: Sequence[Server], rounds: Sequence[Cases], most_failures: int = 1000) -> dict[str, Asker]:
    """Ask all servers the questions of each round, in a text that was not sent before."""
    askers = {server.name: Asker(server, most_failures) for server in servers}
    first, *others = askers.values()
    chance = random.Random(1)  # noqa: S311
    sent: set[str] = set()
    for number, cases in enumerate(rounds):
        for name, query in cases:
            text = f"{query}\n#{number}" if query in sent else query
            sent.add(query)
            order = [first, *others]
            if name in first.times:
                chance.shuffle(order)
            for asker in order:
                if name in first.failed:
                    break  # over the limit here; others might go on with it for the rest of the run
                if max(asker.times.get(name, [0])) <= SLOW_MS:
                    asker.ask(name, text)
        print(f"  round {number + 1} of {len(rounds)}", file=sys.stderr)
    return askers


def warm_beside_ceiling(
    ours: Server, ceiling: Server, peer: Server | None, cases: Cases, seconds: int
) -> list[dict[str, Any]]:
    """Requests a second of each question when it is asked again and again, beside constant bytes of the same size."""
    found = []
    for name, query in cases:
        connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=60)
        status, body = ours.ask(connection, query)
        connection.close()
        if status != 200:
            continue
        request = ours.request(query)
        first, end, rest = request.partition(b" HTTP/1.1")
        sized = first + (b"&" if b"?" in first else b"?") + b"size%%3D%d" % len(body) + end + rest
        row: dict[str, Any] = {"name": name, "bytes": len(body), "ours": [], "ceiling": []}
        for _ in range(WARM_TURNS):
            row["ours"].append(replay(ours, [request], seconds).per_second)
            row["ceiling"].append(replay(ceiling, [sized], seconds).per_second)
        for key in ("ours", "ceiling"):
            row[key] = statistics.median(row[key])
        if peer is not None:
            row["peer"] = replay(peer, [peer.request(query)], seconds).per_second
        found.append(row)
    return found


def loads(
    server: Server, looked_up: Sequence[str], asked: Sequence[str], seconds: int
) -> dict[str, dict[str, Any] | None]:
    """Look-ups and questions under load, cold and warm."""
    found: dict[str, Measure] = {}
    for what, queries, count in (("look-ups", looked_up, 40_000), ("questions", asked, 10_000)):
        if not queries:
            continue
        found[f"{what}, cold"] = replay(server, unique(server, queries, count, what), seconds)
        again = [server.request(query) for query in queries]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for query in queries:
            server.ask(connection, query)
        connection.close()
        found[f"{what}, warm"] = replay(server, again, seconds)
    return {what: asdict(measure) for what, measure in found.items()}


def write(result: dict[str, Any], askers: dict[str, Asker], folder: Path) -> None:
    """Write what was measured so far, and the report of it."""
    result["cold"] = {name: asker.summary() for name, asker in askers.items()}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / ("results.json" if result["scale"] == 1 else f"results-{result['scale']}x.json")
    file.write_text(json.dumps(result, indent=1) + "\n")
    write_report(file)


def main() -> int:
    """Measure and write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--scale", type=int, default=1, help="copies of the graph (1; 10 and 100 are meant)")
    parser.add_argument("--rounds", type=int, default=5, help="times each question is asked, each with others (5)")
    parser.add_argument("--questions", type=int, help="ask the first so many alone, to try this out")
    parser.add_argument("--seconds", type=int, default=5, help="of each load (5)")
    parser.add_argument("--warm-seconds", type=int, default=1, help="of each load of one warm question (1)")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"of {', '.join(PEERS)}")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "scale": options.scale, "left out": {}, "loads": {}}
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        release = scaled(options.release, options.scale, folder)
        result["triples"] = json.loads((release / "manifest.json").read_text())["triples"]
        store = store_of(options.release)
        looked_up = [query for _, query in look_ups(store, 200)]
        rounds = [
            [("look-up", looked_up[number]), *islice(questions(store, seed=number), options.questions)]
            for number in range(options.rounds)
        ]
        ours = stack.enter_context(pledgegraph(release, folder))
        servers = [ours]
        slow: list[str] = []
        for peer in options.peers.split(","):
            if peer == "rdflib-endpoint":
                slow.append(peer)  # a query that it was asked runs on for minutes: it is measured last and alone
                continue
            try:
                servers.append(stack.enter_context(PEERS[peer](release, folder)))
                print(f"{servers[-1].name} runs", file=sys.stderr)
            except (RuntimeError, OSError) as error:
                result["left out"][peer] = str(error)
                print(f"{peer} is left out: {error}", file=sys.stderr)
        askers = in_turn(servers, rounds)
        result["warm"] = []
        write(result, askers, options.out)
        failed = {name for asker in askers.values() for name in asker.failed}
        quick = [query for cases in rounds for name, query in cases[1:] if name not in failed]
        for server in servers:
            print(f"loads on {server.name}", file=sys.stderr)
            result["loads"][server.name] = loads(server, looked_up, quick, options.seconds)
            write(result, askers, options.out)
        memory = next((server for server in servers if server.name == "oxigraph serve, memory"), None)
        ceiling = stack.enter_context(constant(folder))
        result["warm"] = warm_beside_ceiling(ours, ceiling, memory, rounds[0], options.warm_seconds)
        write(result, askers, options.out)
        for peer in slow:
            try:
                with PEERS[peer](release, folder) as server:
                    print(f"{server.name} runs", file=sys.stderr)
                    result["loads"][server.name] = loads(server, looked_up, [], options.seconds)
                    alone = in_turn([server], rounds, most_failures=6)
                    askers.update(alone)
            except (RuntimeError, OSError) as error:
                result["left out"][peer] = str(error)
                print(f"{peer} is left out: {error}", file=sys.stderr)
        write(result, askers, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
