"""Questions that compare texts and count beside what is stated: each answer holds on the whole graph and follows it."""

from __future__ import annotations

import json

import pytest

from pledgegraph import queries
from pledgegraph.content import Content
from pledgegraph.dataset import Dataset
from pledgegraph.terms import ID

from .conftest import ROOT, Changed

NAMED = queries.load(Content(ROOT))
Row = dict[str, str]


def ask(dataset: Dataset, name: str, **values: str) -> list[Row]:
    found = json.loads(dataset.answer(NAMED[name].bind(values), "application/sparql-results+json"))
    return [
        {column: cell["value"].removeprefix(ID("")) for column, cell in row.items()}
        for row in found["results"]["bindings"]
    ]


def some(rows: list[Row], **wanted: str) -> list[Row]:
    """The rows that hold these values."""
    return [row for row in rows if wanted.items() <= row.items()]


def test_theme_by_instrument_gives_force_and_locator_and_names_texts_without(whole: Dataset, changed: Changed) -> None:
    nuclear = {"theme": "theme-human-control-nuclear"}
    rows = ask(whole, "theme-by-instrument", **nuclear)
    assert some(rows, text="resolution-495", forceLabel="affirmed", locators="12", statements="1", copy="complete")
    assert some(rows, text="political-declaration-2023-02", forceLabel="committed", copy="partial")
    silent = some(rows, text="political-declaration-2023-11")
    assert "statements" not in silent[0]
    assert silent[0]["record"] == "absence-pd-2023-11-nuclear"
    assert silent[0]["copy"] == "partial"
    assert some(ask(whole, "theme-by-instrument"), text="resolution-495", forceLabel="affirmed")
    with changed("statement-resolution-495-12", ""):
        assert "statements" not in some(ask(whole, "theme-by-instrument", **nuclear), text="resolution-495")[0]


def test_side_by_side_puts_forces_and_locators_in_cells(whole: Dataset, changed: Changed) -> None:
    texts = {"text1": "political-declaration-2023-02", "text2": "resolution-495"}
    row = some(ask(whole, "side-by-side", **texts), theme="theme-human-control-nuclear")[0]
    assert row["first"].startswith("committed (")
    assert row["second"] == "affirmed (12)"
    assert (row["codedIn"], row["firstCopy"], row["secondCopy"]) == ("both", "partial", "complete")
    with changed("statement-resolution-495-12", ""):
        row = some(ask(whole, "side-by-side", **texts), theme="theme-human-control-nuclear")[0]
    assert row["codedIn"] == "first"
    assert "second" not in row


def test_only_in_says_no_more_than_coding(whole: Dataset, changed: Changed) -> None:
    texts = {"text": "political-declaration-2023-02", "other": "political-declaration-2023-11"}
    rows = some(ask(whole, "only-in", **texts), theme="theme-human-control-nuclear")
    assert {row["record"] for row in rows} == {"statement-pd-2023-02-nuclear-control"}
    assert rows[0]["inOther"] == "no statement coded with this theme"
    assert (rows[0]["otherCopy"], rows[0]["searched"]) == ("partial", "absence-pd-2023-11-nuclear")
    about = "id:statement-pd-2023-11-safeguards pledge:aboutTheme id:theme-human-control-nuclear ."
    with changed("", about):
        assert not some(ask(whole, "only-in", **texts), theme="theme-human-control-nuclear")


def test_only_in_counts_a_narrower_theme_as_said(whole: Dataset) -> None:
    rows = ask(whole, "only-in", text="guterres-laws-report-2024", other="resolution-495")
    assert not some(rows, theme="theme-human-control"), "clause 12 is about a narrower theme"


def test_definitions_stand_beside_texts_that_give_none(whole: Dataset, changed: Changed) -> None:
    rows = ask(whole, "definitions", term="intelligence")
    assert some(rows, found="defined", **{"in": "political-declaration-2023-11"})
    without = some(rows, found="searched and not found", **{"in": "global-digital-compact"})
    assert without[0]["copy"] == "complete"
    assert {row["in"] for row in ask(whole, "definitions", text="eu-ai-act")} == {"eu-ai-act"}
    with changed("absence-gdc-ai-definition", ""):
        assert not some(ask(whole, "definitions", term="intelligence"), **{"in": "global-digital-compact"})


