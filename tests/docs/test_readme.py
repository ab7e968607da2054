"""What the README and the guides show is run: its query with its table, its commands, its Python."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pledgegraph.cli import COMMANDS, main
from pledgegraph.dataset import Dataset

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Fenced blocks of the README in one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    """`pledgegraph` commands of the README's console blocks, less those that need a reader's own folder."""
    lines = [line.split("#")[0].strip() for block in blocks("console") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("pledgegraph ") and "DIR" not in line]


def test_the_answer_shown_is_the_answer_given(full_release: Path) -> None:
    (query,) = blocks("sparql")
    lines = README.split("```", 2)[2].split("\n\n")[1].splitlines()
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert shown[0] == ["state", "says", "reportedBy", "locator"]
    csv = Dataset.from_release(full_release, memory=True).answer(query, "text/csv").decode()
    found = [[cell.strip('"') for cell in re.findall(r'"[^"]*"|[^,\r\n]+', line)] for line in csv.splitlines()[1:]]
    assert found == shown[2:] and len(found) == 4


def test_there_are_commands_to_run() -> None:
    assert len(commands()) >= 5


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_command_runs(arguments: list[str], full_release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.strip()


def test_python_shown_runs(full_release: Path) -> None:
    (code,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("unknown - ") and "Blueprint" in done.stdout


def test_every_document_named_exists() -> None:
    guides = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:docs|ontology)/[\w./-]+\.md)`", guides))
    assert len(named) >= 5
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_command_is_documented() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    )
    assert [name for name in COMMANDS if f"pledgegraph {name}" not in text] == []
