"""The reference validator: pyshacl on rdflib, slow and widely trusted."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pyoxigraph import RdfFormat, Triple, parse

from pledgegraph.errors import InputError, RunError
from pledgegraph.turtle import to_rdflib
from pledgegraph.validation.report import Graph, Result


def validate(data: Iterable[Triple], shapes: Iterable[Triple]) -> list[Result]:
    """Validate a data graph against a shapes graph with pyshacl; the same promise as `engine.validate`.

    Raises:
        InputError: pyshacl refuses the shapes.
        RunError: pyshacl fails on the data, as it does on values that `sh:lessThan` cannot order.
    """
    import pyshacl
    import rdflib
    from pyshacl.errors import ReportableRuntimeError

    # rdflib logs a trace for each ill-formed literal, which the report says better
    quiet = logging.getLogger("rdflib.term")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    try:
        _, report, text = pyshacl.validate(to_rdflib(data), shacl_graph=to_rdflib(shapes), inference="none")
    except (ReportableRuntimeError, NotImplementedError) as error:
        raise InputError(f"the shapes cannot be used: {error}", file="shapes") from error
    except TypeError as error:  # pyshacl compares values that have no order, such as a date and an ill-formed one
        hint = "Mend what the other checks find first, or check without --reference"
        raise RunError(f"pyshacl cannot validate this graph: {error}", hint=hint) from error
    finally:
        quiet.setLevel(level)
    if not isinstance(report, rdflib.Graph):
        raise InputError(f"the shapes cannot be used: {text}", file="shapes")
    quads = parse(report.serialize(format="nt"), RdfFormat.N_TRIPLES)
    return Graph(quad.triple for quad in quads).results()
