"""Answers the queries of strangers without ever evaluating one in the calling process.

    from pledgegraph.service import Limits, Request, Service

    with Service.over_release(Path("…/releases/<hash>"), Limits.from_environment()) as service:
        answer = service.answer(Request("SELECT * { ?s ?p ?o } LIMIT 5", "text/csv", client="192.0.2.7"))

The web layer's contract:

* `Service.over_release(directory, limits)`, `Service.over_files(paths, limits)` and `Service.over_engine(url, limits)`
  start a service; `stop()` ends it; `reload(directory)` puts a new release in place without a dropped request;
  `health()` says what is served and whether it can answer.
* `service.inspect(query)` gives the query's form (SELECT, ASK, CONSTRUCT, DESCRIBE) before a media type is chosen, and
  raises `Refused` for what is never evaluated. `RESULT_TYPES` and `GRAPH_TYPES` name the media types of either kind.
* `service.answer(request)` gives the whole answer as bytes with its ETag, or raises one of the typed errors below.
  Every error carries `status`, `title`, `detail`, and where known `hint`, `line`, `column`, `limit`, `retry_after`:

  ====================  ======  ==================================================================
  `Refused`             400     syntax, unknown function; too deep or too long for the guard
                        403     SERVICE, LOAD, any update
                        406     a media type that cannot carry this form of query
  `TooLarge`            413     the answer outgrew its limit
  `Exhausted`           422     the query used up the evaluator's memory or stack
  `OverBudget`          429     the client used up its seconds; Retry-After
  `TimedOut`            503     the limit of seconds; never a shortened answer
  `Busy`                503     every seat is taken or the engine cannot be reached; Retry-After
  ====================  ======  ==================================================================

* Parameters of named questions are given as `Request.bindings`: name to `pyoxigraph` term. A parameter is written
  `$name` in the query (variables are `?name`) and each of its occurrences is replaced by the term before evaluation, in
  sub-queries, FILTER NOT EXISTS and paths alike; one that is not bound stays a free variable. See `sparql.bind`.
* `Answer.cacheable` is false where NOW, RAND, UUID, STRUUID or BNODE() make the answer personal: send `no-store`.
* `Limits` is the one place of all limits; `Limits.describe()` gives rows to render wherever limits are shown.
"""

from typing import TYPE_CHECKING, Any

from pledgegraph.service.errors import (
    Busy,
    Exhausted,
    OverBudget,
    Refused,
    ServiceError,
    TimedOut,
    TooLarge,
)
from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import (
    GRAPH_TYPES,
    RESULT_TYPES,
    Answer,
    Form,
    Health,
    Inspection,
    Request,
    offered,
)

if TYPE_CHECKING:
    from pledgegraph.service.service import Service

__all__ = [
    "GRAPH_TYPES",
    "RESULT_TYPES",
    "Answer",
    "Busy",
    "Exhausted",
    "Form",
    "Health",
    "Inspection",
    "Limits",
    "OverBudget",
    "Refused",
    "Request",
    "Service",
    "ServiceError",
    "TimedOut",
    "TooLarge",
    "offered",
]


def __getattr__(name: str) -> Any:
    """Import the service where it is used first: a command that only needs the guard starts without it (PEP 562)."""
    if name == "Service":
        from pledgegraph.service.service import Service

        return Service
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
