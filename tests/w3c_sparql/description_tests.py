"""The three service description tests, for which the suite has no machine-readable steps."""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from sparql_suite import RDF
from werkzeug.test import Client

from pledgegraph.web import negotiation

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"

# Domain and range of the properties in https://www.w3.org/ns/sparql-service-description (Recommendation of 2013-03-21).
_PROPERTIES: dict[str, tuple[str, str | None]] = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "defaultSupportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "supportedEntailmentProfile": ("NamedGraph", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", None),
    "inputFormat": ("Service", None),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
_SUBCLASSES = {"Dataset": {"Dataset", "GraphCollection"}}
_INSTANCES = {
    "Language": {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"},
    "Feature": {"DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"},
    "EntailmentRegime": set[str](),
    "EntailmentProfile": set[str](),
}
_ENTAILMENT = "http://www.w3.org/ns/entailment/"
_FORMATS = "http://www.w3.org/ns/formats/"


def _description(client: Client, accept: str) -> Store:
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.status_code == 200
    media_type = response.headers["Content-Type"].partition(";")[0]
    store = Store()
    store.extend(parse(response.data, RdfFormat.from_media_type(media_type)))
    return store


def returns_rdf(client: Client, endpoint: str) -> str | None:
    """GET on the endpoint gives RDF, in whatever RDF syntax is asked for."""
    for accept in ("*/*", *negotiation.GRAPH_TYPES):
        if not len(_description(client, accept)):
            return f"nothing for {accept}"
    return None


def has_endpoint_triple(client: Client, endpoint: str) -> str | None:
    """The description has a service whose sd:endpoint is the address it was fetched from."""
    store = _description(client, negotiation.TURTLE)
    found = store.quads_for_pattern(None, NamedNode(SD + "endpoint"), NamedNode(endpoint))
    services = [q.subject for q in found if _types(store, q.subject) & {SD + "Service"}]
    return None if len(services) == 1 else f"{len(services)} services with sd:endpoint <{endpoint}>"


def conforms_to_schema(client: Client, endpoint: str) -> str | None:
    """Every term of the vocabulary is one that it has, between instances of the classes that it says."""
    store = _description(client, negotiation.TURTLE)
    used = 0
    for quad in store:
        if not quad.predicate.value.startswith(SD):
            continue
        used += 1
        name = quad.predicate.value.removeprefix(SD)
        if name not in _PROPERTIES:
            return f"sd:{name} is no property"
        domain, values = _PROPERTIES[name]
        if isinstance(quad.object, Literal):
            return f"sd:{name} has a literal"
        if not _is(store, quad.subject, domain):
            return f"the subject of sd:{name} is no sd:{domain}"
        if values is not None and not _is(store, quad.object, values):
            return f"the value {quad.object} of sd:{name} is no sd:{values}"
        if name == "resultFormat" and not str(quad.object).startswith(f"<{_FORMATS}"):
            return f"{quad.object} is no format"
    return None if used >= 10 else f"only {used} statements in the vocabulary"


def _types(store: Store, node: object) -> set[str]:
    quads = store.quads_for_pattern(node, NamedNode(RDF + "type"), None)  # type: ignore[arg-type]
    return {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}


def _is(store: Store, node: object, name: str) -> bool:
    iri = node.value if isinstance(node, NamedNode) else ""
    if name == "EntailmentRegime" and iri.startswith(_ENTAILMENT):
        return True
    if name in _INSTANCES and iri.startswith(SD):
        return iri.removeprefix(SD) in _INSTANCES[name]
    classes = {found.removeprefix(SD) for found in _types(store, node)}
    return any(name in _SUBCLASSES.get(found, {found}) for found in classes)


STEPS: dict[str, Callable[[Client, str], str | None]] = {
    "sparql11/service-description/returns-rdf": returns_rdf,
    "sparql11/service-description/has-endpoint-triple": has_endpoint_triple,
    "sparql11/service-description/conforms-to-schema": conforms_to_schema,
}
