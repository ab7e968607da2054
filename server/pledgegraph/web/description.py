"""What is served, told to machines: the SPARQL service description, VoID and DCAT, each by content negotiation."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app, render_template, request
from pyoxigraph import Literal, NamedNode

from pledgegraph.evaluation import serialise_graph
from pledgegraph.queries import NamedQuery
from pledgegraph.terms import DCAT, DCTERMS, ID, PLEDGE, RDFS, SCHEMA, SD, SH, XSD
from pledgegraph.web import negotiation, signposts, statistics
from pledgegraph.web.middleware import CACHEABLE
from pledgegraph.web.problems import Problem
from pledgegraph.web.site import Site
from pledgegraph.web.vocabulary import (
    DATA_LICENSE,
    ENTAILMENT,
    FOAF,
    FORMATS,
    MEDIA_TYPES,
    SPDX,
    VOID,
    Description,
)

blueprint = Blueprint("description", __name__)

TITLE = "Pledgegraph"
ABSTRACT = "Who has committed to what about military AI, with the passage that proves each fact."

RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "TriG",
    "RDF_XML",
    "JSON-LD",
)
"""Local names of the formats at https://www.w3.org/ns/formats/ that answers are given in."""

_EXECUTABLE = {"SELECT": "Select", "ASK": "Ask", "CONSTRUCT": "Construct", "DESCRIBE": "Describe"}


def service(site: Site) -> Description:
    """The SPARQL 1.1 Service Description of `/sparql`, with its limits and the named questions."""
    graph = Description()
    endpoint = site.iri("sparql")
    dataset, default = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    graph.type(endpoint, SD("Service"), DCAT("DataService"))
    graph.add(endpoint, SD("endpoint"), endpoint)
    graph.text(endpoint, DCTERMS("title"), f"{TITLE}: SPARQL endpoint", "en")
    graph.add(endpoint, SD("supportedLanguage"), SD("SPARQL10Query"), SD("SPARQL11Query"))
    graph.add(endpoint, SD("resultFormat"), *(FORMATS(name) for name in RESULT_FORMATS))
    graph.add(endpoint, SD("defaultEntailmentRegime"), ENTAILMENT("Simple"))
    graph.add(endpoint, SD("defaultDataset"), dataset)
    graph.add(endpoint, DCTERMS("license"), DATA_LICENSE)
    graph.type(dataset, SD("Dataset"))
    graph.add(dataset, SD("defaultGraph"), default)
    graph.type(default, SD("Graph"))
    _graphs(graph, site, dataset, default)
    _limits(graph, site, endpoint)
    for question in site.snapshot.questions.values():
        _question(graph, site, question, endpoint)
    return graph


def _graphs(graph: Description, site: Site, dataset: str, default: str) -> None:
    """The graphs with their counts; a large foreign engine may take longer to count them than a query may."""
    try:
        counts = statistics.of(site)
    except Problem:
        graph.complete = False
        return
    graph.add(default, VOID("triples"), counts.triples)
    graph.add(default, VOID("classes"), len(counts.classes))
    graph.add(default, VOID("properties"), len(counts.properties))
    for number, (name, triples) in enumerate(counts.graphs.items(), start=1):
        entry, content = f"{dataset}-named-graph-{number}", f"{dataset}-graph-{number}"
        graph.add(dataset, SD("namedGraph"), entry)
        graph.type(entry, SD("NamedGraph"))
        graph.add(entry, SD("name"), name)
        graph.add(entry, SD("graph"), content)
        graph.type(content, SD("Graph"))
        graph.add(content, VOID("triples"), triples)


def _limits(graph: Description, site: Site, endpoint: str) -> None:
    for row in site.service.limits.describe():
        limit = f"{endpoint}#limit-{row.name.replace('_', '-')}"
        graph.add(endpoint, SCHEMA("additionalProperty"), limit)
        graph.type(limit, SCHEMA("PropertyValue"))
        graph.text(limit, SCHEMA("name"), row.name)
        graph.text(limit, SCHEMA("value"), row.value)
        graph.text(limit, SCHEMA("description"), row.meaning, "en")


