"""Where a query stops being SPARQL, and what could stand there instead.

The engine's own messages name a place some characters off and a list of what its parser tried last. So a query that it
refuses is read again, by the grammar of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar) turned into a
table: that grammar needs one token of look-ahead, so reading takes a few steps a token and no recursion.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from pledgegraph import sparql

_GRAMMAR = """
Query: Prologue QueryForm ValuesClause
Prologue: ( BASE iri | PREFIX pname iri )*
QueryForm: SelectClause DatasetClause* WhereClause SolutionModifier
  | CONSTRUCT ConstructRest | DESCRIBE DescribeWhat DatasetClause* WhereClause? SolutionModifier
  | ASK DatasetClause* WhereClause SolutionModifier
SubSelect: SelectClause WhereClause SolutionModifier ValuesClause
SelectClause: SELECT ( DISTINCT | REDUCED )? ( SelectItem+ | '*' )
SelectItem: var | '(' Expression AS var ')'
ConstructRest: ConstructTemplate DatasetClause* WhereClause SolutionModifier
  | DatasetClause* WHERE '{' TriplesTemplate? '}' SolutionModifier
DescribeWhat: VarOrIri+ | '*'
DatasetClause: FROM ( Iri | NAMED Iri )
WhereClause: WHERE? GroupGraphPattern
SolutionModifier: GroupClause? HavingClause? OrderClause? LimitClauses
GroupClause: GROUP BY GroupCondition+
GroupCondition: BuiltInCall | FunctionCall | '(' Expression ( AS var )? ')' | var
HavingClause: HAVING Constraint+
OrderClause: ORDER BY OrderCondition+
OrderCondition: ( ASC | DESC ) BrackettedExpression | Constraint | OrderVar
OrderVar: var
LimitClauses: ( LIMIT number ( OFFSET number )? | OFFSET number ( LIMIT number )? )?
ValuesClause: ( VALUES DataBlock )?
TriplesTemplate: TriplesSameSubject ( '.' TriplesTemplate? )?
GroupGraphPattern: '{' ( SubSelect | GroupGraphPatternSub ) '}'
GroupGraphPatternSub: TriplesBlock? ( GraphPatternNotTriples '.'? TriplesBlock? )*
TriplesBlock: TriplesSameSubjectPath ( '.' TriplesBlock? )?
GraphPatternNotTriples: GroupGraphPattern ( UNION GroupGraphPattern )* | OPTIONAL GroupGraphPattern
  | MINUS GroupGraphPattern | GRAPH VarOrIri GroupGraphPattern | FILTER Constraint
  | BIND '(' Expression AS var ')' | VALUES DataBlock
DataBlock: var '{' DataBlockValue* '}' | nil '{' nil* '}' | '(' var* ')' '{' ( '(' DataBlockValue* ')' | nil )* '}'
DataBlockValue: Iri | TermLiteral | UNDEF
Constraint: BrackettedExpression | BuiltInCall | FunctionCall
FunctionCall: Iri ArgList
ArgList: nil | '(' DISTINCT? Expression ( ',' Expression )* ')'
ExpressionList: nil | '(' Expression ( ',' Expression )* ')'
ConstructTemplate: '{' ConstructTriples? '}'
ConstructTriples: TriplesSameSubject ( '.' ConstructTriples? )?
TriplesSameSubject: VarOrTerm PropertyListNotEmpty | TriplesNode PropertyListNotEmpty?
PropertyListNotEmpty: Verb ObjectList ( ';' ( Verb ObjectList )? )*
Verb: VarOrIri | 'a'
ObjectList: GraphNode ( ',' GraphNode )*
TriplesSameSubjectPath: VarOrTerm PropertyListPathNotEmpty | TriplesNodePath PropertyListPathNotEmpty?
PropertyListPathNotEmpty: ( Path | var ) ObjectListPath ( ';' ( ( Path | var ) ObjectListPath )? )*
ObjectListPath: GraphNodePath ( ',' GraphNodePath )*
Path: PathSequence ( '|' PathSequence )*
PathSequence: PathEltOrInverse ( '/' PathEltOrInverse )*
PathEltOrInverse: PathElt | '^' PathElt
PathElt: PathPrimary ( '?' | '*' | '+' )?
PathPrimary: Iri | 'a' | '!' PathNegatedPropertySet | '(' Path ')'
PathNegatedPropertySet: PathOneInPropertySet | nil
  | '(' PathOneInPropertySet ( '|' PathOneInPropertySet )* ')'
