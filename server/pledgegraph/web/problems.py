"""Refusals and errors as HTTP answers: what, where, how to mend it, and the limit met (RFC 9457).

A `Problem` is raised anywhere in the web layer and rendered once, as `application/problem+json` or, where a
browser asks, as a plain HTML page. Nothing of the program (file names, traces, addresses of an engine) goes into one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any

from pledgegraph.service import Busy, Exhausted, OverBudget, Refused, ServiceError, TimedOut, TooLarge
from pledgegraph.web import negotiation

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its `status`, the `title` that every problem of the kind has, and what it `means`."""

    status: int
    title: str
    means: str


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(400, "The request is malformed", "The request does not follow HTTP or the SPARQL protocol."),
    "bad-query": Kind(
        400,
        "The query cannot be evaluated",
        "The query does not parse, calls a function that is not known, or is nested too deep or too long to be "
        "evaluated safely. Line and column are given where they are known.",
    ),
    "not-allowed": Kind(
        403,
        "The query asks for what is never done here",
        "Nothing is written through the web and no other server is asked: updates, LOAD and SERVICE are refused.",
    ),
    "not-found": Kind(404, "Nothing is known under this address", "The address names no page, thing or file."),
    "method-not-allowed": Kind(
        405, "The method is not allowed here", "The Allow header names the methods that this address answers."
    ),
    "not-acceptable": Kind(
        406,
        "None of the accepted media types can be given",
        "The Accept header names no media type that can carry this answer; those that can are listed.",
    ),
    "changed": Kind(
        412,
        "The file is another by now",
        "The condition of the request (If-Match, If-Unmodified-Since) does not hold for the file that is served.",
    ),
    "too-large": Kind(
        413,
        "The request or its answer is too large",
        "The body of the request, or the whole answer, is larger than the limit. No part of an answer is sent.",
    ),
    "address-too-long": Kind(
        414, "The address is too long", "Send a long query by POST instead, as application/sparql-query."
    ),
    "unsupported-type": Kind(
        415,
        "The body has a media type that is not taken",
        "A query is posted as application/sparql-query or application/x-www-form-urlencoded, in UTF-8, not compressed.",
    ),
    "no-such-range": Kind(
        416, "The file has no such part", "The range begins after the end of the file. Content-Range gives its length."
    ),
    "exhausted": Kind(
        422, "The query exhausted the evaluator", "The query took all the memory or stack that a query may have."
    ),
    "over-budget": Kind(
        429,
        "The budget of evaluation time is used up",
        "Each client has a budget of seconds of evaluation, which grows again with time. Retry-After says when to "
        "come back.",
    ),
    "headers-too-large": Kind(431, "The header fields are too large", "Send fewer or shorter header fields."),
    "internal": Kind(500, "Something went wrong here", "The fault is the server's; it is in its log."),
    "busy": Kind(
        503,
        "The service is busy",
        "All seats are taken, or the store is just being replaced. Retry-After says when to come back.",
    ),
    "timed-out": Kind(
        503,
        "The query took too long",
        "The query met the limit of seconds and was ended. No part of its answer is sent.",
    ),
}
"""Every kind of problem by the name that its type IRI ends with; the page `/problems` is made from this."""

