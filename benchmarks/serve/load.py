"""Load on a server: `wrk` replays requests and counts; processor time and memory are read from /proc."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from servers import HERE, Server, program_of


@dataclass(frozen=True)
class Measure:
    """Requests a second, milliseconds that half and 99 of 100 took at most, processor milliseconds a request, memory in
    MB, and requests that got an error."""

    per_second: float
    p50: float
    p99: float
    processor: float
    megabytes: float
    errors: int


def replay(server: Server, requests: Sequence[bytes], seconds: int, connections: int = 8) -> Measure:
    """Send requests for some seconds over connections that are kept."""
    with tempfile.NamedTemporaryFile(suffix=".requests") as file:
        for request in requests:
            file.write(b"%d\n" % len(request) + request)
        file.flush()
        command = [program_of("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
        command += ["-s", str(HERE / "replay.lua"), f"http://127.0.0.1:{server.port}/"]
        before = server.processor_seconds()
        done = subprocess.run(
            command, env={**os.environ, "REQUESTS": file.name}, capture_output=True, text=True, check=True
        )
        used = server.processor_seconds() - before
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    count, duration, p50, p99, errors = map(float, line.split()[1:])
    count = max(count, 1)
    return Measure(count / duration, p50, p99, used / count * 1000, server.megabytes(), int(errors))


def unique(server: Server, queries: Sequence[str], count: int, mark: str) -> list[bytes]:
    """Requests that were never sent before: a comment at the end of each tells them apart."""
    return [server.request(f"{queries[number % len(queries)]}\n#{mark}{number}") for number in range(count)]


def machine() -> str:
    """This machine in a line: processor, cores, memory, system, and the load on it now."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown processor",
    )
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    system = os.uname()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores, {kilobytes / 1024**2:.0f} GiB, {system.sysname} {system.release}; "
        f"load average at the start {load}"
    )
