"""Links to other graphs: SSSOM tables of `graph/links/`, their check offline, and the check of their targets online."""

from pledgegraph.links.sssom import Link, add_to, check, graph_iri, read
from pledgegraph.links.targets import Answer, Policy, check_targets

__all__ = ["Answer", "Link", "Policy", "add_to", "check", "check_targets", "graph_iri", "read"]
