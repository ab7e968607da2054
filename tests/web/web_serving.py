"""Starts `pledgegraph serve` as a process of its own and speaks to it over bare sockets."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0

ASK = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"


@dataclass
class Answer:
    """An HTTP answer as it came: status, headers by lower-case name, body. Status 0 where none came."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A server under test."""

    port: int
    process: subprocess.Popen[bytes]
    said: list[str] = field(default_factory=list)
    _heard: threading.Condition = field(default_factory=threading.Condition)

    def connect(self) -> socket.socket:
        """A connection to the server."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def send(self, request: bytes) -> Answer:
        """Send bytes and read the answer until the server closes, or until its body is whole."""
        with self.connect() as connection:
            with suppress(OSError):  # refused before all of it was read; the answer may be there all the same
                connection.sendall(request)
            return receive(connection)

    def get(self, target: str, **headers: str) -> Answer:
        """Send a GET request."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return self.send(f"GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{lines}\r\n".encode())

    def post(self, body: bytes, content_type: str = "application/sparql-query", **headers: str) -> Answer:
        """Send a POST request to the endpoint."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST /sparql HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n{lines}\r\n"
        )
        return self.send(head.encode() + body)

    def answers(self) -> bool:
        """Whether a simple query is answered rightly now."""
        answer = self.send(ASK)
        return answer.status == 200 and answer.body == b'{"head":{},"boolean":true}'

    def wait_for(self, text: str) -> None:
        """Wait until the server has said `text` on standard error."""
        with self._heard:
            assert self._heard.wait_for(lambda: any(text in line for line in self.said), PATIENCE_SECONDS), self.said

    def listen(self) -> None:
        """Read standard error to its end."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._heard:
                self.said.append(line.decode(errors="replace"))
                self._heard.notify_all()


def receive(connection: socket.socket) -> Answer:
    """Read one answer from a connection."""
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                break
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", -1))
        while length < 0 or len(body) < length:
            piece = connection.recv(65536)
            if not piece:
                break
            body += piece
    except ConnectionError:
        return Answer(0, {}, b"")
    status = re.match(r"HTTP/1\.[01] (\d{3})", lines[0])
    return Answer(int(status[1]) if status else 0, headers, body)


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(*arguments: str) -> list[str]:
    """The command line of `pledgegraph serve` with this interpreter."""
    return [sys.executable, "-m", "pledgegraph", "serve", *arguments]


@contextmanager
def serving(*arguments: str) -> Iterator[Served]:
    """A server with these arguments, once it answers; stopped and waited for at the end."""
    port = free_port()
    process = subprocess.Popen(
        command("--port", str(port), *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "server")},
    )
    served = Served(port, process)
    listener = threading.Thread(target=served.listen)
    listener.start()
    try:
        served.wait_for("serving release")
        yield served
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
            process.wait()
            listener.join()
            assert process.stderr is not None
            process.stderr.close()
