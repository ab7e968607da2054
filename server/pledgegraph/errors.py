"""Errors with a place and a remedy, and the findings that checks return."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["violation", "warning", "info"]


def _located(message: str, file: str | None, line: int | None, hint: str | None) -> str:
    """Compose `file:line: message. hint`, leaving out what is not known."""
    place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
    text = message.rstrip()
    if hint:
        text = f"{text if text[-1:] in '.!?' else text + '.'} {hint}"
    return place + text


class PledgegraphError(Exception):
    """Base of all errors that a user can mend.

    Args:
        message: What is wrong, in one sentence.
        file: The file it is wrong in, relative to the content root where there is one.
        line: The line in that file, counted from 1.
        hint: How to mend it.
    """

    exit_code = 2

    def __init__(
        self, message: str, *, file: str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.hint = hint

    def __str__(self) -> str:
        return _located(self.message, self.file, self.line, self.hint)


class InputError(PledgegraphError):
    """The input was read and is wrong: findings, exit code 1."""

    exit_code = 1


class RunError(PledgegraphError):
    """The work could not be done (a missing folder, an unwritable directory): exit code 2."""


class QuerySyntaxError(InputError):
    """A SPARQL query that does not parse.

    Args:
        message: What the parser says.
        line: Line in the query, counted from 1, where known.
        column: Column in that line, counted from 1, where known.
    """

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, file="query", line=line, hint=hint)
        self.column = column

    def __str__(self) -> str:
        place = "" if self.line is None else f" at line {self.line}"
        if self.line is not None and self.column is not None:
            place += f", column {self.column}"
        return _located(f"the query does not parse{place}: {self.message}", None, None, self.hint)


class UnsupportedFormatError(InputError):
    """A media type or format name that cannot carry the answer asked for."""


class FindingsError(InputError):
    """Several findings at once, as a failed build raises them.

    Args:
        findings: All findings, violations and others, in the order they are to be shown.
    """

    def __init__(self, findings: "list[Finding]") -> None:
        violations = sum(1 for finding in findings if finding.severity == "violation")
        super().__init__(f"{violations} violation{'' if violations == 1 else 's'}")
        self.findings = findings


@dataclass(frozen=True, order=True)
class Finding:
    """One thing a check found.

    Args:
        file: File relative to the content root, or None where no single file is at fault.
        line: Line in that file, counted from 1.
        severity: "violation" breaks the build, "warning" and "info" are listed.
        message: What is wrong, for a curator.
        hint: How to mend it.
        subject: IRI of the node at fault.
        rule: Name or IRI of the rule that fired.
    """

    file: str | None
    line: int | None
    severity: Severity
    message: str
    hint: str | None = None
    subject: str | None = None
    rule: str | None = None

    def __str__(self) -> str:
        return _located(f"{self.severity}: {self.message}", self.file, self.line, self.hint)