def _question(graph: Description, site: Site, question: NamedQuery, endpoint: str) -> None:
    """A named question as the SIB examples write theirs: https://github.com/sib-swiss/sparql-examples."""
    address = site.iri(f"queries/{question.name}")
    form = _EXECUTABLE[question.form]
    graph.type(address, SH("SPARQLExecutable"), SH(f"SPARQL{form}Executable"))
    graph.text(address, RDFS("label"), question.title, "en")
    graph.text(address, RDFS("comment"), question.description, "en")
    graph.text(address, SH(form.lower()), question.runnable)
    graph.add(address, SCHEMA("target"), endpoint)


def void(site: Site) -> Description:
    """The VoID description of the dataset, with class and property partitions."""
    graph = Description()
    document, dataset = site.iri("void"), dataset_iri(site)
    counts = statistics.of(site)
    graph.type(document, VOID("DatasetDescription"))
    graph.add(document, FOAF("primaryTopic"), dataset)
    graph.text(document, DCTERMS("title"), f"{TITLE}: description of the dataset", "en")
    _dataset(graph, site)
    graph.type(dataset, VOID("Dataset"))
    graph.add(dataset, VOID("sparqlEndpoint"), site.iri("sparql"))
    graph.text(dataset, VOID("uriSpace"), ID)
    graph.add(dataset, VOID("vocabulary"), PLEDGE.removesuffix("#"))
    graph.add(dataset, VOID("feature"), *(FORMATS(name) for name in ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")))
    graph.add(dataset, VOID("triples"), counts.triples)
    graph.add(dataset, VOID("classes"), len(counts.classes))
    graph.add(dataset, VOID("properties"), len(counts.properties))
    graph.add(dataset, VOID("distinctSubjects"), counts.subjects)
    graph.add(dataset, VOID("distinctObjects"), counts.objects)
    for number, (name, instances) in enumerate(counts.classes.items(), start=1):
        part = f"{document}#class-{number}"
        graph.add(dataset, VOID("classPartition"), part)
        graph.type(part, VOID("Dataset"))
        graph.add(part, VOID("class"), name)
        graph.add(part, VOID("entities"), instances)
    for number, (name, use) in enumerate(counts.properties.items(), start=1):
        part = f"{document}#property-{number}"
        graph.add(dataset, VOID("propertyPartition"), part)
        graph.type(part, VOID("Dataset"))
        graph.add(part, VOID("property"), name)
        graph.add(part, VOID("triples"), use.triples)
        graph.add(part, VOID("distinctSubjects"), use.subjects)
        graph.add(part, VOID("distinctObjects"), use.objects)
    if site.snapshot.manifest is not None:
        for dump in site.snapshot.manifest.dumps:
            graph.add(dataset, VOID("dataDump"), dump_iri(site, dump.name))
    return graph


def catalogue(site: Site) -> Description:
    """The DCAT 3 catalogue: the dataset, its files with sizes and checksums, and the endpoint."""
    graph = Description()
    address, dataset, endpoint = site.iri("data"), dataset_iri(site), site.iri("sparql")
    graph.type(address, DCAT("Catalog"))
    graph.text(address, DCTERMS("title"), f"{TITLE}: files and services", "en")
    graph.add(address, DCAT("dataset"), dataset)
    graph.add(address, DCAT("service"), endpoint)
    graph.type(endpoint, DCAT("DataService"))
    graph.text(endpoint, DCTERMS("title"), f"{TITLE}: SPARQL endpoint", "en")
    graph.add(endpoint, DCAT("endpointURL"), endpoint)
    graph.add(endpoint, DCAT("endpointDescription"), endpoint)
    graph.add(endpoint, DCAT("servesDataset"), dataset)
    graph.add(endpoint, DCTERMS("conformsTo"), "https://www.w3.org/TR/sparql11-protocol/")
    _dataset(graph, site)
    if site.snapshot.manifest is None:
        return graph
    for dump in site.snapshot.manifest.dumps:
        part, checksum = f"{address}#{dump.name.replace('/', '-')}", f"{address}#sha256-{dump.sha256}"
        graph.add(dataset, DCAT("distribution"), part)
        graph.type(part, DCAT("Distribution"))
        graph.text(part, DCTERMS("title"), dump.title, "en")
        graph.add(part, DCAT("downloadURL"), dump_iri(site, dump.name))
        graph.add(part, DCAT("mediaType"), MEDIA_TYPES(dump.media_type))
        size = Literal(str(dump.bytes), datatype=NamedNode(XSD("nonNegativeInteger")))
        graph.add(part, DCAT("byteSize"), size)
        graph.add(part, DCTERMS("license"), DATA_LICENSE)
        graph.add(part, SPDX("checksum"), checksum)
        graph.type(checksum, SPDX("Checksum"))
        graph.add(checksum, SPDX("algorithm"), SPDX("checksumAlgorithm_sha256"))
        graph.add(checksum, SPDX("checksumValue"), Literal(dump.sha256, datatype=NamedNode(XSD("hexBinary"))))
    return graph


def dataset_iri(site: Site) -> str:
    """The IRI of the dataset in its descriptions."""
    return site.iri("void#dataset")


def dump_iri(site: Site, name: str) -> str:
    """The address of a file of the release."""
    return site.iri(f"data/{name}")


def _dataset(graph: Description, site: Site) -> None:
    dataset = dataset_iri(site)
    graph.type(dataset, DCAT("Dataset"))
    graph.text(dataset, DCTERMS("title"), TITLE, "en")
    graph.text(dataset, DCTERMS("description"), ABSTRACT, "en")
    graph.text(dataset, DCTERMS("identifier"), site.snapshot.release)
    if site.snapshot.manifest is not None:
        graph.text(dataset, DCAT("version"), site.snapshot.manifest.version)
    graph.add(dataset, DCTERMS("license"), DATA_LICENSE)
    graph.add(dataset, DCAT("landingPage"), site.base)


def respond(site: Site, make: Callable[[Site], Description], path: str, wanted: str | None = None) -> Response:
    """A description as an HTTP answer, in the format that the client likes best.

    Args:
        site: what is served.
        make: one of `service`, `void` and `catalogue`.
        path: the address of the description, for Content-Location.
        wanted: a media type asked for by name instead of the Accept header.

    Raises:
        Problem: no RDF format is accepted.
    """
    chosen = negotiation.choose_graph(request.headers.get("Accept")) if wanted is None else (wanted, wanted)
    if chosen is None or chosen[0] not in negotiation.GRAPH_TYPES:
        raise Problem(
            "not-acceptable",
            "The description can be given in none of the types asked for.",
            hint=f"Accept one of: {', '.join(negotiation.GRAPH_TYPES)}.",
            members={"available": list(negotiation.GRAPH_TYPES)},
        )
    media_type, name = chosen
    graph = make(site)
    headers = {"Content-Location": site.path(path), "Link": signposts.of_description(site)}
    response = graph_response(serialise_graph(graph.triples(), media_type), name, headers)
    if not graph.complete:
        request.environ[CACHEABLE] = False
        response.headers["Cache-Control"] = "no-store"
    return response


def graph_response(body: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """RDF as an HTTP answer that is kept.

    Args:
        body: the serialised graph.
        media_type: what to call it.
        headers: further headers.
    """
    request.environ[CACHEABLE] = True
    common = {
        "Content-Type": negotiation.content_type(media_type),
        "Vary": "Accept",
        "Cache-Control": "public, max-age=60",
    }
    return Response(body, headers={**common, **(headers or {})})


@blueprint.get("/void")
@blueprint.get("/.well-known/void")
def void_document() -> Response:
    """The VoID description, under its own address and the one of RFC 8615; as a page for a browser."""
    site: Site = current_app.extensions["pledgegraph"]
    wanted = request.args.get("format")
    if wanted is None and negotiation.prefers_html(request.headers.get("Accept")):
        turtle = serialise_graph(void(site).triples(), negotiation.TURTLE).decode()
        request.environ[CACHEABLE] = True
        html = render_template("void.html", turtle=turtle, formats=_VOID_FORMATS)
        headers = {"Vary": "Accept", "Cache-Control": "public, max-age=60", "Link": signposts.of_description(site)}
        return Response(html, headers={"Content-Type": "text/html; charset=utf-8", **headers})
    return respond(site, void, "void", negotiation.GRAPH_NAMES.get(wanted) if wanted is not None else None)


_VOID_FORMATS = {"turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples", "rdfxml": "RDF/XML"}
