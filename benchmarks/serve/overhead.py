"""What the service adds to the engine: wall and processor time a query, precision of the deadline, recovery, memory.

python benchmarks/serve/overhead.py RELEASE [--rounds 5]
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from pledgegraph.evaluation import answer
from pledgegraph.service import Limits, Request, Service, ServiceError
from questions import look_ups, questions, store_of

JSON = "application/sparql-results+json"
ENDLESS = {
    "COUNT of a cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "ORDER BY a cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f LIMIT 10",
    "300 triple patterns": "ASK {" + " ".join(f"?v <p:{i}> ?w{i} ." for i in range(300)) + "}",
}


def processor_seconds(service: Service) -> float:
    """Processor time of this process, the forking process and its workers, dead ones included."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = sum(os.times()[:2])
    for pid in [nursery_pid(service), *children(nursery_pid(service))]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11 : 15 if pid == nursery_pid(service) else 13])) / ticks
    return total


def nursery_pid(service: Service) -> int:
    """The process that forks the workers."""
    return service._evaluator._nursery.pid  # type: ignore[attr-defined]


def children(pid: int) -> list[int]:
    """Processes forked by a process."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory(pid: int) -> dict[str, float]:
    """Resident, proportional and private MB of a process."""
    found: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, _, rest = line.partition(":")
        found[key] = int(rest.split()[0]) / 1024
    return {
        "resident": found["Rss"],
        "proportional": found["Pss"],
        "private": found["Private_Clean"] + found["Private_Dirty"],
    }


def answers_within(service: Service, query: str, seconds: float) -> bool:
    """Whether a query is answered within a time."""
    try:
        return service.answer(Request(query, JSON)).seconds < seconds
    except ServiceError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--longest", type=float, default=0.5, help="leave out questions that take more seconds")
    options = parser.parse_args()
    store = store_of(options.release)
    cases = [*look_ups(store, 100), *(case for seed in range(4) for case in questions(store, seed))]
    direct: dict[str, list[float]] = {}
    served: dict[str, list[float]] = {}
    processor = [0.0, 0.0]
    limits = Limits.from_environment(cache_bytes=0)
    with Service.over_release(options.release, limits) as service:
        cases = [case for case in cases if answers_within(service, case[1], options.longest)]
        for number in range(options.rounds):
            for name, query in cases:  # side by side, so that noise falls on both
                start, cpu = time.perf_counter(), time.process_time()
                body = answer(store, query, JSON)
                direct.setdefault(name, []).append(time.perf_counter() - start)
                processor[0] += time.process_time() - cpu
                start = time.perf_counter()
                found = service.answer(Request(f"{query}#{number}", JSON, client="bench")).body
                served.setdefault(name, []).append(time.perf_counter() - start)
                assert sorted(found) == sorted(body), name
        before = processor_seconds(service)
        for number in range(options.rounds):
            for _, query in cases:
                service.answer(Request(f"{query}##{number}", JSON))
        processor[1] = processor_seconds(service) - before
        count = options.rounds * len(cases)
        print("milliseconds, medians       engine   served    added")
        for name in served:
            ours, engine = (statistics.median(times[name]) * 1000 for times in (served, direct))
            print(f"{name:26} {engine:8.3f} {ours:8.3f} {ours - engine:8.3f}")
        per_query = [seconds / count * 1000 for seconds in processor]
        print(
            f"processor ms a query: engine {per_query[0]:.3f}, served {per_query[1]:.3f}, "
            f"added {per_query[1] - per_query[0]:.3f}"
        )
        for pid, what in [(nursery_pid(service), "forking process"), (children(nursery_pid(service))[-1], "a worker")]:
            print(f"MB of {what}:", ", ".join(f"{key} {value:.1f}" for key, value in memory(pid).items()))
    for seconds in (0.3, 1.0):
        late, recovery = [], []
        loose = Limits(query_seconds=seconds, query_patterns=10**6, query_operators=10**6, cache_bytes=0)
        with Service.over_release(options.release, loose) as service:
            for query in ENDLESS.values():
                for _ in range(options.rounds):
                    start = time.perf_counter()
                    try:
                        service.answer(Request(query, JSON))
                    except ServiceError as error:
                        if error.status == 503:
                            late.append(time.perf_counter() - start - seconds)
                    start = time.perf_counter()
                    service.answer(Request("ASK {}", JSON))
                    recovery.append(time.perf_counter() - start)
        print(
            f"limit of {seconds} s: ended late by median {statistics.median(late) * 1000:.1f} ms, "
            f"at most {max(late) * 1000:.1f}; next answer in median {statistics.median(recovery) * 1000:.1f} ms, "
            f"at most {max(recovery) * 1000:.1f} ({len(late)} queries)"
        )


if __name__ == "__main__":
    main()
