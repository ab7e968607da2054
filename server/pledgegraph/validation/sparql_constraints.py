"""SPARQL-based constraints (https://www.w3.org/TR/shacl/#sparql-constraints), evaluated by the dataset's engine.

Variables are pre-bound as the specification asks: in every scope of the query, not only in the outermost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from pyoxigraph import NamedNode, QuerySolutions

from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError
from pledgegraph.sparql import Token, tokens
from pledgegraph.terms import OWL, SH, compact
from pledgegraph.validation.constraints import Check, Violation
from pledgegraph.validation.data_graph import DataGraph, Node, text_of
from pledgegraph.validation.report import Graph, ShapesError, Term

_REFUSED = ("MINUS", "SERVICE", "VALUES")
"""Keywords that a query with pre-bound variables must not hold (https://www.w3.org/TR/shacl/#pre-binding)."""
_THIS = "<urn:x-pledgegraph:this>"
"""Stands for the focus node in a query that is bound once and then used for many."""


class SparqlConstraints:
    """SPARQL constraints over one data graph.

    Args:
        dataset: Gives a dataset whose default graph is the data graph; called once, when a query needs it.
    """

    def __init__(self, dataset: Callable[[], Dataset]) -> None:
        self._store = cache(dataset)

    def check(self, shapes: Graph, shape: Term, node: Term) -> Check:
        """The check of one `sh:sparql` of a shape.

        Raises:
            ShapesError: The constraint is ill-formed or uses what SHACL refuses.
        """
        deactivated = shapes.value(node, SH("deactivated"))
        if deactivated is not None and deactivated.value in ("true", "1"):
            return lambda _graph, _focus, _values: ()
        select = shapes.value(node, SH("select"))
        if select is None:
            raise ShapesError(shape, "has a SPARQL constraint without sh:select")
        path = shapes.value(shape, SH("path"))
        in_full = shapes.path(path, lambda iri: f"<{iri}>")
        query = _prologue(shapes, node) + in_full.join(re.split(r"[$?]PATH\b", select.value))
        _check(list(tokens(query)), shape)
        current = {"currentShape": str(shape)} if isinstance(shape, NamedNode) else {}
        bound = bind(query, {"this": _THIS} | current)
        messages = shapes.objects(node, SH("message")) or shapes.objects(shape, SH("message"))
        texts = tuple(sorted(message.value for message in messages))

        def check(_graph: DataGraph, focus: Node, _values: list[Node]) -> Iterator[Violation]:
            try:
                if focus.startswith("<"):
                    rows = self._store().query(bound.replace(_THIS, focus))
                else:  # a literal or blank node cannot stand everywhere in a query, only in its outermost pattern
                    rows = self._store().query(query, {"this": focus})
            except InputError as error:
                raise ShapesError(
                    shape, f"has a SPARQL constraint that cannot be evaluated: {error.message}"
                ) from error
            if not isinstance(rows, QuerySolutions):
                raise ShapesError(shape, "has a SPARQL constraint that is no SELECT query")
            names = [variable.value for variable in rows.variables]
            for row in rows:
                given = {name: str(row[name]) for name in names if row[name] is not None} | {"this": focus}
                value = given.get("value", "" if path else focus)
                own = (_text(given["message"]),) if "message" in given else ()
                filled = tuple(_fill(message, given) for message in texts or own)
                found = given.get("path", "")
                yield Violation(value, compact(found[1:-1]) if found.startswith("<") else None, filled)

        return check


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
        ShapesError: Something of that is in the query.
    """
    selects = [number for number, token in enumerate(query) if token.is_word("SELECT")]
    for number, token in enumerate(query):
        if token.is_word(*_REFUSED):
            raise ShapesError(shape, f"uses {token.text.upper()} in a SPARQL constraint, which SHACL refuses")
        if _names(token, "shapesGraph"):
            raise ShapesError(shape, "uses $shapesGraph in a SPARQL constraint, which is not supported")
        if _names(token, "this") and query[number - 1].is_word("AS"):
            raise ShapesError(shape, "assigns ?this in a SPARQL constraint, which is bound already")
    for start in selects[1:]:
        projection = []
        for token in query[start + 1 :]:
            if token.text == "{" or token.is_word("WHERE"):
                break
            projection.append(token)
        if not any(_names(token, "this") for token in projection):
            raise ShapesError(shape, "has a subquery that does not give $this in its SPARQL constraint")


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


def _text(node: Node) -> str:
    return compact(node[1:-1]) if node.startswith("<") else text_of(node)


def _fill(message: str, given: Mapping[str, Node]) -> str:
    """A message with `{?name}` and `{$name}` replaced by what the variables stand for."""
    return re.sub(r"\{[?$](\w+)\}", lambda found: _text(given[found[1]]) if found[1] in given else found[0], message)
