"""A small graph, services over it, and a listener that notes who calls."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pledgegraph.service import Limits, Service

sys.path.insert(0, str(Path(__file__).parent))  # for the module that these tests share

from serving import EXAMPLE, SEEN_BY_ALL, TRIPLES, Listener


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """N-Quads: 400 things of three triples each in the default graph, the first hundred again in a named graph."""
    path = tmp_path_factory.mktemp("graph") / "small.nq"
    with path.open("w", encoding="utf-8") as file:
        for number in range(TRIPLES // 3):
            thing = f"<{EXAMPLE}thing-{number}>"
            for triple in (
                f'{thing} <{EXAMPLE}number> "{number}"^^<http://www.w3.org/2001/XMLSchema#integer>',
                f'{thing} <{EXAMPLE}label> "Thing {number}"@en',
                f"{thing} <{EXAMPLE}next> <{EXAMPLE}thing-{(number + 1) % (TRIPLES // 3)}>",
            ):
                file.write(f"{triple} .\n")
                if number < 100:
                    file.write(f"{triple} <{EXAMPLE}graph> .\n")
    return path


@pytest.fixture(scope="module")
def service(graph: Path) -> Iterator[Service]:
    """A service with a deadline of half a second."""
    with Service.over_files([graph], Limits(query_seconds=0.5)) as running:
        yield running


@pytest.fixture(scope="module")
def unguarded(graph: Path) -> Iterator[Service]:
    """A service whose guard lets nearly everything pass."""
    with Service.over_files([graph], SEEN_BY_ALL) as running:
        yield running


@pytest.fixture
def listener() -> Iterator["Listener"]:
    """A loopback server that answers nothing and notes every connection."""
    with Listener() as listening:
        yield listening
