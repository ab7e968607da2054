"""A built release behind the service: answers, reload without a dropped request, processes killed."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import CSV, ask

from pledgegraph.errors import RunError
from pledgegraph.release.manifest import Manifest
from pledgegraph.service import Busy, Limits, Service, ServiceError
from pledgegraph.service.pool import Pool

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module", params=["memory", "disk"])
def served(request: pytest.FixtureRequest, mini_release: Path) -> Iterator[Service]:
    """A service over the small release, loaded or read from disk."""
    limits = Limits(query_seconds=0.5, memory_triples=0 if request.param == "disk" else 10**6)
    with Service.over_release(mini_release, limits) as service:
        yield service


def pool_of(service: Service) -> Pool:
    evaluator = service._evaluator
    assert isinstance(evaluator, Pool)
    return evaluator


def workers_of(service: Service) -> list[int]:
    return [worker.pid for worker in list(pool_of(service)._alive)]


def test_the_counts_are_those_of_the_manifest(served: Service, mini_release: Path) -> None:
    manifest = Manifest.read(mini_release)
    assert served.release == manifest.release
    assert served.health().triples == manifest.triples
    assert ask(served, COUNT, CSV).body == f"n\r\n{manifest.triples}\r\n".encode()
    rows = ask(served, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", CSV).body.decode().split()
    assert dict(row.split(",") for row in rows[1:]) == {name: str(count) for name, count in manifest.graphs.items()}


def test_an_endless_query_ends_and_the_next_is_answered(served: Service) -> None:
    for _ in range(3):
        with pytest.raises(ServiceError) as caught:
            ask(served, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
        assert caught.value.status == 503
        assert b"true" in ask(served, "ASK { ?s ?p ?o }").body


def test_no_socket_is_to_be_had(served: Service, listener: object, monkeypatch: pytest.MonkeyPatch) -> None:
    url = listener.url  # type: ignore[attr-defined]
    monkeypatch.setattr(served, "_bind", lambda _text, _terms: f"ASK {{ SERVICE <{url}> {{ ?a ?b ?c }} }}")
    with pytest.raises(ServiceError):
        ask(served, "ASK { ?s ?p $x }", bindings={"x": 1})
    assert not listener.calls  # type: ignore[attr-defined]


def test_reload_drops_no_request(mini_release: Path) -> None:
    """Four threads ask without pause while the release is put in place again and again."""
    limits = Limits(cache_bytes=0)
    expected = f"n\r\n{Manifest.read(mini_release).triples}\r\n".encode()
    with Service.over_release(mini_release, limits) as service:
        stop = threading.Event()
        wrong: list[object] = []
        asked = [0] * 4

        def load(number: int) -> None:
            while not stop.is_set():
                asked[number] += 1
                try:
                    body = ask(service, f"{COUNT} # {number} {asked[number]}", CSV).body
                except ServiceError as error:
                    wrong.append(error)
                    return
                if body != expected:
                    wrong.append(body)

        threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        before = pool_of(service)
        for _ in range(3):
            service.reload(mini_release)
        stop.set()
        for thread in threads:
            thread.join()
        assert not wrong
        assert min(asked) > 0
        assert pool_of(service) is not before
        assert not before._nursery.alive


def test_a_release_that_does_not_load_leaves_the_old_one_in_place(mini_release: Path, tmp_path: Path) -> None:
    with Service.over_release(mini_release, Limits()) as service:
        with pytest.raises(RunError):
            service.reload(tmp_path)
        assert ask(service, COUNT).body


def test_workers_killed_at_random_lose_nothing_but_their_own_queries(mini_release: Path) -> None:
    chance = random.Random(7)
    expected = f"n\r\n{Manifest.read(mini_release).triples}\r\n".encode()
    with Service.over_release(mini_release, Limits(cache_bytes=0)) as service:
        stop = threading.Event()
        wrong: list[bytes] = []
        lost: list[ServiceError] = []
        right = [0]

        def load(number: int) -> None:
            count = 0
            while not stop.is_set():
                count += 1
                try:
                    body = ask(service, f"{COUNT} # {number} {count}", CSV).body
                except ServiceError as error:
                    lost.append(error)
                    continue
                if body == expected:
                    right[0] += 1
                else:
                    wrong.append(body)

        threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        killed = 0
        while killed < 40:
            victims = workers_of(service)
            if victims:
                os.kill(chance.choice(victims), signal.SIGKILL)
                killed += 1
            time.sleep(0.02)
        stop.set()
        for thread in threads:
            thread.join()
        assert not wrong
        assert len(lost) <= killed
        assert {type(error) for error in lost} <= {Busy}
        assert right[0] > 0
        assert ask(service, COUNT, CSV).body == expected


def test_all_workers_killed_while_idle_are_replaced_unseen(mini_release: Path) -> None:
    with Service.over_release(mini_release, Limits(cache_bytes=0)) as service:
        for pid in workers_of(service):
            os.kill(pid, signal.SIGKILL)
        assert ask(service, COUNT).body
        assert service.health().ok


def test_the_forking_process_killed_is_started_again(mini_release: Path) -> None:
    with Service.over_release(mini_release, Limits(cache_bytes=0)) as service:
        first = pool_of(service)._nursery.pid
        os.kill(first, signal.SIGKILL)
        answered = [ask(service, f"{COUNT} # {number}").body for number in range(20)]
        assert len(set(answered)) == 1
        for pid in workers_of(service):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for _ in range(300):
            try:
                assert ask(service, f"{COUNT} # again").body == answered[0]
                break
            except Busy:
                time.sleep(0.1)
        assert service.health().ok
        assert pool_of(service)._nursery.pid != first


def test_a_query_whose_worker_is_killed_is_asked_again_unseen(mini_release: Path) -> None:
    with Service.over_release(mini_release, Limits(cache_bytes=0, fast_seconds=2.0)) as service:
        slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?c) < STR(?f)) }"
        expected = ask(service, slow).body
        results: list[bytes] = []
        thread = threading.Thread(target=lambda: results.append(ask(service, f"{slow} #").body))
        thread.start()
        pool = pool_of(service)
        while len(pool._idle) == len(pool._alive) and thread.is_alive():
            time.sleep(0.0005)
        for worker in [worker for worker in list(pool._alive) if worker not in pool._idle]:
            worker.kill()
        thread.join()
        assert results == [expected]


def test_stopping_leaves_no_process(mini_release: Path) -> None:
    service = Service.over_release(mini_release, Limits())
    pids = [pool_of(service)._nursery.pid, *workers_of(service)]
    service.stop()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
