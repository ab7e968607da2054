"""Foreign engines started for tests: Oxigraph's server and Apache Jena Fuseki, each empty and in memory."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

FUSEKI = "PLEDGEGRAPH_FUSEKI"
"""Environment variable that names Fuseki's jar (Maven: org.apache.jena:jena-fuseki-server)."""

REQUIRED = "PLEDGEGRAPH_ENGINES"
"""Environment variable; where it is `required`, a missing engine fails its tests instead of skipping them."""


def oxigraph_program() -> str | None:
    """The program of the package `oxigraph`, if it is installed."""
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.exists() else shutil.which("oxigraph")


def fuseki_jar() -> Path | None:
    """Fuseki's jar, if the environment names it and Java is there."""
    jar = os.environ.get(FUSEKI)
    return Path(jar) if jar and Path(jar).is_file() and shutil.which("java") else None


@contextmanager
def oxigraph() -> Iterator[str]:
    """The address of an empty Oxigraph server."""
    program = oxigraph_program()
    assert program is not None, "PyPI's package oxigraph is not installed"
    port = free_port()
    with _running([program, "serve", "--bind", f"127.0.0.1:{port}"], f"http://127.0.0.1:{port}/query") as _:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def fuseki() -> Iterator[str]:
    """The address of an empty data set of Fuseki."""
    jar = fuseki_jar()
    assert jar is not None, f"{FUSEKI} names no jar of Fuseki, or Java is not installed"
    port = free_port()
    command = [
        "java",
        "-Xmx1g",
        *_QUICK_START,
        "-jar",
        str(jar),
        "--port",
        str(port),
        "--localhost",
        "--mem",
        "--update",
        "/test",
    ]
    with _running(command, f"http://127.0.0.1:{port}/test/query") as _:
        yield f"http://127.0.0.1:{port}/test"


def _engine(start: Callable[[], AbstractContextManager[str]], found: object, name: str) -> Any:
    missing = not found and os.environ.get(REQUIRED) != "required"
    return pytest.param(start, id=name, marks=pytest.mark.skipif(missing, reason=f"needs {name}"))


ENGINES = [_engine(oxigraph, oxigraph_program(), "oxigraph"), _engine(fuseki, fuseki_jar(), "fuseki")]
"""Parameters of a fixture: each engine's starter, skipped where the engine is not there and not required."""

# The tests send few requests to many servers: starting counts, not speed.
_QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], query_url: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{query_url}?query=ASK%7B%7D", timeout=5):  # noqa: S310
                    break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
                time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()
