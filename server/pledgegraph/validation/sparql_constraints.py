"""SPARQL-based constraints (https://www.w3.org/TR/shacl/#sparql-constraints), evaluated by the dataset's engine.

Variables are pre-bound as the specification asks: in every scope of the query, not only in the outermost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, QuerySolutions, Triple

from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.sparql import Token, tokens
from pledgegraph.terms import OWL, RDF, RDFS, SH, compact
from pledgegraph.validation.report import Graph, Result, Term, severity_name, spelled

_COMPONENT = SH("SPARQLConstraintComponent")
_REFUSED = ("MINUS", "SERVICE", "VALUES")
"""Keywords that a query with pre-bound variables must not hold (https://www.w3.org/TR/shacl/#pre-binding)."""
_TARGETS = {
    "targetClass": "?node a/rdfs:subClassOf* {0}",
    "targetSubjectsOf": "?node {0} ?any",
    "targetObjectsOf": "?any {0} ?node",
}


@dataclass(frozen=True)
class Constraint:
    """One `sh:sparql` of one shape.

    Args:
        shape: The shape that has it.
        path: The path of the shape, for a property shape.
        query: Its SELECT query with prefixes, `$PATH` put in.
        messages: Its messages, else those of the shape.
        severity: The severity of the shape.
    """

    shape: Term
    path: str
    query: str
    messages: tuple[str, ...]
    severity: str


def validate(data: Iterable[Triple], shapes: Graph) -> list[Result]:
    """Results of every SPARQL constraint of the shapes on a data graph.

    Raises:
        InputError: A constraint is ill-formed, or stands in a shape that has no targets of its own or of its parent.
    """
    constraints = list(_constraints(shapes))
    if not constraints:
        return []
    dataset = Dataset()
    dataset.add(data, "urn:data")
    results: list[Result] = []
    focus_nodes: dict[Term, list[Term]] = {}
    for constraint in constraints:
        if constraint.shape not in focus_nodes:
            focus_nodes[constraint.shape] = list(_focus_nodes(dataset, shapes, constraint.shape))
        for focus in focus_nodes[constraint.shape]:
            results += _evaluate(dataset, constraint, focus)
    return results


def _constraints(shapes: Graph) -> Iterator[Constraint]:
    for shape, node in shapes.pairs(SH("sparql")):
        if any(_is_true(shapes.value(it, SH("deactivated"))) for it in (shape, node)):
            continue
        select = shapes.value(node, SH("select"))
        if select is None:
            raise _error(shape, "has no sh:select")
        path = shapes.value(shape, SH("path"))
        in_full = shapes.path(path, lambda iri: f"<{iri}>")
        query = _prologue(shapes, node) + in_full.join(re.split(r"[$?]PATH\b", select.value))
        _check(list(tokens(query)), shape)
        messages = shapes.objects(node, SH("message")) or shapes.objects(shape, SH("message"))
        severity = severity_name(shapes.value(shape, SH("severity")))
        texts = tuple(sorted(message.value for message in messages))
        yield Constraint(shape, shapes.path(path), query, texts, severity)


def _prologue(shapes: Graph, node: Term) -> str:
    """Prefix declarations that a constraint names with sh:prefixes, those of imported ontologies among them."""
    lines = set()
    open_ = list(shapes.objects(node, SH("prefixes")))
    seen = set()
    while open_:
        ontology = open_.pop()
        if ontology in seen:
            continue
        seen.add(ontology)
        open_ += shapes.objects(ontology, OWL("imports"))
        for declaration in shapes.objects(ontology, SH("declare")):
            prefix = shapes.value(declaration, SH("prefix"))
            namespace = shapes.value(declaration, SH("namespace"))
            if prefix is not None and namespace is not None:
                lines.add(f"PREFIX {prefix.value}: <{namespace.value}>\n")
    return "".join(sorted(lines))


def _check(query: list[Token], shape: Term) -> None:
    """Refuse what the specification refuses in queries with pre-bound variables, and `$shapesGraph`, which it lets be.

    Raises:
        InputError: Something of that is in the query.
    """
    selects = [number for number, token in enumerate(query) if token.is_word("SELECT")]
    for number, token in enumerate(query):
        if token.is_word(*_REFUSED):
            raise _error(shape, f"uses {token.text.upper()}, which SHACL refuses")
        if _names(token, "shapesGraph"):
            raise _error(shape, "uses $shapesGraph, which is not supported")
        if _names(token, "this") and query[number - 1].is_word("AS"):
            raise _error(shape, "assigns ?this, which is bound already")
    for start in selects[1:]:
        projection = []
        for token in query[start + 1 :]:
            if token.text == "{" or token.is_word("WHERE"):
                break
            projection.append(token)
        if not any(_names(token, "this") for token in projection):
            raise _error(shape, "has a subquery that does not give $this")


def _names(token: Token, name: str) -> bool:
    return token.kind == "variable" and token.text[1:] == name


def bind(query: str, values: Mapping[str, str]) -> str:
    """Pre-bind variables: the query with terms in their place, in every scope.

    Args:
        query: A SELECT query.
        values: Variable name to the term, as SPARQL spells it.

    Returns:
        The query. A variable that is given out becomes `(term AS ?name)`, unless a subquery inside gives it out too;
        `bound(?name)` becomes true.
    """
    stream = list(tokens(query))
    innermost = _innermost_selects(stream)
    out: list[str] = []
    end = depth = 0
    clause = ""  # SELECT or BY while their variables are listed
    for number, token in enumerate(stream):
        out.append(query[end : token.start])
        end = token.end
        text = token.text
        if token.is_word("SELECT", "BY"):
            clause, depth = ("OUTER" if number not in innermost and text.upper() == "SELECT" else text.upper()), 0
        elif text in ("{", "}") or token.is_word("WHERE", "FROM", "HAVING", "ORDER", "LIMIT", "OFFSET"):
            clause = ""
        depth += (text == "(") - (text == ")")
        term = values.get(text[1:]) if token.kind == "variable" else None
        if term is not None:
            if [it.text.upper() for it in stream[max(0, number - 2) : number]] == ["BOUND", "("]:
                text = "1=1"  # bound() takes a variable only, and this one is bound
                _drop_call(out)
            elif clause == "SELECT" and depth == 0:
                text = f"({term} AS ?{text[1:]})"
            elif clause == "BY" and depth == 0:
                text = f"({term})"
            elif clause != "OUTER" or depth:
                text = term
        out.append(text)
    return "".join(out) + query[end:]


def _innermost_selects(stream: list[Token]) -> set[int]:
    """Positions of the SELECTs that have no other SELECT inside."""
    found: set[int] = set()
    open_: list[tuple[int, int]] = []  # position and depth of the SELECTs that enclose this token
    depth = 0
    for number, token in enumerate(stream):
        if token.is_word("SELECT"):
            found -= {position for position, _ in open_}
            found.add(number)
            open_.append((number, depth))
        depth += (token.text == "{") - (token.text == "}")
        if token.text == "}":
            open_ = [(position, at) for position, at in open_ if at <= depth]
    return found


def _drop_call(out: list[str]) -> None:
    """Take the name of the function before the last parenthesis out again."""
    position = max(number for number, text in enumerate(out) if text.upper() == "BOUND")
    out[position] = ""


def _evaluate(dataset: Dataset, constraint: Constraint, focus: Term) -> Iterator[Result]:
    if isinstance(focus, NamedNode):
        query = bind(constraint.query, {"this": str(focus), "currentShape": str(constraint.shape)})
        rows = dataset.query(query)
    else:  # a literal or blank node cannot stand everywhere in a query; bound at the outermost level it can
        rows = dataset.query(constraint.query, {"this": focus})
    if not isinstance(rows, QuerySolutions):
        raise _error(constraint.shape, "is no SELECT query")
    names = [variable.value for variable in rows.variables]
    for row in rows:
        given = {name: row[name] for name in names if row[name] is not None} | {"this": focus}
        value = given.get("value", None if constraint.path else focus)
        path = given.get("path")
        messages = constraint.messages or tuple(filter(None, [_text(given.get("message"))]))
        yield Result(
            spelled(focus),
            compact(path.value) if isinstance(path, NamedNode) else constraint.path,
            spelled(value),
            _COMPONENT,
            constraint.severity,
            constraint.shape.value if isinstance(constraint.shape, NamedNode) else "",
            tuple(_fill(message, given) for message in messages),
        )


def _text(term: Term | None) -> str:
    return "" if term is None else compact(term.value) if isinstance(term, NamedNode) else term.value


def _fill(message: str, given: Mapping[str, Term]) -> str:
    """A message with `{?name}` and `{$name}` replaced by what the variables stand for."""
    return re.sub(r"\{[?$](\w+)\}", lambda found: _text(given.get(found[1])) or found[0], message)


def _focus_nodes(dataset: Dataset, shapes: Graph, shape: Term) -> list[Term]:
    """Focus nodes of a shape: its own targets and, for a property shape, those of the node shapes that have it.

    Raises:
        InputError: The shape has no targets, so that its focus nodes would depend on another constraint.
    """
    owners = [shape, *shapes.subjects(SH("property"), shape)]
    found: dict[Term, None] = {}
    targeted = False
    for owner in owners:
        for name, pattern in _TARGETS.items():
            for target in shapes.objects(owner, SH(name)):
                targeted = True
                found |= dict.fromkeys(_select(dataset, pattern.format(target)))
        for node in shapes.objects(owner, SH("targetNode")):
            targeted = True
            found[node] = None
        types = {term.value for term in shapes.objects(owner, RDF("type"))}
        if types & {RDFS("Class"), OWL("Class")}:
            targeted = True
            found |= dict.fromkeys(_select(dataset, _TARGETS["targetClass"].format(owner)))
    if not targeted:
        raise _error(shape, "stands in a shape without targets")
    return list(found)


def _select(dataset: Dataset, pattern: str) -> list[Term]:
    rows = dataset.query(f"SELECT DISTINCT ?node {{ {pattern} }}")
    return [row["node"] for row in rows] if isinstance(rows, QuerySolutions) else []


def _is_true(term: Term | None) -> bool:
    return term is not None and term.value in ("true", "1")


def _error(shape: Term, message: str) -> InputError:
    name = compact(shape.value) if isinstance(shape, NamedNode) else "an anonymous shape"
    return InputError(f"the SPARQL constraint of {name} {message}", file="shapes")
