"""Answers, errors, bindings, cache, reload and health of a service over files."""

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store
from serving import CSV, EXAMPLE, JSON, TRIPLES, ask, assert_right

from pledgegraph import evaluation
from pledgegraph.errors import InputError, RunError
from pledgegraph.service import (
    GRAPH_TYPES,
    RESULT_TYPES,
    Busy,
    Exhausted,
    Limits,
    OverBudget,
    Refused,
    Request,
    Service,
    ServiceError,
    TimedOut,
    TooLarge,
    pool,
    workers,
)
from pledgegraph.service.lanes import Lane
from pledgegraph.service.nursery import Nursery, Worker
from pledgegraph.service.workers import REPLY, Job

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FIRST = f"SELECT ?o {{ <{EXAMPLE}thing-1> <{EXAMPLE}label> ?o }}"


@pytest.mark.parametrize("media_type", RESULT_TYPES)
def test_select_in_every_media_type(service: Service, media_type: str) -> None:
    answer = ask(service, FIRST, media_type)
    assert b"Thing 1" in answer.body
    assert answer.media_type == media_type


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
@pytest.mark.parametrize("query", [f"DESCRIBE <{EXAMPLE}thing-1>", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3"])
def test_graphs_in_every_media_type(service: Service, media_type: str, query: str) -> None:
    assert EXAMPLE.encode() in ask(service, query, media_type).body


def test_ask(service: Service) -> None:
    assert json.loads(ask(service, "ASK { ?s ?p ?o }").body)["boolean"] is True
    assert json.loads(ask(service, "ASK { <a:a> ?p ?o }").body)["boolean"] is False


@pytest.mark.parametrize(
    ("query", "media_type"),
    [("ASK {}", CSV), ("ASK {}", "text/turtle"), (FIRST, "text/turtle"), (f"DESCRIBE <{EXAMPLE}a>", JSON)],
)
def test_a_media_type_that_cannot_carry_the_answer(service: Service, query: str, media_type: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(service, query, media_type)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT * { ?s ?p ?o FILTER(?x = ) }", (1, 33)),
        ("SELECT *\nWHERE { ?s ?p }", (2, 15)),
        ("SELECT * { ?s ?p ?o } LIMIT", (1, 28)),
        ("SELECT ?a, ?b { ?a ?p ?b }", (1, 10)),
        ("BASE <x:> ASK { ?s <#p> ?o ;\n <#q> }", (2, 7)),
        ("ASK { ?s ?p ?o FILTER(?s<?o) .\n ?s ?p '\\q' }", (2, 9)),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", (1, 8)),
        ("ASK FROM {}", (1, 10)),
    ],
)
def test_syntax_errors_say_where(service: Service, query: str, place: tuple[int, int]) -> None:
    with pytest.raises(Refused) as caught:
        ask(service, query)
    assert (caught.value.status, caught.value.line, caught.value.column) == (400, *place)


def test_what_the_grammar_does_not_show_is_told_in_words(service: Service) -> None:
    with pytest.raises(Refused, match="SELECT overrides an existing variable") as caught:
        ask(service, "SELECT (1 AS ?x) {} VALUES ?x { 1 }")
    assert caught.value.line is None and caught.value.hint
    with pytest.raises(Refused, match=r"It breaks a rule of SPARQL beside its grammar\."):
        ask(service, "ASK { ?s ?p <relative> }")


@pytest.mark.parametrize("where", ["FILTER(<http://e/f>(?s))", "BIND(<http://e/f>(?s) AS ?x)"])
def test_an_unknown_function_is_the_clients_error(service: Service, where: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(service, f"SELECT * {{ ?s ?p ?o {where} }}")
    assert caught.value.status == 400
    assert caught.value.detail == "The function <http://e/f> is not known here."
    assert (caught.value.line, caught.value.column) == (1, 21 + where.index("<"))


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (RunError("the store cannot be read: IO error: /srv/store/000017.sst"), Busy),
        (ValueError("invalid literal for int()"), Refused),
        (InputError("the query cannot be evaluated: index out of range"), Refused),
    ],
)
def test_no_error_shows_what_python_or_the_store_says(
    service: Service, monkeypatch: pytest.MonkeyPatch, raised: Exception, kind: type[ServiceError]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(evaluation, "answer", fail)
    reply = bytes(workers._reply(workers._Data(Store()), Job("ASK {}", JSON, None, (), (), 10.0, 1000)))
    error = service._error(json.loads(reply[REPLY.size :]), service._check("ASK {}"), bound=False)
    assert isinstance(error, kind) and error.hint
    words = str(raised).rpartition(": ")[2]
    assert words not in f"{error} {error.detail}"


def test_columns_of_select_star_come_by_first_appearance(service: Service) -> None:
    assert ask(service, "SELECT * { ?z ?b ?a } LIMIT 1", CSV).body.startswith(b"z,b,a\r\n")


def test_named_graphs_are_kept(service: Service) -> None:
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    assert ask(service, query, CSV).body == f"g,n\r\n{EXAMPLE}graph,300\r\n".encode()


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?label { $thing ex:label ?label }", b"label\r\nThing 3\r\n"),
        ("SELECT ?n { { SELECT ?n { $thing ex:number ?n } } }", b"n\r\n3\r\n"),
        ("SELECT ?n { ?x ex:number ?n FILTER NOT EXISTS { ?x ex:next* $thing } FILTER(?n = 3) }", b"n\r\n"),
        ("SELECT (COUNT(*) AS ?n) { ?x ex:label ?l FILTER NOT EXISTS { $thing ex:label ?l } }", b"n\r\n399\r\n"),
        ("SELECT ?n { ?x ex:next/ex:next $thing ; ex:number ?n }", b"n\r\n1\r\n"),
        ("SELECT ?n { ?x ex:number ?n FILTER(?x = $thing) }", b"n\r\n3\r\n"),
        ("SELECT ?t { ?t ex:number 3 FILTER(?t = $thing && '$thing' != '') } # $thing", b"t\r\n%sthing-3\r\n"),
    ],
)
def test_parameters_are_bound_in_every_scope(service: Service, query: str, rows: bytes) -> None:
    query = f"PREFIX ex: <{EXAMPLE}> {query}"
    answer = ask(service, query, CSV, bindings={"thing": NamedNode(f"{EXAMPLE}thing-3")})
    assert answer.body == rows.replace(b"%s", EXAMPLE.encode())
    with_other = ask(service, query, CSV, bindings={"thing": NamedNode(f"{EXAMPLE}nothing")})
    assert with_other.etag != answer.etag


