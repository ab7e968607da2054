"""Reading Turtle with places, and its canonical form."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.errors import InputError, RunError

PREFIXES = "@prefix id: <https://w3id.org/pledgegraph/id/> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
P = NamedNode("https://w3id.org/pledgegraph/ontology#p")

nodes = st.integers(0, 5).map(lambda n: NamedNode(f"https://w3id.org/pledgegraph/id/n-{n}"))
blanks = st.integers(0, 3).map(lambda n: BlankNode(f"b{n}"))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
literals = st.one_of(
    texts.map(Literal),
    texts.map(lambda text: Literal(text, language="en")),
    st.sampled_from(["01", "+1", "1"]).map(
        lambda n: Literal(n, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    ),
    st.dates().map(lambda d: Literal(str(d), datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date"))),
)
graphs = st.lists(
    st.builds(Triple, st.one_of(nodes, blanks), st.just(P), st.one_of(nodes, blanks, literals)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_canonical_form_is_stable_and_loses_nothing(triples: list[Triple]) -> None:
    text = turtle.canonical(triples)
    again = [quad.triple for quad in parse(text.encode(), RdfFormat.TURTLE)]
    assert turtle.relabel(again) == turtle.relabel(triples)
    assert turtle.canonical(again) == text
    assert turtle.canonical(reversed(triples)) == text


def test_subjects_stand_at_column_0_in_order_of_their_iris(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + "id:b id:p id:a . id:c id:p id:a , id:b . id:a id:p 'one\ntwo'.".replace("\n", "\\n"))
    turtle.format_file(path)
    lines = turtle.subject_lines(path.read_text())
    assert [iri.rsplit("/", 1)[1] for iri in lines] == ["a", "b", "c"]
    assert list(lines.values()) == sorted(lines.values())


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("id:a id:p <http://e/a b> .", 3, "An IRI holds no space"),
        ("\nid:a id:p nope:b .", 4, "Declare the prefix"),
        ("id:a id:p .", 3, "syntax error"),
        ("id:a id:p 'open .", 3, "syntax error"),
    ],
)
def test_syntax_errors_say_where(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + text)
    with pytest.raises(InputError, match=says) as caught:
        turtle.parse(path, name="graph/a.ttl")
    assert (caught.value.file, caught.value.line) == ("graph/a.ttl", line)


@pytest.mark.parametrize("text", ["", " \n", PREFIXES, "# only a comment\n"])
def test_a_file_without_triples_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(text)
    with pytest.raises(InputError, match=r"empty|no triples"):
        turtle.parse(path)


def test_a_file_beyond_the_cap_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turtle, "MAX_FILE_BYTES", 100)
    path = tmp_path / "a.ttl"
    path.write_text(" " * 101)
    with pytest.raises(InputError, match="101 bytes; the largest that is read has 100"):
        turtle.parse(path)


def test_what_is_not_utf8_is_a_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes(PREFIXES.encode() + b"id:a id:p '\xff' .")
    with pytest.raises(InputError):
        turtle.parse(path)


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be read"):
        turtle.parse(tmp_path / "none.ttl")


def test_blank_nodes_of_two_files_never_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + "_:x id:p id:a .")
    first, second = turtle.parse(path), turtle.parse(path)
    assert first[0].subject != second[0].subject


def test_a_literal_keeps_its_spelling(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + 'id:a id:p "01"^^xsd:integer , "2024-01-01Z"^^xsd:date .')
    turtle.format_file(path)
    assert {triple.object.value for triple in turtle.parse(path) if isinstance(triple.object, Literal)} == {
        "01",
        "2024-01-01Z",
    }


def test_a_comment_is_not_dropped_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + "id:b id:p <http://e/#x> , 'a # b' .\n# a note\nid:a id:p id:b .")
    with pytest.raises(InputError, match="1 comment") as caught:
        turtle.format_file(path)
    assert caught.value.line == 4


def test_line_of_a_value_in_a_block(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + "id:a id:p 1 ;\n  id:q 2 .\nid:b id:q 2 .\n")
    subject = "https://w3id.org/pledgegraph/id/a"
    assert turtle.line_of(path, subject) == 3
    assert turtle.line_of(path, subject, "id:q") == 4
    assert turtle.line_of(path, subject, "elsewhere") == 3
    assert turtle.line_of(path, subject + "x") is None
    path.write_text("\n" + path.read_text())
    assert turtle.line_of(path, subject) == 4


def test_check_shows_a_difference(tmp_path: Path, mini: Content) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + "id:b id:p id:a . id:a id:p id:b .")
    assert "+id:a id:p id:b ." in turtle.check_file(path)
    assert [turtle.check_file(each) for each in mini.turtle_files()] == [""] * len(mini.turtle_files())


def test_line_ends_of_another_system_are_not_canonical(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + "id:b id:p id:a .")
    turtle.format_file(path)
    canonical = path.read_bytes()
    path.write_bytes(canonical.replace(b"\n", b"\r\n"))
    assert turtle.check_file(path)
    assert turtle.format_file(path)
    assert path.read_bytes() == canonical
    assert [each.name for each in tmp_path.iterdir()] == ["a.ttl"]
