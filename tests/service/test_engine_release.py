"""What is published into a foreign engine: noticed, trusted for a while, and asked about by few at once."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from serving import JSON, ask

from pledgegraph.service import Limits, Refused, Service, engine


class Fake(ThreadingHTTPServer):
    """An engine that holds one value, and says which release it is when asked for that."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.note: tuple[str, str] | None = ("abc", "2026-11-22")
        self.value = "whole"
        self.seconds = 0.0
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def rows(self, query: str) -> list[dict[str, str]]:
        if "graph/publication" not in query:
            return [{"value": self.value}]
        return [] if self.note is None else [dict(zip(("r", "t"), self.note, strict=True))]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Fake

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        fake, query = self.server, form["query"][0]
        with fake.lock:
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
        time.sleep(fake.seconds)
        bindings = [{name: {"type": "literal", "value": v} for name, v in row.items()} for row in fake.rows(query)]
        document = {"boolean": False} if query.startswith("ASK") else {"results": {"bindings": bindings}}
        body = json.dumps({"head": {}, **document}).encode()
        with fake.lock:
            fake.at_once -= 1
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as server:
        yield server
        server.shutdown()


@pytest.fixture
def fronted(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(engine, "_RELEASE_SECONDS", 0.2)
    limits = Limits(query_seconds=2, engine_connections=2)
    with Service.over_engine(f"http://127.0.0.1:{fake.server_port}/query", limits) as service:
        yield service


def value(service: Service) -> str:
    found: str = json.loads(ask(service, "SELECT ?value {}").body)["results"]["bindings"][0]["value"]["value"]
    return found


def at_once(number: int, call: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=call, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_half_of_a_release_is_not_kept_once_it_is_whole(fake: Fake, fronted: Service) -> None:
    assert fronted.stable
    fake.note, fake.value = None, "half"  # it is published again, and that is not noticed yet
    assert value(fronted) == "half"
    fake.note, fake.value = ("abc", "2026-11-23"), "whole"
    time.sleep(0.3)
    assert value(fronted) == "whole"
    fake.value = "changed unnoticed"
    assert value(fronted) == "whole", "what is published is kept"


def test_one_asks_which_release_it_is_while_others_go_on(fake: Fake, fronted: Service) -> None:
    release = fronted.release
    time.sleep(0.3)
    fake.most_at_once, fake.seconds = 0, 0.3
    at_once(8, lambda _: fronted.release)
    assert fake.most_at_once == 1
    fake.note = None
    assert fronted.release == release


def test_questions_about_graphs_take_a_seat(fake: Fake, fronted: Service) -> None:
    assert fronted.stable
    fake.most_at_once, fake.seconds = 0, 0.05

    def refused(number: int) -> None:
        with pytest.raises(Refused):
            ask(fronted, "ASK {}", default_graphs=(f"http://e/{number}",))

    at_once(10, refused)
    assert 1 <= fake.most_at_once <= 3, "two seats, and one who asks which release it is"
