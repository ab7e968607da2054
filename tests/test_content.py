"""Where the content is and which files it holds."""

from pathlib import Path

import pytest

from pledgegraph import content
from pledgegraph.content import Content
from pledgegraph.errors import RunError


def test_files_by_role(mini: Content) -> None:
    def names(paths: list[Path]) -> list[str]:
        return [mini.display(path) for path in paths]

    assert names(mini.ontology_files()) == ["ontology/mini.ttl"]
    assert names(mini.alignment_files()) == ["ontology/alignments/prov.ttl"]
    assert names(mini.graph_files()) == ["graph/actors/states.ttl", "graph/documents/gazette.ttl"]
    assert names(mini.shape_files()) == ["shapes/mini.ttl"]
    assert names(mini.query_files()) == ["queries/endorsers.rq"]


def test_every_turtle_file_of_the_repository_has_a_role() -> None:
    root = content.find()
    folders = [root.ontology, root.graph, root.shapes]
    assert sorted(path for folder in folders for path in folder.rglob("*.ttl")) == sorted(root.turtle_files())


def test_graph_iri_is_the_path_without_suffix(mini: Content) -> None:
    path = mini.graph / "documents" / "gazette.ttl"
    assert mini.graph_iri(path) == "https://w3id.org/pledgegraph/graph/graph/documents/gazette"


def test_hidden_files_are_no_content(mini_copy: Content) -> None:
    (mini_copy.graph / ".draft.ttl").write_text("broken")
    assert ".draft.ttl" not in [path.name for path in mini_copy.graph_files()]


def test_a_folder_without_content_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=str(tmp_path)):
        content.find(tmp_path)
