"""Where the W3C suites are, and the modules that these tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder with sparql10 and sparql11, from PLEDGEGRAPH_SUITES."""
    given = os.environ.get("PLEDGEGRAPH_SUITES")
    if not given:
        pytest.skip("PLEDGEGRAPH_SUITES is not set: make test SUITES=DIR runs the W3C suites, DIR/sparql among them")
    folder = Path(given) / "sparql"
    assert (folder / "sparql11" / "manifest.ttl").is_file(), f"no SPARQL suites in {folder}"
    return folder
