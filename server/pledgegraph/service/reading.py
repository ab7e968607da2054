"""A query read into its parts: what is in scope in them, what is selected from them, what is grouped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pledgegraph import sparql
from pledgegraph.service import syntax
from pledgegraph.service.syntax import Node

_SYMBOLS = frozenset(
    re.findall(
        r"\w+",
        """Query SubSelect SelectClause SelectItem GroupClause GroupCondition HavingClause OrderClause LimitClauses
        GroupGraphPattern TriplesBlock GraphPatternNotTriples DataBlock DataBlockValue Expression ExpressionVar
        ExpressionList BuiltInCall Primary FunctionCall ArgList""",
    )
)
_CLAUSES = frozenset(["SelectClause", "GroupClause", "HavingClause", "OrderClause", "GroupGraphPattern"])
_AGGREGATES = syntax.AGGREGATES | {"COUNT"}


@dataclass
class Reading:
    """A query read: its text, tokens and parts."""

    query: str
    tokens: list[sparql.Token]
    nodes: list[Node]
    scopes: dict[Node, set[str]] = field(default_factory=dict)
    aggregates: list[tuple[Node, Node]] = field(default_factory=list)
    """Each aggregate with the clause or group it belongs to."""

    def __post_init__(self) -> None:
        for node in reversed(self.nodes):  # children before the parts around them
            if node.symbol in ("TriplesBlock", "GraphPatternNotTriples", "GroupGraphPattern", "SubSelect"):
                self.scopes[node] = self._scope(node)
        for node in self.all("BuiltInCall"):
            clause = self._up(node, _CLAUSES)
            if self.word(node) in _AGGREGATES and clause is not None:
                self.aggregates.append((node, clause))

    def all(self, *symbols: str) -> Iterator[Node]:
        """All parts of these symbols, in order."""
        return (node for node in self.nodes if node.symbol in symbols)

    def word(self, node: Node) -> str:
        """The first token of a part, in upper case."""
        return self.tokens[node.start].text.upper()

    def variables(self, start: int, end: int) -> list[str]:
        """Names of the variables among some tokens."""
        return [token.text[1:] for token in self.tokens[start:end] if token.kind == "variable"]

    def start(self, node: Node) -> int:
        """Offset of a part's first character."""
        return self.tokens[node.start].start

    def _scope(self, node: Node) -> set[str]:
        """Variables in scope after a part of a pattern (SPARQL 1.1 §18.2.1)."""
        inner = set().union(*(self.scopes.get(child, ()) for child in node.children))
        if node.symbol == "TriplesBlock":
            return set(self.variables(node.start, node.end))
        if node.symbol == "SubSelect":
            items = list(self.selected(node.children[0]))
            values = [child for child in node.children if child.symbol == "DataBlock"]
            named = {token.text[1:] for token, _ in items}
            return named if items else inner.union(*(self.variables(each.start, each.end) for each in values))
        if node.symbol == "GraphPatternNotTriples":
            match self.word(node):
                case "FILTER" | "MINUS":
                    return set()
                case "BIND":
                    return {self.tokens[node.end - 2].text[1:]}
                case "VALUES":
                    return set(self.variables(node.start, node.end))
                case "GRAPH":
                    return inner.union(self.variables(node.start, node.start + 2))
        return inner

    def selected(self, clause: Node) -> Iterator[tuple[sparql.Token, Node]]:
        """What a SELECT clause names, each with its part; nothing for `*`."""
        for item in clause.children:
            if item.symbol == "SelectItem":
                at = item.start if item.end == item.start + 1 else item.end - 2
                yield self.tokens[at], item

    def grouped(self, select: Node) -> bool:
        """Whether the rows that a SELECT clause selects from are grouped."""
        around = select.parent
        return around is not None and (
            any(child.symbol == "GroupClause" for child in around.children)
            or any(clause.parent is around and clause.symbol != "GroupGraphPattern" for _, clause in self.aggregates)
        )

    def group_names(self, select: Node) -> set[str]:
        """Variables grouped by; an expression grouped by has no name but after AS."""
        clauses = [child for child in select.parent.children if child.symbol == "GroupClause"] if select.parent else []
        names: set[str] = set()
        for each in (condition for clause in clauses for condition in clause.children):
            if each.end == each.start + 1 or self.tokens[each.end - 3].is_word("AS"):
                names.update(self.variables(max(each.start, each.end - 2), each.end))
        return names

    def free(self, item: Node) -> Iterator[Node]:
        """Variables in an item of SELECT that stand in no aggregate, and in no function that may be one."""
        waiting = [item]
        while waiting:
            node = waiting.pop()
            if node.symbol == "ExpressionVar":
                yield node
            elif not self._gathers(node):
                waiting += node.children

    def _gathers(self, node: Node) -> bool:
        if node.symbol == "BuiltInCall":
            return self.word(node) in _AGGREGATES
        return node.symbol in ("ArgList", "GroupGraphPattern")

    @staticmethod
    def _up(node: Node, symbols: frozenset[str]) -> Node | None:
        above = node.parent
        while above is not None and above.symbol not in symbols:
            above = above.parent
        return above


def read(query: str) -> Reading | None:
    """Read a query; None where it is no SPARQL 1.1, or very long."""
    tokens = list(sparql.tokens(query))
    nodes = syntax.parts(tokens, _SYMBOLS) if len(tokens) <= syntax.MOST_TOKENS else []
    return Reading(query, tokens, nodes) if nodes else None
