"""An existing SPARQL 1.1 engine asked over HTTP, behind the same guard, budgets, lanes and cache as the workers.

Nothing in a request names the engine: its address is configured. Redirects are not followed, an answer ends at the
limit of bytes and at the deadline, and one that the engine itself cut short (HTTP 206, Virtuoso's headers) is an error.
The engine may go on with a query whose connection was closed, so it needs a limit of time of its own, a little above
`query_seconds`: oxigraph answers 200 with a broken body when its own limit comes first.
"""

import base64
import heapq
import http.client
import itertools
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

import pledgegraph
from pledgegraph.errors import RunError
from pledgegraph.service import guard
from pledgegraph.service.errors import Busy, Refused, ServiceError, TimedOut, TooLarge
from pledgegraph.service.evaluator import Reply
from pledgegraph.service.lanes import Lane
from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import Request
from pledgegraph.service.workers import Job
from pledgegraph.terms import DCTERMS, GRAPH

GRAPH_PUBLICATION = GRAPH("publication")
"""Named graph in which `publish` notes which release an engine holds, with dcterms:identifier, and since when."""

_JSON = "application/sparql-results+json"
_RELEASE_QUERY = (
    f"SELECT ?r ?t {{ GRAPH <{GRAPH_PUBLICATION}> {{ "
    f"<{GRAPH_PUBLICATION}> <{DCTERMS('identifier')}> ?r ; <{DCTERMS('issued')}> ?t }} }}"
)
_RELEASE_SECONDS = 10.0
"""How long it may take until a release newly published into the engine is noticed."""

_CHUNK = 1 << 16
_PROBE_SECONDS = 2.0
"""Within this time an engine answers ASK {}, or what it said about a query was not about that query."""

# A place in an engine's message counts the line of BASE put before the query, or the engine's own reading of it.
_PLACE = re.compile(
    r"(?:error )?(?:(?:at|on|in) )?(?:line:? ?\d+(?:(?:, ?| )col(?:umn)?:? ?\d+|:\d+)?|\b\d+:\d+\b)[:,]?\s*",
    re.IGNORECASE,
)
_LESS = "The same query will hardly do better. Ask for less: name what is sought, or add LIMIT."
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


class Deadlines:
    """Shuts sockets down when their time is up, so that nothing an engine does keeps a thread longer than that."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, socket.socket]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="pledgegraph-deadlines", daemon=True)
        self._thread.start()

    def add(self, when: float, connection: socket.socket) -> Callable[[], None]:
        """Shut `connection` down at `when` on the monotonic clock, unless the function returned is called before."""
        entry = (when, next(self._numbers), connection)
        with self._changed:
            heapq.heappush(self._due, entry)
            self._changed.notify()

        def cancel() -> None:
            with self._changed, suppress(ValueError):
                self._due.remove(entry)
                heapq.heapify(self._due)

        return cancel

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                while self._due and self._due[0][0] <= now:
                    _, _, connection = heapq.heappop(self._due)
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                self._changed.wait(self._due[0][0] - now if self._due else None)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=5)


class Endpoint:
    """A SPARQL endpoint by its address.

    Args:
        url: An http or https address; a user and a password in it, where `%40` stands for @, are sent as HTTP basic
            authentication.

    Raises:
        RunError: The address is none of these.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.fragment:
            raise RunError("the engine's address is no http or https address", hint="Give the query endpoint's URL")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, port
        self.target = urlunsplit(("", "", quote(parts.path, safe="/%:@!$&'()*+,;=~") or "/", parts.query, ""))
        netloc = parts.netloc.rpartition("@")[2]
        self.shown = urlunsplit((parts.scheme, netloc, parts.path, "", ""))
        """The address without credentials and parameters."""
        self.headers = {"User-Agent": f"pledgegraph/{pledgegraph.__version__}", "Accept-Encoding": "identity"}
        if parts.username is not None:
            pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
            self.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")

    def connect(self, seconds: float) -> http.client.HTTPConnection:
        """Open a connection.

        Raises:
            OSError: It cannot be opened in that time.
        """
        make = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = make(self._host, self._port, timeout=seconds)
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


class _Refusal(Refused):
    """The engine answers with HTTP status 400; `words` are its own, without a place."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(400, "The engine refuses the query", words or "It gives no reason.")


class _Failure(Busy):
    """The engine answers with HTTP status 500, as some do for a query that they cannot evaluate."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__("The engine behind this service answers with HTTP status 500.")


