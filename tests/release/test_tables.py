"""The tables of a release: a row for each thing, a way from each fact to its passage, and cells that read back."""

import csv
import json
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, QuerySolutions, Store

from pledgegraph.content import Content
from pledgegraph.dataset import open_release
from pledgegraph.release import table_guide
from pledgegraph.release.manifest import Manifest
from pledgegraph.release.table import SEPARATOR, Table
from pledgegraph.release.tables import TABLES
from pledgegraph.terms import ID, PREFIXES

PREFIX_LINES = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
NAMES = [table.name for table in TABLES]

Rows = list[dict[str, str]]


def read(release: Path, name: str) -> Rows:
    """A table of a release, by its header line."""
    with (release / "dumps" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def split(cell: str) -> list[str]:
    """The values of a cell of several."""
    return cell.split(SEPARATOR) if cell else []


def test_an_act_leads_to_actor_text_claim_and_passage(mini_release: Path) -> None:
    row, other = read(mini_release, "acts")  # the rejected endorsement has no row
    assert other["act"] == ID("endorsement-ruritania")
    assert {name: cell for name, cell in row.items() if cell} == {
        "act": ID("endorsement-arcadia"),
        "label": "Endorsement of Harbour Accord by Arcadia",
        "kind": "endorsement",
        "actor": ID("arcadia"),
        "actor_label": "Arcadia",
        "text": ID("accord-2020"),
        "text_label": "Harbour Accord",
        "latest": "2020-05-01",
        "summary": "Arcadia is among the endorsers that the Gazette names.",
        "claim": ID("claim-gazette-1"),
        "claimant": ID("gazette"),
        "claimant_label": "Harbour Gazette",
        "passage": ID("passage-gazette-1"),
        "passage_label": "Harbour Gazette of 1 May 2020, paragraph 1",
    }


def test_the_other_tables_of_the_small_release(mini_release: Path) -> None:
    assert [row["version_of_label"] for row in read(mini_release, "instruments")] == ["", "Harbour Accord, any version"]
    assert read(mini_release, "statements") == []
    kinds = [(row["label"], row["kind"]) for row in read(mini_release, "actors")]
    assert kinds == [("Arcadia", "state"), ("Harbour Gazette", ""), ("Ruritania", "state"), ("Syldavia", "state")]
    claims = [(row["status"], split(row["attests"])) for row in read(mini_release, "claims")]
    assert claims == [
        ("accepted", [ID("endorsement-arcadia"), ID("endorsement-ruritania")]),
        ("rejected", [ID("endorsement-syldavia")]),
    ]
    passage = read(mini_release, "passages")[0]
    assert (passage["first_words"], passage["last_words"]) == ("Arcadia and Ruritania have", "endorsed the Accord.")
    assert (passage["document"], passage["claim"]) == (ID("document-gazette"), ID("claim-gazette-1"))


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_a_table_is_as_declared(mini_release: Path, table: Table) -> None:
    data = (mini_release / "dumps" / f"{table.name}.csv").read_bytes()
    names = [column.name for column in table.all_columns]
    assert len(set(names)) == len(names)
    assert data.partition(b"\r\n")[0].decode("utf-8") == ",".join(names)
    assert data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r\n")
    first = [row[names[0]] for row in read(mini_release, table.name)]
    assert first == sorted(set(first))


def test_the_files_are_listed_with_the_release(mini_release: Path) -> None:
    listed = {dump.name: dump.media_type for dump in Manifest.read(mini_release).dumps}
    assert {f"dumps/{name}.csv": "text/csv" for name in NAMES}.items() <= listed.items()
    assert listed["dumps/csv-metadata.json"] == "application/csvm+json"


def test_the_metadata_describes_every_column_of_every_table(mini_release: Path) -> None:
    described = json.loads((mini_release / "dumps" / table_guide.METADATA_NAME).read_bytes())
    assert [table["url"] for table in described["tables"]] == [f"{name}.csv" for name in NAMES]
    for table in described["tables"]:
        with (mini_release / "dumps" / table["url"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        columns = table["tableSchema"]["columns"]
        assert [column["titles"] for column in columns] == header
        assert all(column["dc:description"] for column in columns)
        assert table["tableSchema"]["primaryKey"] == header[0]


@pytest.fixture(scope="module")
def full(full_release: Path) -> dict[str, Rows]:
    """All tables of the repository's content."""
    return {name: read(full_release, name) for name in NAMES}


def counted(store: Store, query: str) -> int:
    """How many solutions a query has."""
    solutions = store.query(f"{PREFIX_LINES}SELECT (COUNT(*) AS ?n) WHERE {{ {{ {query} }} }}")
    assert isinstance(solutions, QuerySolutions)
    ((count,),) = solutions
    assert isinstance(count, Literal)
    return int(count.value)


@pytest.mark.full
def test_a_row_for_each_thing(full: dict[str, Rows], full_release: Path) -> None:
    store = open_release(full_release)
    for table in TABLES:
        assert len(full[table.name]) == counted(store, f"SELECT DISTINCT ?x WHERE {{ ?x a {table.of} }}") > 0


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "column", "path"),
    [
        ("acts", "passage", "pledge:attestedBy/pledge:cites"),
        ("acts", "actor", "pledge:actor"),
        ("statements", "addressee", "pledge:addressee"),
        ("statements", "condition", "pledge:condition"),
        ("statements", "theme", "pledge:theme"),
        ("actors", "iso3", "pledge:iso3"),
        ("instruments", "adopted_by", "^pledge:adoptedText/pledge:adopter"),
        ("claims", "passage", "pledge:cites"),
    ],
)
def test_a_column_has_as_many_values_as_the_graph(
    full: dict[str, Rows], full_release: Path, name: str, column: str, path: str
) -> None:
    (table,) = (table for table in TABLES if table.name == name)
    found = counted(open_release(full_release), f"SELECT DISTINCT ?x ?y WHERE {{ ?x a {table.of} ; {path} ?y }}")
    assert sum(len(split(row[column])) for row in full[name]) == found > 0


@pytest.mark.full
@pytest.mark.parametrize("name", ["acts", "statements"])
def test_every_fact_leads_to_rows_of_its_claims_and_passages(full: dict[str, Rows], name: str) -> None:
    claims = {row["claim"]: row for row in full["claims"]}
    passages = {row["passage"]: row for row in full["passages"]}
    for row in full[name]:
        assert row["claim"] and row["passage"], row
        for claim in split(row["claim"]):
            assert claims[claim]["status"] == "accepted"
            assert set(split(claims[claim]["passage"])) <= set(split(row["passage"]))
        assert all(passages[passage]["digest"] for passage in split(row["passage"]))


@pytest.mark.full
def test_records_without_a_claim_show_what_they_rest_on(full: dict[str, Rows]) -> None:
    assert all(row["passage"] or row["searched"] or row["between"] for row in full["records"])


@pytest.mark.full
@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_cells_hold_what_their_column_declares(full: dict[str, Rows], table: Table) -> None:
    labelled = {column.name.removesuffix("_label") for column in table.columns if column.name.endswith("_label")}
    for row in full[table.name]:
        assert None not in row and None not in row.values()
        for column in table.all_columns:
            values = split(row[column.name])
            assert column.several or len(values) <= 1, (column.name, row)
            assert all(_fits(value, column.datatype) for value in values), (column.name, row)
        for name in labelled:
            assert len(split(row[name])) == len(split(row[f"{name}_label"])), (name, row)


def _fits(value: str, datatype: str) -> bool:
    if datatype == "date":
        return date.fromisoformat(value).isoformat() == value
    patterns = {"anyURI": r"https?://\S+", "integer": r"\d+", "boolean": "true|false", "string": r"(?s:[^=+\-@\t].*)"}
    return re.fullmatch(patterns[datatype], value) is not None


@pytest.mark.full
def test_a_term_is_known_by_its_label(full_release: Path) -> None:
    store = open_release(full_release)
    for table in TABLES:
        for column in table.columns:
            if column.shown != "label" or column.name.endswith("_label"):
                continue
            path = f"?row a {table.of} . {column.pattern} . ?value rdfs:label ?label"
            query = f"{PREFIX_LINES}SELECT DISTINCT ?value ?label WHERE {{ {path} FILTER(LANG(?label) = 'en') }}"
            solutions = store.query(query)
            assert isinstance(solutions, QuerySolutions)
            terms = defaultdict(set)
            for value, label in solutions:
                terms[str(label)].add(str(value))
            assert all(len(found) == 1 for found in terms.values()), (table.name, column.name, terms)


def test_columns_are_made_of_terms_of_the_ontology() -> None:
    ontology = Content(Path(__file__).resolve().parents[2]).ontology_files()
    known = set(
        re.findall(r"^pledge:(\w+) a ", "".join(path.read_text(encoding="utf-8") for path in ontology), re.MULTILINE)
    )
    used = {
        name for table in TABLES for column in table.all_columns for name in re.findall(r"pledge:(\w+)", column.path)
    }
    assert used - known == set()
