"""The facts step: only accepted claims have consequences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import QuerySolutions

from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import facts
from pledgegraph.reasoning.closure import materialise
from pledgegraph.terms import GRAPH, GRAPH_FACTS, GRAPH_WITHHELD, ID, PLEDGE, compact

Build = Callable[..., Dataset]
Triples = set[tuple[str, ...]]

# One of each: a record, a list, a vote with its stage, a vote with a claim of its own, a plain statement with a thing
# and with a value, a relation between texts and between statements, an absence. {status:NAME} is the claim's status.
GRAPH_OF_EACH = """
id:japan a pledge:State . id:chad a pledge:State . id:mali a pledge:State . id:assembly a pledge:Organisation .
id:text a pledge:Instrument . id:older a pledge:Instrument . id:s1 a pledge:Aim . id:s2 a pledge:Aim .
id:p1 a pledge:Passage . id:p2 a pledge:Passage . id:p3 a pledge:Passage . id:p4 a pledge:Passage .
id:p5 a pledge:Passage .
id:endorsement a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:text .
id:claim-record a pledge:Claim ; pledge:attests id:endorsement ; pledge:status pledge:{record} ; pledge:cites id:p1 .
id:stage a pledge:Stage ; pledge:decisionOn id:text .
id:vote a pledge:VoteCast ; pledge:voter id:japan ; pledge:inStage id:stage ; pledge:choice pledge:yes .
id:missing a pledge:NonParticipation ; pledge:nonParticipant id:chad ; pledge:inStage id:stage .
id:claim-stage a pledge:Claim ; pledge:attests id:stage ; pledge:status pledge:{stage} ; pledge:cites id:p2 .
id:vote-own a pledge:VoteCast ; pledge:voter id:mali ; pledge:inStage id:stage ; pledge:choice pledge:no .
id:claim-own a pledge:Claim ; pledge:attests id:vote-own ; pledge:status pledge:{own} ; pledge:cites id:p3 .
id:claim-thing a pledge:Claim ; pledge:status pledge:{thing} ; pledge:modality pledge:asserted ;
  pledge:subject id:text ; pledge:property pledge:issuedBy ; pledge:object id:assembly .
id:claim-value a pledge:Claim ; pledge:status pledge:{value} ; pledge:modality pledge:asserted ;
  pledge:subject id:text ; pledge:property pledge:symbol ; pledge:value "A/1" .
id:relation a pledge:TextRelation ; pledge:relationFrom id:text ; pledge:relation pledge:recalls ;
  pledge:relationTo id:older .
id:claim-relation a pledge:Claim ; pledge:attests id:relation ; pledge:status pledge:{relation} ;
  pledge:modality pledge:asserted ; pledge:cites id:p4 .
id:repeating a pledge:StatementRelation ; pledge:relationFrom id:s1 ; pledge:relation pledge:repeats ;
  pledge:relationTo id:s2 .
id:claim-repeating a pledge:Claim ; pledge:attests id:repeating ; pledge:status pledge:{repeating} ;
  pledge:modality pledge:asserted ; pledge:cites id:p5 .
id:absence a pledge:Absence ; pledge:soughtText id:text .
"""
CLAIMS = ("record", "stage", "own", "thing", "value", "relation", "repeating")
# what hangs on the status of each claim: subjects that are withheld without it, and plain triples that need it
DEPENDS: dict[str, tuple[set[str], set[str]]] = {
    "record": ({"endorsement"}, set()),
    "stage": ({"stage", "vote", "missing"}, set()),
    "own": ({"vote-own"}, set()),
    "thing": (set(), {"id:text pledge:issuedBy id:assembly"}),
    "value": (set(), {'id:text pledge:symbol "A/1"'}),
    "relation": ({"relation"}, {"id:text pledge:recalls id:older"}),
    "repeating": ({"repeating"}, {"id:s1 pledge:repeats id:s2"}),
}


def run(build: Build, **statuses: str) -> Dataset:
    """The graph of each after the facts step, with these statuses and all others accepted."""
    dataset = build(GRAPH_OF_EACH.format(**(dict.fromkeys(CLAIMS, "accepted") | statuses)))
    facts.apply(dataset)
    return dataset


def said(dataset: Dataset, graph: str | None = None) -> set[str]:
    """Triples about things, with prefixed names."""
    return {
        " ".join(compact(term[1:-1]) if term[0] == "<" else term for term in triple)
        for triple in dataset.spelled(graph)
        if triple[0].startswith(f"<{ID}")
    }


def test_accepted_claims_attest_and_state(build: Build) -> None:
    dataset = run(build)
    assert said(dataset, GRAPH_FACTS) == {
        "id:endorsement pledge:attestedBy id:claim-record",
        "id:stage pledge:attestedBy id:claim-stage",
        "id:vote-own pledge:attestedBy id:claim-own",
        "id:relation pledge:attestedBy id:claim-relation",
        "id:repeating pledge:attestedBy id:claim-repeating",
        *(triple for _, stated in DEPENDS.values() for triple in stated),
        *(f"id:claim-{claim} pledge:effectiveStatus pledge:accepted" for claim in CLAIMS),
    }
    assert said(dataset, GRAPH_FACTS) <= said(dataset)
    assert said(dataset, GRAPH_WITHHELD) == set()


@pytest.mark.parametrize("status", ["contested", "rejected", "superseded"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_flipped_status_changes_what_follows_from_the_claim_and_nothing_else(
    build: Build, claim: str, status: str
) -> None:
    before, after = run(build), run(build, **{claim: status})
    materialise(before)
    materialise(after)
    withheld, stated = DEPENDS[claim]
    subjects = {f"id:{name}" for name in withheld}
    lost = said(before) - said(after)
    gained = said(after) - said(before)
    assert gained == {f"id:claim-{claim} pledge:{name} pledge:{status}" for name in ("status", "effectiveStatus")}
    assert stated <= lost
    follows = {
        "record": {"id:japan pledge:endorsedExactly id:text", "id:japan pledge:everEndorsed id:text"},
        "stage": {"id:vote-own pledge:attestedBy id:claim-stage", "id:vote-own pledge:passage id:p2"},
    }
    own = {f"id:claim-{claim} pledge:{name} pledge:accepted" for name in ("status", "effectiveStatus")}
    allowed = stated | follows.get(claim, set()) | own
    assert follows.get(claim, set()) <= lost
    for triple in lost - allowed:
        assert {triple.split(" ")[0], triple.split(" ")[2]} & subjects, triple
    for subject in subjects:
        assert not any(triple.startswith(f"{subject} ") for triple in said(after))
        assert any(triple.startswith(f"{subject} ") for triple in said(after, GRAPH_WITHHELD))
    assert {triple.split(" ")[0] for triple in said(after, GRAPH_WITHHELD)} == subjects


def test_a_withheld_record_is_in_no_other_graph(build: Build) -> None:
    dataset = run(build, record="rejected")
    holding = {
        graph for graph in dataset.named_graphs() if any(t.startswith("id:endorsement ") for t in said(dataset, graph))
    }
    assert holding == {GRAPH_WITHHELD}
    assert dataset.place_of(ID("endorsement"))[0] == "graph/part0.ttl"


def test_one_accepted_claim_among_several_is_enough(build: Build) -> None:
    dataset = build(
        """