def test_a_bound_string_is_data_whatever_it_says(service: Service) -> None:
    evil = Literal("x\" } SERVICE <http://example.org/> { ?a ?b ?c } #\n'\\")
    answer = ask(service, "SELECT (STR($text) AS ?t) {}", JSON, bindings={"text": evil})
    assert json.loads(answer.body)["results"]["bindings"][0]["t"]["value"] == evil.value


def test_a_repeated_query_comes_from_the_cache(graph: Path) -> None:
    with Service.over_files([graph], Limits()) as service:
        first = ask(service, FIRST)
        again = ask(service, FIRST)
        assert (again.body, again.etag, again.seconds) == (first.body, first.etag, 0.0)
        assert again.cacheable
        assert first.seconds > 0
        other = ask(service, FIRST, CSV)
        assert other.etag != first.etag
        assert other.seconds > 0
        personal = [ask(service, "SELECT (STRUUID() AS ?u) {}") for _ in range(2)]
        assert personal[0].body != personal[1].body
        assert not personal[0].cacheable
        in_a_literal = [ask(service, "SELECT ('NOW()' AS ?u) {}") for _ in range(2)]
        assert in_a_literal[1].cacheable
        assert in_a_literal[1].seconds == 0


def test_an_answer_just_over_the_limit_is_refused_and_one_just_under_is_whole(graph: Path) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p"
    with Service.over_files([graph], Limits()) as service:
        whole = ask(service, query, CSV).body
        assert whole.count(b"\r\n") == TRIPLES + 1
    with Service.over_files([graph], Limits(answer_bytes=len(whole))) as service:
        assert ask(service, query, CSV).body == whole
    with Service.over_files([graph], Limits(answer_bytes=len(whole) - 1)) as service:
        with pytest.raises(TooLarge):
            ask(service, query, CSV)
        assert_right(service)


def test_a_client_over_its_budget_keeps_the_fast_lane(graph: Path) -> None:
    limits = Limits(query_seconds=0.4, fast_seconds=0.1, budget_seconds=0.3, budget_rate=0.001)
    with Service.over_files([graph], limits) as service:
        with pytest.raises(Exception, match="limit of time"):
            ask(service, ENDLESS, client="greedy")
        with pytest.raises(OverBudget) as caught:
            ask(service, f"{ENDLESS} #", client="greedy")
        assert caught.value.status == 429
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 0
        assert ask(service, FIRST, client="greedy").body
        with pytest.raises(Exception, match="limit of time"):
            ask(service, f"{ENDLESS} ##", client="modest")
        service.budget.charge("greedy", 1.0)
        with pytest.raises(OverBudget):
            ask(service, f"{FIRST} #", client="greedy")
        assert ask(service, FIRST, client="greedy").seconds == 0, "what is in the cache costs nobody anything"


