"""What is remembered of checked queries is what the guard would find."""

import random
import tracemalloc
from collections.abc import Callable

import pytest

from pledgegraph.service import Limits, Refused, guard
from pledgegraph.service.checks import Checks
from pledgegraph.service.guard import Checked

LIMITS = Limits()

PIECES = (
    *("<{}>", "<{}>", "<{}>", "?a<{}>?b", "'<{}>'", '"<{}>"', "#<{}>\n", "'''<{}>", "'''", '"""', "'", '"', "<", ">"),
    *("SELECT", "*", "ASK", "PREFIX", "ex:", "ex:a", "ex:service", "SERVICE", "FROM", "NOW", "()", "?s", "?p", "?o"),
    *("(", ")", "{{", "}}", "[", "]", ".", ";", ",", "\n", "\\u003E", "1", "true", "FILTER", "VALUES", "<#'>", "<a#>"),
    *("<>", "<ftp://a>", "<http://a b>", "<http://a'>"),
)
IRIS = (
    *("http://example.org/", "https://e.org/a#b", "http://127.0.0.1:80/service", "http://a//b#c-d~e", "http://x#"),
    *("http://a'b", "http:a#b", "http:#"),  # in which there is more to see
)


def outcome(check: Callable[[str], Checked], query: str) -> Checked | tuple[object, ...]:
    try:
        return check(query)
    except Refused as refused:
        return (refused.status, refused.title, refused.detail, refused.line, refused.column)


def test_queries_that_differ_in_iris_are_judged_as_each_alone() -> None:
    chance = random.Random(7)
    checks, passed = Checks(LIMITS), 0
    for _ in range(10_000):
        pieces = [chance.choice(PIECES) + chance.choice(("", " ")) for _ in range(chance.randrange(1, 7))]
        pattern = "".join(("PREFIX ex: <x:> SELECT * {{ ?s ?p ?o ", *pieces, chance.choice(("", "}}"))))
        for iri in chance.sample(IRIS, 2):
            query = pattern.format(*[iri] * 7)
            found = outcome(checks, query)
            assert found == outcome(lambda text: guard.check(text, LIMITS), query), query
            passed += isinstance(found, Checked)
    assert passed > 500


def test_a_query_like_one_that_passed_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = Checks(LIMITS)
    first = checks("SELECT ?p { <http://e/a> ?p <http://e/b#c> }")
    monkeypatch.setattr(guard, "check", None)
    query = "SELECT ?p { <http://e/d> ?p <http://e/e> }"
    assert checks(query) == Checked(query, first.inspection)


@pytest.mark.parametrize("query", ["SELECT * {", "SELECT * { SERVICE <http://e/a> {} }"])
def test_what_is_refused_is_refused_again(query: str) -> None:
    checks = Checks(LIMITS)
    for iri in ("http://e/a", "http://e/b"):
        with pytest.raises(Refused):
            checks(query.replace("http://e/a", iri))


def test_the_limit_of_length_is_that_of_each_query() -> None:
    checks = Checks(Limits(query_bytes=200))
    assert checks("ASK { <http://e/a> ?p ?o }")
    with pytest.raises(Refused):
        checks(f"ASK {{ <http://e/{'a' * 200}> ?p ?o }}")


def test_few_long_queries_are_remembered() -> None:
    checks = Checks(LIMITS)
    tracemalloc.start()
    for number in range(200):
        checks(f"ASK {{}} #{number}{'x' * 100_000}")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 5_000_000
