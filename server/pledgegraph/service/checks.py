"""Remembers what the guard found, so that a query is read once, and one like it but for its IRIs not at all."""

import re
from collections.abc import Callable
from functools import lru_cache

from pledgegraph.service import guard
from pledgegraph.service.guard import Checked
from pledgegraph.service.limits import Limits
from pledgegraph.service.messages import Inspection

_LONG = 8 * 1024
"""Length from which a query is long, in characters: what is remembered of shorter ones takes at most some 60 MB."""

_MOST, _MOST_LONG = 1024, 16
"""Queries remembered, and as many patterns of queries; and queries that are long."""

# Wherever such an IRI stands, in a string or a comment too, a query is read as with any other in its place: it holds
# nothing that ends a token, and the two slashes tell it from an expression that follows "less than".
_PLAIN_IRI = re.compile(r"<https?://[A-Za-z0-9/.:_~#-]*+>")


class Checks:
    """Checks queries as `guard.check` does, and remembers.

    Programs ask the same about one thing after the other. A query that differs in IRIs alone from one that passed
    passes too; finding that out takes a tenth of the time of reading its tokens.

    Args:
        limits: Given to the guard.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._long = min(_LONG, limits.query_bytes // 4)  # no character has more than four bytes
        self._checked = lru_cache(_MOST)(self._check)
        self._checked_long = lru_cache(_MOST_LONG)(self._check)
        self._of_pattern: Callable[[str], list[Inspection]] = lru_cache(_MOST)(lambda _pattern: [])

    def __call__(self, query: str) -> Checked:
        """Check one query.

        Args:
            query: A query by a stranger.

        Raises:
            Refused: The guard refuses it.
        """
        return self._checked(query) if len(query) <= self._long else self._checked_long(query)

    def _check(self, query: str) -> Checked:
        if len(query) > self._long or "\\" in query:  # an escape could stand for what ends a token
            return guard.check(query, self._limits)
        found = self._of_pattern(_PLAIN_IRI.sub("<>", query))
        if found:
            return Checked(query, found[0])
        checked = guard.check(query, self._limits)
        if checked.text == query:
            found.append(checked.inspection)
        return checked