PathOneInPropertySet: Iri | 'a' | '^' ( Iri | 'a' )
TriplesNode: '(' GraphNode+ ')' | '[' PropertyListNotEmpty ']'
TriplesNodePath: '(' GraphNodePath+ ')' | '[' PropertyListPathNotEmpty ']'
GraphNode: VarOrTerm | TriplesNode
GraphNodePath: VarOrTerm | TriplesNodePath
VarOrTerm: var | Iri | TermLiteral | bnode | anon | nil
TermLiteral: Literal | SignedNumber
VarOrIri: var | Iri
Iri: iri | pname
Literal: string ( lang | '^^' Iri )? | number | TRUE | FALSE
SignedNumber: ( '+' | '-' ) number
Expression: AndExpression ( '||' AndExpression )*
AndExpression: Relation ( '&&' Relation )*
Relation: Sum ( ( '=' | '!=' | '<' | '>' | '<=' | '>=' ) Sum | IN ExpressionList | NOT IN ExpressionList )?
Sum: Product ( ( '+' | '-' ) Product )*
Product: Unary ( ( '*' | '/' ) Unary )*
Unary: '!' Primary | '+' Primary | '-' Primary | Primary
Primary: BrackettedExpression | BuiltInCall | Iri ArgList? | Literal | ExpressionVar
ExpressionVar: var
BrackettedExpression: '(' Expression ')'
BuiltInCall: function ExpressionList | BOUND '(' var ')' | COUNT '(' DISTINCT? ( '*' | Expression ) ')'
  | aggregate '(' DISTINCT? Expression ( ';' SEPARATOR '=' string )? ')'
  | EXISTS GroupGraphPattern | NOT EXISTS GroupGraphPattern
"""

_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        """STR LANG LANGMATCHES DATATYPE IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN SUBSTR UCASE LCASE
        ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ
        NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL
        ISNUMERIC REGEX REPLACE""",
    )
)
AGGREGATES = frozenset(["SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"])
"""All but COUNT, which the grammar has by name."""
_SHOWN = {
    "var": "a variable",
    "iri": "an IRI",
    "pname": "a prefixed name",
    "string": "a string",
    "number": "a number",
    "bnode": "a blank node",
    "lang": "a language tag",
    "nil": "()",
    "anon": "[]",
    "function": "a function",
    "aggregate": "an aggregate",
    "": "the end",
}
_MOST_SHOWN = 8
MOST_TOKENS = 5000
"""A longer query is not read again; it would hold up others."""
_SENTENCE = re.compile(
    r"(?:The|SELECT|A|An|Aggregate)\b[^,\[\]]*? (?:is|are|contains|overrides|cannot|must|should|can)\b[^,\[\]]*"
)

_CLOSE = "end of a symbol asked for"

Rule = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a query stops being SPARQL.

    Args:
        line: Line, counted from 1.
        column: Column, counted from 1.
        detail: What stands there and what could.
        hint: How to mend it, where the detail does not say.
    """

    line: int
    column: int
    detail: str
    hint: str | None = None


@dataclass(eq=False, slots=True)
class Node:
    """A part of a query that a symbol of the grammar stands for.

    Args:
        symbol: The symbol.
        start: Index of its first token.
        parent: The smallest part around it; None for the whole query.
        end: Index after its last token.
        children: The greatest parts in it, in order.
    """

    symbol: str
    start: int
    parent: "Node | None"
    end: int = 0
    children: list["Node"] = field(default_factory=list)


def explain(query: str) -> Fault | None:
    """Find where a query stops being SPARQL 1.1; None where the grammar finds no fault, or the query is very long."""
    tokens = list(sparql.tokens(query))
    if len(tokens) > MOST_TOKENS:
        return None
    stack, index, _ = _read(tokens, frozenset())
    if not stack:
        return None
    offset = tokens[index].start if index < len(tokens) else len(query.rstrip())
    found = tokens[index].text[:40] if index < len(tokens) else "the end of the query"
    line, column = sparql.position(query, offset)
    return Fault(line, column, f"Found {found} where {_listed(_expected(stack))} should stand.")


def places(tokens: list[sparql.Token], symbols: frozenset[str]) -> dict[int, str]:
    """Where symbols of the grammar begin.

    Args:
        tokens: All tokens of a query.
        symbols: "ExpressionVar", "OrderVar" and "TermLiteral" are there to be asked for.

    Returns:
        Index of a token to the symbol it begins; nothing where the query is no SPARQL.
    """
    return {node.start: node.symbol for node in parts(tokens, symbols)}


def parts(tokens: list[sparql.Token], symbols: frozenset[str]) -> list[Node]:
    """The parts of a query that some symbols of the grammar stand for.

    Args:
        tokens: All tokens of a query.
        symbols: The symbols; parts of other ones are left out, and their children are those of the part around them.

    Returns:
        A part before its children, and otherwise in order; nothing where the query is no SPARQL.
    """
    stack, _, found = _read(tokens, symbols)
    return [] if stack else found


def _read(tokens: list[sparql.Token], symbols: frozenset[str]) -> tuple[list[str], int, list[Node]]:
    """Read as far as the tokens are SPARQL: what was still to come, the index reached, the symbols asked for."""
    table, _ = _table()
    stack = ["", "Query"]
    found: list[Node] = []
    around: Node | None = None
    index = 0
    while stack:
        kind, after = _kind(tokens, index)
        symbol = stack.pop()
        if symbol in table and kind in table[symbol]:
            if symbol in symbols:
                node = Node(symbol, index, around)
                found.append(node)
                if around is not None:
                    around.children.append(node)
                around = node
                stack.append(_CLOSE)
            stack.extend(reversed(table[symbol][kind]))
        elif symbol == kind:
            index = after
        elif symbol == _CLOSE and around is not None:
            around.end = index
            around = around.parent
        else:
            stack.append(symbol)
            break
    return stack, index, found


