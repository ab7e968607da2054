"""What `import pledgegraph` offers."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import pledgegraph
from pledgegraph import api
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, PledgegraphError, RunError
from pledgegraph.terms import ID


@pytest.fixture(scope="module")
def dataset(mini_release: Path) -> Dataset:
    return pledgegraph.load(mini_release)


def test_exported_names_are_few_sorted_and_there() -> None:
    assert pledgegraph.__all__ == sorted(pledgegraph.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(pledgegraph, name) for name in pledgegraph.__all__)
    assert set(pledgegraph.__all__) <= set(dir(pledgegraph))
    with pytest.raises(AttributeError, match="nope"):
        _ = pledgegraph.nope


def test_importing_it_imports_nothing_else() -> None:
    code = "import sys, pledgegraph; print([m for m in sys.modules if m.startswith('pledgegraph.') or 'oxi' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_rows_hold_python_values(dataset: Dataset) -> None:
    answer = pledgegraph.query(
        "SELECT ?actor ?latest { ?e pledge:endorser ?actor ; pledge:latest ?latest } ORDER BY ?actor", dataset
    )
    assert answer.columns == ("actor", "latest")
    assert [row["latest"] for row in answer] == [date(2020, 5, 1)] * 2
    actor = answer[0]["actor"]
    assert isinstance(actor, pledgegraph.IRI)
    assert (actor, actor.short) == (ID("arcadia"), "id:arcadia")
    assert len(answer[0:1]) == 1


def test_values(dataset: Dataset) -> None:
    query = (
        "SELECT ?a ?b ?c ?d ?e ?f ?g ?h ?i { BIND(1 AS ?a) BIND(1.50 AS ?b) BIND(true AS ?c) BIND(1e0 AS ?d) "
        "BIND('x'@en AS ?e) BIND('2020-13-01'^^xsd:date AS ?f) BIND('x'^^xsd:integer AS ?g) BIND(BNODE() AS ?h) }"
    )
    row = pledgegraph.query(query, dataset)[0]
    assert row["a"] == 1
    assert isinstance(row["b"], Decimal)
    assert row["c"] is True
    assert isinstance(row["d"], float)
    assert (row["e"], row["f"], row["g"], row["i"]) == ("x", "2020-13-01", "x", None)
    assert str(row["h"]).startswith("_:")


def test_truth_and_graphs(dataset: Dataset) -> None:
    assert pledgegraph.query("ASK { id:arcadia a pledge:State }", dataset)
    assert not pledgegraph.query("ASK { id:arcadia a pledge:Claim }", dataset)
    described = pledgegraph.query("DESCRIBE id:arcadia", dataset)
    assert described
    assert len(described.to_rdflib()) == len(described.triples)


def test_named_questions(dataset: Dataset) -> None:
    rows = pledgegraph.ask("endorsers", dataset, text="accord", asOf=date(2020, 5, 1))
    assert [row["actorLabel"] for row in rows] == ["Arcadia", "Ruritania"]
    with pytest.raises(InputError, match="Did you mean"):
        pledgegraph.ask("endorsers", dataset, txt="accord")


def test_errors_have_one_base(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(PledgegraphError):
        pledgegraph.query("SELECT", dataset)
    with pytest.raises(PledgegraphError, match="call another"):
        pledgegraph.query("ASK { SERVICE <http://127.0.0.1:9/> {} }", dataset)
    with pytest.raises(RunError, match="is not a release"):
        pledgegraph.load(tmp_path)
    with pytest.raises(ValueError, match="no named questions"):
        pledgegraph.ask("endorsers", Dataset())


def test_the_default_graph_is_loaded_once(monkeypatch: pytest.MonkeyPatch, dataset: Dataset) -> None:
    loads: list[None] = []

    def load() -> Dataset:
        loads.append(None)
        return dataset

    monkeypatch.setattr(api, "load", load)
    api._default.cache_clear()
    try:
        assert pledgegraph.query("ASK { id:arcadia a pledge:State }")
        assert pledgegraph.ask("endorsers")
    finally:
        api._default.cache_clear()
    assert len(loads) == 1
