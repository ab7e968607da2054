"""`pledgegraph serve` as a process: how it refuses to start, stops, reloads, logs, and comes back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from argparse import ArgumentTypeError
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from urllib.parse import quote

import pytest
from web_serving import PATIENCE_SECONDS, ROOT, Served, command, free_port, receive, serving

from pledgegraph.cli.serve import _address, _port
from pledgegraph.content import Content
from pledgegraph.release.build import STEPS, build
from pledgegraph.release.progress import Progress
from pledgegraph.service import Limits
from pledgegraph.web.server import Settings, Source, _Supervisor

DATA = Path(__file__).parent / "data.trig"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT / "server")},
        check=False,
    )


def test_a_port_in_use_is_an_error_that_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("--port", str(taken.getsockname()[1]), "--data", str(DATA))
    assert done.returncode == 2
    assert "is in use" in done.stderr and "--port" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80.0", "", "8_0", "9" * 5000])
def test_what_is_no_port_is_told_so(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is not a port: give one from 1 to 65535$") as refused:
        _port(text)
    assert len(str(refused.value)) < 100
    assert _port("65535") == 65535


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--data", "no-such-file.ttl"), 2, "no-such-file.ttl"),
        (("--data", str(DATA), "--base", "example.org"), 2, "--base"),
        (("--data", str(DATA), "--host", "256.0.0.1"), 2, "--host"),
        (("--data", str(DATA), "--trusted-proxy", "x"), 2, "--trusted-proxy"),
        (("--data", str(DATA), "--access-log", "/no/such/folder/log"), 2, "/no/such/folder/log"),
        (("--release", "no-such-release"), 2, "no-such-release"),
        (("--data", str(DATA), "--query-seconds", "0"), 2, "query_seconds"),
        (("--engine", "ftp://127.0.0.1/"), 2, "http"),
        (("--port", "abc", "--data", str(DATA)), 2, "--port: 'abc' is not a port: give one from 1 to 65535"),
    ],
)
def test_what_cannot_run_says_why(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("--port", str(free_port()), *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_data_that_do_not_parse_are_findings_with_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a:b> <a:b> <a:b> .\n<a:b> nonsense .\n", encoding="utf-8")
    done = run("--port", str(free_port()), "--data", str(broken))
    assert done.returncode == 1
    assert "broken.ttl:2" in done.stderr and "Traceback" not in done.stderr


def test_a_stop_lets_answers_under_way_end(tmp_path: Path) -> None:
    slow = f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'?s{i} ?p{i} ?o{i} .' for i in range(5))} }}"
    log = tmp_path / "access.log"
    with serving("--data", str(DATA), "--access-log", str(log)) as served, served.connect() as connection:
        connection.sendall(f"GET /sparql?query={quote(slow)} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        while served.send(b"GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").status != 200:
            pass
        served.process.send_signal(signal.SIGTERM)
        answer = receive(connection)
        assert answer.status == 200
        assert int(json.loads(answer.body)["results"]["bindings"][0]["n"]["value"]) > 10**4
        assert served.process.wait(PATIENCE_SECONDS) == 0
    assert "GET /health" in log.read_text(encoding="utf-8")


def test_the_serving_process_is_started_again() -> None:
    with serving("--data", str(DATA)) as served:
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        if not children.exists():
            pytest.skip("the system does not list a process's children")
        (child,) = children.read_text(encoding="ascii").split()
        served.said.clear()
        os.kill(int(child), signal.SIGKILL)
        served.wait_for("serving release")
        assert served.answers()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://127.0.0.1:80/"),  # noqa: S104
        ("::", "http://[::1]:80/"),
        ("::1", "http://[::1]:80/"),
        ("localhost", "http://localhost:80/"),
    ],
)
def test_the_address_to_open(host: str, address: str) -> None:
    assert _address(host, 80) == address


def test_two_servers_on_two_ports() -> None:
    with serving("--data", str(DATA)) as one, serving("--data", str(DATA)) as two:
        assert one.answers() and two.answers()


@pytest.fixture
def releases(mini_copy: Content, tmp_path: Path) -> Callable[[str], str]:
    """Builds a release in which Arcadia has the label given; returns the release's name."""
    states = mini_copy.graph / "actors" / "states.ttl"
    original = states.read_text(encoding="utf-8")

    def make(label: str) -> str:
        states.write_text(original.replace('"Arcadia"@en', f'"{label}"@en'), encoding="utf-8")
        return build(mini_copy, cache=tmp_path / "out", progress=Progress(STEPS, quiet=True)).manifest.release

    return make


