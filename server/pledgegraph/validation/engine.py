"""The fast validator: SHACL Core on indexes of terms, SHACL-SPARQL constraints by the query engine of the dataset.

It gives the reports of pyshacl in a small part of its time; tests hold it to pyshacl and to the W3C suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyoxigraph import Triple

from pledgegraph.dataset import Dataset
from pledgegraph.validation.data_graph import DataGraph, SpelledTriple
from pledgegraph.validation.report import Graph, Result
from pledgegraph.validation.shapes import Shapes, results
from pledgegraph.validation.sparql_constraints import SparqlConstraints


def validate(data: Iterable[SpelledTriple], shapes: Iterable[Triple], dataset: Callable[[], Dataset]) -> list[Result]:
    """Validate a data graph against a shapes graph.

    Args:
        data: The data graph, with terms as N-Triples spells them.
        shapes: The shapes graph: SHACL Core and SPARQL constraints (`sh:sparql`).
        dataset: Gives a dataset whose default graph is the data graph; called once, when a query needs it.

    Returns:
        The results of the validation report, sorted; empty where the data conforms.

    Raises:
        InputError: The shapes are ill-formed.
    """
    ready = Shapes(Graph(shapes), SparqlConstraints(dataset).check)
    return sorted(results(ready, DataGraph(data)))
