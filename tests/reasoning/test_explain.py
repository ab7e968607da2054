"""Explanations: each inferred triple leads back to triples that somebody wrote."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pledgegraph import content
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import facts
from pledgegraph.reasoning.closure import Triple, close, materialise
from pledgegraph.reasoning.explain import Explanation, explain
from pledgegraph.reasoning.rules import rules
from pledgegraph.terms import GRAPH, GRAPH_CLOSURE, GRAPH_FACTS, GRAPH_WITHHELD, ID, PLEDGE, RDF_TYPE

Build = Callable[..., Dataset]

TEXT = """
id:japan a pledge:State . id:work a pledge:Instrument . id:version a pledge:Instrument .
id:e a pledge:Endorsement ; pledge:endorser id:japan ; pledge:endorsedText id:version .
id:c a pledge:Claim ; pledge:attests id:e ; pledge:status pledge:accepted ; pledge:cites id:p .
id:v a pledge:Claim ; pledge:status pledge:accepted ; pledge:modality pledge:asserted ; pledge:subject id:version ;
  pledge:property pledge:versionOf ; pledge:object id:work ; pledge:cites id:p .
id:no a pledge:Endorsement ; pledge:endorser id:russia ; pledge:endorsedText id:version .
id:r a pledge:Claim ; pledge:attests id:no ; pledge:status pledge:rejected .
id:stage a pledge:Stage . id:vote a pledge:VoteCast ; pledge:inStage id:stage .
id:s a pledge:Claim ; pledge:attests id:stage ; pledge:status pledge:contested .
"""


def spelled(subject: str, property_: str, object_: str) -> Triple:
    """A triple of things and a property of the ontology."""
    return f"<{ID(subject)}>", f"<{PLEDGE(property_)}>", f"<{ID(object_)}>"


@pytest.fixture
def dataset(build: Build) -> Dataset:
    """A closed dataset."""
    made = build(TEXT)
    facts.apply(made)
    materialise(made)
    return made


def holds(dataset: Dataset, explanation: Explanation) -> None:
    """Each step is an application of its rule, and the last triples are written in a file."""
    assert explanation.graphs, explanation
    if explanation.rule is None:
        assert not {GRAPH_CLOSURE, GRAPH_FACTS} & set(explanation.graphs)
        return
    if explanation.rule in {rule.name for rule in rules()} and explanation.rule != "prp-spo2":
        # (a chain's list is left out of its premises, so it is not checked by itself)
        assert explanation.triple in close(premise.triple for premise in explanation.premises)
    for premise in explanation.premises:
        assert premise.triple != explanation.triple
        holds(dataset, premise)


def test_an_inferred_triple_is_explained_down_to_what_was_written(dataset: Dataset) -> None:
    found = explain(dataset, spelled("japan", "everEndorsed", "work"))
    assert found.rule == "prp-spo2"
    assert found.says == "pledge:everEndorsed, then pledge:versionOf, makes pledge:everEndorsed"
    assert found.graphs == (GRAPH_CLOSURE,)
    written = {leaf.triple for leaf in found.leaves() if not leaf.about_terms}
    assert written == {
        spelled("e", "endorser", "japan"),
        spelled("e", "endorsedText", "version"),
        spelled("v", "subject", "version"),
        spelled("v", "object", "work"),
        (f"<{ID('v')}>", f"<{PLEDGE('property')}>", f"<{PLEDGE('versionOf')}>"),
        (f"<{ID('v')}>", f"<{PLEDGE('status')}>", f"<{PLEDGE('accepted')}>"),
        (f"<{ID('v')}>", f"<{PLEDGE('modality')}>", f"<{PLEDGE('asserted')}>"),
    }
    holds(dataset, found)


def test_a_triple_of_the_facts_step_names_its_claim(dataset: Dataset) -> None:
    found = explain(dataset, spelled("e", "attestedBy", "c"))
    assert (found.rule, found.graphs) == ("attested-by", (GRAPH_FACTS,))
    assert spelled("c", "attests", "e") in {premise.triple for premise in found.premises}


def test_a_withheld_triple_names_the_claims_that_were_not_accepted(dataset: Dataset) -> None:
    found = explain(dataset, spelled("no", "endorser", "russia"))
    assert (found.rule, found.graphs) == ("withheld", (GRAPH_WITHHELD,))
    assert [premise.triple for premise in found.premises] == [spelled("r", "attests", "no")]
    through_stage = explain(dataset, spelled("vote", "inStage", "stage"))
    assert through_stage.rule == "withheld-with-stage"
    assert spelled("s", "attests", "stage") in {premise.triple for premise in through_stage.premises}


def test_a_written_triple_and_one_that_does_not_hold_need_none(dataset: Dataset) -> None:
    written = explain(dataset, spelled("e", "endorser", "japan"))
    assert (written.rule, written.premises, written.graphs) == (None, (), (GRAPH("graph/part0"),))
    missing = explain(dataset, spelled("russia", "endorsedExactly", "version"))
    assert (missing.rule, missing.premises, missing.graphs) == (None, (), ())


def test_a_circle_is_never_an_explanation(build: Build) -> None:
    dataset = build(
        "id:p owl:inverseOf id:q . id:p a owl:SymmetricProperty . id:q a owl:SymmetricProperty . id:x id:p id:y .",
        ontology=False,
    )
    closure = materialise(dataset)
    assert len(closure.derived) >= 3
    for triple in closure.derived:
        found = explain(dataset, triple)
        holds(dataset, found)
        assert (f"<{ID('x')}>", f"<{ID('p')}>", f"<{ID('y')}>") in {leaf.triple for leaf in found.leaves()}


@pytest.mark.full
def test_every_kind_of_inferred_triple_of_the_real_graph_is_explained() -> None:
    dataset = Dataset.from_content(content.find())
    facts.apply(dataset)
    closure = materialise(dataset)
    of_each: dict[tuple[str, str], Triple] = {}
    for triple in sorted(closure.derived):
        of_each.setdefault((triple[1], triple[2] if triple[1] == f"<{RDF_TYPE}>" else ""), triple)
    assert len(of_each) > 25
    for triple in of_each.values():
        found = explain(dataset, triple)
        assert found.rule is not None, triple
        holds(dataset, found)
