"""The service as the web layer sees it: one object that answers queries over a release, files or a foreign engine."""

from pathlib import Path
from types import TracebackType
from typing import Self

from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import Answer, Health, Inspection, Request


class Service:
    """Answers queries; made by one of the three `over_…` constructors, ended by `stop()`.

    Methods are safe to call from any thread. One process holds one service: budgets, lanes and cache are its own.
    """

    limits: Limits
    release: str

    @classmethod
    def over_release(cls, directory: Path, limits: Limits | None = None) -> Self:
        """Serve a release directory; returns when the first worker answers.

        Raises:
            RunError: The directory is no release, or the evaluator does not start.
        """
        raise NotImplementedError

    @classmethod
    def over_files(cls, paths: list[Path], limits: Limits | None = None) -> Self:
        """Serve RDF files as they are: triples in the default graph, named graphs of N-Quads and TriG kept.

        Raises:
            InputError: A file does not parse.
            RunError: The evaluator does not start.
        """
        raise NotImplementedError

    @classmethod
    def over_engine(cls, url: str, limits: Limits | None = None) -> Self:
        """Serve what an existing SPARQL 1.1 engine holds, behind the same guard, budgets and cache.

        Args:
            url: The engine's query endpoint; a user and password in it are sent as HTTP basic authentication and
                shown nowhere.
        """
        raise NotImplementedError

    def inspect(self, query: str) -> Inspection:
        """Give the form of a query, so that a media type can be chosen.

        Raises:
            Refused: The guard refuses the query.
        """
        raise NotImplementedError

    def answer(self, request: Request) -> Answer:
        """Answer one query whole.

        Raises:
            ServiceError: One of its subclasses says why there is no answer.
        """
        raise NotImplementedError

    def reload(self, directory: Path) -> None:
        """Put another release in place; queries under way end on the old one, and no request is dropped.

        Raises:
            RunError: The release cannot be loaded; the old one stays in place.
        """
        raise NotImplementedError

    def health(self) -> Health:
        """Whether the service can answer now, found out by answering ASK {}."""
        raise NotImplementedError

    def stop(self) -> None:
        """End workers and connections; safe to call twice."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
