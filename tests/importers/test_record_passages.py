"""Record passages: rows taken together, and elements of a file that have no identifier."""

from __future__ import annotations

import json
from pathlib import Path

from pledgegraph.provenance.copies import Copy


def test_rows_taken_together_are_one_record(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("org,iso3\nUN,NAM\nNATO,FRA\nUN,FRA\n", encoding="utf-8")
    (record,) = Copy(path).record("rows;org=UN")
    assert json.loads(record) == [{"org": "UN", "iso3": "NAM"}, {"org": "UN", "iso3": "FRA"}]
    assert Copy(path).record("rows;org=EU") == []
    assert len(Copy(path).record("org=UN")) == 2


def test_an_element_without_identifier_is_named_by_its_attributes(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text(
        '<a xmlns="urn:x"><step outcome="adopted"  as="PV.1"/>tail <step outcome="tabled"><v>FRANCE</v>\n</step></a>',
        encoding="utf-8",
    )
    (adopted,) = Copy(path).record("step;outcome=adopted")
    assert "PV.1" in adopted
    assert "tail" not in adopted
    (tabled,) = Copy(path).record("step;outcome=tabled")
    assert "FRANCE" in tabled
    assert Copy(path).record("step;outcome=none") == []
    assert Copy(path).record("v;outcome=tabled") == []


def test_the_spelling_does_not_depend_on_blanks_and_order_of_attributes(tmp_path: Path) -> None:
    spellings = []
    for number, markup in enumerate(['<s b="2" a="1"><v>X</v></s>', '<s  a="1"   b="2"><v>X</v></s>']):
        path = tmp_path / f"{number}.xml"
        path.write_text(f"<r>{markup}</r>", encoding="utf-8")
        spellings += Copy(path).record("s;a=1")
    assert len(spellings) == 2
    assert len(set(spellings)) == 1
