"""The gate on the real graph: a claim's status flipped either way changes what follows from it, and nothing else.

For each class of record that claims attest, and each property that claims state, one claim is flipped from accepted to
another status and back. What may change is worked out here from the claims alone, apart from the rules under test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from pledgegraph import content
from pledgegraph.dataset import Dataset
from pledgegraph.reasoning import facts
from pledgegraph.reasoning.closure import Triple, close
from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, RDFS

pytestmark = pytest.mark.full

TYPE, LABEL = f"<{RDF_TYPE}>", f"<{RDFS('label')}>"
STATUSES = ("rejected", "contested", "superseded")


def term(name: str) -> str:
    """A term of the ontology as N-Triples spells it."""
    return f"<{PLEDGE(name)}>"


ACCEPTED = term("accepted")


class Gate:
    """The graph of the repository as its files give it, and what follows from a part of it."""

    def __init__(self) -> None:
        self.triples = Dataset.from_content(content.find()).spelled()
        self.about: dict[str, list[Triple]] = defaultdict(list)
        self.naming: dict[str, list[str]] = defaultdict(list)
        for triple in self.triples:
            self.about[triple[0]].append(triple)
            self.naming[triple[2]].append(triple[0])
        self.terms = [t for t in self.triples if t[0].startswith((f"<{PLEDGE}", "_:")) or t[1].startswith(f"<{RDFS}")]
        self.terms = [triple for triple in self.terms if not triple[0].startswith(f"<{ID}")]

    def values(self, subject: str, property_: str) -> list[str]:
        """Values of a property of a node, as written."""
        return [object_ for _, predicate, object_ in self.about[subject] if predicate == term(property_)]

    def is_accepted(self, claim: str) -> bool:
        """Whether the files say that a claim is accepted."""
        return ACCEPTED in self.values(claim, "status")

    def alone(self, record: str, claim: str) -> bool:
        """Whether no other claim attests a record."""
        others = [node for node in self.naming[record] if record in self.values(node, "attests")]
        return others == [claim]

    def stated(self, claim: str) -> set[Triple]:
        """The plain triple that an asserted claim states."""
        return {
            (subject, property_, value)
            for subject in self.values(claim, "subject")
            for property_ in self.values(claim, "property")
            for value in self.values(claim, "object") + self.values(claim, "value")
            if term("asserted") in self.values(claim, "modality")
        }

    def states_alone(self, claim: str) -> bool:
        """Whether no other claim states the same, and no file writes it (as files do the titles of documents)."""
        (stated,) = self.stated(claim)
        if stated in self.about[stated[0]]:
            return False
        beside = {node for node in self.naming[stated[0]] if stated in self.stated(node)}
        return beside == {claim}

    def claims(self) -> Iterator[tuple[str, str]]:
        """One accepted claim for each class of record attested and each property stated, with what it is one of."""
        seen = set()
        for claim in sorted(self.about):
            if not self.is_accepted(claim):
                continue
            kinds = [f"states {property_}" for _, property_, _ in self.stated(claim) if self.states_alone(claim)]
            for record in self.values(claim, "attests"):
                if self.alone(record, claim):
                    kinds += [f"attests {triple[2]}" for triple in self.about[record] if triple[1] == TYPE]
            for kind in kinds:
                if kind not in seen:
                    seen.add(kind)
                    yield kind, claim

    def near(self, claim: str) -> list[Triple]:
        """The ontology, and the claim with all that is within three steps of what it says."""
        start = {claim, *self.values(claim, "attests"), *self.values(claim, "subject"), *self.values(claim, "object")}
        for stage in list(start):
            start |= set(self.naming[stage][:40]) if term("Stage") in {t[2] for t in self.about[stage]} else set()
        reached = set(start)
        edge = start
        for _ in range(2):
            edge = {object_ for node in edge for _, _, object_ in self.about[node] if object_.startswith(f"<{ID}")}
            edge -= reached
            reached |= edge
        for record in list(reached):
            attesting = [node for node in self.naming[record] if record in self.values(node, "attests")]
            reached |= set(attesting)
        return [triple for node in sorted(reached) for triple in self.about[node] if triple[1] != LABEL]

    def facts(self, rejected: set[str]) -> set[Triple]:
        """The default graph after the facts step, with these claims rejected."""
        dataset = Dataset()
        status = term("status")
        dataset.add_spelled(
            (
                (subject, predicate, term("rejected") if predicate == status and subject in rejected else object_)
                for subject, predicate, object_ in self.triples
            ),
            "urn:x-test:graph",
        )
        facts.apply(dataset)
        return set(dataset.spelled())

    def follows(self, triples: list[Triple], claim: str, status: str) -> set[Triple]:
        """The default graph once the facts step and the closure have run, with the claim held at a status."""
        dataset = Dataset()
        dataset.add_spelled(self.terms, "urn:x-test:terms")
        held = [t for t in triples if t[:2] != (claim, term("status"))]
        dataset.add_spelled([*held, (claim, term("status"), term(status))], "urn:x-test:graph")
        facts.apply(dataset)
        given = dataset.spelled()
        return set(given) | close(given)


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The graph of the repository."""
    return Gate()


