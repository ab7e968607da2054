"""Precedence of sources: of two claims at odds, the one whose source comes first in the list counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pledgegraph import content, queries
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import facts, precedence
from pledgegraph.reasoning.closure import materialise
from pledgegraph.reasoning.explain import explain
from pledgegraph.terms import GRAPH_WITHHELD, ID, PLEDGE, compact

Build = Callable[..., Dataset]
LIST = "ontology/schemes/source-type.ttl"


def source(name: str, type_: str, more: str = "") -> str:
    """A document of a type with one passage."""
    return f"""id:{name} a pledge:Document ; pledge:sourceType pledge:{type_}{more} .
id:p-{name} a pledge:Passage ; pledge:inDocument id:{name} .
"""


def states(name: str, document: str, value: str, more: str = "") -> str:
    """An accepted claim on the day of an adoption."""
    return f"""id:{name} a pledge:Claim ; pledge:status pledge:accepted ; pledge:modality pledge:asserted ;
  pledge:cites id:p-{document} ; pledge:subject id:meeting ; pledge:property pledge:ordinal ;
  pledge:value {value}{more} .
"""


SOURCES = source("notice", "depositary") + source("record", "officialRecord-source") + source("paper", "press")
TWO = SOURCES + states("c-record", "record", "2") + states("c-paper", "paper", "3")


def holds(dataset: Dataset, subject: str, property_: str) -> set[str]:
    """Values of a property of a thing, in the default graph."""
    found = dataset.matching(f"<{ID(subject)}>", f"<{PLEDGE(property_)}>", None)
    return {compact(value[1:-1]) if value[0] == "<" else value.split('"')[1] for _, _, value in found}


def settled(build: Build, text: str) -> Dataset:
    """The dataset of a snippet after the facts step."""
    dataset = build(text)
    facts.apply(dataset)
    return dataset


def test_the_claim_whose_source_comes_first_counts_and_both_stay_readable(build: Build) -> None:
    dataset = settled(build, TWO)
    assert holds(dataset, "meeting", "ordinal") == {"2"}
    assert holds(dataset, "c-paper", "effectiveStatus") == {"pledge:superseded"}
    assert holds(dataset, "c-paper", "supersededBy") == {"id:c-record"}
    assert holds(dataset, "c-paper", "status") == {"pledge:accepted"}
    assert holds(dataset, "c-record", "effectiveStatus") == {"pledge:accepted"}


def test_another_order_in_the_turtle_gives_another_answer(build: Build) -> None:
    first = build(TWO)
    assert first.content is not None
    path = Path(first.content.root) / LIST
    turtle = path.read_text(encoding="utf-8")
    record, paper = "pledge:officialRecord-source", "pledge:press"
    start = turtle.index("skos:memberList")
    end = turtle.index(")", start)
    members = turtle[start:end].replace(record, "pledge:x").replace(paper, record).replace("pledge:x", paper)
    path.write_text(turtle[:start] + members + turtle[end:], encoding="utf-8")
    dataset = Dataset.from_content(first.content)
    assert precedence.order(dataset) != precedence.order(first)
    facts.apply(dataset)
    assert holds(dataset, "meeting", "ordinal") == {"3"}
    assert holds(dataset, "c-record", "supersededBy") == {"id:c-paper"}


def test_sources_of_one_type_are_left_to_the_curator(build: Build) -> None:
    text = source("a", "press") + source("b", "press") + states("c-a", "a", "2") + states("c-b", "b", "3")
    dataset = settled(build, text)
    assert holds(dataset, "meeting", "ordinal") == {"2", "3"}
    assert not holds(dataset, "c-a", "supersededBy")


def test_claims_that_agree_or_whose_property_has_several_values_are_not_at_odds(build: Build) -> None:
    agreeing = settled(build, SOURCES + states("c-record", "record", "2") + states("c-paper", "paper", "2"))
    assert holds(agreeing, "c-paper", "effectiveStatus") == {"pledge:accepted"}
    several = TWO.replace("pledge:ordinal", "pledge:title").replace("pledge:value 2", 'pledge:value "A"')
    assert holds(settled(build, several), "meeting", "title") == {"A", "3"}


def test_opinions_and_claims_not_accepted_supersede_none(build: Build) -> None:
    for word, other in (("pledge:asserted", "pledge:opinion"), ("pledge:accepted", "pledge:contested")):
        record = states("c-record", "record", "2").replace(word, other)
        dataset = settled(build, SOURCES + record + states("c-paper", "paper", "3"))
        assert holds(dataset, "meeting", "ordinal") == {"3"}, other


def test_a_superseded_claim_supersedes_none(build: Build) -> None:
    """The notice sets the record aside; the paper, which the record alone contradicts, then stands."""
    text = SOURCES + "".join(
        f"id:c-{name} a pledge:Claim ; pledge:status pledge:accepted ; pledge:cites id:p-{name}{more} .\n"
        for name, more in (
            ("notice", ""),
            ("record", " ; pledge:contradictedBy id:c-notice"),
            ("paper", " ; pledge:contradictedBy id:c-record"),
        )
    )
    dataset = settled(build, text)
    assert holds(dataset, "c-record", "supersededBy") == {"id:c-notice"}
    assert holds(dataset, "c-paper", "effectiveStatus") == {"pledge:accepted"}


@pytest.mark.parametrize(
    "says", ["id:c-paper pledge:contradictedBy id:c-record", "id:c-record pledge:contradictedBy id:c-paper"]
)
def test_a_record_goes_with_the_claim_that_is_superseded(build: Build, says: str) -> None:
    text = (
        SOURCES
        + f"""
