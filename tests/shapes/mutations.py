"""Damages of the real graph, one at a time, and whether the shapes find them.

A damage takes away a required triple or gives a role a value of another class. What is required and what a role holds
is read from the graph and not from the shapes, so that the shapes cannot be their own judge: a property is required of
a class where every instance of it has the property, and the classes of a role's values are those that its values have.

A damage is judged alone: the graph is damaged, the shapes are asked about the nodes near the damage, and the graph is
put right again. Since only near nodes are asked, a damage may be reported as missed that the whole check would find,
never the other way round.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Triple, parse

from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.terms import BASE, ID, SH, SKOS, compact
from pledgegraph.validation import read_shapes
from pledgegraph.validation.data_graph import SUBCLASS, TYPE, DataGraph, Node
from pledgegraph.validation.report import Graph
from pledgegraph.validation.shapes import Shape, Shapes
from pledgegraph.validation.sparql_constraints import SparqlConstraints

LEAST_INSTANCES = 20
"""Instances that a class needs before what all of them have counts as required; fewer may all have it by chance."""
NEAR = 12
"""Nodes that point at the damaged one and are asked too; thousands of votes point at one stage."""
IN_SCHEME = f"<{SKOS('inScheme')}>"

Spelled = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Damage:
    """One damage.

    Args:
        kind: "removed" or "replaced".
        class_: The class whose instance is damaged, with prefix.
        property_: The property that is damaged, with prefix.
        taken: The triple that is taken out.
        given: The triple that stands in its place, where there is one.
    """

    kind: str
    class_: str
    property_: str
    taken: Spelled
    given: Spelled | None = None

    @property
    def stratum(self) -> tuple[str, str, str]:
        """What the damage is one example of."""
        return self.kind, self.class_, self.property_


def _shown(node: Node) -> str:
    return compact(node[1:-1])


class Mutations:
    """The graph of a content root, its damages, and the shapes that judge them.

    Args:
        content: The content root.
    """

    def __init__(self, content: Content) -> None:
        self.dataset = Dataset.from_content(content)
        self.triples: list[Spelled] = sorted(self.dataset.spelled())
        self.data = DataGraph(self.triples)
        self.shapes = Shapes(Graph(read_shapes(content)), SparqlConstraints(lambda: self.dataset).check)
        self._targets: dict[tuple[str, Node], list[Shape]] = defaultdict(list)
        for node, shape in self.shapes.targeted:
            for name in ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"):
                for aim in self.shapes.graph.objects(node, SH(name)):
                    self._targets[name, str(aim)].append(shape)

    # ---- which damages there are

    def classes(self, node: Node) -> set[Node]:
        """Classes that a node is given, and their superclasses."""
        found = set(self.data.objects(node, TYPE))
        open_ = list(found)
        while open_:
            for above in self.data.objects(open_.pop(), SUBCLASS):
                if above not in found:
                    found.add(above)
                    open_.append(above)
        return found

    def draw(self, each: int, seed: int) -> list[Damage]:
        """Damages drawn at random, so many of each stratum.

        Args:
            each: Damages for each kind, class and property; fewer where there are not so many.
            seed: What makes the draw repeatable.
        """
        rng = random.Random(seed)
        strata: dict[tuple[str, str, str], list[Damage]] = defaultdict(list)
        for damage in self._removals():
            strata[damage.stratum].append(damage)
        drawn = []
        for stratum in sorted(strata):
            drawn += rng.sample(strata[stratum], min(each, len(strata[stratum])))
        return drawn + list(self._replacements(each, rng))

    def _things(self) -> Iterator[tuple[Node, Node, dict[Node, list[Node]]]]:
        """Each thing of the graph with the class it is given and its properties."""
        about: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, object_ in self.triples:
            if subject.startswith(f"<{ID}"):
                about[subject][predicate].append(object_)
        for subject, properties in about.items():
            for class_ in properties.get(TYPE, ()):
                yield subject, class_, properties

    def _removals(self) -> Iterator[Damage]:
        """Triples that are the only value of a property which every instance of the class has."""
        members: Counter[Node] = Counter()
        having: Counter[tuple[Node, Node]] = Counter()
        for _, class_, properties in self._things():
            members[class_] += 1
            having.update((class_, predicate) for predicate in properties)
        for subject, class_, properties in self._things():
            if members[class_] < LEAST_INSTANCES:
                continue
            for predicate, values in properties.items():
                if having[class_, predicate] == members[class_] and len(values) == 1:
                    taken = (subject, predicate, values[0])
                    yield Damage("removed", _shown(class_), _shown(predicate), taken)

    def _replacements(self, each: int, rng: random.Random) -> Iterator[Damage]:
        """Things in place of things, of a class that no value of the property has in the graph."""
        holds: dict[Node, set[Node]] = defaultdict(set)
        uses: dict[tuple[Node, Node], list[Spelled]] = defaultdict(list)
        for subject, class_, properties in self._things():
            for predicate, values in properties.items():
                for value in values:
                    if predicate != TYPE and value.startswith(f"<{BASE}"):
                        holds[predicate] |= self._sorts(value)
                        uses[class_, predicate].append((subject, predicate, value))
        by_sort: dict[Node, list[Node]] = defaultdict(list)
        for node in sorted({subject for subject, _, _ in self._things()} | set(self.data.by_subject[IN_SCHEME])):
            for sort in self._sorts(node):
                by_sort[sort].append(node)
        for (class_, predicate), triples in sorted(uses.items()):
            others = sorted(sort for sort in by_sort if sort not in holds[predicate])
            fitting = [sort for sort in others if any(not self._sorts(n) & holds[predicate] for n in by_sort[sort])]
            for subject, _, value in rng.sample(triples, min(each, len(triples))):
                if not fitting:
                    continue
                sort = rng.choice(fitting)
                strangers = [node for node in by_sort[sort] if not self._sorts(node) & holds[predicate]]
                given = (subject, predicate, rng.choice(strangers))
                yield Damage("replaced", _shown(class_), _shown(predicate), (subject, predicate, value), given)

    def _sorts(self, node: Node) -> set[Node]:
        """Classes a node is given; for a concept its schemes, since a force is no theme."""
        return set(self.data.objects(node, IN_SCHEME)) or set(self.data.objects(node, TYPE))

    # ---- whether they are found

    def finds(self, damage: Damage) -> str | None:
        """The gravest severity of what the shapes say of the damaged graph and not of the graph; None for nothing."""
        near = list(self._near(damage))
        before = {result for node in near for result in self._results(node)}
        self._apply(damage.taken, damage.given)
        try:
            severities = set()
            for node in near:
                new = {result[1] for result in self._results(node) if result not in before}
                if "violation" in new:
                    return "violation"
                severities |= new
        finally:
            self._apply(damage.given, damage.taken)
        return min(severities, default=None)

    def _near(self, damage: Damage) -> Iterator[Node]:
        """The damaged node, what it pointed at and points at now, and what points at it."""
        seen = {damage.taken[0]: None}
        for triple in (damage.taken, damage.given):
            if triple is not None and triple[2].startswith("<"):
                seen[triple[2]] = None
        for _, subjects in sorted(self.data.by_object.items()):
            seen.update(dict.fromkeys(sorted(subjects.get(damage.taken[0], ()))[:NEAR]))
        yield from seen

    def _results(self, node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
        for shape in self._shapes_of(node):
            for result in shape.results(self.data, (node,)):
                yield result.key, result.severity

    def _shapes_of(self, node: Node) -> Iterable[Shape]:
        found: dict[int, Shape] = {}
        aims = [("targetNode", node), *(("targetClass", class_) for class_ in sorted(self.classes(node)))]
        aims += [("targetSubjectsOf", p) for p, subjects in self.data.by_subject.items() if node in subjects]
        aims += [("targetObjectsOf", p) for p, objects in self.data.by_object.items() if node in objects]
        for aim in aims:
            found.update((id(shape), shape) for shape in self._targets.get(aim, ()))
        return found.values()

    def _apply(self, taken: Spelled | None, given: Spelled | None) -> None:
        """Take a triple out of the graph and put another one in."""
        data = self.data
        for triple in (taken, given):
            if triple is None:
                continue
            subject, predicate, object_ = triple
            objects = data.by_subject.setdefault(predicate, {}).setdefault(subject, [])
            subjects = data.by_object.setdefault(predicate, {}).setdefault(object_, [])
            if triple == taken:
                objects.remove(object_)
                subjects.remove(subject)
                if not objects:
                    del data.by_subject[predicate][subject]
                if not subjects:
                    del data.by_object[predicate][object_]
                self.dataset.unmerge([_triple(triple)])
            else:
                objects.append(object_)
                subjects.append(subject)
                quad = _triple(triple)
                self.dataset.add_quads([Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())])
            if predicate == TYPE:
                data.forget_instances()


def _triple(spelled: Spelled) -> Triple:
    (quad,) = parse(" ".join(spelled) + " .", RdfFormat.N_TRIPLES)
    return Triple(quad.subject, quad.predicate, quad.object)
