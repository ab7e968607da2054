"""Queries that would stop, crash or fill an evaluator, and those that try to call out; the next is always answered."""

import sys
import threading
from pathlib import Path

import pytest
from serving import CSV, EXAMPLE, JSON, Listener, ask, assert_right

from pledgegraph.service import Exhausted, Limits, Refused, Service, ServiceError, TimedOut, TooLarge

ENDLESS = {
    "COUNT over a cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "GROUP BY over a cross product": "SELECT ?b (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?b",
    "a filter nothing passes": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?c), STR(?f)) = STR(?i)) }",
    "a regular expression over a cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
    "FILTER REGEX(CONCAT(STR(?c), STR(?f), STR(?i)), '(x+x+)+y') }",
    "a path over a path": f"ASK {{ ?a (<{EXAMPLE}next>|!<x:>)+ ?b . ?b (!<x:>)+ ?c FILTER(?a = ?c + 1) }}",
    "VALUES times VALUES": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"VALUES ?v{i} {{ {'1 ' * 100} }}" for i in range(6))
    + "}",
}
CRASHES = {
    "5,000 parentheses": "ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "2,000 NOT EXISTS": "ASK {" + "FILTER NOT EXISTS {" * 2000 + "?a ?b ?c" + "}" * 2000 + "}",
    "2,000 IF": "ASK { FILTER(" + "IF(true, true, " * 2000 + "true" + ")" * 2000 + ") }",
    "20,000 conjunctions": "ASK { FILTER(" + "?x && " * 20_000 + "?x) }",
    "5,000 BIND": "ASK {" + " ".join(f"BIND(1 AS ?x{i})" for i in range(5000)) + "}",
}
MEMORY = {
    "ORDER BY over a cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f",
    "DISTINCT over a cross product": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } OFFSET 100000000",
    "a string doubled 31 times": 'SELECT (STRLEN(?x31) AS ?n) { BIND("xxxx" AS ?x0) '
    + " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(31))
    + "}",
}


@pytest.mark.parametrize("query", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_queries_time_out(service: Service, query: str) -> None:
    with pytest.raises(TimedOut) as caught:
        ask(service, query)
    assert caught.value.limit == "0.5 seconds"
    assert_right(service)


@pytest.mark.parametrize("query", CRASHES.values(), ids=CRASHES.keys())
def test_what_overflows_the_stack_ends_a_worker_alone(unguarded: Service, query: str) -> None:
    with pytest.raises((Exhausted, TimedOut)):
        ask(unguarded, query)
    assert_right(unguarded)


@pytest.mark.parametrize("query", CRASHES.values(), ids=CRASHES.keys())
def test_the_guard_refuses_it_first(service: Service, query: str) -> None:
    with pytest.raises(Refused):
        ask(service, query)
    assert_right(service)


@pytest.mark.parametrize("query", MEMORY.values(), ids=MEMORY.keys())
def test_what_fills_memory_ends_a_worker_alone(service: Service, query: str) -> None:
    with pytest.raises((Exhausted, TimedOut)):
        ask(service, query)
    assert_right(service)


def test_a_planner_bomb_times_out(unguarded: Service) -> None:
    with pytest.raises(TimedOut):
        ask(unguarded, "ASK {" + " ".join(f"?v <p:{i}> ?w{i} ." for i in range(400)) + "}")
    assert_right(unguarded)


@pytest.mark.parametrize("media_type", [JSON, CSV, "application/sparql-results+xml", "text/tab-separated-values"])
def test_a_giant_answer_is_too_large_and_never_cut(service: Service, media_type: str) -> None:
    with pytest.raises((TooLarge, TimedOut)):
        ask(service, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", media_type)
    assert_right(service)


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples", "application/ld+json"])
def test_a_giant_graph_is_too_large_and_never_cut(service: Service, media_type: str) -> None:
    query = "CONSTRUCT { ?x <x:p> ?f } { ?a ?b ?c . ?d ?e ?f . BIND(IRI(CONCAT(STR(?a), STR(?c))) AS ?x) }"
    with pytest.raises((TooLarge, TimedOut, Exhausted)):
        ask(service, query, media_type)
    assert_right(service)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <{url}> { ?a ?b ?c } }",
        "SELECT * { SERVICE SILENT <{url}> { ?a ?b ?c } }",
        "SELECT * { VALUES ?u { <{url}> } SERVICE ?u { ?a ?b ?c } }",
        "ASK { ?s ?p ?o FILTER EXISTS { SERVICE SILENT <{url}> { ?a ?b ?c } } }",
    ],
)
def test_no_socket_can_be_had_where_the_guard_is_blind(
    service: Service, listener: Listener, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """The query reaches the worker as if the guard had not seen SERVICE in it; nothing reaches the listener."""
    smuggled = query.replace("{url}", listener.url)
    monkeypatch.setattr(service, "_bind", lambda _text, _terms: smuggled)
    for form in ("ASK", "SELECT *"):
        try:
            ask(service, f"{form} {{ ?s ?p $x }} # {smuggled}", bindings={"x": "ignored"})
        except ServiceError as error:
            assert error.status in (400, 406, 503)  # to a worker that can open nothing, its store is out of reach too
    assert not listener.calls
    monkeypatch.undo()
    assert_right(service)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <{url}> { ?a ?b ?c } }",
        "LOAD <{url}>",
        "INSERT DATA { <a:a> <a:b> 1 }",
        "DELETE WHERE { ?s ?p ?o }",
        "SELECT * FROM <{url}> { ?s ?p ?o }",
        "SELECT * FROM NAMED <{url}> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    ],
)
def test_nothing_is_fetched_or_written(service: Service, listener: Listener, query: str) -> None:
    query = query.replace("{url}", listener.url)
    try:
        assert ask(service, query, CSV).body in (b"s,p,o\r\n", b"g,s,p,o\r\n")
        assert "FROM" in query
    except Refused as refusal:
        assert refusal.status == 403
        assert "FROM" not in query
    assert not listener.calls
    assert_right(service)


