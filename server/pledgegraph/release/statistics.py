"""Counts of what a release holds, made when it is built: how often classes and properties are used."""

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from pledgegraph.dataset import Dataset
from pledgegraph.errors import RunError
from pledgegraph.terms import RDF_TYPE

FILE = "statistics.json"


@dataclass(frozen=True)
class PropertyCount:
    """How often a property is used.

    Args:
        triples: Triples that have it.
        subjects: Distinct subjects of these.
        objects: Distinct objects of these.
    """

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True)
class Statistics:
    """Counts of a dataset, for its VoID description.

    Args:
        triples: Triples of the default graph.
        subjects: Distinct subjects of the default graph.
        objects: Distinct objects of the default graph.
        graphs: Named graph to its triples; graphs without any are left out.
        classes: Class to its distinct instances in the default graph.
        properties: Property to its use in the default graph.
    """

    triples: int
    subjects: int
    objects: int
    graphs: dict[str, int]
    classes: dict[str, int]
    properties: dict[str, PropertyCount]

    def write(self, directory: Path) -> None:
        """Write them into a release directory."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (directory / FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> "Statistics":
        """Read those of a release directory.

        Raises:
            RunError: There are none, or they do not read.
        """
        path = directory / FILE
        try:
            data = json.loads(path.read_bytes())
            data["properties"] = {iri: PropertyCount(**use) for iri, use in data["properties"].items()}
            return cls(**data)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            hint = "Build the release again with: pledgegraph build"
            raise RunError(f"the statistics cannot be read: {error}", file=str(path), hint=hint) from error


def count(dataset: Dataset, graphs: dict[str, int]) -> Statistics:
    """Count a dataset.

    Args:
        dataset: What to count.
        graphs: Triples of each of its named graphs.
    """
    triples = dataset.spelled()
    subjects, objects = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    uses, classes = Counter[str](), Counter[str]()
    is_type = f"<{RDF_TYPE}>"
    for subject, predicate, object_ in triples:
        uses[predicate] += 1
        subjects[predicate].add(subject)
        objects[predicate].add(object_)
        if predicate == is_type and object_.startswith("<"):
            classes[object_] += 1
    return Statistics(
        len(triples),
        len(set[str]().union(*subjects.values())),
        len(set[str]().union(*objects.values())),
        {graph: number for graph, number in sorted(graphs.items()) if number},
        {iri[1:-1]: classes[iri] for iri in sorted(classes)},
        {iri[1:-1]: PropertyCount(uses[iri], len(subjects[iri]), len(objects[iri])) for iri in sorted(uses)},
    )
