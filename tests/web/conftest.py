"""Sites over small data: in this process, and as a server of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from pledgegraph.service import Limits, Service
from pledgegraph.web.app import create_front
from pledgegraph.web.middleware import Front
from pledgegraph.web.site import Site

sys.path.insert(0, str(Path(__file__).parent))  # for the module that these tests share

from web_serving import Served, serving

DATA = Path(__file__).parent / "data.trig"
BASE = "https://pledges.example/graph/"


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A site over `data.trig`, with a deadline of a second."""
    with Service.over_files([DATA], Limits(query_seconds=1.0)) as service:
        yield Site(BASE, service)


@pytest.fixture
def front(site: Site) -> Front:
    """The whole WSGI application for `site`, with an empty cache."""
    return create_front(site)


@pytest.fixture
def client(front: Front) -> Client:
    """Speaks to `front` in this process."""
    return Client(front)


@pytest.fixture(scope="session")
def mini_site(mini_release: Path) -> Iterator[Site]:
    """A site over the release of the invented content."""
    with Service.over_release(mini_release, Limits(query_seconds=5.0)) as service:
        yield Site(BASE, service, mini_release)


@pytest.fixture
def mini_client(mini_site: Site) -> Client:
    """Speaks to a site over the release of the invented content."""
    return Client(create_front(mini_site))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server of its own over `data.trig`, with a deadline of a second."""
    with serving("--data", str(DATA), "--query-seconds", "1") as running:
        yield running
