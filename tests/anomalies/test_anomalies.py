"""Each anomaly of the five documents is modelled as `anomalies.toml` says, and a damaged graph is found out."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pledgegraph.dataset import Dataset
from pledgegraph.terms import PREFIXES

HERE = Path(__file__).resolve().parent
ANOMALIES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "anomalies.toml").read_text(encoding="utf-8"))
Changed: TypeAlias = Callable[[str, str], AbstractContextManager[None]]
HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())


def has(whole: Dataset, pattern: str) -> bool:
    return bool(whole.store.query(f"{HEAD}ASK {{ {pattern} }}"))


def fails(whole: Dataset, anomaly: dict[str, Any]) -> list[str]:
    """The patterns of an anomaly that are not as they should be."""
    return [p for p in anomaly["holds"] if not has(whole, p)] + [p for p in anomaly.get("never", ()) if has(whole, p)]


def test_there_is_an_entry_for_each_of_the_thirty() -> None:
    assert list(ANOMALIES) == [f"A{number:02}" for number in range(1, 31)]


@pytest.mark.parametrize("name", ANOMALIES)
def test_the_graph_models_it(name: str, whole: Dataset) -> None:
    assert fails(whole, ANOMALIES[name]) == [], ANOMALIES[name]["what"]


@pytest.mark.parametrize(("name", "slug"), [(n, slug) for n, a in ANOMALIES.items() for slug in a["remove"]])
def test_a_graph_without_a_part_of_it_is_found_out(name: str, slug: str, whole: Dataset, changed: Changed) -> None:
    with changed(slug, ""):
        assert fails(whole, ANOMALIES[name]), f"nothing misses {slug}"


@pytest.mark.parametrize("name", [name for name, anomaly in ANOMALIES.items() if "add" in anomaly])
def test_what_must_never_be_said_is_found_out(name: str, whole: Dataset, changed: Changed) -> None:
    with changed("", ANOMALIES[name]["add"]):
        assert fails(whole, ANOMALIES[name])
