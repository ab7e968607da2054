"""What evaluates queries for the service: a pool of workers, or a foreign engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pledgegraph.service.messages import Request
from pledgegraph.service.workers import Job


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker sent back.

    Args:
        ok: Whether `body` is the answer; else it is the error in JSON.
        seconds: Seconds of evaluation: of processor time in a worker, from question to answer with a foreign engine.
        body: The answer or error.
    """

    ok: bool
    seconds: float
    body: bytes


class Evaluator(Protocol):
    """What evaluates: a pool of workers, or a foreign engine."""

    triples: int | None
    """Triples of the default graph; None where nobody counted."""

    @property
    def release(self) -> str:
        """What is served, as it goes into keys and entity tags."""

    @property
    def stable(self) -> bool:
        """Whether the same release gives the same answers, so that they can be kept."""

    def check_graphs(self, query: str, request: Request) -> None:
        """Refuse graphs that may not be named; see `Engine.check_graphs`."""

    @property
    def workers(self) -> int:
        """Worker processes alive."""

    @property
    def waiting(self) -> int:
        """Queries waiting for a seat."""

    def enter(self) -> bool:
        """Register a query unless closing."""

    def leave(self) -> None:
        """End what `enter` began."""

    def run(self, job: Job, client: str, page: bool, may_be_slow: Callable[[], None]) -> Reply:
        """Evaluate one query; see `Pool.run`."""

    def close(self, seconds: float) -> None:
        """End, waiting up to `seconds` for queries under way."""
