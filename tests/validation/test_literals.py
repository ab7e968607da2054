"""Lexical forms of datatypes, and the order of literals."""

from __future__ import annotations

import pytest

from pledgegraph.terms import XSD
from pledgegraph.validation.data_graph import literal
from pledgegraph.validation.literals import is_well_formed
from pledgegraph.validation.values import compare


@pytest.mark.parametrize(
    ("datatype", "good", "bad"),
    [
        ("date", ["2024-02-29", "0001-01-01", "-0044-03-15", "2024-01-01+14:00", "12024-01-01Z"], ["2024-02-30"]),
        ("date", [], ["2023-02-29", "2024-13-01", "24-01-01", "2024-1-1", "2024-01-01T00:00:00", "", "00024-01-01"]),
        ("date", [], ["2024-01-01+15:00"]),
        ("dateTime", ["2024-02-29T24:00:00", "2024-01-01T00:00:00.5-05:30"], ["2024-02-30T00:00:00", "2024-01-01"]),
        ("dateTime", [], ["2024-01-01T25:00:00"]),
        ("dateTimeStamp", ["2024-01-01T00:00:00Z"], ["2024-01-01T00:00:00"]),
        ("integer", ["0", "-5", "+007", "9" * 5000], ["1.0", "", "one", "1e3", " 1"]),
        ("byte", ["127", "-128", "000127"], ["128", "-129", "9" * 30, "-" + "9" * 5000]),
        ("nonNegativeInteger", ["0", "-0", "9" * 30], ["-1", "-" + "9" * 30]),
        ("positiveInteger", ["1"], ["0"]),
        ("boolean", ["true", "false", "1", "0"], ["True", "yes", ""]),
        ("decimal", ["1", "1.", ".5", "-0.50"], ["1e5", ".", ""]),
        ("double", ["1e5", "INF", "-INF", "NaN", ".5E-3"], ["inf", "nan", "1e"]),
        ("gYear", ["2024", "-0001"], ["24"]),
        ("duration", ["P1Y", "-P1DT2H", "PT0.5S"], ["P", "PT", "1Y"]),
        ("language", ["en", "zh-Hant-TW"], ["e n", "", "abcdefghi"]),
        ("string", ["", "anything"], []),
    ],
)
def test_lexical_forms(datatype: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not is_well_formed(text, XSD(datatype))] == []
    assert [text for text in bad if is_well_formed(text, XSD(datatype))] == []


def test_unknown_datatypes_take_everything() -> None:
    assert is_well_formed("anything", "urn:datatype")


def typed(text: str, datatype: str) -> str:
    """A literal as N-Triples spells it."""
    return f'"{text}"^^<{XSD(datatype)}>'


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (typed("1", "integer"), typed("01.0", "decimal"), 0),
        (typed("2", "byte"), typed("10", "integer"), -1),
        (typed("1e1", "double"), typed("9", "integer"), 1),
        (typed("NaN", "double"), typed("9", "integer"), None),
        (typed("INF", "double"), typed("9", "integer"), 1),
        (typed("2024-01-31", "date"), typed("2024-02-01", "date"), -1),
        (typed("-0001-01-01", "date"), typed("0001-01-01", "date"), -1),
        (typed("9999-12-31", "date"), typed("12000-01-01", "date"), -1),
        (typed("2024-01-01", "date"), typed("2024-01-01T00:00:00", "dateTime"), None),
        (typed("2024-01-01T12:00:00Z", "dateTime"), typed("2024-01-01T13:00:00+01:00", "dateTime"), 0),
        (typed("2024-01-01T12:00:00", "dateTime"), typed("2024-01-01T13:00:00Z", "dateTime"), None),
        (typed("2024-01-01T12:00:00", "dateTime"), typed("2024-01-03T13:00:00Z", "dateTime"), -1),
        (typed("2024-01-01+01:00", "date"), typed("2024-01-01Z", "date"), -1),
        (typed("2024-02-30", "date"), typed("2024-01-01", "date"), None),
        ('"a"', '"b"', -1),
        ('"a"@en', '"b"@en', None),
        ('"a"', typed("1", "integer"), None),
        (typed("false", "boolean"), typed("1", "boolean"), -1),
        ("<urn:a>", "<urn:b>", None),
    ],
)
def test_order_of_literals(one: str, other: str, expected: int | None) -> None:
    assert compare(one, other) == expected
    assert compare(other, one) == (None if expected is None else -expected)


def test_literals_are_read_as_n_triples_spells_them() -> None:
    assert literal(r'"a\"b\\n\n\u00e9\U0001F600"') == ('a"b\\n\n\u00e9\U0001f600', XSD("string"), "")
    assert literal('"a"@EN-gb') == ("a", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "en-gb")
    assert literal("<urn:a>") is None
