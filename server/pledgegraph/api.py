"""What `import pledgegraph` offers: load the graph, ask SPARQL, ask named questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, overload

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QueryTriples, Triple

from pledgegraph import content, queries, turtle
from pledgegraph.dataset import Dataset
from pledgegraph.evaluation import evaluate
from pledgegraph.release import build, manifest
from pledgegraph.release.progress import Progress
from pledgegraph.service.guard import check
from pledgegraph.service.limits import Limits
from pledgegraph.terms import PREFIXES, XSD, compact

if TYPE_CHECKING:
    import rdflib


class IRI(str):
    """The IRI of a thing; `short` is its compact spelling."""

    __slots__ = ()

    @property
    def short(self) -> str:
        """`id:japan` for `https://w3id.org/pledgegraph/id/japan`."""
        return compact(self)


Value: TypeAlias = IRI | str | int | float | bool | Decimal | date | None
"""What a cell holds: xsd:date becomes a date, numbers and booleans become Python's, unbound becomes None."""
Row: TypeAlias = dict[str, Value]


@dataclass(frozen=True)
class Answer(Sequence[Row]):
    """The answer to a query: the rows of SELECT, the truth of ASK, the triples of CONSTRUCT and DESCRIBE.

    Args:
        columns: Names of the columns, in order.
        rows: The rows, column name to value.
        truth: The answer of ASK; None for another form.
        triples: The triples of CONSTRUCT and DESCRIBE, each once.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truth: bool | None = None
    triples: tuple[Triple, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        return self.rows[index]

    def __bool__(self) -> bool:
        return bool(self.rows or self.triples) if self.truth is None else self.truth

    def to_rdflib(self) -> "rdflib.Graph":
        """The triples as an rdflib graph."""
        return turtle.to_rdflib(self.triples)


def load(path: Path | str | None = None) -> Dataset:
    """Open the graph.

    Args:
        path: A release directory, or a directory that `pledgegraph build --out` wrote; by default the release of the
            installed content, built first if need be (seconds).

    Raises:
        RunError: There is no release, or none can be built.
        FindingsError: The content has violations.
    """
    if path is not None:
        return Dataset.from_release(manifest.resolve(Path(path)))
    built = build.build(content.find(), progress=Progress(build.STEPS, quiet=True))
    return Dataset.from_release(built.path)


@cache
def _default() -> Dataset:
    return load()


def query(text: str, dataset: Dataset | None = None) -> Answer:
    """Evaluate a SPARQL query.

    Args:
        text: SPARQL 1.1; the project's prefixes (pledge:, id:, rdfs:, skos: ...) need no declaration.
        dataset: What to ask; by default the graph that `load()` gives, opened once in a process.

    Raises:
        PledgegraphError: The query does not parse, or asks for what is never done (SERVICE, updates).
    """
    checked = check(text, Limits(), PREFIXES)
    results = evaluate((dataset or _default()).store, checked.text, prefixes=PREFIXES)
    if isinstance(results, QueryBoolean):
        return Answer(truth=bool(results))
    if isinstance(results, QueryTriples):
        return Answer(triples=tuple(dict.fromkeys(results)))
    columns = tuple(variable.value for variable in results.variables)
    return Answer(columns, tuple({name: _value(solution[name]) for name in columns} for solution in results))


def ask(name: str, dataset: Dataset | None = None, /, **values: object) -> Answer:
    """Ask a named question.

    Args:
        name: Its name; `pledgegraph query --list` lists them.
        dataset: What to ask, as for `query`.
        **values: Its parameters: `text="political-declaration"`, `asOf=date(2024, 11, 25)`.

    Raises:
        InputError: There is no such question or parameter, or a value is not of the parameter's type.
    """
    chosen = dataset or _default()
    if chosen.content is None:
        raise ValueError("the dataset was not loaded from a release, so it has no named questions")
    return query(queries.find(chosen.content, name).bind(values), chosen)


def _value(term: NamedNode | BlankNode | Literal | Triple | None) -> Value:
    match term:
        case None:
            return None
        case NamedNode():
            return IRI(term.value)
        case Literal():
            return _python(term)
    return str(term)


def _python(literal: Literal) -> Value:
    try:
        match literal.datatype.value.removeprefix(XSD):
            case "integer":
                return int(literal.value)
            case "boolean":
                return literal.value in ("true", "1")
            case "date":
                return date.fromisoformat(literal.value)
            case "decimal":
                return Decimal(literal.value)
            case "double" | "float":
                return float(literal.value)
    except (ValueError, ArithmeticError):
        pass
    return literal.value