def test_military_exclusions_show_their_limits(whole: Dataset, changed: Changed) -> None:
    rows = ask(whole, "military-exclusions")
    assert {"eu-ai-act", "cets-225", "resolution-79-325"} <= {row["in"] for row in some(rows, found="statement")}
    assert any("condition" in row or "exception" in row for row in rows)
    record = some(rows, found="statement", **{"in": "cets-225"})[0]["record"]
    with changed(record, ""):
        assert not some(ask(whole, "military-exclusions", text="cets-225"), record=record)


def test_genealogy_follows_a_theme_and_two_texts(whole: Dataset, changed: Changed) -> None:
    rows = ask(whole, "genealogy", earlier="resolution-78-241", later="resolution-80-57")
    assert {row["toText"] for row in rows} == {"resolution-80-57"}
    assert {row["fromText"] for row in rows} == {"resolution-78-241"}
    assert {"drops", "repeats"} <= {row["change"] for row in rows}
    nuclear = ask(whole, "genealogy", theme="theme-human-control-nuclear")
    assert {"removed", "drops"} <= {row["change"] for row in nuclear}
    assert {row["change"] for row in ask(whole, "genealogy", relation="pledge:weakens")} == {"weakens"}
    dates = [row["date"] for row in ask(whole, "genealogy") if "date" in row]
    assert dates == sorted(dates)
    with changed("removal-nuclear-commitment", ""):
        later = ask(whole, "genealogy", theme="theme-human-control-nuclear")
    assert "removed" not in {row["change"] for row in later}


def test_mandates_show_what_was_due_and_evidence_or_none(whole: Dataset, changed: Changed) -> None:
    rows = ask(whole, "mandates", text="resolution-79-62")
    held = some(rows, record="mandate-79-62-op-7")[0]
    assert (held["until"], held["evidence"]) == ("2025-12-31", "mandated event, reported as held")
    assert held["fulfilment"] == "informal-consultations-laws-2025"
    assert set(held["paragraph"].split(", ")) == {"OP 7", "OP 9"}
    report = ask(whole, "mandates", who="guterres-laws-report-2024")
    assert some(report, fulfilment="guterres-laws-report-2024", evidence="text made under it")
    views = some(ask(whole, "mandates", text="resolution-78-241"), record="mandate-78-241-op-2")
    assert {row["fulfilment"] for row in views} == {"guterres-laws-report-2024"}
    assert {row["evidence"] for row in views} == {"a source says that this fulfils it"}
    due = ask(whole, "mandates", dueFrom="2026-01-01", dueTo="2026-12-31")
    assert some(due, record="mandate-gge-laws-2023")
    assert all("2026-01-01" <= row["until"] <= "2026-12-31" for row in due)
    with changed("informal-consultations-laws-2025", ""):
        row = some(ask(whole, "mandates", text="resolution-79-62"), record="mandate-79-62-op-7")[0]
    assert row["evidence"] == "none recorded"


def test_coherence_puts_two_acts_and_common_themes_beside_each_other(whole: Dataset, changed: Changed) -> None:
    rows = ask(whole, "coherence", backed="resolution-78-241", other="resolution-80-57", how="against")
    assert {row["actor"] for row in rows} == {"burundi", "united-states"}
    assert all(row["did"] in ("voted in favour", "sponsored") for row in rows)
    assert "broad participation: " in rows[0]["both"]
    assert " / " in rows[0]["both"]
    on_treaty = ask(whole, "coherence", other="proposed-instrument-potential-laws-treaty", how="undecided")
    assert {"japan", "united-kingdom", "united-states"} <= {row["actor"] for row in on_treaty}
    with changed("vote-80-57-plenary-burundi", ""):
        rows = ask(whole, "coherence", backed="resolution-78-241", other="resolution-80-57", how="against")
    assert {row["actor"] for row in rows} == {"united-states"}


