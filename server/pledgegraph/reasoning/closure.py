"""The OWL 2 RL closure: what follows from the ontology and the facts by the rules of `rules.rq`.

What the ontology says is closed first (it is small). Each rule is then written out for every way in which the ontology
meets its first group, which leaves patterns with known predicates; these are applied to the facts semi-naively: a round
looks only for matches that use a triple of the round before. Terms are strings as N-Triples spells them, so that
nothing is respelled on the way in or out.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from pledgegraph.dataset import Dataset
from pledgegraph.reasoning.rules import MEMBER, TYPE, Pattern, Rule, rules
from pledgegraph.terms import GRAPH_CLOSURE, OWL, RDF, RDFS

Triple: TypeAlias = tuple[str, str, str]
"""Subject, predicate and object as N-Triples spells them."""
Binding: TypeAlias = dict[str, str]
_Pairs: TypeAlias = dict[str, set[str]]
_Step: TypeAlias = Callable[[_Pairs], Iterable[Triple]]

_FIRST, _REST = f"<{RDF('first')}>", f"<{RDF('rest')}>"
_SCHEMA_NAMESPACES = (f"<{RDF}", f"<{RDFS}", f"<{OWL}")
# These annotate what they are said of and no rule reads them, though they stand in the same namespaces.
_ANNOTATIONS = {f"<{RDFS(name)}>" for name in ("label", "comment", "seeAlso", "isDefinedBy")} | {
    f"<{OWL(name)}>" for name in ("versionInfo", "deprecated", "priorVersion", "versionIRI")
}


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cyclic garbage collector from walking an index that only grows (it doubled the time, measured)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Matcher:
    """Somewhere patterns can be met."""

    def matches(self, pattern: Pattern, binding: Mapping[str, str]) -> Iterator[Binding]:
        """Bindings for the variables of `pattern` that `binding` leaves open."""
        raise NotImplementedError

    def solve(self, patterns: Sequence[Pattern], binding: Binding) -> Iterator[Binding]:
        """Every way to meet all `patterns` at once, the one with most known terms first."""
        if not patterns:
            yield binding
            return
        best = max(range(len(patterns)), key=lambda i: sum(binding.get(term, term)[0] != "?" for term in patterns[i]))
        rest = [*patterns[:best], *patterns[best + 1 :]]
        for found in list(self.matches(patterns[best], binding)):
            yield from self.solve(rest, binding | found)


@dataclass
class Index(Matcher):
    """Triples by predicate, then by subject and by object."""

    by_subject: dict[str, _Pairs] = field(default_factory=lambda: defaultdict(dict))
    by_object: dict[str, _Pairs] = field(default_factory=lambda: defaultdict(dict))

    def add(self, subject: str, predicate: str, object_: str) -> bool:
        """Add a triple; whether it was new."""
        pairs = self.by_subject[predicate]
        objects = pairs.get(subject)
        if objects is None:
            pairs[subject] = {object_}
        elif object_ in objects:
            return False
        else:
            objects.add(object_)
        subjects = self.by_object[predicate].get(object_)
        if subjects is None:
            self.by_object[predicate][object_] = {subject}
        else:
            subjects.add(subject)
        return True

    def matches(self, pattern: Pattern, binding: Mapping[str, str]) -> Iterator[Binding]:
        """See `Matcher`; the predicate must be known."""
        subject, predicate, object_ = (binding.get(term, term) for term in pattern)
        if subject[0] != "?":
            objects = self.by_subject[predicate].get(subject, ())
            if object_[0] != "?":
                if object_ in objects:
                    yield {}
            else:
                for found in objects:
                    yield {object_: found}
        elif object_[0] != "?":
            for found in self.by_object[predicate].get(object_, ()):
                yield {subject: found}
        elif subject == object_:
            for found, objects in self.by_subject[predicate].items():
                if found in objects:
                    yield {subject: found}
        else:
            for found, objects in self.by_subject[predicate].items():
                for other in objects:
                    yield {subject: found, object_: other}


def is_schema(triple: Triple) -> bool:
    """Whether rules read the triple as something that the ontology says."""
    _, predicate, object_ = triple
    if predicate == TYPE:
        return object_.startswith(_SCHEMA_NAMESPACES)
    return predicate.startswith(_SCHEMA_NAMESPACES) and predicate not in _ANNOTATIONS


def substitute(pattern: Pattern, binding: Mapping[str, str]) -> Pattern:
    """The pattern with known variables replaced by what they stand for."""
    subject, predicate, object_ = pattern
    return binding.get(subject, subject), binding.get(predicate, predicate), binding.get(object_, object_)


def unify(pattern: Pattern, triple: Triple) -> Binding | None:
    """What the variables of `pattern` stand for where it is `triple`, or None where it cannot be."""
    binding: Binding = {}
    for part, term in zip(pattern, triple, strict=True):
        if part[0] != "?":
            if part != term:
                return None
        elif binding.setdefault(part, term) != term:
            return None
    return binding


@dataclass(frozen=True)
class GroundRule:
    """A rule for one way in which the ontology meets it: all its predicates are known.

    Args:
        rule: The rule as written.
        binding: What its variables stand for, as far as the ontology settles it.
        data: What is left to be met by the graph.
    """

    rule: Rule
    binding: tuple[tuple[str, str], ...]
    data: tuple[Pattern, ...]


class Schema:
    """What the ontology says, closed under the rules that speak of it alone."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.index = Index()
        for triple in triples:
            self.index.add(*triple)
        self._list_members()
        about_itself = [(rule, rule.head) for rule in rules() if rule.head and not rule.data]
        self.derived: set[Triple] = set()
        changed = True
        while changed:
            changed = False
            for rule, head in about_itself:
                for binding in list(self._solve(rule)):
                    subject, predicate, object_ = substitute(head, binding)
                    # that each class is its own subclass is left unsaid; see NOISE in the tests
                    if subject != object_ and self.index.add(subject, predicate, object_):
                        self.derived.add((subject, predicate, object_))
                        changed = True

    def _list_members(self) -> None:
        rest, first = self.index.by_subject[_REST], self.index.by_subject[_FIRST]
        for head in list(first):
            reached, open_ = {head}, [head]
            while open_:
                for following in rest.get(open_.pop(), ()):
                    if following not in reached:
                        reached.add(following)
                        open_.append(following)
            for node in reached:
                for member in first.get(node, ()):
                    self.index.add(head, MEMBER, member)

    def _solve(self, rule: Rule) -> Iterator[Binding]:
        for binding in self.index.solve(rule.schema, {}):
            if all(binding[one] != binding[other] for one, other in rule.different):
                yield binding

    def _ground(self, rule: Rule) -> Iterator[GroundRule]:
        for binding in self._solve(rule):
            data = tuple(substitute(pattern, binding) for pattern in rule.data)
            yield GroundRule(rule, tuple(binding.items()), data)

    def derivations(self) -> dict[tuple[Pattern, tuple[Pattern, ...]], Rule]:
        """What derives what in the graph for this ontology: (head, patterns to meet) to the rule that says so."""
        found: dict[tuple[Pattern, tuple[Pattern, ...]], Rule] = {}
        for rule in rules():
            if rule.head is not None and rule.data:
                for ground in self._ground(rule):
                    head = substitute(rule.head, dict(ground.binding))
                    if head not in ground.data:  # else it derives what it reads
                        found.setdefault((head, ground.data), rule)
        return found

    def contradictions(self) -> Iterator[GroundRule]:
        """What contradicts itself in the graph for this ontology."""
        for rule in rules():
            if rule.head is None:
                yield from self._ground(rule)


