"""Asking targets of links: a server that behaves, and one that misbehaves as they do."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pledgegraph.cli import main
from pledgegraph.errors import InputError
from pledgegraph.links import Answer, Policy, check_targets

TODAY = date(2026, 11, 21)
QUICK = Policy(pause=0, timeout=1.5)


@dataclass
class Targets:
    """A running server of targets.

    Args:
        address: Where it listens.
        asked: Requests by path.
        agents: The User-Agent of each request.
    """

    address: str
    asked: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)


@pytest.fixture
def targets() -> Iterator[Targets]:
    """Targets by path: ok, gone, moved, forbidden, busy-once, busy, busy-long, broken, slow, drops, loop."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            path = self.path.strip("/")
            running.asked[path] += 1
            running.agents.add(self.headers.get("User-Agent", ""))
            status = {"gone": 410, "missing": 404, "forbidden": 403, "broken": 500, "busy": 429, "busy-long": 503}
            if path == "drops":
                self.connection.close()
                return
            if path == "slow":
                time.sleep(3.0)
            if path in ("moved", "loop"):
                self.send_response(302)
                self.send_header("Location", "/ok" if path == "moved" else "/loop")
            elif path == "busy-once":
                self.send_response(429 if running.asked[path] == 1 else 200)
                self.send_header("Retry-After", "2")
            else:
                self.send_response(status.get(path, 200))
                if path.startswith("busy"):
                    self.send_header("Retry-After", "3" if path == "busy" else "86400")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Targets(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield running
    server.shutdown()
    server.server_close()
    thread.join()


def ask(targets: Targets, memory: Path, *paths: str, policy: Policy = QUICK, today: date = TODAY) -> list[Answer]:
    waited.clear()
    return check_targets([targets.address + path for path in paths], memory, policy, today=today, sleep=waited.append)


waited: list[float] = []


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("ok", "answers"),
        ("missing", "gone"),
        ("gone", "gone"),
        ("moved", "moved"),
        ("forbidden", "no answer"),
        ("broken", "no answer"),
        ("slow", "no answer"),
        ("drops", "no answer"),
        ("loop", "no answer"),
    ],
)
def test_each_answer_has_its_outcome(targets: Targets, tmp_path: Path, path: str, outcome: str) -> None:
    (answer,) = ask(targets, tmp_path / "memory", path)
    assert answer.outcome == outcome
    assert answer.detail


def test_a_busy_target_is_asked_again_when_it_says(targets: Targets, tmp_path: Path) -> None:
    (answer,) = ask(targets, tmp_path / "memory", "busy-once")
    assert answer.outcome == "answers"
    assert waited == [2.0]


def test_a_host_that_stays_busy_is_left_alone(targets: Targets, tmp_path: Path) -> None:
    answers = ask(targets, tmp_path / "memory", "busy", "ok", "other")
    assert [answer.outcome for answer in answers] == ["busy", "busy", "busy"]
    assert targets.asked == {"busy": 2}


def test_a_long_wait_is_not_waited_for(targets: Targets, tmp_path: Path) -> None:
    (answer,) = ask(targets, tmp_path / "memory", "busy-long")
    assert answer.outcome == "busy"
    assert waited == []
    assert targets.asked == {"busy-long": 1}


def test_answers_are_remembered_and_silence_is_not(targets: Targets, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    ask(targets, memory, "ok", "gone", "broken")
    again = ask(targets, memory, "ok", "gone", "broken")
    assert [answer.outcome for answer in again] == ["answers", "gone", "no answer"]
    assert targets.asked == {"ok": 1, "gone": 1, "broken": 2}


def test_old_answers_are_asked_again(targets: Targets, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    ask(targets, memory, "ok")
    ask(targets, memory, "ok", today=TODAY + timedelta(days=31))
    assert targets.asked == {"ok": 2}


def test_a_run_goes_on_where_it_was_broken_off(targets: Targets, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    first = ask(targets, memory, "ok", "a", "b", policy=Policy(pause=0, limit=2))
    assert len(first) == 2
    memory.write_text(memory.read_text(encoding="utf-8") + '{"target": "http://half', encoding="utf-8")
    assert len(ask(targets, memory, "ok", "a", "b", policy=Policy(pause=0, limit=2))) == 3
    assert targets.asked == {"ok": 1, "a": 1, "b": 1}


def test_requests_to_one_host_are_apart_and_say_who_asks(targets: Targets, tmp_path: Path) -> None:
    ask(targets, tmp_path / "memory", "a", "b", "a", policy=Policy(pause=50))
    assert len(waited) == 1
    assert 0 < waited[0] <= 50
    assert targets.agents == {"pledgegraph link check (https://w3id.org/pledgegraph/)"}


def test_a_target_that_is_no_web_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no web address"):
        check_targets(["file:///etc/passwd"], tmp_path / "memory", QUICK, today=TODAY)


def test_nobody_listens(tmp_path: Path) -> None:
    (answer,) = check_targets(["http://127.0.0.1:9/x"], tmp_path / "memory", QUICK, today=TODAY)
    assert answer.outcome == "no answer"


def test_the_command_asks_the_targets_of_the_tables(
    targets: Targets, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spaces = ("http://www.wikidata.org/", "http://publications.europa.eu/", "http://data.un.org/")
    addresses = [word for space in spaces for word in ("--address", f"{space}={targets.address}")]
    memory = ["--memory", str(tmp_path / "memory"), "--pause", "0", "--limit", "3"]
    assert main(["links", "check", *addresses, *memory]) == 0
    assert "3 answers" in capsys.readouterr().out
    assert targets.asked.total() == 3
