"""Counts of a release are those that queries give."""

from pathlib import Path

import pytest

from pledgegraph.dataset import Dataset
from pledgegraph.errors import RunError
from pledgegraph.release.manifest import Manifest
from pledgegraph.release.statistics import FILE, PropertyCount, Statistics


def rows(dataset: Dataset, query: str) -> list[list[str]]:
    return [[term.value for term in row] for row in dataset.query(query)]  # type: ignore[union-attr]


def test_counts_are_those_of_queries(mini_release: Path) -> None:
    found = Statistics.read(mini_release)
    dataset = Dataset.from_release(mini_release, memory=True)
    columns = "(COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?a) (COUNT(DISTINCT ?o) AS ?b)"
    assert [[str(n) for n in (found.triples, found.subjects, found.objects)]] == rows(
        dataset, f"SELECT {columns} {{ ?s ?p ?o }}"
    )
    by_property = {
        p: PropertyCount(int(n), int(a), int(b))
        for p, n, a, b in rows(dataset, f"SELECT ?p {columns} {{ ?s ?p ?o }} GROUP BY ?p")
    }
    assert found.properties == by_property
    by_class = rows(dataset, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    assert found.classes == {c: int(n) for c, n in by_class}
    by_graph = rows(dataset, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert found.graphs == {g: int(n) for g, n in by_graph}
    assert found.triples == Manifest.read(mini_release).triples


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"properties": {"a": {}}}'])
def test_statistics_that_do_not_read_are_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match="statistics"):
        Statistics.read(tmp_path)


def test_a_release_without_statistics_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="pledgegraph build"):
        Statistics.read(tmp_path)
