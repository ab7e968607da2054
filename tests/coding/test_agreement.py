"""The two codings of docs/coding.csv: the figures that the codebook prints, and the settled values in the graph."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from pledgegraph.dataset import Dataset
from pledgegraph.terms import ID, PLEDGE

ROOT = Path(__file__).resolve().parents[2]
CODEBOOK = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
SAMPLES = {"five documents": 40, "whole texts": 100}

Row = dict[str, str]


def rows(sample: str | None = None) -> list[Row]:
    """Rows of a sample; of both by default."""
    with (ROOT / "docs" / "coding.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if sample in (None, row["sample"])]


def kappa(first: list[str], second: list[str]) -> float:
    """Agreement of two codings beyond that of chance (Cohen 1960)."""
    total = len(first)
    observed = sum(one == two for one, two in zip(first, second, strict=True)) / total
    ours, theirs = Counter(first), Counter(second)
    chance = sum(ours[value] * theirs[value] for value in ours) / total**2
    return (observed - chance) / (1 - chance)


def jaccard(first: str, second: str) -> float:
    """Themes that both name, of all that either names."""
    one, two = set(first.split()), set(second.split())
    return len(one & two) / len(one | two)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_codebook_prints_the_figures(sample: str) -> None:
    coded = rows(sample)
    assert len(coded) == SAMPLES[sample] == len({row["statement"] for row in coded})
    force = kappa([row["first_force"] for row in coded], [row["second_force"] for row in coded])
    themes = sum(jaccard(row["first_themes"], row["second_themes"]) for row in coded) / len(coded)
    differing = sum(row["first_force"] != row["second_force"] for row in coded)
    printed = f"| {sample} | {len(coded)} | {force:.2f} | {themes:.2f} | {differing} |"
    assert printed in re.sub(r" +", " ", CODEBOOK), printed


def test_each_difference_says_how_it_was_settled() -> None:
    for row in rows():
        values = [
            (row[f"{coder}force"], frozenset(row[f"{coder}themes"].split())) for coder in ("first_", "second_", "")
        ]
        assert bool(row["settled_by"]) == (len(set(values)) > 1), row["statement"]
        rules = set(re.findall(r"\b[KT]\d+", row["settled_by"]))
        assert all(f"**{rule}" in CODEBOOK for rule in rules), row["statement"]


@pytest.mark.full
def test_the_graph_holds_what_was_settled(full_release: Path) -> None:
    dataset = Dataset.from_release(full_release, memory=True)
    for row in rows():
        statement = f"<{ID(row['statement'])}>"
        forces = {value for _, _, value in dataset.matching(statement, f"<{PLEDGE('force')}>", None)}
        themes = {value[1:-1] for _, _, value in dataset.matching(statement, f"<{PLEDGE('theme')}>", None)}
        assert forces == {f"<{PLEDGE(row['force'])}>"}, row["statement"]
        assert themes == {ID(f"theme-{theme}") for theme in row["themes"].split()}, row["statement"]


def test_kappa_of_known_tables() -> None:
    assert kappa(["a", "b"] * 5, ["a", "b"] * 5) == 1
    assert kappa(["a"] * 5 + ["b"] * 5, ["a", "b"] * 5) == pytest.approx(0.2)
    assert jaccard("a b", "b c") == pytest.approx(1 / 3)
