"""Every limit of the service in one place, read from the environment or the command line, shown wherever it applies."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from pledgegraph.errors import RunError

Unit = Literal["seconds", "bytes", "queries", "levels", "operators", "patterns", "terms", "seats", "triples", "rate"]

_PREFIX = "PLEDGEGRAPH_"
_MULTIPLES = {"k": 1024, "m": 1024**2, "g": 1024**3}


def _limit(default: Any, unit: Unit, meaning: str, *, public: bool = True) -> Any:
    return field(default=default, metadata={"unit": unit, "meaning": meaning, "public": public})


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit as a page, a description or `--help` shows it.

    Args:
        name: Field name in `Limits`.
        value: The figure with its unit, such as "10 seconds".
        meaning: What it bounds, in one sentence.
        variable: The environment variable that sets it.
    """

    name: str
    value: str
    meaning: str
    variable: str


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits. Every field is set by the environment variable PLEDGEGRAPH_<FIELD> or the option --<field>.

    The guard's figures follow other engines (nesting of 128 is what sparq and Fluree settled on) and measurements of
    the engine in benchmarks/serve/README.md; they refuse early what the deadline would end late.
    """

    query_seconds: float = _limit(10.0, "seconds", "A query is ended after this time")
    query_bytes: int = _limit(128 * 1024, "bytes", "A query's text may be this long")
    query_depth: int = _limit(100, "levels", "Parentheses, braces and brackets may nest this deep")
    query_operators: int = _limit(1000, "operators", "A query may hold this many operators and function calls")
    query_patterns: int = _limit(150, "patterns", "A query may hold this many triple patterns")
    query_values: int = _limit(10_000, "terms", "VALUES and IN lists of a query may hold this many terms together")
    answer_bytes: int = _limit(50 * 1024**2, "bytes", "An answer may be this large")
    budget_seconds: float = _limit(120.0, "seconds", "A client may use this much evaluation time at once")
    budget_rate: float = _limit(1.0, "rate", "A client's budget grows by this many seconds each second")
    request_bytes: int = _limit(2 * 1024**2, "bytes", "The body of a request may be this large")
    fast_seconds: float = _limit(0.2, "seconds", "More processor time takes a query to the slow lane", public=False)
    fast_seats: int = _limit(6, "seats", "Queries evaluated at once in the fast lane", public=False)
    slow_seats: int = _limit(4, "seats", "Queries evaluated at once in the slow lane", public=False)
    waiting: int = _limit(64, "queries", "Queries that may wait for a seat in either lane", public=False)
    wait_seconds: float = _limit(10.0, "seconds", "A query waits this long for a seat", public=False)
    worker_memory: int = _limit(512 * 1024**2, "bytes", "Memory a worker may take beyond the data", public=False)
    worker_queries: int = _limit(5000, "queries", "A worker is replaced after this many queries", public=False)
    warm_workers: int = _limit(2, "seats", "Idle workers that keep the data they have copied", public=False)
    memory_triples: int = _limit(2_000_000, "triples", "Larger releases are read from disk", public=False)
    cache_bytes: int = _limit(64 * 1024**2, "bytes", "Answers kept in memory, all together", public=False)
    engine_connections: int = _limit(16, "seats", "Connections kept to a foreign engine", public=False)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not 0 <= value < _MOST or (value == 0 and each.name not in _MAY_BE_ZERO):
                raise RunError(
                    f"the limit {each.name} is {value}", hint="Give a number above zero, and below 2 to the 60"
                )
        if self.fast_seconds > self.query_seconds:
            object.__setattr__(self, "fast_seconds", self.query_seconds)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: float | None) -> Self:
        """Read limits from PLEDGEGRAPH_<FIELD>; overrides that are not None go before.

        Args:
            environment: Variables to read, `os.environ` where None.
            overrides: Field names with values, as `add_arguments` collects them.

        Raises:
            RunError: A variable is not a number, or not above zero.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, float] = {}
        for each in fields(cls):
            given = overrides.get(each.name)
            if given is not None:
                values[each.name] = given
            elif (text := environment.get(_PREFIX + each.name.upper())) is not None:
                try:
                    values[each.name] = _number(text, each.type is float)
                except (ValueError, OverflowError):
                    raise RunError(
                        f"{_PREFIX}{each.name.upper()}={text!r} is not a number", hint="Write 10, 0.5, 64k, 512m or 2g"
                    ) from None
        return cls(**values)  # type: ignore[arg-type]

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add one option for each limit; `Limits.from_environment(**vars(args))` then reads them."""
        group = parser.add_argument_group(
            "limits", "each is also read from PLEDGEGRAPH_<NAME>; k, m and g are 1024-fold"
        )
        for row, each in zip(Limits().describe(public_only=False), fields(Limits), strict=True):
            group.add_argument(
                f"--{each.name.replace('_', '-')}",
                type=_argument(each.type is float),
                metavar=str(each.metadata["unit"]).upper(),
                help=f"{row.meaning.replace('%', '%%')} ({row.value})",
            )

    def describe(self, public_only: bool = True) -> list[LimitRow]:
        """Rows to render, in the order of the fields.

        Args:
            public_only: Leave out what concerns the operator alone (seats, memory, cache).
        """
        return [
            LimitRow(
                each.name,
                self.shown(each.name),
                str(each.metadata["meaning"]),
                _PREFIX + each.name.upper(),
            )
            for each in fields(self)
            if each.metadata["public"] or not public_only
        ]

    def shown(self, name: str) -> str:
        """One limit as text with its unit: "10 seconds", "128 KiB"."""
        unit = next(each.metadata["unit"] for each in fields(self) if each.name == name)
        value = getattr(self, name)
        if unit == "bytes":
            for size, suffix in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
                if value >= size and value % (size // 8) == 0:
                    return f"{value / size:g} {suffix}"
            return f"{value} bytes"
        if unit == "rate":
            return f"{value:g} seconds a second"
        return f"{value:,} {unit}" if isinstance(value, int) else f"{value:g} {unit}"


_MOST = 2.0**60
_MAY_BE_ZERO = {"cache_bytes", "waiting", "memory_triples", "slow_seats", "warm_workers"}


def _number(text: str, fraction: bool) -> float:
    text = text.strip().lower().replace("_", "")
    if fraction:
        return float(text)
    if text[-1:] in _MULTIPLES:
        return int(float(text[:-1]) * _MULTIPLES[text[-1]])
    return int(text)


def _argument(fraction: bool) -> Any:
    def number(text: str) -> float:
        return _number(text, fraction)

    number.__name__ = "number"  # argparse names the type in its message
    return number