def test_a_new_release_is_put_in_place_without_a_dropped_request(
    releases: Callable[[str], str], tmp_path: Path
) -> None:
    first = releases("Old Arcadia")
    query = quote('SELECT ?label { ?s rdfs:label ?label FILTER CONTAINS(?label, "Arcadia") }')
    target = f"/sparql?query=PREFIX%20rdfs:%3Chttp://www.w3.org/2000/01/rdf-schema%23%3E{query}"
    with serving("--release", str(tmp_path / "out")) as served:
        served.wait_for(first)
        assert b"Old Arcadia" in served.get(target).body
        stop, seen = threading.Event(), set[tuple[int, bytes]]()
        request = f"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n".encode()
        fresh = f"GET {target}%23{{}} HTTP/1.1\r\nHost: test\r\n\r\n"

        def ask(name: int) -> None:
            with served.connect() as connection:  # one connection throughout: none may be closed
                number = 0
                while not stop.is_set():
                    number += 1
                    connection.sendall(request if number % 2 else fresh.format(f"{name}-{number}").encode())
                    answer = receive(connection)
                    seen.add((answer.status, answer.body))

        threads = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        try:
            second = releases("New Arcadia")
            served.process.send_signal(signal.SIGHUP)
            served.wait_for(second)
            assert b"New Arcadia" in served.get(target).body
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert {status for status, _ in seen} == {200}
        assert sorted({b"New" in body for _, body in seen}) == [False, True]
        assert second.encode() in served.get("/health").body
        assert f'"{second}'.encode() in served.get("/void").headers["etag"].encode()


def test_a_release_that_cannot_be_loaded_leaves_the_old_one(releases: Callable[[str], str], tmp_path: Path) -> None:
    releases("Arcadia")
    with serving("--release", str(tmp_path / "out")) as served:
        shutil.move(tmp_path / "out", tmp_path / "away")
        served.process.send_signal(signal.SIGHUP)
        served.wait_for("not reloaded")
        assert served.answers()


def test_a_log_is_opened_anew_on_reload(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with serving("--data", str(DATA), "--access-log", str(log), "--anonymise") as served:
        served.get("/health")
        log.rename(tmp_path / "old.log")
        served.process.send_signal(signal.SIGHUP)
        served.wait_for("access log reopened")
        served.get("/void")
    assert '"GET /health HTTP/1.1" 200' in (tmp_path / "old.log").read_text(encoding="utf-8")
    assert log.read_text(encoding="utf-8").startswith("127.0.0.0 - - [")


def test_the_budget_is_that_of_the_client_a_trusted_proxy_names() -> None:
    arguments = ("--data", str(DATA), "--query-seconds", "0.5", "--budget-seconds", "1", "--budget-rate", "0.001")
    endless = quote(f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'?s{i} ?p{i} ?o{i} .' for i in range(30))} }}")
    with serving(*arguments, "--trusted-proxy", "127.0.0.1") as served:

        def ask(client: str, number: int) -> int:
            return served.get(f"/sparql?query={endless}%23{number}", X_Forwarded_For=client).status

        statuses = [ask("192.0.2.1", number) for number in range(6)]
        assert statuses[0] == 503 and statuses[-1] == 429
        assert ask("192.0.2.2", 9) == 503
        refused: Served = served
        answer = refused.get(f"/sparql?query={endless}%23x", X_Forwarded_For="192.0.2.1")
        assert int(answer.headers["retry-after"]) > 0


def test_an_error_while_a_release_is_renewed_leaves_the_supervision_going(capsys: pytest.CaptureFixture[str]) -> None:
    def renew() -> Path:
        raise OSError(28, "No space left on device")

    here, there = Pipe()
    settings = Settings("127.0.0.1", 8000, "http://localhost/", Source(), None, Limits())
    _Supervisor(settings, renew, here)._reload()
    assert "not reloaded" in capsys.readouterr().err
    assert not there.poll()
