"""A SPARQL 1.1 engine to load data into: by the Graph Store Protocol where it has that, else by SPARQL Update."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast
from urllib.parse import quote, urlencode

from pyoxigraph import RdfFormat, Triple, parse

from pledgegraph.errors import RunError
from pledgegraph.service.engine import Endpoint

_JSON = "application/sparql-results+json"
_N_TRIPLES = "application/n-triples"
_TRIES = 4
_PASSING = {408, 425, 429}
"""Refusals that may be gone when the request is sent again; any other from 300 to 499 is final."""

_SECONDS = 600.0
"""Longest wait for one answer; engines index while they load."""


class Target:
    """An engine's endpoints for asking and for writing.

    Args:
        query: The query endpoint.
        update: The update endpoint, or None.
        store: The Graph Store Protocol endpoint, or None; used rather than `update` where both are given.

    Raises:
        RunError: An address is no http or https address, or there is no way to write.
    """

    def __init__(self, query: str, update: str | None = None, store: str | None = None) -> None:
        if update is None and store is None:
            raise RunError("there is no endpoint to write to", hint="Name one with --update-url or --store-url")
        self._query = Endpoint(query)
        self._update = None if update is None else Endpoint(update)
        self._store = None if store is None else Endpoint(store)
        self.shown = self._query.shown

    @classmethod
    def find(cls, url: str) -> "Target":
        """Find an engine's endpoints below the address of its data set.

        Tried are the names that Fuseki (`query`, `update`, `data`) and Oxigraph (`query`, `update`, `store`) give them.

        Args:
            url: Such as http://localhost:3030/pledgegraph or http://localhost:7878, with user and password if needed.

        Raises:
            RunError: No query endpoint answers there.
        """
        base = url.rstrip("/")
        for name in ("/query", "/sparql"):
            base = base.removesuffix(name)
        for name in ("query", "sparql"):
            found = cls(f"{base}/{name}", f"{base}/update")
            try:
                found._send(found._query, "POST", _form(query="ASK {}"), {"Accept": _JSON, **_FORM}, tries=1)
            except RunError:
                continue
            for store in ("data", "store"):
                endpoint = Endpoint(f"{base}/{store}")
                with found._request(endpoint, "GET", b"", {"Accept": _N_TRIPLES}, "default") as response:
                    if response.status == 200 and response.headers.get_content_type() == _N_TRIPLES:
                        return cls(f"{base}/{name}", f"{base}/update", f"{base}/{store}")
            return found
        raise RunError(
            f"no SPARQL endpoint answers below {Endpoint(url).shown}",
            hint="Give the query endpoint, and the other with --update-url or --store-url",
        )

    def select(self, query: str) -> list[dict[str, str]]:
        """The rows of a SELECT query: variable to value.

        Raises:
            RunError: The engine does not answer it, or not in the format of SPARQL 1.1.
        """
        rows = self._results(query, "results")["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in rows]

    def ask(self, query: str) -> bool:
        """The answer of an ASK query; raises as `select`."""
        return bool(self._results(query, "boolean"))

    def _results(self, query: str, member: str) -> Any:
        """One member of an answer in the SPARQL 1.1 results format in JSON."""
        data = self._send(self._query, "POST", _form(query=query), {"Accept": _JSON, **_FORM})
        try:
            return json.loads(data)[member]
        except (ValueError, KeyError, TypeError):
            raise RunError(
                f"{self.shown} answers {query[:60]!r} without {member!r}, which SPARQL 1.1 results in JSON have",
                hint="Publish into an engine that keeps to SPARQL 1.1; docs/serving.md tells of Virtuoso",
            ) from None

    def graphs(self) -> list[str]:
        """IRIs of the named graphs; raises as `select`."""
        return [row["g"] for row in self.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")]

    def read(self, graph: str) -> Iterator[Triple]:
        """All triples of a graph, the default graph where the name is empty; raises as `select`."""
        endpoint = self._store or self._query
        if self._store is not None:
            asked = self._request(self._store, "GET", b"", {"Accept": _N_TRIPLES}, _graph(graph))
        else:
            pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
            body = _form(query=f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}")
            asked = self._request(self._query, "POST", body, {"Accept": _N_TRIPLES, **_FORM})
        with asked as response:
            if response.status == 404 and self._store is not None:
                return
            self._check(endpoint, response)
            try:
                for quad in parse(cast("IO[bytes]", response), RdfFormat.N_TRIPLES):
                    yield quad.triple
            except (SyntaxError, OSError, http.client.HTTPException) as error:
                raise RunError(f"{endpoint.shown} broke off while it was read: {error}", hint="Publish again") from None
            if response.length:
                raise RunError(f"{endpoint.shown} broke off while it was read", hint="Publish again")

    def write(self, graph: str, triples: bytes, *, replace: bool) -> None:
        """Add N-Triples to a graph, or put them in place of what it holds.

        Raises:
            RunError: The engine refuses.
        """
        if self._store is not None:
            headers = {"Content-Type": _N_TRIPLES}
            self._send(self._store, "PUT" if replace else "POST", triples, headers, _graph(graph))
            return
        text = triples.decode()
        data = f"GRAPH <{graph}> {{\n{text}}}" if graph else text
        drop = f"DROP SILENT {f'GRAPH <{graph}>' if graph else 'DEFAULT'} ;\n" if replace else ""
        self._run(f"{drop}INSERT DATA {{\n{data}}}")

    def drop(self, graph: str) -> None:
        """Remove a named graph; raises as `write`."""
        if self._store is not None:
            self._send(self._store, "DELETE", b"", {}, _graph(graph), allowed=(404,))
        else:
            self._run(f"DROP SILENT GRAPH <{graph}>")

    def _run(self, update: str) -> None:
        assert self._update is not None
        self._send(self._update, "POST", update.encode(), {"Content-Type": "application/sparql-update"})

    def _send(
        self,
        endpoint: Endpoint,
        method: str,
        body: bytes,
        headers: dict[str, str],
        parameters: str = "",
        *,
        tries: int = _TRIES,
        allowed: tuple[int, ...] = (),
    ) -> bytes:
        """Send a request that does no harm when sent twice; one that fails for want of the engine is sent again."""
        for attempt in range(1, tries + 1):
            last = attempt == tries
            try:
                with self._request(endpoint, method, body, headers, parameters) as response:
                    last = last or (300 <= response.status < 500 and response.status not in (*_PASSING, *allowed))
                    if response.status not in (502, 503, 504) or last:
                        if response.status not in allowed:
                            self._check(endpoint, response)
                        data = response.read()
                        if not response.length:
                            return data
            except RunError:
                if last:
                    raise
            if not last:
                time.sleep(0.5 * 2**attempt)
        raise RunError(f"{endpoint.shown} broke off its answer", hint="Publish again; it goes on where it broke off")

    @contextmanager
    def _request(
        self, endpoint: Endpoint, method: str, body: bytes, headers: dict[str, str], parameters: str = ""
    ) -> Iterator[http.client.HTTPResponse]:
        separator = "&" if "?" in endpoint.target else "?"
        target = endpoint.target + (separator + parameters if parameters else "")
        connection = None
        try:
            connection = endpoint.connect(_SECONDS)
            connection.request(method, target, body or None, {**endpoint.headers, **headers})
            yield connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise RunError(f"{endpoint.shown} cannot be reached: {error}", hint="Is the engine running?") from None
        finally:
            if connection is not None:
                connection.close()

    def _check(self, endpoint: Endpoint, response: http.client.HTTPResponse) -> None:
        if 200 <= response.status < 300:
            return
        text = response.read(2000).decode("utf-8", "replace")
        first = next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]
        hints = {
            401: "Put user and password into the address",
            403: "Is writing allowed there?",
            404: "Is it the address?",
        }
        raise RunError(
            f"{endpoint.shown} answers with HTTP status {response.status}{f': {first}' if first else ''}",
            hint=hints.get(response.status, "Look into the engine's log"),
        )


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def _graph(graph: str) -> str:
    """The Graph Store Protocol's name for a graph."""
    return f"graph={quote(graph, safe='')}" if graph else "default"
