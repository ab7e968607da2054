"""Fixtures for all tests: a cache directory of their own, an invented content root, and releases built once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pledgegraph.content import Content
from pledgegraph.release.build import STEPS, build
from pledgegraph.release.progress import Progress

ROOT = Path(__file__).resolve().parent.parent
MINI = ROOT / "tests" / "fixtures" / "mini"

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
