"""The walk-through of CONTRIBUTING, run as it is printed on the text it names, where the texts are at hand."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from pledgegraph.cli import main

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TEXTS = os.environ.get("PLEDGEGRAPH_TEXTS") or None  # make gives an empty one where none is named
STUB = """@prefix id: <https://w3id.org/pledgegraph/id/> .
@prefix pledge: <https://w3id.org/pledgegraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

id:ecowas a pledge:Organisation ;
    rdfs:label "ECOWAS"@en ;
    pledge:organisationKind pledge:intergovernmental .

id:freetown-communique a pledge:Instrument ;
    rdfs:label "Freetown Communiqué"@en ;
    pledge:form pledge:communique .
"""


def commands() -> list[list[str]]:
    """The commands shown, in their order; a line that ends in a backslash goes on."""
    text = "\n".join(re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line.split(" > ")[0]) for line in text.splitlines() if line.strip().startswith("pledgegraph ")]


@pytest.mark.skipif(TEXTS is None, reason="PLEDGEGRAPH_TEXTS is not set; it names the folder with the documents")
def test_the_walk_through_ends_in_facts_that_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert TEXTS is not None
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "graph" / "documents").mkdir(parents=True)
    (tmp_path / "graph" / "stub.ttl").write_text(STUB, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    shutil.copy(Path(TEXTS) / "texts" / "freetown-communique-2024.txt", tmp_path / "texts")

    def run(command: list[str]) -> str:
        arguments = [argument.replace("../texts", str(tmp_path / "texts")) for argument in command[1:]]
        assert main([*arguments, "--content", str(tmp_path)]) == 0, capsys.readouterr()
        return capsys.readouterr().out

    describe, outline, take, *checks = commands()
    (tmp_path / "graph" / "documents" / "freetown-communique-2024.ttl").write_text(run(describe), encoding="utf-8")
    rows = list(csv.DictReader(run(outline).splitlines()))
    header, _, shown = ([cell.strip() for cell in line.split("|")[1:-1]] for line in _table())
    given = dict(zip(header, shown, strict=True))
    with (tmp_path / "texts" / "freetown.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(row | (given if row["passage"] == given["passage"] else {}) for row in rows)
    assert "1 statement written" in run(take)
    assert [run(check) for check in checks if check[1] == "sources"] and len(checks) == 3
    run(checks[1])
    (record,) = (tmp_path / "graph" / "records").glob("*.ttl")
    assert "id:statement-freetown-communique-resolved-1 a pledge:Commitment" in record.read_text(encoding="utf-8")


def _table() -> list[str]:
    """The one table of the walk-through: header, rule, row."""
    return [line.strip() for line in GUIDE.splitlines() if line.strip().startswith("|")]
