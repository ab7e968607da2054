"""The service as the web layer sees it: one object that answers queries over a release, files or a foreign engine."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pledgegraph import sparql
from pledgegraph.errors import RunError
from pledgegraph.release.manifest import Manifest
from pledgegraph.service import rules, syntax
from pledgegraph.service.budget import Budget
from pledgegraph.service.cache import Cache, Entry, etag
from pledgegraph.service.checks import Checks
from pledgegraph.service.engine import Engine
from pledgegraph.service.errors import Busy, Exhausted, OverBudget, Refused, ServiceError, TimedOut, TooLarge
from pledgegraph.service.evaluator import Evaluator, Reply
from pledgegraph.service.guard import SYNTAX, Checked
from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import RESULT_TYPES, Answer, Health, Inspection, Request, offered
from pledgegraph.service.pool import Pool
from pledgegraph.service.syntax import Fault
from pledgegraph.service.workers import Job

_TEMPLATES = 1024
"""Queries remembered with their parameters found."""

_HEALTH_SECONDS = 2.0
"""Within this time ASK {} is answered, or the service counts as out of order."""


class Service:
    """Answers queries; made by one of the three `over_…` constructors, ended by `stop()`.

    Methods are safe to call from any thread. One process holds one service: budgets, lanes and cache are its own.

    Attributes:
        limits: The limits that apply.
    """

    def __init__(self, evaluator: Evaluator, limits: Limits) -> None:
        self.limits = limits
        self.budget = Budget(limits)
        self._evaluator = evaluator
        self._cache = Cache(limits.cache_bytes)
        self._check = Checks(limits)
        self._template = lru_cache(maxsize=_TEMPLATES)(_template)
        self._reloading = threading.Lock()

    @classmethod
    def over_release(cls, directory: Path, limits: Limits | None = None) -> Self:
        """Serve a release directory; returns when its workers stand ready.

        Raises:
            RunError: The directory is no release, or the evaluator does not start.
        """
        limits = limits or Limits.from_environment()
        return cls(_open(directory, limits), limits)

    @classmethod
    def over_files(cls, paths: Sequence[Path], limits: Limits | None = None) -> Self:
        """Serve RDF files as they are: triples in the default graph, named graphs of N-Quads and TriG kept.

        Raises:
            InputError: A file does not parse.
            RunError: A file cannot be read, or the evaluator does not start.
        """
        limits = limits or Limits.from_environment()
        digest = hashlib.sha256()
        for path in paths:
            try:
                # The address is the base of relative IRIs, and its suffix names the syntax.
                digest.update(f"{path.absolute().as_uri()}\n".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
            except OSError as error:
                raise RunError(f"cannot be read: {error.strerror}", file=path.as_posix()) from error
        pool = Pool({"files": [str(path.resolve()) for path in paths]}, digest.hexdigest(), limits)
        return cls(pool, limits)

    @classmethod
    def over_engine(cls, url: str, limits: Limits | None = None) -> Self:
        """Serve what an existing SPARQL 1.1 engine holds, behind the same guard, budgets and cache.

        Answers are cached while the engine holds a release that `publish` put there; other data may change unnoticed.

        Args:
            url: The engine's query endpoint; a user and password in it are sent as HTTP basic authentication and
                shown nowhere.
            limits: The limits that apply.

        Raises:
            RunError: The address is no http or https address.
        """
        limits = limits or Limits.from_environment()
        return cls(Engine(url, limits), limits)

    @property
    def release(self) -> str:
        """Hash of the release or of the data files; or the engine's address and the release published there."""
        return self._evaluator.release

    @property
    def stable(self) -> bool:
        """Whether what is served changes with `release` alone; the data of a foreign engine may change at any time."""
        return self._evaluator.stable

    def inspect(self, query: str) -> Inspection:
        """Give the form of a query, so that a media type can be chosen.

        Raises:
            Refused: The guard refuses the query.
        """
        return self._check(query).inspection

    def answer(self, request: Request) -> Answer:
        """Answer one query whole.

        Raises:
            ServiceError: One of its subclasses says why there is no answer.
        """
        checked = self._check(request.query)
        form = checked.inspection.form
        if request.media_type not in offered(form):
            raise Refused(
                406,
                "The media type cannot carry the answer",
                f"The answer to {'an' if form == 'ASK' else 'a'} {form} query cannot be given as {request.media_type}.",
                hint=f"Ask for one of {', '.join(offered(form))}.",
            )
        text = self._bind(checked.text, request.bindings) if request.bindings else checked.text
        kept = (request.media_type, request.base or "", text, *_dataset_key(request))
        while True:
            evaluator = self._evaluator
            key = (evaluator.release, *kept)
            cacheable = evaluator.stable and not checked.inspection.personal
            if cacheable and (entry := self._cache.get(key)) is not None:
                return Answer(entry.body, request.media_type, entry.etag, True, 0.0)
            self.budget.check(request.client)
            if not evaluator.enter():
                if evaluator is self._evaluator:
                    raise Busy("The service is stopping.", retry_after=5)
                continue  # another release has just taken this one's place
            try:
                evaluator.check_graphs(text, request)
                reply = self._evaluate(evaluator, text, request, checked)
            finally:
                evaluator.leave()
            tag = etag(key)
            if cacheable and evaluator.release == self.release:
                self._cache.put(key, Entry(reply.body, tag))
            return Answer(reply.body, request.media_type, tag, cacheable, reply.seconds)

    def _bind(self, text: str, terms: Mapping[str, object]) -> str:
        parts = list(self._template(text, frozenset(terms)))
        parts[1::2] = [str(terms[name]) for name in parts[1::2]]
        return "".join(parts)

    def _evaluate(self, evaluator: Evaluator, text: str, request: Request, checked: Checked) -> Reply:
        job = Job(
            text,
            request.media_type,
            request.base,
            request.default_graphs,
            request.named_graphs,
            self.limits.query_seconds,
            self.limits.answer_bytes,
        )
        client = request.client
        start = time.monotonic()
        try:
            reply = evaluator.run(job, client, request.kind == "page", lambda: self.budget.check_slow(client))
        except TimedOut:
            self.budget.charge(client, job.seconds)
            raise
        except (Busy, OverBudget):
            self.budget.charge(client, self.limits.fast_seconds)
            raise
        except ServiceError:
            self.budget.charge(client, min(time.monotonic() - start, job.seconds))
            raise
        self.budget.charge(client, reply.seconds)
        if reply.ok:
            return reply
        raise self._error(json.loads(reply.body), checked, bool(request.bindings))

    def _error(self, error: dict[str, Any], checked: Checked, bound: bool) -> ServiceError:
        message: str = error.get("message") or ""
        match error["kind"]:
            case "large":
                return TooLarge.of(self.limits.shown("answer_bytes"))
            case "memory":
                return Exhausted.of(self.limits.shown("worker_memory"))
            case "syntax":
                return _syntax_error(checked, message, bound)
            case "refused":
                return _engine_refusal(checked, message, bound)
            case "failed":
                return _engine_failure(checked, message, bound)
            case "store":
                return Busy("The store cannot be read.", hint="Try again.")
            case "query" if error["hint"]:
                return Refused(400, _UNANSWERABLE, f"{message[:1].upper()}{message[1:]}.", hint=f"{error['hint']}.")
            case _:
                return _evaluation_error(checked, message, bound)

    def reload(self, directory: Path, in_place: Callable[[], None] = lambda: None) -> None:
        """Put another release in place; queries under way end on the old one, and no request is dropped.

        Args:
            directory: The release.
            in_place: Called once queries go to it, before those under way have ended.

        Raises:
            RunError: The release cannot be loaded; the old one stays in place.
        """
        with self._reloading:
            pool = _open(directory, self.limits)
            old, self._evaluator = self._evaluator, pool
            self._cache.clear()
            in_place()
        old.close(self.limits.query_seconds + self.limits.wait_seconds)

    def health(self) -> Health:
        """Whether the service can answer now, found out by answering ASK {}."""
        evaluator, detail = self._evaluator, ""
        job = Job("ASK {}", RESULT_TYPES[0], None, (), (), _HEALTH_SECONDS, 1000)
        try:
            if not evaluator.enter():
                raise Busy("The service is stopping.")
            try:
                evaluator.run(job, "", True, lambda: None)
            finally:
                evaluator.leave()
        except ServiceError as error:
            detail = error.detail
        return Health(not detail, self.release, evaluator.triples, evaluator.workers, evaluator.waiting, detail)

    def stop(self) -> None:
        """End workers and connections; safe to call twice."""
        self._evaluator.close(self.limits.query_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


_PREFIX = "the query cannot be evaluated: "
_UNANSWERABLE = "The query cannot be evaluated"


def _open(directory: Path, limits: Limits) -> Pool:
    manifest = Manifest.read(directory)
    memory = manifest.triples + sum(manifest.graphs.values()) <= limits.memory_triples
    source = {"release": str(directory.resolve()), "memory": memory, "triples": manifest.triples}
    return Pool(source, manifest.release, limits)


def _dataset_key(request: Request) -> tuple[str, ...]:
    if not request.default_graphs and not request.named_graphs:
        return ()
    return (*request.default_graphs, "", *request.named_graphs)


def _template(text: str, names: frozenset[str]) -> tuple[str, ...]:
    """A query cut at its parameters: text at even places, names at odd ones."""
    if "\0" in text:
        raise Refused(400, SYNTAX, "A query with parameters holds no NUL character.")
    return tuple(re.split("\0(.*?)\0", sparql.bind(text, {name: f"\0{name}\0" for name in names})))


def _syntax_error(checked: Checked, message: str, bound: bool) -> Refused:
    fault = None if bound else rules.explain(checked.text)
    if fault is not None:
        return _refusal(SYNTAX, checked, fault)
    detail = syntax.sentence(message) or "It breaks a rule of SPARQL beside its grammar"
    return Refused(
        400,
        SYNTAX,
        f"{detail}.",
        hint="A variable is assigned once, and selected only where it is grouped or aggregated; each row of VALUES is "
        "as long as its list of variables; a blank node's label is used in one group of patterns; "
        "a relative IRI needs a BASE.",
    )


def _evaluation_error(checked: Checked, message: str, bound: bool) -> Refused:
    """The refusal of a query that parses, as far as the engine reads it, and asks for what there is not.

    Without a message the engine may not have been reached, so the query is read from its beginning.
    """
    if not bound:
        fault = rules.explain_function(checked.text, message) if message else rules.explain(checked.text)
        if fault is not None:
            return _refusal(_UNANSWERABLE, checked, fault)
    detail = syntax.sentence(message.removeprefix(_PREFIX)) or "It asks for what the engine does not do"
    return Refused(400, _UNANSWERABLE, f"{detail}.", hint="Ask in another way, with what SPARQL 1.1 has.")


def _engine_refusal(checked: Checked, message: str, bound: bool) -> Refused:
    """The refusal of a query by a foreign engine, in its words where nothing better is known."""
    fault = None if bound else rules.explain_function(checked.text, message)
    if fault is not None:
        return _refusal(_UNANSWERABLE, checked, fault)
    refusal = _syntax_error(checked, message, bound)
    if refusal.line is None and message and not message.startswith("expected "):
        return Refused(400, "The engine refuses the query", f"{message[:1].upper()}{message[1:].rstrip('.')}.")
    return refusal


def _engine_failure(checked: Checked, message: str, bound: bool) -> Refused:
    """The refusal of a query over which a foreign engine fails; its words may tell what is inside it."""
    title = "The engine cannot evaluate the query"
    fault = None if bound else rules.explain_function(checked.text, message)
    if fault is not None:
        return _refusal(title, checked, fault)
    detail = "The engine behind this service answers other queries, and fails over this one."
    return Refused(400, title, detail, hint="Ask in another way, with what SPARQL 1.1 has.")


def _refusal(title: str, checked: Checked, fault: Fault) -> Refused:
    line, column = checked.place(fault.line, fault.column)
    return Refused(400, title, fault.detail, hint=fault.hint, line=line, column=column)
