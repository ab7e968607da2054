"""How a table is written: odd names, several values in a cell, labels in order."""

import csv
import io
import re

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pledgegraph.release.table import SEPARATOR, Column, Table, Writer, node
from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, RDFS_LABEL


@pytest.fixture
def odd() -> list[dict[str, str]]:
    """A table of things whose names try readers of CSV."""
    store, thing = Store(), NamedNode(PLEDGE("Thing"))
    names = ("=1+1", "-x", "+x", "@x", "\tx", "'=x", "'x", 'a "b", c', "two\r\nlines", "é")
    for number, name in enumerate(names):
        one = NamedNode(ID(f"thing-{number}"))
        store.add(Quad(one, NamedNode(RDF_TYPE), thing))
        store.add(Quad(one, NamedNode(RDFS_LABEL), Literal(name)))
        for value in (name, "a | b", "zz"):
            store.add(Quad(one, NamedNode(PLEDGE("word")), Literal(value)))
    table = Table("things", "Things", "pledge:Thing", (Column("words", "pledge:word", "Words", several=True),))
    text = Writer(store).write(table).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_no_cell_is_a_formula_and_the_value_can_be_had_back(odd: list[dict[str, str]]) -> None:
    labels = [row["label"] for row in odd]
    assert labels == ["'=1+1", "'-x", "'+x", "'@x", "'\tx", "''=x", "'x", 'a "b", c', "two\r\nlines", "é"]
    back = [re.sub(r"^'('*[=+\-@\t\r])", r"\1", label) for label in labels]
    assert back == ["=1+1", "-x", "+x", "@x", "\tx", "'=x", "'x", 'a "b", c', "two\r\nlines", "é"]


def test_values_of_a_cell_can_be_told_apart(odd: list[dict[str, str]]) -> None:
    for row in odd:
        assert len(row["words"].split(SEPARATOR)) == 3
        assert r"a \| b" in row["words"].split(SEPARATOR)


def test_labels_stand_in_the_order_of_their_things() -> None:
    store, type_ = Store(), NamedNode(RDF_TYPE)
    store.add(Quad(NamedNode(ID("x")), type_, NamedNode(PLEDGE("Thing"))))
    for slug, label in (("a", "Zero"), ("b", "One"), ("c", "One")):
        store.add(Quad(NamedNode(ID("x")), NamedNode(PLEDGE("part")), NamedNode(ID(slug))))
        store.add(Quad(NamedNode(ID(slug)), NamedNode(RDFS_LABEL), Literal(label, language="en")))
        store.add(Quad(NamedNode(ID(slug)), NamedNode(RDFS_LABEL), Literal("A", language="fr")))
    table = Table("things", "Things", "pledge:Thing", node("part", "pledge:part", "Parts", several=True))
    (row,) = csv.DictReader(io.StringIO(Writer(store).write(table).decode(), newline=""))
    assert row["part"].split(SEPARATOR) == [ID("a"), ID("b"), ID("c")]
    assert row["part_label"].split(SEPARATOR) == ["Zero", "One", "One"]