_SERVICE_KINDS: tuple[tuple[type[ServiceError], str], ...] = (
    (TooLarge, "too-large"),
    (Exhausted, "exhausted"),
    (OverBudget, "over-budget"),
    (TimedOut, "timed-out"),
    (Busy, "busy"),
)
_REFUSALS = {400: "bad-query", 403: "not-allowed", 406: "not-acceptable"}
_BY_STATUS = {kind.status: name for name, kind in reversed(list(KINDS.items())) if name != "bad-query"}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 (the name that RFC 9457 gives it)
    """One refusal or error.

    Args:
        kind: a key of `KINDS`.
        detail: what happened to this request, in one or two sentences.
        hint: how to mend it.
        title: a narrower title than the kind's; the same for every problem it stands for.
        line: line in the query, counted from 1.
        column: column in that line, counted from 1.
        limit: the limit met, with its unit.
        retry_after: whole seconds after which trying again makes sense.
        headers: further response headers, such as Allow.
        members: further members of the JSON object (RFC 9457, section 3.2).
    """

    kind: str
    detail: str
    hint: str | None = None
    title: str | None = None
    line: int | None = None
    column: int | None = None
    limit: str | None = None
    retry_after: int | None = None
    headers: Headers = field(default_factory=list)
    members: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail

    @property
    def status(self) -> int:
        """The HTTP status code."""
        return KINDS[self.kind].status

    @property
    def heading(self) -> str:
        """The title to show."""
        return self.title or KINDS[self.kind].title

    @classmethod
    def from_service(cls, error: ServiceError) -> Problem:
        """The problem for a query that the service did not answer."""
        kind = next((name for error_type, name in _SERVICE_KINDS if isinstance(error, error_type)), "internal")
        if isinstance(error, Refused):
            kind = _REFUSALS.get(error.status, "bad-query")
        return cls(
            kind,
            error.detail,
            hint=error.hint,
            title=error.title,
            line=error.line,
            column=error.column,
            limit=error.limit,
            retry_after=error.retry_after,
        )

    @classmethod
    def from_status(cls, status: int, detail: str | None = None, headers: Headers | None = None) -> Problem:
        """The problem for a bare HTTP status, as a framework raises it."""
        kind = _BY_STATUS.get(status) or ("bad-request" if 400 <= status < 500 else "internal")
        return cls(kind, detail or KINDS[kind].means, headers=headers or [])

    def document(self, base: str) -> dict[str, Any]:
        """The JSON object of RFC 9457; members that are not known are left out.

        Args:
            base: the public base IRI, with its final slash.
        """
        known: dict[str, Any] = {
            "type": f"{base}problems#{self.kind}",
            "title": self.heading,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
            "line": self.line,
            "column": self.column,
            "limit": self.limit,
            "retryAfter": self.retry_after,
            **self.members,
        }
        return {name: value for name, value in known.items() if value is not None}

    def response_headers(self) -> Headers:
        """The headers that belong to the problem whatever its media type."""
        headers = [("Cache-Control", "no-store"), ("Vary", "Accept"), *self.headers]
        if self.retry_after is not None:
            headers.append(("Retry-After", str(self.retry_after)))
        return headers


def wants_html(accept: str | None) -> bool:
    """Whether an error page rather than problem+json suits the client."""
    return negotiation.prefers_html(accept, (negotiation.PROBLEM_JSON, "application/json", *negotiation.RESULT_TYPES))


def status_line(status: int) -> str:
    """Status code and reason phrase, such as `404 Not Found`."""
    return f"{status} {HTTPStatus(status).phrase}"


def render(problem: Problem, accept: str | None, base: str) -> tuple[str, Headers, bytes]:
    """The whole answer for a problem without any framework: status line, headers with a length, body."""
    if wants_html(accept):
        media_type, body = negotiation.HTML, page(problem, base).encode(errors="backslashreplace")
    else:
        media_type, body = negotiation.PROBLEM_JSON, _json(problem.document(base))
    headers = [("Content-Type", negotiation.content_type(media_type)), ("Content-Length", str(len(body)))]
    return status_line(problem.status), headers + problem.response_headers(), body


def page(problem: Problem, base: str) -> str:
    """The problem as a plain HTML page that needs no style sheet and no script."""
    rows = facts(problem)
    list_html = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{problem.status} {escape(problem.heading)}</title></head><body><main>"
        f"<h1>{escape(problem.heading)}</h1><p>{escape(problem.detail)}</p><dl>{list_html}</dl>"
        f'<p><a href="{escape(base)}">Pledgegraph</a></p></main></body></html>'
    )


def facts(problem: Problem) -> list[tuple[str, str]]:
    """What is known of a problem beyond its detail, as labelled lines."""
    place = ", ".join(
        f"{name} {value}" for name, value in (("line", problem.line), ("column", problem.column)) if value is not None
    )
    after = None if problem.retry_after is None else f"{problem.retry_after} seconds"
    rows = [
        ("Where", place),
        ("What to do", problem.hint),
        ("Limit", problem.limit),
        ("Try again after", after),
        *((name, ", ".join(value)) for name, value in problem.members.items() if isinstance(value, list)),
        ("Status", status_line(problem.status)),
    ]
    return [(name, value) for name, value in rows if value]


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
