"""The reference validator: pyshacl on rdflib, slow and widely trusted."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import RdfFormat, Triple, parse

from pledgegraph.errors import InputError
from pledgegraph.turtle import to_rdflib
from pledgegraph.validation.report import Graph, Result


def validate(data: Iterable[Triple], shapes: Iterable[Triple]) -> list[Result]:
    """Validate a data graph against a shapes graph with pyshacl; the same promise as `engine.validate`.

    Raises:
        InputError: pyshacl refuses the shapes.
    """
    import pyshacl
    import rdflib
    from pyshacl.errors import ReportableRuntimeError

    try:
        _, report, text = pyshacl.validate(to_rdflib(data), shacl_graph=to_rdflib(shapes), inference="none")
    except (ReportableRuntimeError, NotImplementedError) as error:
        raise InputError(f"the shapes cannot be used: {error}", file="shapes") from error
    if not isinstance(report, rdflib.Graph):
        raise InputError(f"the shapes cannot be used: {text}", file="shapes")
    quads = parse(report.serialize(format="nt"), RdfFormat.N_TRIPLES)
    return Graph(quad.triple for quad in quads).results()
