"""Fixtures for all tests: a cache directory of their own, an invented content root, and releases built once."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import closure, facts
from pledgegraph.release.build import STEPS, build
from pledgegraph.release.progress import Progress
from pledgegraph.terms import ID, PREFIXES

ROOT = Path(__file__).resolve().parent.parent
MINI = ROOT / "tests" / "fixtures" / "mini"
PREFIX_LINES = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())

for name in ("PLEDGEGRAPH_TEXTS", "PLEDGEGRAPH_SUITES", "PLEDGEGRAPH_DATA"):
    # Given from the checkout, like ../shared; tests make file IRIs of them and change directories.
    if os.environ.get(name):
        os.environ[name] = str(Path(os.environ[name]).resolve())


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache directory of the test run, shared by its workers; the user's own is never touched."""
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "cache"
    before = os.environ.get("PLEDGEGRAPH_CACHE")
    os.environ["PLEDGEGRAPH_CACHE"] = str(directory)
    yield directory
    if before is None:
        del os.environ["PLEDGEGRAPH_CACHE"]
    else:
        os.environ["PLEDGEGRAPH_CACHE"] = before


@pytest.fixture(scope="session")
def mini() -> Content:
    """The invented content root; tests that change files take `mini_copy`."""
    return Content(MINI)


@pytest.fixture
def mini_copy(tmp_path: Path) -> Content:
    """A copy of the invented content root that a test may damage."""
    return Content(Path(shutil.copytree(MINI, tmp_path / "mini")))


@pytest.fixture(scope="session")
def mini_release(mini: Content) -> Path:
    """Directory of the release of the invented content."""
    return build(mini, progress=Progress(STEPS, quiet=True)).path


@pytest.fixture(scope="session")
def full_release() -> Path:
    """Directory of the release of the repository's own content."""
    return build(Content(ROOT), progress=Progress(STEPS, quiet=True)).path


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the public records, named by PLEDGEGRAPH_DATA."""
    given = os.environ.get("PLEDGEGRAPH_DATA")
    if not given:
        pytest.skip("PLEDGEGRAPH_DATA names no folder with the public records")
    return Path(given)


@pytest.fixture(scope="session")
def whole() -> Dataset:
    """The closed graph of the repository's content, in memory."""
    dataset = Dataset.from_content(Content(ROOT))
    facts.apply(dataset)
    closure.materialise(dataset)
    return dataset


@pytest.fixture
def changed(whole: Dataset) -> Callable[[str, str], AbstractContextManager[None]]:
    """While a block runs, take all said of things (slugs, with commas) out of the closed graph, or add Turtle."""

    @contextmanager
    def change(remove: str, add: str) -> Iterator[None]:
        store, default = whole.store, ox.DefaultGraph()
        gone: set[ox.Quad] = set()
        for node in (ox.NamedNode(ID(slug)) for slug in remove.split(",") if slug):
            found = {*store.quads_for_pattern(node, None, None, default)}
            found |= {*store.quads_for_pattern(None, None, node, default)}
            assert found, f"{node} is not in the graph"
            gone |= found
        more = {q for q in ox.parse(PREFIX_LINES + add, ox.RdfFormat.TURTLE) if q not in store} if add else set()
        for quad in gone:
            store.remove(quad)
        store.extend(more)
        try:
            yield
        finally:
            store.extend(gone)
            for quad in more:
                store.remove(quad)

    return change
