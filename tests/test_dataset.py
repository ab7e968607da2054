"""Named graphs, the merged default graph, files and releases."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Triple

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset, open_release
from pledgegraph.errors import FindingsError, InputError, RunError
from pledgegraph.terms import GRAPH, ID

A, B, P = (NamedNode(ID(name)) for name in "abp")
ONE = "https://example.org/one"


def test_alignments_stay_out_of_the_default_graph(mini: Content) -> None:
    dataset = Dataset.from_content(mini)
    prov = GRAPH("ontology/alignments/prov")
    assert prov in dataset.named_graphs()
    aligned = set(dataset.triples(prov))
    assert aligned
    assert not aligned & set(dataset.triples())


def test_all_broken_files_are_reported_at_once(mini_copy: Content) -> None:
    (mini_copy.graph / "a.ttl").write_text("broken")
    (mini_copy.graph / "b.ttl").write_text("")
    with pytest.raises(FindingsError) as caught:
        Dataset.from_content(mini_copy)
    assert [(finding.file, finding.line) for finding in caught.value.findings] == [
        ("graph/a.ttl", 1),
        ("graph/b.ttl", 1),
    ]


def test_place_of_a_subject(mini: Content) -> None:
    file, line = Dataset.from_content(mini).place_of(ID("arcadia"))
    assert file == "graph/actors/states.ttl"
    assert line is not None
    assert (mini.root / file).read_text().splitlines()[line - 1].startswith("id:arcadia")


def test_unmerged_triples_stay_in_their_graph() -> None:
    dataset = Dataset()
    dataset.add([Triple(A, P, B)], ONE)
    dataset.unmerge([Triple(A, P, B)])
    assert list(dataset.triples()) == []
    assert len(list(dataset.triples(ONE))) == 1


def test_files_of_any_syntax_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text(f"{A} {P} {B} <{ONE}> .\n")
    (tmp_path / "b.ttl").write_text("<c> <d> 'e' .")
    dataset = Dataset.from_files([tmp_path / "a.nq", tmp_path / "b.ttl"])
    assert dataset.named_graphs() == [ONE]
    assert [triple.object.value for triple in dataset.triples() if hasattr(triple.object, "value")] == ["e"]
    (tmp_path / "c.xyz").write_text("?")
    with pytest.raises(InputError, match="names no RDF syntax"):
        Dataset.from_files([tmp_path / "c.xyz"])


@pytest.mark.parametrize("memory", [True, False])
def test_a_release_opens_from_disk_and_into_memory(mini_release: Path, memory: bool) -> None:
    store = open_release(mini_release, memory=memory)
    assert Quad(NamedNode(ID("arcadia")), NamedNode(ID("no")), B) not in store
    assert any(store.quads_for_pattern(NamedNode(ID("arcadia")), None, None, None))


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a whole release"):
        open_release(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "dataset.nq").write_text("")
    with pytest.raises(RunError, match="empty"):
        open_release(tmp_path, memory=True)