class Closure:
    """The closure of a set of triples.

    Args:
        triples: Ontology and facts, in any order.

    Attributes:
        derived: What follows and was not given.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        with _collector_paused():
            self._close(triples)

    def _close(self, triples: Iterable[Triple]) -> None:
        memo: dict[str, str] = {}
        intern = memo.setdefault  # one string for each term, so that comparing terms is comparing addresses
        self.index = Index()
        add = self.index.add
        schema = []
        for triple in triples:
            subject, predicate, object_ = triple
            add(intern(subject, subject), intern(predicate, predicate), intern(object_, object_))
            if is_schema(triple):
                schema.append(triple)
        self.schema = Schema(schema)
        self.derived: set[Triple] = set()
        for triple in self.schema.derived:
            if add(*triple):
                self.derived.add(triple)
        self._fixpoint()

    def _fixpoint(self) -> None:
        steps: dict[tuple[str, str | None], list[_Step]] = defaultdict(list)
        for head, data in self.schema.derivations():
            for position, pattern in enumerate(data):
                others = data[:position] + data[position + 1 :]
                class_ = pattern[2] if pattern[1] == TYPE and pattern[2][0] != "?" else None
                steps[pattern[1], class_].append(_step(self.index, pattern, others, head))
        fresh: Mapping[str, _Pairs] = self.index.by_object
        while fresh:
            found: set[Triple] = set()
            for (predicate, class_), entries in steps.items():
                pairs = fresh.get(predicate)
                if pairs is None or (class_ is not None and class_ not in pairs):
                    continue
                part = pairs if class_ is None else {class_: pairs[class_]}
                for step in entries:
                    found.update(step(part))
            delta: dict[str, _Pairs] = {}
            for triple in found:
                subject, predicate, object_ = triple
                if subject[0] != '"' and self.index.add(subject, predicate, object_):
                    self.derived.add(triple)
                    delta.setdefault(predicate, {}).setdefault(object_, set()).add(subject)
            fresh = delta


def _step(index: Index, pattern: Pattern, others: tuple[Pattern, ...], head: Pattern) -> _Step:
    """A function from new pairs (object to subjects) that meet `pattern` to the triples they derive with `others`.

    The shapes that nearly all rules have are written out, since a closure spends its time here; `_any_step` covers
    every shape, and a test holds both to the same answers.
    """
    subject, _, object_ = pattern
    variables = [term for term in (subject, object_) if term[0] == "?"]
    ends = [term for term in (head[0], head[2]) if term[0] == "?"]
    known = index.by_subject[head[1]]
    predicate, nothing = head[1], frozenset[str]()
    if not others and len(set(variables)) == 2:
        if (head[0], head[2]) == (subject, object_):
            return lambda pairs: [
                (s, predicate, o) for o, starts in pairs.items() for s in starts if o not in known.get(s, nothing)
            ]
        if (head[0], head[2]) == (object_, subject):
            return lambda pairs: [
                (o, predicate, s) for o, starts in pairs.items() for s in starts if s not in known.get(o, nothing)
            ]
    if not others and len(variables) == 2 and ends == [object_]:
        value = head[2]
        return lambda pairs: [(o, predicate, value) for o in pairs if value not in known.get(o, nothing)]
    if not others and subject[0] == "?" and ends == [subject] and head[2][0] != "?":
        value = head[2]
        return lambda pairs: [
            (s, predicate, value)
            for o, starts in pairs.items()
            if object_[0] == "?" or object_ == o
            for s in starts
            if value not in known.get(s, nothing)
        ]
    if len(others) == 1 and len(set(variables)) == 2 and head[0] != head[2]:
        (first, middle, last) = others[0]
        if (head[0], first, head[2]) == (subject, object_, last) and last not in variables and last[0] == "?":
            after = index.by_subject[middle]
            return lambda pairs: [
                (s, predicate, z)
                for o, starts in pairs.items()
                if (goals := after.get(o))
                for s in starts
                for z in goals - known.get(s, nothing)
            ]
        if (head[2], last, head[0]) == (object_, subject, first) and first not in variables and first[0] == "?":
            before = index.by_object[middle]
            return lambda pairs: [
                (z, predicate, o)
                for o, starts in pairs.items()
                for s in starts
                for z in before.get(s, nothing)
                if o not in known.get(z, nothing)
            ]
    return _any_step(index, pattern, others, head)


def _any_step(index: Index, pattern: Pattern, others: tuple[Pattern, ...], head: Pattern) -> _Step:
    """What `_step` promises, for patterns of every shape."""

    def step(pairs: _Pairs) -> Iterator[Triple]:
        fresh = Index()
        fresh.by_object[pattern[1]] = pairs
        for end, starts in pairs.items():
            for start in starts:
                fresh.by_subject[pattern[1]].setdefault(start, set()).add(end)
        for binding in fresh.matches(pattern, {}):
            for solution in index.solve(others, binding):
                yield substitute(head, solution)

    return step


def close(triples: Iterable[Triple]) -> set[Triple]:
    """What follows from `triples` by the rules of `rules.rq` and is not among them."""
    return Closure(triples).derived


def materialise(dataset: Dataset) -> Closure:
    """Close the default graph of a dataset: what follows goes into the graph of the closure and is merged.

    Returns:
        The closure, which the search for contradictions goes on from.
    """
    closure = Closure(dataset.spelled())
    dataset.add_spelled(closure.derived, GRAPH_CLOSURE)
    return closure