def test_counts_stand_beside_what_the_graph_counts(whole: Dataset, changed: Changed) -> None:
    row = some(ask(whole, "counts", number="45"), record="count-endorsers-45")[0]
    assert row["lists"].startswith("46 names on the list of 2023-11-13")
    votes = some(ask(whole, "counts", number="152"), record="count-78-241-plenary-yes")[0]
    assert votes["votes"] == votes["count"] == "152"
    about = ask(whole, "counts", about="resolution-80-57")
    assert {row["record"] for row in about} >= {"count-80-57-plenary-yes"}
    assert all("80-57" in row["record"] or "80-l-41" in row["record"] for row in about)
    with changed("vote-78-241-plenary-burundi", ""):
        fewer = some(ask(whole, "counts", number="152"), record="count-78-241-plenary-yes")[0]
    assert (fewer["votes"], fewer["count"]) == ("151", "152")


def test_an_interval_counts_days_over_leap_years_and_knows_no_order_of_overlaps(
    whole: Dataset, changed: Changed
) -> None:
    acts = "\n".join(
        f'id:act-{day} a pledge:Adoption ; pledge:earliest "{day}"^^xsd:date ; pledge:latest "{day}"^^xsd:date .'
        for day in ("2023-12-31", "2024-02-28", "2024-03-01", "2000-02-28", "1999-12-31")
    )
    with changed("", acts):
        for first, second, days in (
            ("2024-02-28", "2024-03-01", "2"),
            ("2023-12-31", "2024-03-01", "61"),
            ("1999-12-31", "2000-02-28", "59"),
            ("2000-02-28", "2024-03-01", "8768"),
        ):
            row = ask(whole, "interval", first=f"act-{first}", second=f"act-{second}")[0]
            assert (row["order"], row["days"]) == ("first before second", days)
            back = ask(whole, "interval", first=f"act-{second}", second=f"act-{first}")[0]
            assert (back["order"], back["days"]) == ("second before first", days)
        same = ask(whole, "interval", first="act-2024-02-28", second="act-2024-02-28")[0]
    assert (same["order"], same["days"]) == ("unknown", "unknown")


@pytest.mark.parametrize("name", NAMED)
def test_every_question_answers_with_labels_of_one_language_and_no_product(name: str, whole: Dataset) -> None:
    """A variable left unbound before its label is asked for multiplies the rows by every label."""
    question = NAMED[name]
    assert question.headers.get("group"), "it stands under a heading"
    samples = {"about": "id:reaim-blueprint", "document": "id:document-resolution-495"}
    given = {p.name: samples[p.name] for p in question.parameters if p.required}
    rows = ask(whole, name, **given)
    assert rows
    assert len(rows) < 3000
    assert len({json.dumps(row, sort_keys=True) for row in rows}) == len(rows), "no row twice"


def test_every_default_names_a_thing_of_the_graph(whole: Dataset) -> None:
    for question in NAMED.values():
        for parameter in question.parameters:
            if parameter.type == "iri" and parameter.default:
                thing = parameter.read(parameter.default)
                assert ask_any(whole, str(thing)), f"{question.name}: {parameter.default}"


def ask_any(dataset: Dataset, thing: str) -> bool:
    found = json.loads(dataset.answer(f"ASK {{ {thing} ?p ?o }}", "application/sparql-results+json"))
    return bool(found["boolean"])


def test_parameters_and_variables_of_one_name_mean_the_same() -> None:
    """`$x` not given is the variable `?x`: allowed where the filter on it then holds of itself, listed here."""
    meant = {
        ("as-of-list", "asOf"), ("claims", "kind"), ("coherence", "theme"), ("counts", "about"),
        ("definitions", "term"), ("instruments", "form"), ("positions", "towards"), ("positions", "holder"),
        ("proposed-texts", "speaker"), ("timeline", "kind"),
    }  # fmt: skip
    shared = {
        (question.name, parameter.name)
        for question in NAMED.values()
        for parameter in question.parameters
        if parameter.default is None and not parameter.required and f"?{parameter.name} " in question.text
    }
    assert shared <= meant