class Engine:
    """Asks a foreign engine; see `Evaluator`.

    Args:
        url: The engine's query endpoint.
        limits: Deadline, size of answers, connections.

    Raises:
        RunError: The address is no http or https address.
    """

    triples: int | None = None

    def __init__(self, url: str, limits: Limits) -> None:
        self._endpoint = Endpoint(url)
        self._limits = limits
        self._lane = Lane(limits.engine_connections, limits.waiting)
        self._deadlines = Deadlines()
        self._lock = threading.Condition()
        self._idle: list[http.client.HTTPConnection] = []
        self._users = 0
        self._closed = False
        self._release: tuple[float, str | None] | None = None
        self._asking = threading.Lock()
        self._knows_graph = lru_cache(maxsize=4096)(self._ask_graph)

    @property
    def shown(self) -> str:
        """The engine's address without credentials."""
        return self._endpoint.shown

    @property
    def workers(self) -> int:
        """A foreign engine has no workers of ours."""
        return 0

    @property
    def waiting(self) -> int:
        """Queries waiting for a connection."""
        return self._lane.waiting

    def enter(self) -> bool:
        """Register a query unless closing."""
        with self._lock:
            if not self._closed:
                self._users += 1
            return not self._closed

    def leave(self) -> None:
        """End what `enter` began."""
        with self._lock:
            self._users -= 1
            self._lock.notify_all()

    @property
    def release(self) -> str:
        """The engine's address, and the release published into it where there is one, with the time of that: while the
        same release is published again, answers may be of half of it."""
        published = self._published()
        return self.shown if published is None else f"{self.shown} {published}"

    @property
    def stable(self) -> bool:
        """Whether a release was published into the engine; other data may change at any time."""
        return self._published() is not None

    def _published(self) -> str | None:
        kept = self._release
        if kept is not None and time.monotonic() - kept[0] <= _RELEASE_SECONDS:
            return kept[1]
        # One thread asks; the others go on with what was known, and wait where nothing was.
        if self._asking.acquire(blocking=kept is None):
            try:
                if self._release is kept:
                    found = self._ask_release()
                    if kept is not None and found != kept[1]:
                        self._knows_graph.cache_clear()
                    self._release = (time.monotonic(), found)
            finally:
                self._asking.release()
        return None if self._release is None else self._release[1]

    def _ask_release(self) -> str | None:
        job = Job(_RELEASE_QUERY, _JSON, None, (), (), self._limits.query_seconds, 10_000)
        try:
            rows = json.loads(self._ask(job).body)["results"]["bindings"]
            return f"{rows[0]['r']['value']} {rows[0]['t']['value']}" if len(rows) == 1 else None
        except (ServiceError, ValueError, KeyError, TypeError):
            return None

    def check_graphs(self, query: str, request: Request) -> None:
        """Let no graph be named that the engine does not hold: some engines fetch what FROM names.

        Args:
            query: The query with its parameters bound.
            request: The request; its base and graphs apply.

        Raises:
            Refused: There is no graph of a name that FROM, FROM NAMED or the protocol gives.
        """
        named = (*guard.graphs_named(query, request.base), *request.default_graphs, *request.named_graphs)
        if not named:
            return
        self._lane.take(request.client, request.kind == "page", self._limits.wait_seconds)
        try:
            self._check_graphs(named)
        finally:
            self._lane.give(request.client)

    def _check_graphs(self, named: Sequence[str]) -> None:
        for iri in named:
            if not self._knows_graph(iri):
                self._knows_graph.cache_clear()  # it may come with the next release
                raise Refused(
                    400,
                    "There is no such graph",
                    f"This dataset has no graph {iri[:200]}.",
                    hint="The service description lists the named graphs.",
                )

    def _ask_graph(self, iri: str) -> bool:
        if _NO_IRI.search(iri):
            return False
        job = Job(f"ASK {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}", _JSON, None, (), (), self._limits.query_seconds, 10_000)
        return bool(json.loads(self._ask(job).body).get("boolean"))

    def run(self, job: Job, client: str, page: bool, may_be_slow: Callable[[], None]) -> Reply:
        """Ask one query; see `Pool.run`. There is one lane: each connection takes a seat.

        A reply that is no answer is of kind "refused" or "failed", and has the engine's words as message: the engine
        gave them for this query, and answers others.
        """
        may_be_slow()
        self._lane.take(client, page, self._limits.wait_seconds)
        start = time.monotonic()
        try:
            return self._ask(job)
        except (_Refusal, _Failure) as error:
            seconds = time.monotonic() - start
            if not self._answers():
                raise
            kind = "refused" if isinstance(error, _Refusal) else "failed"
            return Reply(False, seconds, json.dumps({"kind": kind, "message": error.words}).encode())
        finally:
            self._lane.give(client)

    def _answers(self) -> bool:
        """Whether the engine answers a query that every engine can."""
        try:
            self._ask(Job("ASK {}", _JSON, None, (), (), _PROBE_SECONDS, 10_000))
        except ServiceError:
            return False
        return True

    def _ask(self, job: Job) -> Reply:
        start = time.monotonic()
        end = start + job.seconds
        fields = [("query", job.query if job.base is None else f"BASE <{job.base}>\n{job.query}")]
        fields += [("default-graph-uri", iri) for iri in job.default_graphs]
        fields += [("named-graph-uri", iri) for iri in job.named_graphs]
        body = urlencode(fields).encode()
        headers = {
            **self._endpoint.headers,
            "Accept": job.media_type,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        while True:
            connection, fresh = self._connection(end)
            assert connection.sock is not None
            cancel = self._deadlines.add(end, connection.sock)
            try:
                connection.request("POST", self._endpoint.target, body, headers)
                with closing(connection.getresponse()) as response:
                    if time.monotonic() >= end:
                        raise TimeoutError
                    answer = self._read(response, job, end)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if time.monotonic() >= end:
                    raise TimedOut.of(job.seconds) from None
                if not fresh and isinstance(error, ConnectionError):
                    continue  # most likely the engine had closed a kept connection
                raise Busy("The engine behind this service broke off.", hint="Try again.", retry_after=5) from None
            except BaseException:
                connection.close()  # what is left of the answer is on it
                raise
            finally:
                cancel()
            self._keep(connection)
            return Reply(True, time.monotonic() - start, answer)

    def _connection(self, end: float) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), False
        try:
            return self._endpoint.connect(max(end - time.monotonic(), 0.001)), True
        except OSError:
            raise Busy("The engine behind this service cannot be reached.", hint="Try again.", retry_after=5) from None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if not self._closed and connection.sock is not None:
                self._idle.append(connection)
                return
        connection.close()

    def _read(self, response: http.client.HTTPResponse, job: Job, end: float) -> bytes:
        """The body of an answer, whole.

        Args:
            response: Its head has been read.
            job: What was asked.
            end: When the deadline is, on the monotonic clock.

        Raises:
            Refused: The engine refuses the query or the media type.
            TimedOut: The engine met a limit of its own.
            TooLarge: The answer is larger than the limit.
            Busy: The engine does not answer queries.
        """
        if response.status == 200:
            headers = response.headers
            if "X-SPARQL-Anytime" in headers or headers.get("X-SQL-State") == "S1TAT":
                raise TimedOut(
                    "The engine cut the answer short; it is not passed on.", hint=_LESS, limit="the engine's own"
                )
            if "X-SPARQL-MaxRows" in headers:
                raise TooLarge("The engine cut the answer short; it is not passed on.", limit="the engine's own")
            if response.length is None and not response.chunked:
                raise Busy("The engine behind this service does not say where its answer ends.")
            found = headers.get_content_type()
            body = _read_up_to(response, job.answer_bytes, end, self._limits)
            if found != job.media_type:
                raise Refused(
                    406,
                    "The media type cannot be had",
                    f"The engine behind this service gives {found} where {job.media_type} was asked for.",
                )
            return body
        text = _read_up_to(response, 65536, end, self._limits).decode("utf-8", "replace")
        first = next((line.strip() for line in text.splitlines() if re.search(r"\w{3}", line)), "")
        words = _PLACE.sub("", first[:300]).strip()
        match response.status:
            case 400:
                raise _Refusal(words)
            case 500:
                raise _Failure(words)
            case 406 | 415:
                raise Refused(
                    406, "The media type cannot be had", f"The engine behind this service has no {job.media_type}."
                )
            case 206 | 408 | 504:
                raise TimedOut("The engine met a limit of time of its own.", hint=_LESS, limit="the engine's own")
            case 413 | 414:
                raise TooLarge("The engine refuses the query as too large.", limit="the engine's own")
            case 429 | 503:
                raise Busy("The engine behind this service is busy.", hint="Try again.", retry_after=5)
            case status if 300 <= status < 400:
                raise Busy("The engine behind this service points elsewhere; redirects are not followed.")
            case status:
                raise Busy(f"The engine behind this service answers with HTTP status {status}.", retry_after=5)

    def close(self, seconds: float) -> None:
        """Take no more queries, wait up to `seconds` for those under way, close all connections."""
        with self._lock:
            self._closed = True
            self._lock.wait_for(lambda: self._users <= 0, timeout=seconds)
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        self._deadlines.close()


def _read_up_to(response: http.client.HTTPResponse, most: int, end: float, limits: Limits) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read(_CHUNK):
        size += len(part)
        if size > most:
            raise TooLarge.of(limits.shown("answer_bytes"))
        parts.append(part)
    if time.monotonic() >= end:
        raise TimeoutError
    if response.length:  # http.client takes a connection closed early for the end of the body
        raise ConnectionResetError("the body is shorter than its Content-Length")
    return b"".join(parts)