def sentence(message: str) -> str | None:
    """The engine's sentence about a rule broken that the grammar does not show, if its message holds one."""
    found = _SENTENCE.search(message)
    return None if found is None else found[0].strip().rstrip(".")


def _kind(tokens: list[sparql.Token], index: int) -> tuple[str, int]:
    """The grammar's name of a token, and the index after it: `()` and `[]` are one."""
    if index >= len(tokens):
        return "", index
    token = tokens[index]
    following = tokens[index + 1].text if index + 1 < len(tokens) else ""
    match token.kind:
        case "variable":
            return "var", index + 1
        case "iri" | "string" | "number":
            return token.kind, index + 1
        case "language":
            return "lang", index + 1
        case "name":
            return ("bnode" if token.text.startswith("_:") else "pname"), index + 1
        case "word":
            word = token.text.upper()
            if token.text == "a":
                return "'a'", index + 1
            known = "function" if word in _FUNCTIONS else "aggregate" if word in AGGREGATES else word
            return known, index + 1
        case _:
            if token.text + following in ("()", "[]"):
                return ("nil" if token.text == "(" else "anon"), index + 2
            return f"'{token.text}'", index + 1


def _expected(stack: list[str]) -> set[str]:
    """Every kind of token that may come next."""
    table, nullable = _table()
    found: set[str] = set()
    for symbol in reversed(stack):
        if symbol not in table:
            found.add(symbol)
            break
        found |= {kind for kind, rule in table[symbol].items() if _starts(rule, kind)}
        if symbol not in nullable:
            break
    return found


def _starts(rule: Rule, kind: str) -> bool:
    table, nullable = _table()
    for symbol in rule:
        if symbol not in table:
            return symbol == kind
        if kind in table[symbol] and _starts(table[symbol][kind], kind):
            return True
        if symbol not in nullable:
            return False
    return False


def _listed(kinds: set[str]) -> str:
    names = {_SHOWN.get(kind, kind) for kind in kinds}
    shown = sorted(names, key=lambda name: (not name.startswith(("a ", "an ")), name.startswith("'"), name))
    if len(shown) > _MOST_SHOWN:
        return ", ".join(shown[:_MOST_SHOWN]) + " or the like"
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


@cache
def _table() -> tuple[dict[str, dict[str, Rule]], frozenset[str]]:
    """The parsing table: for each symbol, by the kind of the next token, what it becomes; and what may be empty."""
    rules: dict[str, list[Rule]] = {}
    for text in re.split(r"\n(?! )", _GRAMMAR.strip()):
        name, _, body = text.partition(":")
        words = re.findall(r"'[^']+'|\w+|[()|*+?]", body)
        end = _alternatives(words, 0, name, rules)
        assert end == len(words), name
    nullable: set[str] = set()
    first: dict[str, set[str]] = {name: set() for name in rules}
    follow: dict[str, set[str]] = {name: set() for name in rules}
    follow["Query"].add("")
    size = -1
    while size != (size := len(nullable) + sum(map(len, first.values())) + sum(map(len, follow.values()))):
        for name, alternatives in rules.items():
            for rule in alternatives:
                starts, empty = _first_of(rule, first, nullable)
                first[name] |= starts
                if empty:
                    nullable.add(name)
                for index, symbol in enumerate(rule):
                    if symbol in rules:
                        after, rest_empty = _first_of(rule[index + 1 :], first, nullable)
                        follow[symbol] |= after | (follow[name] if rest_empty else set())
    table: dict[str, dict[str, Rule]] = {}
    for name, alternatives in rules.items():
        table[name] = {}
        for rule in alternatives:
            starts, empty = _first_of(rule, first, nullable)
            for kind in starts:
                table[name][kind] = rule
            if empty:
                for kind in follow[name] - starts:
                    table[name].setdefault(kind, rule)
    return table, frozenset(nullable)


def _first_of(rule: Rule, first: dict[str, set[str]], nullable: set[str]) -> tuple[set[str], bool]:
    found: set[str] = set()
    for symbol in rule:
        found |= first.get(symbol, {symbol})
        if symbol not in nullable:
            return found, False
    return found, True


def _alternatives(words: list[str], at: int, name: str, rules: dict[str, list[Rule]]) -> int:
    """Read alternatives into plain rules; what is in brackets or repeated becomes a symbol of its own."""
    rules[name] = []
    rule: list[str] = []
    while at < len(words) and words[at] != ")":
        word = words[at]
        at += 1
        if word == "|":
            rules[name].append(tuple(rule))
            rule = []
            continue
        if word == "(":
            word = f"{name}.{at}"
            at = _alternatives(words, at, word, rules) + 1
        mark = words[at] if at < len(words) and words[at] in "*+?" else ""
        if mark:
            at += 1
            several = f"{name}.{at}{mark}"
            rules[several] = [(word, several) if mark in "*+" else (word,), ()]
            rule += (word, several) if mark == "+" else (several,)
        else:
            rule.append(word)
    rules[name].append(tuple(rule))
    return at
