"""The data folder, where one is given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_or_skip() -> Path:
    """The folder with the public records, named by PLEDGEGRAPH_DATA."""
    given = os.environ.get("PLEDGEGRAPH_DATA")
    if not given:
        pytest.skip("PLEDGEGRAPH_DATA names no folder with the public records")
    return Path(given)