def depends(gate: Gate, claim: str) -> tuple[set[str], set[Triple]]:
    """What hangs on a claim alone: records, with what rests on them through their stage, and a plain triple."""
    records = {record for record in gate.values(claim, "attests") if gate.alone(record, claim)}
    for stage in list(records):
        for vote in gate.naming[stage]:
            if stage in gate.values(vote, "inStage") and not any(
                vote in gate.values(node, "attests") for node in gate.naming[vote]
            ):
                records.add(vote)
    return records, {stated for stated in gate.stated(claim) if gate.states_alone(claim)}


def test_each_kind_of_claim_flipped_changes_what_follows_from_it_and_nothing_else(gate: Gate) -> None:
    kinds = dict(gate.claims())
    wanted = ("Endorsement", "NonEndorsement", "Commitment", "Stage", "Membership", "TextRelation", "Roster", "Role")
    assert {f"attests {term(name)}" for name in wanted} <= set(kinds)
    assert len([kind for kind in kinds if kind.startswith("states")]) > 10
    flipped = 0
    for number, claim in enumerate(sorted(set(kinds.values()))):
        status = STATUSES[number % len(STATUSES)]
        near = gate.near(claim)
        on, off = gate.follows(near, claim, "accepted"), gate.follows(near, claim, status)
        records, stated = depends(gate, claim)
        own = {(claim, term(name), term(status)) for name in ("status", "effectiveStatus")}
        assert off - on == own, claim  # nothing comes of what is not accepted
        lost = on - off
        assert lost > {(claim, term(name), ACCEPTED) for name in ("status", "effectiveStatus")}, claim
        assert stated <= lost, claim
        for record in records & {triple[0] for triple in near}:
            assert not [triple for triple in off if triple[0] == record], record
        # what goes is about the claim, its records and its statement, or is derived and cannot be derived without them
        without = {t for t in near if t[0] not in records and t[2] not in records and t[0] != claim}
        kept = {triple for triple in without if triple not in off}
        assert kept == set(), (claim, sorted(kept)[:3])
        for triple in lost:
            touched = {triple[0], triple[2]} & (records | {claim}) or triple in stated
            assert touched or triple not in set(near), (claim, triple)
        flipped += 1
    assert flipped > 40


def test_flips_leave_every_other_record_of_the_whole_graph_as_it_was(gate: Gate) -> None:
    """Facts step on the whole graph, with an endorsement, a stage with its votes and a plain statement rejected."""
    kinds = dict(gate.claims())
    claims = {kinds[f"attests {term('Endorsement')}"], kinds[f"attests {term('Stage')}"]}
    claims.add(next(claim for kind, claim in sorted(kinds.items()) if kind.startswith("states")))
    records, stated = set[str](), set[Triple]()
    for claim in claims:
        of_records, of_things = depends(gate, claim)
        records |= of_records
        stated |= of_things
    on = gate.facts(set())
    off = gate.facts(claims)
    assert off - on == {(c, term(name), term("rejected")) for c in claims for name in ("status", "effectiveStatus")}
    lost = on - off
    assert stated <= lost
    assert {triple for triple in on if triple[0] in records} <= lost
    assert {triple for triple in lost if not {triple[0], triple[2]} & (records | claims)} == stated
