"""rdflib's Turtle serialiser with one change: subjects stand in the order of their IRIs."""

from rdflib import BNode
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node


class SortedTurtleSerializer(TurtleSerializer):
    """Orders subjects by IRI alone.

    rdflib orders them by how often each is referred to, so that one new reference would move a whole block and
    blur the difference between two versions of a file.
    """

    def orderSubjects(self) -> list[Node]:  # noqa: N802 - rdflib's name
        """All subjects: IRIs first, by code point, then the blank nodes that cannot be written inline."""
        subjects = set(self.store.subjects())
        return sorted(subjects, key=lambda subject: (isinstance(subject, BNode), str(subject)))