id:yes a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:text .
id:no a pledge:NonEndorsement ; pledge:decliner id:japan ; pledge:declinedText id:text .
id:c-record a pledge:Claim ; pledge:attests id:yes ; pledge:status pledge:accepted ; pledge:cites id:p-record .
id:c-paper a pledge:Claim ; pledge:attests id:no ; pledge:status pledge:accepted ; pledge:cites id:p-paper .
{says} .
"""
    )
    dataset = settled(build, text)
    assert holds(dataset, "yes", "attestedBy") == {"id:c-record"}
    assert not holds(dataset, "no", "decliner")
    assert any(dataset.matching(f"<{ID('no')}>", None, None, GRAPH_WITHHELD))


def test_why_a_claim_is_superseded_is_explained(build: Build) -> None:
    dataset = settled(build, TWO)
    materialise(dataset)
    triple = (f"<{ID('c-paper')}>", f"<{PLEDGE('effectiveStatus')}>", f"<{PLEDGE('superseded')}>")
    found = explain(dataset, triple)
    assert (found.rule, found.says) == ("effective-superseded", "id:c-record supersedes id:c-paper")
    assert found.premises[0].says is not None
    assert "id:c-record states pledge:ordinal of id:meeting otherwise" in found.premises[0].says


ENDORSED = """
id:act a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:text .
id:c1 a pledge:Claim ; pledge:attests id:act ; pledge:status pledge:accepted ; pledge:cites id:p-list .
id:c2 a pledge:Claim ; pledge:attests id:act ; pledge:status pledge:accepted ; pledge:cites id:p-paper .
"""


def test_one_act_with_claims_from_two_sources_outlives_one_of_them(build: Build) -> None:
    withdrawn = ' ; pledge:withdrawnOn "2026-11-21"^^xsd:date'
    both = settled(build, ENDORSED + source("list", "depositary") + source("paper", "press"))
    assert holds(both, "act", "attestedBy") == {"id:c1", "id:c2"}
    one = settled(build, ENDORSED + source("list", "depositary", withdrawn) + source("paper", "press"))
    assert holds(one, "act", "attestedBy") == {"id:c2"}
    assert holds(one, "c1", "effectiveStatus") == {"pledge:superseded"}
    none = settled(build, ENDORSED + source("list", "depositary", withdrawn) + source("paper", "press", withdrawn))
    assert not holds(none, "act", "endorser")


def test_a_withdrawn_source_supersedes_none(build: Build) -> None:
    withdrawn = source("record", "officialRecord-source", ' ; pledge:withdrawnOn "2026-11-21"^^xsd:date')
    claims = states("c-record", "record", "2") + states("c-paper", "paper", "3")
    dataset = settled(build, withdrawn + source("paper", "press") + claims)
    assert holds(dataset, "meeting", "ordinal") == {"3"}


def resting_on(dataset: Dataset, document: str) -> set[str]:
    """What the named question says rests on a document alone."""
    question = queries.find(content.find(), "rests-on")
    rows = dataset.query(question.bind({"document": f"id:{document}"}))
    return {compact(row["thing"].value) for row in rows}  # type: ignore[union-attr]


def test_what_rests_on_a_source_alone_is_found(build: Build) -> None:
    text = ENDORSED + TWO.replace("id:meeting", "id:summit") + source("list", "depositary")
    text += """
id:stage a pledge:Stage . id:vote a pledge:VoteCast ; pledge:inStage id:stage ; pledge:voter id:japan .
id:c-stage a pledge:Claim ; pledge:attests id:stage ; pledge:status pledge:accepted ; pledge:cites id:p-record .
id:only a pledge:Launch ; pledge:launcher id:japan .
id:c-only a pledge:Claim ; pledge:attests id:only ; pledge:status pledge:accepted ; pledge:cites id:p-paper .
"""
    dataset = settled(build, text)
    materialise(dataset)
    assert resting_on(dataset, "list") == set()
    assert resting_on(dataset, "paper") == {"id:only"}
    assert resting_on(dataset, "record") == {"id:stage", "id:vote", "id:summit"}
