"""Latency of look-ups while endless queries run beside them, and alone.

python benchmarks/serve/beside_endless.py RELEASE [--endless 4] [--seconds 20]
"""

import argparse
import statistics
import threading
import time
from pathlib import Path

from pledgegraph.service import Limits, Request, Service, ServiceError
from questions import look_ups, store_of

JSON = "application/sparql-results+json"


def measure(service: Service, queries: list[str], seconds: float) -> list[float]:
    """Seconds of each look-up, one after the other, in order of size."""
    found: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        query = f"{queries[len(found) % len(queries)]}#{len(found)} {end}"
        start = time.perf_counter()
        service.answer(Request(query, JSON, client="reader"))
        found.append(time.perf_counter() - start)
        time.sleep(0.002)
    return sorted(found)


def main() -> None:
    """Print p50 and p99 of both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--endless", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    queries = [query for _, query in look_ups(store_of(options.release), 500)]
    stop = threading.Event()
    with Service.over_release(options.release, Limits.from_environment(cache_bytes=0, budget_seconds=1e9)) as service:

        def endless(number: int) -> None:
            while not stop.is_set():
                try:
                    service.answer(
                        Request(
                            f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} # {number} {time.time()}",
                            JSON,
                            client="greedy",
                        )
                    )
                except ServiceError:
                    time.sleep(0.01)

        for what, threads in (("alone", 0), (f"beside {options.endless} endless queries", options.endless)):
            for number in range(threads):
                threading.Thread(target=endless, args=(number,), daemon=True).start()
            times = measure(service, queries, options.seconds)
            late = times[int(len(times) * 0.99)]
            print(
                f"{what}: {len(times):,} look-ups, p50 {statistics.median(times) * 1000:.2f} ms, "
                f"p99 {late * 1000:.2f} ms, longest {times[-1] * 1000:.1f} ms"
            )
        stop.set()


if __name__ == "__main__":
    main()
