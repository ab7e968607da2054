"""What the tests of the service share: figures of the small graph, one way to ask, and a listener."""

import re
import socket
import threading
from collections.abc import Callable

from pledgegraph.service import Answer, Limits, Request, Service

JSON = "application/sparql-results+json"
CSV = "text/csv"
EXAMPLE = "http://example.org/"
TRIPLES = 1200
"""Triples of the default graph; a cross product of three patterns has 1.7 billion rows."""

SEEN_BY_ALL = Limits(
    query_seconds=0.5, query_depth=10**6, query_operators=10**6, query_patterns=10**6, query_bytes=10**6
)
"""Limits that let the guard pass what only the workers are to withstand."""


def ask(service: Service, query: str, media_type: str = JSON, **fields: object) -> Answer:
    """Answer one query."""
    return service.answer(Request(query, media_type, **fields))  # type: ignore[arg-type]


def assert_right(service: Service, number: int = 7) -> None:
    """The service answers the next query, and rightly."""
    query = f"SELECT ?label {{ ?thing <{EXAMPLE}number> {number} ; <{EXAMPLE}label> ?label }}"
    assert ask(service, query, CSV).body == f"label\r\nThing {number}\r\n".encode()
    everything = ask(service, f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER({number} = {number}) }}", CSV)
    assert everything.body == f"n\r\n{TRIPLES}\r\n".encode()


class Listener:
    """Accepts connections on a free port and counts them.

    Args:
        answer: Called with each connection after its request was read whole; by default the connection is closed.
    """

    def __init__(self, answer: Callable[[socket.socket], None] | None = None) -> None:
        self.calls: list[bytes] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.calls.append(b"")
                try:
                    self._read(connection)
                    if self._answer is not None:
                        self._answer(connection)
                except OSError:
                    pass

    def _read(self, connection: socket.socket) -> None:
        """Note a request, its body included, which may come in packets of its own."""
        while True:
            head, end, body = self.calls[-1].partition(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            if end and len(body) >= (int(length[1]) if length else 0):
                return
            part = connection.recv(65536)
            if not part:
                return
            self.calls[-1] += part

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
