"""At least 95 of 100 damages of the real graph are found by the shapes; what they miss is listed with its reason."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutations import Damage, Mutations
from shape_examples import CONTENT

from pledgegraph.terms import ID, PLEDGE, RDFS

EACH = 2
"""Damages for each kind, class and property; 800 in all, which take a quarter of a minute."""
SEED = 2026
_ROW = re.compile(r"^\| (removed|replaced) \| ((?:`[\w:-]+`(?:, )?)+) \| (.{20,}) \|$", re.MULTILINE)

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def mutations() -> Mutations:
    """The graph of the repository, to be damaged."""
    return Mutations(CONTENT)


@pytest.fixture(scope="module")
def listed() -> set[tuple[str, str]]:
    """Kind of damage and property of the misses that the README gives a reason for."""
    readme = (CONTENT.shapes / "README.md").read_text(encoding="utf-8")
    return {(kind, name) for kind, names, _ in _ROW.findall(readme) for name in re.findall(r"`([^`]+)`", names)}


def test_at_least_95_of_100_damages_are_found_and_the_misses_are_listed(
    mutations: Mutations, listed: set[tuple[str, str]]
) -> None:
    before = set(mutations.dataset.spelled())
    damages = mutations.draw(EACH, SEED)
    assert len(damages) > 600
    assert {damage.kind for damage in damages} == {"removed", "replaced"}
    assert len({damage.class_ for damage in damages}) > 40
    missed = [damage for damage in damages if mutations.finds(damage) is None]
    assert set(mutations.dataset.spelled()) == before  # each damage was put right, so none masks another
    assert len(missed) <= 0.05 * len(damages), missed
    unlisted = [damage for damage in missed if (damage.kind, damage.property_) not in listed]
    assert unlisted == [], "find them with a shape, or list them with the reason in shapes/README.md"


def test_what_the_readme_lists_can_be_damaged(mutations: Mutations, listed: set[tuple[str, str]]) -> None:
    assert len(listed) > 10
    assert listed <= {(damage.kind, damage.property_) for damage in mutations.draw(1, SEED)}


def test_a_damage_is_found_by_its_results_and_a_change_without_any_is_not(mutations: Mutations) -> None:
    endorsement = next(triple for triple in mutations.triples if triple[1] == f"<{PLEDGE('endorser')}>")
    assert mutations.finds(Damage("removed", "", "", endorsement)) == "violation"
    wrong = (*endorsement[:2], next(t[2] for t in mutations.triples if t[1] == f"<{PLEDGE('cites')}>"))
    assert mutations.finds(Damage("replaced", "", "", endorsement, wrong)) == "violation"
    name = next(t for t in mutations.triples if t[1] == f"<{RDFS('label')}>" and t[0].startswith(f"<{ID}"))
    harmless = (*name[:2], '"Another name"@en')
    assert mutations.finds(Damage("replaced", "", "", name, harmless)) is None
