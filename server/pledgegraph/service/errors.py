"""Why a query was not answered, in terms that HTTP can pass on; no HTTP library is needed to raise or read them."""

from pledgegraph.errors import PledgegraphError


class ServiceError(PledgegraphError):
    """Base of all reasons for which a query is not answered.

    Args:
        detail: What happened to this query, in one or two sentences.
        hint: How to mend it.
        line: Line in the query, counted from 1, where known.
        column: Column in that line, counted from 1, where known.
        limit: The limit met, with its unit, such as "10 seconds".
        retry_after: Whole seconds after which trying again makes sense.

    Attributes:
        patience: What `retry_after` is where it is not given.
    """

    status = 500
    title = "The query was not answered"
    patience: int | None = None

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        line: int | None = None,
        column: int | None = None,
        limit: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail, hint=hint, line=line)
        self.detail = detail
        self.column = column
        self.limit = limit
        self.retry_after = self.patience if retry_after is None else retry_after


class Refused(ServiceError):  # noqa: N818
    """The query is not evaluated: it does not parse (400), asks for what is never done (403) or for a media type that
    cannot carry its answer (406).

    Args:
        status: HTTP status, 400, 403 or 406.
        title: The kind of refusal, the same for every query refused so.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        hint: str | None = None,
        line: int | None = None,
        column: int | None = None,
        limit: str | None = None,
    ) -> None:
        super().__init__(detail, hint=hint, line=line, column=column, limit=limit)
        self.status = status
        self.title = title


class TooLarge(ServiceError):  # noqa: N818
    """The answer outgrew the limit of bytes; nothing of it is sent."""

    status = 413
    title = "The answer is too large"

    @classmethod
    def of(cls, limit: str) -> "TooLarge":
        """The error for an answer that outgrew this limit."""
        return cls(
            "The answer outgrew the limit; no part of it is sent.",
            hint="Ask for fewer rows with LIMIT and OFFSET, or download the data.",
            limit=limit,
        )


class Exhausted(ServiceError):  # noqa: N818
    """The evaluator ran out of memory or stack and was replaced."""

    status = 422
    title = "The query exhausted the evaluator"

    @classmethod
    def of(cls, memory: str) -> "Exhausted":
        """The error, with the limit of memory as shown to people."""
        return cls(
            "The query used up the evaluator's memory or stack.",
            hint="Ask for less at once: fewer rows to sort, less nesting.",
            limit=f"{memory} of memory",
        )


class OverBudget(ServiceError):  # noqa: N818
    """The client used up its seconds of evaluation."""

    status = 429
    title = "The budget of evaluation time is used up"
    patience = 5


class TimedOut(ServiceError):  # noqa: N818
    """The query met its limit of seconds and was ended; nothing of its answer is sent."""

    status = 503
    title = "The query took too long"
    patience = 1  # another query may come at once

    @classmethod
    def of(cls, seconds: float) -> "TimedOut":
        """The error for a query that met this deadline."""
        return cls(
            "The query met its limit of time and was ended; no part of its answer is sent.",
            hint="The same query will hardly do better. Ask for less: name what is sought, or add LIMIT inside a "
            "sub-query.",
            limit=f"{seconds:g} seconds",
        )


class Busy(ServiceError):  # noqa: N818
    """No seat came free in time, or the evaluator cannot be reached."""

    status = 503
    title = "The service is busy"
    patience = 5