id:e a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:t .
id:c1 a pledge:Claim ; pledge:attests id:e ; pledge:status pledge:rejected .
id:c2 a pledge:Claim ; pledge:attests id:e ; pledge:status pledge:accepted ."""
    )
    facts.apply(dataset)
    attested = {triple for triple in said(dataset, GRAPH_FACTS) if "attestedBy" in triple}
    assert attested == {"id:e pledge:attestedBy id:c2"}
    assert not said(dataset, GRAPH_WITHHELD)


@pytest.mark.parametrize("modality", ["opinion", "planned", "possible"])
def test_only_asserted_claims_state_plain_triples(build: Build, modality: str) -> None:
    text = GRAPH_OF_EACH.replace("pledge:asserted", f"pledge:{modality}")
    dataset = build(text.format(**dict.fromkeys(CLAIMS, "accepted")))
    facts.apply(dataset)
    plain = {triple for _, stated in DEPENDS.values() for triple in stated}
    assert not plain & said(dataset)
    assert "id:relation pledge:attestedBy id:claim-relation" in said(dataset)


def test_nothing_is_stated_of_a_withheld_record(build: Build) -> None:
    dataset = build(
        """
id:e a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:t .
id:c1 a pledge:Claim ; pledge:attests id:e ; pledge:status pledge:rejected .
id:c2 a pledge:Claim ; pledge:status pledge:accepted ; pledge:modality pledge:asserted ;
  pledge:subject id:e ; pledge:property pledge:latest ; pledge:value "2024-01-01"^^xsd:date .
id:c3 a pledge:Claim ; pledge:status pledge:accepted ; pledge:modality pledge:asserted ;
  pledge:subject id:t ; pledge:property pledge:issuedBy ; pledge:object id:e ."""
    )
    facts.apply(dataset)
    assert {triple for triple in said(dataset, GRAPH_FACTS) if "effectiveStatus" not in triple} == set()


def test_a_vote_is_attested_through_its_stage(build: Build) -> None:
    dataset = run(build)
    materialise(dataset)
    assert {"id:vote pledge:attestedBy id:claim-stage", "id:vote pledge:passage id:p2"} <= said(dataset)


def test_a_vote_stays_where_its_own_claim_is_accepted_and_that_of_its_stage_is_not(build: Build) -> None:
    dataset = run(build, stage="rejected")
    assert "id:vote-own pledge:attestedBy id:claim-own" in said(dataset)


def test_running_it_twice_changes_nothing_more(build: Build) -> None:
    dataset = run(build, record="rejected", stage="contested")
    once = set(map(str, dataset.store))
    facts.apply(dataset)
    assert set(map(str, dataset.store)) == once


def test_no_range_makes_a_record_of_what_is_withheld(build: Build) -> None:
    """What points at a withheld record stays; a range would type the record by it, and then it would be counted."""
    rows = build().query(
        """SELECT ?property { ?property rdfs:range ?class ; pledge:writtenBy pledge:byHand .
           ?class rdfs:subClassOf* pledge:Record }"""
    )
    assert isinstance(rows, QuerySolutions)
    assert [row["property"] for row in rows] == []


def test_a_withdrawal_never_becomes_an_endorsement(build: Build) -> None:
    dataset = build(
        """
id:w a pledge:Withdrawal ; pledge:withdrawer id:japan ; pledge:withdrawnText id:t .
id:c a pledge:Claim ; pledge:attests id:w ; pledge:status pledge:accepted ; pledge:cites id:p ."""
    )
    facts.apply(dataset)
    materialise(dataset)
    assert {triple for triple in said(dataset) if "ndorsed" in triple} == set()
    assert dataset.graphs_of((f"<{ID('w')}>", f"<{PLEDGE('passage')}>", f"<{ID('p')}>")) == [GRAPH("closure")]
