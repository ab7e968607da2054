"""What a request to the endpoint asks: tables from the SPARQL 1.1 Protocol, and nothing raised but a Problem."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from pledgegraph.web import protocol
from pledgegraph.web.problems import Problem
from pledgegraph.web.protocol import Asked

QUERY, FORM, UPDATE = protocol.QUERY, protocol.FORM, protocol.UPDATE


@pytest.mark.parametrize(
    ("method", "query_string", "content_type", "body", "expected"),
    [
        ("GET", "", None, b"", Asked(None)),
        ("GET", "query=ASK%7B%7D", None, b"", Asked("ASK{}")),
        ("GET", "query=ASK+%7B%7D", None, b"", Asked("ASK {}")),
        ("GET", "query=ASK{}", None, b"", Asked("ASK{}")),
        ("GET", "query=%F0%9F%8C%8D", None, b"", Asked("🌍")),
        ("GET", "query=a%2Bb", None, b"", Asked("a+b")),
        ("GET", "&query=x&&other=1", None, b"", Asked("x")),
        ("GET", "query=", None, b"", Asked("")),
        ("GET", "query=x&default-graph-uri=a&default-graph-uri=b", None, b"", Asked("x", ("a", "b"))),
        ("GET", "query=x&named-graph-uri=a%26b", None, b"", Asked("x", (), ("a&b",))),
        ("GET", "query=x&format=csv", None, b"", Asked("x", format="csv")),
        ("GET", "query=x&format=csv&format=Text/Turtle", None, b"", Asked("x", format="text/turtle")),
        ("GET", "query=x&format=", None, b"", Asked("x")),
        ("POST", "", FORM, b"query=x&default-graph-uri=a", Asked("x", ("a",))),
        ("POST", "default-graph-uri=a", FORM, b"query=x&default-graph-uri=b", Asked("x", ("a", "b"))),
        ("POST", "named-graph-uri=a", QUERY, b"ASK {}", Asked("ASK {}", (), ("a",))),
        ("POST", "", f"{QUERY}; charset=UTF-8", "é".encode(), Asked("é")),
        ("POST", "", QUERY, b"\xef\xbb\xbfASK {}", Asked("ASK {}")),
        ("POST", "", QUERY, b"a=b&c", Asked("a=b&c")),
    ],
)
def test_one_query_is_read(
    method: str, query_string: str, content_type: str | None, body: bytes, expected: Asked
) -> None:
    assert protocol.read(method, query_string, content_type, body) == expected


@pytest.mark.parametrize(
    ("method", "query_string", "content_type", "body", "status"),
    [
        ("GET", "query=a&query=b", None, b"", 400),
        ("GET", "query=a&query=a", None, b"", 400),
        ("GET", "update=CLEAR+ALL", None, b"", 400),
        ("GET", "query=a&update=b", None, b"", 400),
        ("GET", "query=%", None, b"", 400),
        ("GET", "query=%4", None, b"", 400),
        ("GET", "query=%zz", None, b"", 400),
        ("GET", "query=%FF", None, b"", 400),
        ("GET", "query=%C3", None, b"", 400),
        ("GET", "query=%ED%A0%80", None, b"", 400),
        ("GET", "%FF=1&query=x", None, b"", 400),
        ("GET", "&".join(["a=b"] * 300), None, b"", 400),
        ("POST", "", QUERY, b"\xff\xfeA\x00", 400),
        ("POST", "", f"{QUERY}; charset=utf-16", b"A\x00", 415),
        ("POST", "", None, b"ASK {}", 415),
        ("POST", "", "", b"query=ASK{}", 415),
        ("POST", "", "text/plain", b"ASK {}", 415),
        ("POST", "", "application/sparql-queryx", b"ASK {}", 415),
        ("POST", "", "multipart/form-data; boundary=x", b"--x", 415),
        ("POST", "", FORM, b"", 400),
        ("POST", "", FORM, b"query=a&query=b", 400),
        ("POST", "query=a", FORM, b"query=b", 400),
        ("POST", "query=a", QUERY, b"b", 400),
        ("POST", "", FORM, b"update=CLEAR+ALL", 403),
        ("POST", "", FORM, b"query=a&update=b", 403),
        ("POST", "", UPDATE, b"CLEAR ALL", 403),
        ("POST", "update=CLEAR+ALL", QUERY, b"ASK {}", 403),
        ("PUT", "query=a", None, b"", 405),
        ("DELETE", "", None, b"", 405),
        ("query", "query=a", None, b"", 405),
    ],
)
def test_what_is_not_one_query_is_refused(
    method: str, query_string: str, content_type: str | None, body: bytes, status: int
) -> None:
    with pytest.raises(Problem) as caught:
        protocol.read(method, query_string, content_type, body)
    assert caught.value.status == status
    if status == 405:
        assert ("Allow", "GET, HEAD, OPTIONS, POST") in caught.value.headers


def test_a_stray_percent_sign_is_shown() -> None:
    with pytest.raises(Problem, match="'%zz'"):
        protocol.read("GET", "query=a%20%zz", None, b"")


@given(st.dictionaries(st.sampled_from(["query", "default-graph-uri", "x"]), st.text(max_size=40)))
def test_what_is_encoded_is_what_is_read(fields: dict[str, str]) -> None:
    fields = {name: value for name, value in fields.items() if value.isprintable()}
    read = protocol.parameters(urlencode(fields).encode(), "body")
    assert dict(read) == fields


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
    st.one_of(
        st.text(max_size=60), st.lists(st.sampled_from(["query=", "%", "&", "=", "+", "e9", "\xff"])).map("".join)
    ),
    st.one_of(st.none(), st.text(max_size=30), st.sampled_from([QUERY, FORM, UPDATE, f"{QUERY};charset="])),
    st.binary(max_size=60),
)
def test_nothing_but_a_problem_is_raised(method: str, query_string: str, content_type: str | None, body: bytes) -> None:
    try:
        asked = protocol.read(method, query_string, content_type, body)
    except Problem as problem:
        assert 400 <= problem.status < 500
    else:
        assert isinstance(asked, Asked)
