"""Accept, Accept-Encoding, If-None-Match and Content-Type: tables for what is meant, properties for what is not."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from pledgegraph.web import negotiation
from pledgegraph.web.negotiation import CSV, GRAPH_TYPES, HTML, JSON, JSON_LD, RDF_XML, RESULT_TYPES, TURTLE, XML

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

# Text that resembles headers reaches further into the parsers than random characters do.
headers = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            ["text/", "html", "*/*", "*", "/", ";", ",", "q=", "0.", "1", "0.5", '"', "\\", "gzip", "W/", "=", " ", "é"]
        ),
        max_size=20,
    ).map("".join),
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        ("application/sparql-results+xml;q=0.9, application/sparql-results+json;q=0.8", XML),
        ("text/csv;q=0.5, */*;q=0.1", CSV),
        ("text/csv;q=0, */*", JSON),
        ("*/*;q=0.5, application/sparql-results+json;q=0.1", XML),
        ("application/sparql-results+json;q=0, application/sparql-results+xml;q=0.001", XML),
        ("text/csv, */*", CSV),
        ("text/html", None),
        ("text/csv;q=0", None),
        ("nonsense", None),
        ("text/csv;charset=utf-8", CSV),
        ('text/csv;header="a,b;q=0"', CSV),
        ("text/csv; q=1.5", CSV),
        ("text/csv;q=0.2, text/csv;version=2;q=0.9, application/sparql-results+xml;q=0.5", XML),
    ],
)
def test_choose(header: str | None, expected: str | None) -> None:
    assert negotiation.choose(header, RESULT_TYPES) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/json", (JSON, "application/json")),
        ("application/sparql-results+json,application/json,text/javascript", (JSON, JSON)),
        ("application/json, application/sparql-results+json", (JSON, JSON)),
        ("application/json, */*;q=0.1", (JSON, "application/json")),
        ("application/xml", (XML, "application/xml")),
        ("text/turtle", None),
        (None, (JSON, JSON)),
    ],
)
def test_results_under_a_general_name(header: str | None, expected: tuple[str, str] | None) -> None:
    assert negotiation.choose_results(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/json", (JSON_LD, "application/json")),
        ("text/xml", (RDF_XML, "text/xml")),
        ("application/rdf+xml;q=0.9,text/turtle", (TURTLE, TURTLE)),
        ("*/*", (TURTLE, TURTLE)),
        ("text/csv", None),
    ],
)
def test_graphs_under_a_general_name(header: str, expected: tuple[str, str] | None) -> None:
    assert negotiation.choose_graph(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (FIREFOX, True),
        ("text/html", True),
        ("text/html;q=0.5, text/turtle", False),
        ("*/*", False),
        (None, False),
        ("text/html;q=0", False),
        ("text/turtle, text/html", True),
    ],
)
def test_a_browser_is_known_by_naming_html(header: str | None, expected: bool) -> None:
    assert negotiation.prefers_html(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("identity", False),
        ("gzip;q=0.5, identity", False),
        ("GZIP;Q=1", True),
        ("br", False),
    ],
)
def test_accepts_gzip(header: str | None, expected: bool) -> None:
    assert negotiation.accepts_gzip(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"abc+gzip"', True),
        ("*", True),
        ("abc", False),
        ('"abcd"', False),
        (None, False),
        ('"ab', False),
    ],
)
def test_matches(header: str | None, expected: bool) -> None:
    assert negotiation.matches(header, "abc") is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/sparql-query", ("application/sparql-query", {})),
        ("Application/SPARQL-Query; Charset=UTF-8", ("application/sparql-query", {"charset": "UTF-8"})),
        ('a/b; c="d;e"', ("a/b", {"c": "d;e"})),
        (None, ("", {})),
        ("sparql", ("", {})),
        ("a/b/c", ("", {})),
    ],
)
def test_parse_content_type(header: str | None, expected: tuple[str, dict[str, str]]) -> None:
    assert negotiation.parse_content_type(header) == expected


@given(headers, headers)
def test_no_header_raises_and_no_answer_is_outside_the_offer(first: str, second: str) -> None:
    header = f"{first},{second}"
    assert negotiation.choose(header, RESULT_TYPES) in {*RESULT_TYPES, None}
    for answer in (negotiation.choose_results(header), negotiation.choose_graph(header)):
        assert answer is None or answer[0] in {*RESULT_TYPES, *GRAPH_TYPES}
    negotiation.prefers_html(header)
    negotiation.accepts_gzip(header)
    negotiation.matches(header, "abc")
    media_type, _ = negotiation.parse_content_type(header)
    assert media_type == media_type.lower()


@given(st.permutations([*RESULT_TYPES]), st.sampled_from(RESULT_TYPES))
def test_a_type_with_the_highest_weight_wins_wherever_it_stands(order: list[str], wanted: str) -> None:
    header = ", ".join(f"{t};q={'0.9' if t == wanted else '0.3'}" for t in order)
    assert negotiation.choose(header, RESULT_TYPES) == wanted


@given(st.sampled_from([*RESULT_TYPES, *GRAPH_TYPES, HTML]), st.integers(0, 1000))
def test_weight_zero_refuses_and_any_other_accepts(media_type: str, thousandths: int) -> None:
    header = f"{media_type};q={thousandths / 1000:.3f}"
    assert negotiation.choose(header, [media_type]) == (media_type if thousandths else None)


def test_a_thousand_ranges_are_bounded_work() -> None:
    assert negotiation.parse_accept("a/b," * 100_000 + "text/csv") == negotiation.parse_accept(
        "a/b," * negotiation.MAX_RANGES
    )