def test_graphs_of_the_protocol_are_local_and_merged(service: Service, listener: Listener) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graph = f"{EXAMPLE}graph"
    assert ask(service, count, CSV, default_graphs=(graph,)).body == b"n\r\n300\r\n"
    assert ask(service, count, CSV, default_graphs=(graph, graph)).body == b"n\r\n300\r\n"
    assert ask(service, count, CSV, default_graphs=(listener.url,)).body == b"n\r\n0\r\n"
    assert ask(service, count, CSV, named_graphs=(graph,)).body == b"n\r\n0\r\n"
    assert not listener.calls


def test_endless_queries_do_not_keep_look_ups_waiting_to_their_end(graph: Path) -> None:
    """Look-ups are answered while twelve endless queries are about, most of them waiting."""
    errors: list[ServiceError] = []
    with Service.over_files([graph], Limits(query_seconds=2, slow_seats=2)) as service:

        def endless(number: int) -> None:
            query = f"SELECT (COUNT(*) AS ?n{number}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"
            try:
                ask(service, query, client=f"c{number}")
            except ServiceError as error:
                errors.append(error)

        threads = [threading.Thread(target=endless, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for number in range(20):
            assert_right(service, number)
        # Two at a time, they last for ten seconds. Through the fast lane all are in a quarter of that, on two busy
        # cores; look-ups that waited for the end of one each would outlast them.
        assert any(thread.is_alive() for thread in threads), (
            "the endless queries were gone before all look-ups were answered"
        )
        for thread in threads:
            thread.join()
        assert len(errors) == 12
        assert {error.status for error in errors} == {503}
        assert_right(service)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system limits a process's memory")
def test_a_worker_may_take_no_more_memory_than_its_limit(graph: Path) -> None:
    def doubled(times: int) -> str:
        """A query that holds a string of 2 to the `times` bytes, and the half it is made of."""
        steps = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(times))
        return f'SELECT (STRLEN(?x{times}) AS ?n) {{ BIND("x" AS ?x0) {steps} }}'

    def length(service: Service, times: int) -> bytes:
        return ask(service, doubled(times), CSV).body

    with Service.over_files([graph], Limits(worker_memory=64 * 1024**2)) as small:
        assert length(small, 20) == b"n\r\n%d\r\n" % 2**20
        with pytest.raises(Exhausted) as caught:
            length(small, 27)
        assert caught.value.limit == "64 MiB of memory"
        assert_right(small)
    with Service.over_files([graph], Limits(worker_memory=1024**3)) as large:
        assert length(large, 27) == b"n\r\n%d\r\n" % 2**27
