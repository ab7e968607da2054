"""Exports say the same in every syntax, the same way each time, and read well."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyld import jsonld as pyld
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from pledgegraph import turtle
from pledgegraph.content import Content
from pledgegraph.dataset import open_release
from pledgegraph.errors import InputError, RunError
from pledgegraph.release import jsonld, selection
from pledgegraph.release.export import FORMATS, export
from pledgegraph.terms import GRAPH_CLOSURE, GRAPH_WITHHELD, ID, OWL, PLEDGE

SYNTAXES = {
    "turtle": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdfxml": RdfFormat.RDF_XML,
}
NAMES = [
    None,
    "documents/gazette",
    "id:arcadia",
    "accord-2020",
    "id:document-gazette",
    "id:claim-gazette-1",
    "ontology/mini",
]


@pytest.fixture(scope="module")
def store(mini_release: Path) -> Store:
    return open_release(mini_release)


def canonical(data: bytes, syntax: RdfFormat) -> set[Quad]:
    dataset = Dataset(parse(data, syntax))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@pytest.mark.parametrize("inferred", [False, True])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("syntax", list(SYNTAXES))
def test_every_syntax_holds_the_same_graph(store: Store, syntax: str, name: str | None, inferred: bool) -> None:
    data = export(store, syntax, name=name, inferred=inferred)
    reference = "trig" if name is None and syntax == "nquads" else "nquads"
    if name is None and syntax not in ("nquads", "trig"):
        reference = "ntriples"
    expected = export(store, reference, name=name, inferred=inferred)
    assert canonical(data, SYNTAXES[syntax]) == canonical(expected, SYNTAXES[reference])
    assert canonical(data, SYNTAXES[syntax])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own JSON-LD parser uses it
@pytest.mark.parametrize("name", NAMES)
def test_other_programs_read_the_json_ld(store: Store, name: str | None) -> None:
    data = export(store, "jsonld", name=name)
    lines = pyld.to_rdf(json.loads(data), {"format": "application/n-quads", "documentLoader": refuse})
    expected = canonical(export(store, "ntriples", name=name), RdfFormat.N_TRIPLES)
    assert canonical(lines.encode(), RdfFormat.N_QUADS) == expected
    assert len(rdflib.Graph().parse(data=data, format="json-ld")) == len(expected)


def refuse(url: str, _options: Any) -> Any:
    raise AssertionError(f"{url} would be fetched")


def test_rdflib_reads_turtle_and_rdf_xml(store: Store) -> None:
    for format_name, syntax in (("turtle", "turtle"), ("rdfxml", "xml")):
        data = export(store, format_name)
        expected = canonical(export(store, "ntriples"), RdfFormat.N_TRIPLES)
        assert len(rdflib.Graph().parse(data=data, format=syntax)) == len(expected)


def test_two_runs_give_the_same_bytes(mini_release: Path) -> None:
    code = (
        "import sys, hashlib\nfrom pathlib import Path\nfrom pledgegraph.dataset import open_release\n"
        "from pledgegraph.release.export import FORMATS, export\n"
        "store = open_release(Path(sys.argv[1]))\n"
        "for f in FORMATS:\n for n in (None, 'id:arcadia', 'ontology/mini'):\n"
        "  print(f, n, hashlib.sha256(export(store, f, name=n, inferred=True)).hexdigest())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code, str(mini_release)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 3 * len(FORMATS)


def test_a_document_in_turtle_is_its_file(store: Store, mini: Content) -> None:
    file = mini.graph / "documents" / "gazette.ttl"
    assert export(store, "turtle", name="documents/gazette") != file.read_bytes()  # the rejected record is withheld
    assert export(store, "turtle", name="graph/actors/states") == (mini.graph / "actors" / "states.ttl").read_bytes()


def test_without_the_closure_nothing_inferred_is_there(store: Store) -> None:
    inferred = Triple(NamedNode(ID("arcadia")), NamedNode(PLEDGE("everEndorsed")), NamedNode(ID("accord")))
    for name in (None, "id:arcadia"):
        assert inferred not in triples(export(store, "ntriples", name=name))
        assert inferred in triples(export(store, "ntriples", name=name, inferred=True))
    graphs = {str(quad.graph_name) for quad in parse(export(store, "nquads"), RdfFormat.N_QUADS)}
    assert f"<{GRAPH_CLOSURE}>" not in graphs
    assert f"<{GRAPH_WITHHELD}>" in graphs


def triples(data: bytes) -> set[Triple]:
    return {quad.triple for quad in parse(data, RdfFormat.N_TRIPLES)}


def test_an_entity_comes_with_its_evidence_and_nothing_withheld(store: Store) -> None:
    subjects = {
        str(triple.subject).rsplit("/", 1)[-1][:-1] for triple in triples(export(store, "ntriples", name="arcadia"))
    }
    assert subjects >= {"arcadia", "endorsement-arcadia", "claim-gazette-1", "passage-gazette-1", "document-gazette"}
    assert not subjects & {"endorsement-ruritania", "endorsement-syldavia", "claim-gazette-2"}


def test_json_ld_reads_like_plain_json(store: Store) -> None:
    data = json.loads(export(store, "jsonld", name="arcadia"))
    root = data["@graph"][0] if "@graph" in data else data
    assert (root["id"], root["type"]) == ("arcadia", "State")
    assert root["label"] == "Arcadia"
    assert root["rdfs:label"] == {"@language": "fr", "@value": "Arcadie"}
    act = root["asEndorser"]
    assert (act["type"], act["latest"], act["endorsedText"]["label"]) == ("Endorsement", "2020-05-01", "Harbour Accord")
    claim = act["claims"]
    assert (claim["status"], claim["claimant"]["label"]) == ("accepted", "Harbour Gazette")
    assert claim["cites"]["locator"] == "paragraph 1"
    assert claim["cites"]["inDocument"] == "document-gazette"


def test_numbers_booleans_and_odd_literals_survive() -> None:
    def typed(value: str, name: str) -> Literal:
        return Literal(value, datatype=NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}"))

    subject = NamedNode(ID("x"))
    values: list[tuple[str, NamedNode | Literal]] = [
        ("count", typed("46", "integer")),
        ("count", typed("046", "integer")),
        ("count", Literal("46")),
        ("complete", typed("true", "boolean")),
        ("undated", typed("1", "boolean")),
        ("latest", typed("2020-01-01", "date")),
        ("latest", Literal("2020-01-01")),
        ("status", NamedNode(PLEDGE("accepted"))),
        ("status", Literal("accepted")),
        ("endorser", Literal("japan")),
        ("endorser", NamedNode("https://example.org/a")),
        ("summary", Literal("plain")),
        ("summary", Literal("été", language="fr")),
        ("other", typed("1.50", "decimal")),
        ("other", NamedNode(PLEDGE("label"))),
        ("example", Literal("a term of the context with another meaning")),
    ]
    known = [Triple(subject, NamedNode(PLEDGE(name)), value) for name, value in values]
    expected = {Quad(t.subject, t.predicate, t.object) for t in known}
    assert canonical(jsonld.flat(known), RdfFormat.JSON_LD) == expected
    assert canonical(jsonld.framed(known, ID("x")), RdfFormat.JSON_LD) == expected


def test_no_context_is_fetched() -> None:
    with pytest.raises(RunError, match="not fetched"):
        jsonld._refuse("https://example.org/context", {})


def test_the_context_knows_every_property_of_the_ontology(repository_ontology: Store) -> None:
    results = repository_ontology.query(
        f"PREFIX owl: <{OWL}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?p ?type ?range "
        "{ ?p a ?type FILTER(?type IN (owl:ObjectProperty, owl:DatatypeProperty)) OPTIONAL { ?p rdfs:range ?range } }"
    )
    assert isinstance(results, QuerySolutions)
    wrong: list[str] = []
    for row in results:
        name = row["p"].value.removeprefix(PLEDGE)
        if name == row["p"].value:
            continue
        definition = jsonld.context().get(name, {})
        if row["type"].value == OWL("ObjectProperty"):
            fits = definition.get("@type") in ("@id", "@vocab")
        else:
            kind = row["range"].value.rsplit("#", 1)[-1] if row["range"] is not None else "string"
            fits = kind == "string" or definition.get("@type") == f"xsd:{kind}"
        if not fits:
            wrong.append(name)
    assert wrong == [], "write them into server/pledgegraph/release/context.jsonld"


@pytest.fixture(scope="module")
def repository_ontology() -> Store:
    root = Path(__file__).resolve().parents[2]
    store = Store()
    for path in Content(root).ontology_files():
        store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def test_csv_is_the_table_of_records(store: Store, mini_release: Path) -> None:
    whole = export(store, "csv")
    assert whole == (mini_release / "dumps" / "records.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(whole.decode(), newline="")))
    assert [row["record"] for row in rows] == [ID("endorsement-arcadia"), ID("endorsement-ruritania")]


def test_csv_of_a_part_has_its_records_alone(store: Store) -> None:
    whole, part = (
        list(csv.reader(io.StringIO(export(store, "csv", name=name).decode()))) for name in (None, "arcadia")
    )
    assert part == whole[:2]
    assert len(list(csv.reader(io.StringIO(export(store, "csv", name="ontology/mini").decode())))) == 1


def test_a_withheld_record_is_its_claims_alone(store: Store) -> None:
    found = triples(export(store, "ntriples", name="id:endorsement-syldavia"))
    assert NamedNode(ID("claim-gazette-2")) in {triple.subject for triple in found}
    assert NamedNode(ID("endorsement-syldavia")) not in {triple.subject for triple in found}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("id:arcadai", "Did you mean id:arcadia"),
        ("documents/none", "neither|names no"),
        ("a b", "names no"),
        ("<https://e/ x>", "names no"),
    ],
)
def test_an_unknown_name_is_refused(store: Store, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        selection.select(store, name, inferred=False)


def test_an_unknown_format_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="turtle, jsonld"):
        export(store, "yaml")


WHOLE = [("turtle", None), ("jsonld", None)]


@pytest.mark.full
@pytest.mark.parametrize(
    ("syntax", "name"), [*WHOLE, ("jsonld", "id:political-declaration-2023-11"), ("turtle", "id:china")]
)
def test_the_whole_graph_survives_every_syntax(full_release: Path, syntax: str, name: str | None) -> None:
    store = open_release(full_release)
    reference = "nquads" if name is not None or syntax == "trig" else "ntriples"
    data, expected = (export(store, each, name=name, inferred=True) for each in (syntax, reference))
    assert lines(data, SYNTAXES[syntax]) == lines(expected, SYNTAXES[reference])


def lines(data: bytes, syntax: RdfFormat) -> list[str]:
    """As `canonical`, several times as fast for many quads with few blank nodes."""
    return turtle.canonical_lines((serialize(parse(data, syntax), format=RdfFormat.N_QUADS) or b"").decode())
