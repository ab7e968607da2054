"""Namespaces of the project and of the vocabularies it uses, with compact and full spellings of IRIs."""

import re


class Namespace(str):
    """A namespace IRI; calling it with a local name gives the full IRI.

    >>> PLEDGE("Claim")
    'https://w3id.org/pledgegraph/ontology#Claim'
    """

    __slots__ = ()

    def __call__(self, local_name: str) -> str:
        return f"{self}{local_name}"


BASE = "https://w3id.org/pledgegraph/"
PLEDGE = Namespace(BASE + "ontology#")
ID = Namespace(BASE + "id/")
GRAPH = Namespace(BASE + "graph/")
SHAPE = Namespace(BASE + "shapes#")

RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
SH = Namespace("http://www.w3.org/ns/shacl#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
PROV = Namespace("http://www.w3.org/ns/prov#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
SCHEMA = Namespace("https://schema.org/")
ORG = Namespace("http://www.w3.org/ns/org#")
OA = Namespace("http://www.w3.org/ns/oa#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
VOID = Namespace("http://rdfs.org/ns/void#")
VANN = Namespace("http://purl.org/vocab/vann/")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")

PREFIXES: dict[str, str] = {
    "pledge": PLEDGE,
    "id": ID,
    "graph": GRAPH,
    "shape": SHAPE,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "sh": SH,
    "dcterms": DCTERMS,
    "prov": PROV,
    "eli": ELI,
    "schema": SCHEMA,
    "org": ORG,
    "oa": OA,
    "dcat": DCAT,
    "void": VOID,
    "vann": VANN,
    "sd": SD,
}
"""Prefix to namespace, for reading and writing compact IRIs; longer namespaces win over shorter ones."""

# Graphs that the build writes; graphs of files are named after the file.
GRAPH_FACTS = GRAPH("facts")
GRAPH_WITHHELD = GRAPH("withheld")
GRAPH_CLOSURE = GRAPH("closure")
GRAPH_LABELS = GRAPH("labels")

RDF_TYPE = RDF("type")
RDFS_LABEL = RDFS("label")

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
"""The slug of a thing: lower-case letters, digits and single hyphens (DESIGN.md §4)."""

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_-])?\Z")
_BY_LENGTH = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


def compact(iri: str) -> str:
    """Give an IRI as `prefix:name` where a prefix fits, else as `<iri>`.

    >>> compact("https://w3id.org/pledgegraph/id/japan")
    'id:japan'
    >>> compact("https://example.org/x")
    '<https://example.org/x>'
    """
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace) and _LOCAL.match(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def expand(text: str) -> str:
    """Give the full IRI for `prefix:name`, `<iri>` or a full IRI.

    Raises:
        ValueError: The text is none of these.

    >>> expand("id:japan")
    'https://w3id.org/pledgegraph/id/japan'
    """
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    if (colon and local.startswith("//")) or text.startswith(("urn:", "mailto:")):
        return text
    raise ValueError(f"{text!r} is neither prefix:name with a known prefix nor an absolute IRI")
