"""Compact and full spellings of IRIs."""

import pytest
from hypothesis import given, strategies as st

from pledgegraph import terms


@pytest.mark.parametrize(
    ("iri", "short"),
    [
        (terms.ID("japan"), "id:japan"),
        (terms.PLEDGE("Claim"), "pledge:Claim"),
        (terms.GRAPH_CLOSURE, "graph:closure"),
        (terms.GRAPH("graph/documents/x"), "<https://w3id.org/pledgegraph/graph/graph/documents/x>"),
        (terms.ID(""), "<https://w3id.org/pledgegraph/id/>"),
        (terms.ID("a b"), "<https://w3id.org/pledgegraph/id/a b>"),
        ("https://example.org/x", "<https://example.org/x>"),
    ],
)
def test_compact(iri: str, short: str) -> None:
    assert terms.compact(iri) == short


@given(st.sampled_from(sorted(terms.PREFIXES.values())), st.text(max_size=20))
def test_expand_undoes_compact(namespace: str, local: str) -> None:
    assert terms.expand(terms.compact(namespace + local)) == namespace + local


@pytest.mark.parametrize("text", ["japan", "", "nope:japan", ":x"])
def test_expand_refuses_what_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        terms.expand(text)


@pytest.mark.parametrize(
    ("slug", "fits"), [("japan", True), ("a-1", True), ("A", False), ("a--b", False), ("a/b", False)]
)
def test_slug(slug: str, fits: bool) -> None:
    assert bool(terms.SLUG.match(slug)) is fits
