"""Who was a member of the United Nations on a day, from dated observations in the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pyoxigraph import QuerySolutions

from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError

_OBSERVED = """
SELECT ?state ?observed ?ended {
  ?membership pledge:memberOf id:united-nations ; pledge:memberAs pledge:fullMember ; pledge:member ?state .
  ?claim pledge:attests ?membership ; pledge:status pledge:accepted ; pledge:asOf ?observed .
  OPTIONAL { ?membership pledge:ended ?ended }
}"""


class Members:
    """Members of the United Nations by day.

    A state counts as a member on a day when accepted claims observe it as one on that day or before and on that day
    or after, and no end lies between.

    Args:
        observations: State, day on which a claim observes it as a member, day on which the membership ended or None.
    """

    def __init__(self, observations: Iterable[tuple[str, date, date | None]]) -> None:
        self._seen: dict[str, list[date]] = defaultdict(list)
        self._ended: dict[str, date] = {}
        for state, observed, ended in observations:
            self._seen[state].append(observed)
            if ended is not None:
                self._ended[state] = ended

    @classmethod
    def from_dataset(cls, dataset: Dataset) -> Members:
        """Observations of the graph's default graph."""
        rows = dataset.query(_OBSERVED)
        assert isinstance(rows, QuerySolutions)
        return cls(
            (
                row["state"].value,
                date.fromisoformat(row["observed"].value),
                date.fromisoformat(row["ended"].value) if row["ended"] is not None else None,
            )
            for row in rows
        )

    def on(self, day: date) -> frozenset[str]:
        """IRIs of the members on a day.

        Raises:
            InputError: No state is observed both before and after the day, so that nobody is known to be a member.
        """
        members = frozenset(
            state
            for state, seen in self._seen.items()
            if min(seen) <= day <= max(seen) and not (state in self._ended and self._ended[state] < day)
        )
        if not members:
            raise InputError(
                f"no member of the United Nations is known for {day.isoformat()}",
                hint="Add membership claims with pledge:asOf before and after that day",
            )
        return members