def test_a_query_that_ends_its_worker_is_paid_for(graph: Path) -> None:
    with Service.over_files([graph], Limits(worker_memory=64 * 1024**2)) as service:
        with pytest.raises(Exhausted):
            ask(service, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f", client="greedy")
        assert service.budget.left("greedy") < service.limits.budget_seconds - 0.05


@pytest.mark.parametrize("error", [OverBudget("no"), TimedOut("no"), TimedOut.of(2.0), Busy("no")])
def test_what_passes_says_when_to_ask_again(error: ServiceError) -> None:
    assert error.status in (429, 503)
    assert error.retry_after is not None and error.retry_after > 0


def test_a_full_lane_names_the_limit_met() -> None:
    lane = Lane(1, 0)
    lane.take("a", False, 0)
    with pytest.raises(Busy, match="Too many") as caught:
        lane.take("b", False, 0)
    assert caught.value.limit == "0 queries waiting"
    lane = Lane(1, 1)
    lane.take("a", False, 0)
    with pytest.raises(Busy, match="in time") as caught:
        lane.take("b", False, 0.25)
    assert caught.value.limit == "0.25 seconds of waiting"


def test_health(service: Service) -> None:
    health = service.health()
    assert (health.ok, health.triples, health.detail) == (True, TRIPLES, "")
    assert health.workers > service.limits.fast_seats


def runs(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_after_stop_nothing_is_answered_and_no_process_is_left(graph: Path) -> None:
    service = Service.over_files([graph], Limits())
    assert_right(service)
    evaluator = service._evaluator
    assert isinstance(evaluator, pool.Pool)
    workers = [worker.pid for worker in evaluator._alive]
    processes = [evaluator._nursery.pid, *workers]
    assert len(workers) > service.limits.fast_seats
    assert all(map(runs, processes))
    service.stop()
    assert not any(map(runs, processes))
    assert not service.health().ok
    with pytest.raises(Exception, match="stopping"):
        service.answer(Request("ASK { ?a ?b 1 }", JSON))
    service.stop()


def test_files_that_do_not_load(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a:a> <a:b> .\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Service.over_files([broken], Limits())
    assert caught.value.file is not None
    assert caught.value.line == 1
    with pytest.raises(RunError):
        Service.over_files([tmp_path / "missing.ttl"], Limits())
    with pytest.raises(RunError):
        Service.over_release(tmp_path, Limits())


def test_the_same_bytes_elsewhere_are_other_data(tmp_path: Path) -> None:
    tags = set()
    for place in ("a.ttl", "b.ttl"):
        (tmp_path / place).write_text("<> <a:b> 1 .", encoding="utf-8")
        with Service.over_files([tmp_path / place], Limits()) as service:
            tags.add(ask(service, "SELECT ?s { ?s ?p ?o }", CSV).etag)
    assert len(tags) == 2


def test_files_of_several_syntaxes_are_served_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<a:a> <a:b> 'turtle' .", encoding="utf-8")
    (tmp_path / "b.trig").write_text("<a:a> <a:b> 'trig' . <a:g> { <a:a> <a:b> 'named' }", encoding="utf-8")
    (tmp_path / "c.nt").write_text("<a:a> <a:b> 'x' .".replace("'", '"'), encoding="utf-8")
    with Service.over_files(sorted(tmp_path.iterdir()), Limits()) as service:
        assert ask(service, "SELECT ?o { ?s ?p ?o } ORDER BY ?o", CSV).body == b"o\r\ntrig\r\nturtle\r\nx\r\n"
        assert ask(service, "SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } }", CSV).body == b"g,o\r\na:g,named\r\n"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_query_in_the_slow_lane_gives_way_with_all_its_threads(graph: Path) -> None:
    def lowest_nice(worker: Worker) -> int:
        tasks = Path(f"/proc/{worker.pid}/task").glob("*/stat")
        return min(int(task.read_text(encoding="utf-8").rpartition(")")[2].split()[16]) for task in tasks)

    def ask_in_vain() -> None:
        with pytest.raises(TimedOut):
            ask(service, ENDLESS)

    with Service.over_files([graph], Limits(query_seconds=1.5)) as service:
        evaluator = service._evaluator
        assert isinstance(evaluator, pool.Pool)
        asking = threading.Thread(target=ask_in_vain)
        asking.start()
        own, nice = os.getpriority(os.PRIO_PROCESS, 0), list[int]()
        while asking.is_alive() and max(nice, default=own) == own:
            time.sleep(0.01)
            nice = [lowest_nice(worker) for worker in [*evaluator._alive]]
        asking.join()
        assert sorted(nice)[-2:] == [own, min(own + 10, 19)]


def test_a_worker_that_takes_long_to_end_holds_up_no_fork(graph: Path) -> None:
    with Service.over_files([graph], Limits()) as service:
        evaluator = service._evaluator
        assert isinstance(evaluator, pool.Pool)
        nursery = evaluator._nursery
        worker = nursery.fork()
        assert not nursery.gone(worker.pid)  # and does not wait for it
        nursery.fork().close()
        worker.kill()
        while not nursery.gone(worker.pid):
            time.sleep(0.001)
        worker.close()


def test_a_query_that_waits_for_a_worker_while_the_release_changes_is_answered(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork, let_fork = Nursery.fork, threading.Event()

    def held_fork(nursery: Nursery) -> Worker:
        let_fork.wait(30)
        return fork(nursery)

    let_fork.set()
    with Service.over_files([graph], Limits()) as service:
        evaluator = service._evaluator
        assert isinstance(evaluator, pool.Pool)
        let_fork.clear()
        monkeypatch.setattr(Nursery, "fork", held_fork)
        while evaluator._idle:
            evaluator._discard(evaluator._take_worker())
        found: list[bytes] = []
        asking = threading.Thread(target=lambda: found.append(ask(service, FIRST, CSV).body))
        asking.start()
        while not evaluator._users:
            time.sleep(0.001)
        closing = threading.Thread(target=evaluator.close, args=(30,))
        closing.start()
        time.sleep(0.1)
        let_fork.set()
        asking.join()
        closing.join()
        assert found == [b"o\r\nThing 1\r\n"]


def test_a_worker_forked_while_the_pool_closes_is_closed_too(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[Worker] = []
    stopping, forking = threading.Event(), threading.Event()
    fork, stop = Nursery.fork, Nursery.stop

    def late_fork(nursery: Nursery) -> Worker:
        forked.append(fork(nursery))
        if len(forked) > pool_size:
            forking.set()
            stopping.wait(30)
            time.sleep(0.2)
        return forked[-1]

    def noted_stop(nursery: Nursery) -> None:
        stop(nursery)
        stopping.set()

    limits = Limits(query_seconds=0.2)
    pool_size = limits.fast_seats + limits.slow_seats + 1
    monkeypatch.setattr(Nursery, "fork", late_fork)
    monkeypatch.setattr(Nursery, "stop", noted_stop)
    monkeypatch.setattr(pool, "_KEEPER_SECONDS", 0.05)
    with Service.over_files([graph], limits) as service:
        with pytest.raises(TimedOut):
            ask(service, ENDLESS)
        assert forking.wait(30)  # the worker that takes the place of the one that was ended
    assert len(forked) > pool_size
    assert all(worker.connection.fileno() == -1 for worker in forked)


def test_a_query_that_waits_for_the_processor_stays_in_the_fast_lane(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowed: list[Worker] = []
    monkeypatch.setattr(Worker, "slow_down", lambda worker: slowed.append(worker))
    limits = Limits(query_seconds=1.0, fast_seconds=0.1)
    with Service.over_files([graph], limits) as service:
        monkeypatch.setattr(Worker, "used", 0.0)  # as on a machine that is busy with other things
        with pytest.raises(TimedOut):
            ask(service, ENDLESS)
        assert not slowed
        monkeypatch.setattr(Worker, "used", 1.0)
        with pytest.raises(TimedOut):
            ask(service, f"{ENDLESS} #")
        assert slowed


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the processor time of a process")
def test_a_worker_tells_the_processor_time_of_its_query(graph: Path) -> None:
    with Service.over_files([graph], Limits()) as service:
        evaluator = service._evaluator
        assert isinstance(evaluator, pool.Pool)
        (worker, *_) = evaluator._idle
        job = Job(ENDLESS, JSON, None, (), (), 10.0, 1000)
        worker.send(job.pack())
        time.sleep(0.5)
        assert 0.1 < worker.used < 0.6
        worker.kill()
