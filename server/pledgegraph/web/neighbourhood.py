"""What belongs to a thing: its records, their claims, the passages that prove them and the documents these are in.

The same choice as `pledgegraph.release.selection` makes for an export, asked of the service in small steps: one query
with optional paths takes the engine 60 to 200 ms whatever the thing, all together about 15 ms, at most 80 (15,255
triples, two cores).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, Triple, parse, parse_query_results

from pledgegraph.service import Request, ServiceError
from pledgegraph.terms import PLEDGE, RDF_TYPE, RDFS_LABEL
from pledgegraph.web import negotiation
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site

_ATTESTS = NamedNode(PLEDGE("attests"))

# Terms of one VALUES block; the guard's limit for a query is 10,000.
_BATCH = 2000

_START = f"""
PREFIX pledge: <{PLEDGE}>
SELECT DISTINCT ?node WHERE {{
  {{ BIND($thing AS ?node) }}
  UNION {{ ?node ?role $thing . ?node a pledge:Record }}
  UNION {{ ?node pledge:subject $thing }} UNION {{ ?node pledge:object $thing }} UNION {{ ?node pledge:about $thing }}
  UNION {{ ?node pledge:cites $thing }} UNION {{ ?node pledge:inDocument $thing }}
  UNION {{ $thing a pledge:Claim . $thing pledge:attests ?node }}
  UNION {{ ?claim pledge:cites $thing . ?claim pledge:attests ?node }}
  UNION {{ ?passage pledge:inDocument $thing . ?node pledge:cites ?passage }}
  UNION {{ ?passage pledge:inDocument $thing . ?claim pledge:cites ?passage . ?claim pledge:attests ?node }}
}}
"""

# Steps that are taken from all nodes so far. Each is one pattern after one VALUES block: with a UNION the engine joins
# the block last and takes a hundred times as long.
_STEPS = [
    f"SELECT DISTINCT ?node WHERE {{ VALUES ?from {{ NODES }} {pattern} }}"
    for pattern in (
        f"?from <{PLEDGE('inStage')}> ?node",
        f"?node <{PLEDGE('attests')}> ?from",
        f"?from <{PLEDGE('cites')}>|<{PLEDGE('context')}> ?node",
        f"?from <{PLEDGE('inDocument')}> ?node",
    )
]

_STATEMENTS = "CONSTRUCT { ?node ?property ?value } WHERE { VALUES ?node { NODES } ?node ?property ?value }"

_LABELS = [
    f"CONSTRUCT {{ ?node <{iri}> ?value }} WHERE {{ VALUES ?node {{ NODES }} ?node <{iri}> ?value }}"
    for iri in (RDF_TYPE, RDFS_LABEL)
]


def of(site: Site, thing: str) -> list[Triple]:
    """The statements about a thing and what belongs to it, each once, in the order of their N-Triples spelling.

    Args:
        site: what is served.
        thing: the IRI of the thing.

    Raises:
        Problem: the service cannot answer.
    """
    root = NamedNode(thing)
    nodes = dict.fromkeys(_nodes(_ask(site, _START, negotiation.JSON, root)))
    for query in _STEPS:
        for batch in _batches(list(nodes)):
            nodes.update(dict.fromkeys(_nodes(_ask(site, query.replace("NODES", batch), negotiation.JSON))))
    found = _triples(site, _STATEMENTS, list(nodes))
    mentioned = {t.object for t in found if isinstance(t.object, NamedNode) and t.predicate != _ATTESTS} - nodes.keys()
    named = sorted((node for node in mentioned if not node.value.startswith(PLEDGE)), key=str)
    for query in _LABELS:
        found |= _triples(site, query, named)
    return sorted(found, key=str)


def _triples(site: Site, query: str, nodes: list[NamedNode]) -> set[Triple]:
    found: set[Triple] = set()
    for batch in _batches(nodes):
        data = _ask(site, query.replace("NODES", batch), negotiation.N_TRIPLES)
        found.update(quad.triple for quad in parse(data, RdfFormat.N_TRIPLES))
    return found


def _batches(nodes: list[NamedNode]) -> Iterator[str]:
    for start in range(0, len(nodes), _BATCH):
        yield " ".join(str(node) for node in nodes[start : start + _BATCH])


def _nodes(data: bytes) -> Iterable[NamedNode]:
    results = parse_query_results(data, QueryResultsFormat.JSON)
    assert isinstance(results, QuerySolutions)
    for solution in results:
        if isinstance(node := solution["node"], NamedNode):
            yield node


def _ask(site: Site, query: str, media_type: str, thing: NamedNode | None = None) -> bytes:
    bindings = {} if thing is None else {"thing": thing}
    try:
        return site.service.answer(Request(query, media_type, kind="page", bindings=bindings)).body
    except ServiceError as error:
        raise Problem.from_service(error) from None
