"""Verification of passages against local copies, and the command `pledgegraph sources`."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pledgegraph import cli, content, provenance
from pledgegraph.dataset import Dataset
from pledgegraph.errors import InputError, RunError
from pledgegraph.terms import ID, PLEDGE

TEXT = """1. **Noting** that the blue heron\u00a0waits at the lake;
2. Ferrymen moor their boats at dusk. Ferrymen moor their boats at dawn.
3. The heron waits for the boats at dusk. The heron flies.
"""
PREFIXES = f"@prefix pledge: <{PLEDGE}> .\n@prefix id: <{ID}> .\n\n"
GOOD = {
    "firstWords": "Noting that the blue",
    "lastWords": "waits at the lake;",
    "digest": hashlib.sha256(b"Noting that the blue heron waits at the lake;").hexdigest(),
}
ROWS = [{"symbol": "A/1", "yes": ["X", "Y"], "no": 2}, {"symbol": "A/2", "yes": [], "no": 2}]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with copies of each kind."""
    folder = tmp_path / "texts" / "deep er"
    folder.mkdir(parents=True)
    (folder / "lake.txt").write_text(TEXT, encoding="utf-8")
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    (folder / "roster.csv").write_text('list,name,note\nL1,Mali,"a\nb"\nL1,Chad,\nL2,Mali,\n', encoding="utf-8")
    (folder / "packed.csv.gz").write_bytes(gzip.compress(b"id,vote\n1,yes\n2,no\n", mtime=0))
    (folder / "act.xml").write_text(
        """<act><meta><title>No words</title></meta><p eId="p1">The <i>heron</i><authorialNote><p>a note</p>
        </authorialNote> waits</p><p eId="p2">at dusk.</p></act>""",
        encoding="utf-8",
    )
    (folder / "latin.txt").write_bytes("é".encode("latin-1"))
    (folder / "entities.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a eId="a">&b;</a>', encoding="utf-8")
    return tmp_path / "texts"


Write = Callable[..., Dataset]


@pytest.fixture
def write(tmp_path: Path, texts: Path) -> Write:
    """A function from a passage's values (and the name of its copy) to a dataset with that passage on line 6."""

    def dataset(copy: str | None = "lake.txt", **values: str) -> Dataset:
        root = tmp_path / "content"
        for folder in content.FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        found = next(texts.rglob(copy), None) if copy else None
        digest = provenance.file_digest(found) if found else "0" * 64
        line = "" if copy is None else f' ;\n    pledge:copyDigest "{digest}"'
        properties = "".join(f" ;\n    pledge:{name} {json.dumps(value)}" for name, value in values.items())
        (root / "graph" / "lake.ttl").write_text(
            f"{PREFIXES}id:document-lake a pledge:Document{line} .\n\n"
            f"id:passage-lake a pledge:Passage ;\n    pledge:inDocument id:document-lake{properties} .\n",
            encoding="utf-8",
        )
        return Dataset.from_content(content.Content(root))

    return dataset


def outcome(verification: provenance.Verification) -> str:
    """The outcome of the one passage there is."""
    ((name, count),) = verification.counts.items()
    assert count == 1
    return name


def test_a_passage_that_is_found_once_with_its_digest_is_verified(write: Write, texts: Path) -> None:
    verification = provenance.verify(write(**GOOD), texts)
    assert verification.findings == []
    assert str(verification) == "1 passages in 1 documents: 1 verified"


@pytest.mark.parametrize(
    ("change", "expected", "message"),
    [
        ({"digest": "0" * 64}, "with a wrong digest", "the digest is wrong"),
        ({"digest": ""}, "without a digest", "has no digest"),
        ({"firstWords": "Noting that the red"}, "missing", "the first words 'Noting that the red' are not in the copy"),
        ({"firstWords": ""}, "missing", "no first words"),
        ({"lastWords": "waits at the lak"}, "missing", "the last words"),
        ({"lastWords": "waits at the lake; 3."}, "missing", "the last words"),
        ({"wordsBefore": "7."}, "missing", "but not with before it '7.'"),
        ({"firstWords": "The heron flies.", "lastWords": "their boats at dawn."}, "missing", "only before the first"),
        (
            {"firstWords": "Ferrymen moor their boats", "lastWords": "their boats at dawn."},
            "ambiguous",
            "the words name 2 places in lake.txt",
        ),
        (
            {
                "firstWords": "Ferrymen moor their boats",
                "wordsBefore": "2.",
                "lastWords": "moor their boats at",
                "digest": hashlib.sha256(
                    b"Ferrymen moor their boats at dusk. Ferrymen moor their boats at"
                ).hexdigest(),
            },
            "ambiguous",
            "the last words stand inside the passage too",
        ),
    ],
)
def test_what_is_wrong_is_reported_with_file_and_line(
    write: Write, texts: Path, change: dict[str, str], expected: str, message: str
) -> None:
    verification = provenance.verify(write(**(GOOD | change)), texts)
    assert outcome(verification) == expected
    (finding,) = verification.findings
    assert message in finding.message
    assert (finding.file, finding.line, finding.severity) == ("graph/lake.ttl", 7, "violation")


def test_a_document_without_its_copy_is_one_finding_however_many_passages(write: Write, texts: Path) -> None:
    verification = provenance.verify(write(copy="nowhere.txt", **GOOD), texts)
    assert outcome(verification) == "no copy"
    (finding,) = verification.findings
    assert (finding.file, finding.line) == ("graph/lake.ttl", 5)
    assert "no file under" in finding.message
    (finding,) = provenance.verify(write(copy=None, **GOOD), texts).findings
    assert "no pledge:copyDigest" in finding.message


@pytest.mark.parametrize(("copy", "said"), [("latin.txt", "not UTF-8 at byte 0"), ("entities.xml", "XML entities")])
def test_a_copy_that_cannot_be_read_is_a_finding(write: Write, texts: Path, copy: str, said: str) -> None:
    verification = provenance.verify(write(copy=copy, **GOOD), texts)
    assert outcome(verification) == "in an unreadable copy"
    assert said in verification.findings[0].message


def row(value: object) -> str:
    """The digest of a row."""
    spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


@pytest.mark.parametrize(
    ("copy", "element", "digest"),
    [
        ("rows.jsonl", "A/1", row(ROWS[0])),
        ("rows.jsonl", "symbol=A/2", row(ROWS[1])),
        ("roster.csv", "list=L1;name=Mali", row({"list": "L1", "name": "Mali", "note": "a\nb"})),
        ("packed.csv.gz", "2", row({"id": "2", "vote": "no"})),
        ("act.xml", "p1", hashlib.sha256(b"The heron waits").hexdigest()),
    ],
)
def test_records_are_verified_by_their_identifier(
    write: Write, texts: Path, copy: str, element: str, digest: str
) -> None:
    assert outcome(provenance.verify(write(copy=copy, element=element, digest=digest), texts)) == "verified"
    wrong = provenance.verify(write(copy=copy, element=element, digest="0" * 64), texts)
    assert outcome(wrong) == "with a wrong digest"
    assert outcome(provenance.verify(write(copy=copy, element="zz", digest=digest), texts)) == "missing"


def test_an_identifier_that_several_records_have_is_ambiguous(write: Write, texts: Path) -> None:
    verification = provenance.verify(write(copy="roster.csv", element="name=Mali", digest="0" * 64), texts)
    assert outcome(verification) == "ambiguous"


def test_paragraphs_of_xml_stay_apart_and_notes_stay_out(write: Write, texts: Path) -> None:
    digest = hashlib.sha256(b"The heron waits at dusk.").hexdigest()
    found = provenance.verify(
        write("act.xml", firstWords="The heron waits at", lastWords="at dusk.", digest=digest), texts
    )
    assert outcome(found) == "verified"


@pytest.mark.parametrize(
    ("change", "severity", "message"),
    [
        ({"digest": "ABC"}, "violation", "not a SHA-256"),
        ({"digest": GOOD["digest"].upper()}, "violation", "not a SHA-256"),
        ({"firstWords": "Noting  that **the** blue"}, "violation", "is not normalised"),
        ({"lastWords": ""}, "violation", "has no pledge:lastWords"),
        ({"firstWords": "Noting that the blue heron"}, "warning", "more than 4 words"),
    ],
)
def test_the_form_of_a_passage_is_checked_without_its_text(
    write: Write, change: dict[str, str], severity: str, message: str
) -> None:
    assert provenance.check_form(write(**GOOD)) == []
    (finding,) = provenance.check_form(write(**(GOOD | change)))
    assert finding.severity == severity
    assert message in finding.message
    assert finding.file == "graph/lake.ttl"
    assert finding.line is not None


def test_seal_fills_in_missing_digests_and_leaves_the_others(write: Write, texts: Path) -> None:
    dataset = write(firstWords=GOOD["firstWords"], lastWords=GOOD["lastWords"])
    assert dataset.content is not None
    path = dataset.content.graph / "lake.ttl"
    assert provenance.seal(path, dataset, texts) == 1
    sealed = Dataset.from_content(dataset.content)
    assert outcome(provenance.verify(sealed, texts)) == "verified"
    assert provenance.seal(path, sealed, texts) == 0
    wrong = write(**(GOOD | {"digest": "0" * 64}))
    assert provenance.seal(path, wrong, texts) == 0
    assert provenance.seal(path, wrong, texts, again=True) == 1


def test_seal_refuses_words_that_are_not_there(write: Write, texts: Path) -> None:
    dataset = write(firstWords="No such words here", lastWords=GOOD["lastWords"])
    assert dataset.content is not None
    before = (dataset.content.graph / "lake.ttl").read_bytes()
    with pytest.raises(InputError, match=r"graph/lake\.ttl:7: .*no places in lake\.txt"):
        provenance.seal(dataset.content.graph / "lake.ttl", dataset, texts)
    assert (dataset.content.graph / "lake.ttl").read_bytes() == before


def test_a_folder_without_copies_cannot_be_verified_against(write: Write, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "nowhere"):
        with pytest.raises(RunError):
            provenance.verify(write(**GOOD), tmp_path / folder)


def sources(dataset: Dataset, texts: Path, *arguments: str) -> int:
    """Run `pledgegraph sources` on the content of a dataset."""
    assert dataset.content is not None
    return cli.main(["sources", *arguments, "--texts", str(texts), "--content", str(dataset.content.root)])


def test_the_command_verifies_and_counts_on_its_last_line(
    write: Write, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sources(write(**GOOD), texts, "verify") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passages in 1 documents: 1 verified"
    assert sources(write(**(GOOD | {"digest": "0" * 64})), texts, "verify") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("graph/lake.ttl:7: violation: id:passage-lake: the digest is wrong")
    assert lines[-1] == "1 passages in 1 documents: 0 verified, 1 with a wrong digest"
    assert sources(write(**GOOD), texts, "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"findings": [], "counts": {"verified": 1}}
    assert sources(write(**GOOD), texts / "nowhere", "verify") == 2


def test_the_command_addresses_a_passage_as_turtle(
    write: Write, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--start", "Noting that", "--end", "at the lake;", "--locator", "1")
    expected = f"""id:passage-lake-1 a pledge:Passage ;
    pledge:digest "{GOOD["digest"]}" ;
    pledge:firstWords "Noting that the blue" ;
    pledge:inDocument id:document-lake ;
    pledge:lastWords "waits at the lake;" ;
    pledge:locator "1" .
"""
    for document in ("id:document-lake", "lake.txt", "document-lake"):
        assert sources(write(**GOOD), texts, "address", document, *words) == 0
        assert capsys.readouterr().out == expected
    assert sources(write(), texts, "address", "rows.jsonl", "--element", "A/1") == 0
    assert 'pledge:element "A/1"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("lake.txt", "--start", "no such", "--end", "lake;"), 1, "does not stand in"),
        (("lake.txt", "--start", "The heron", "--end", "lake;"), 1, "stands 2 times"),
        (("lake.txt", "--start", "The heron flies.", "--end", "lake;"), 1, "only before"),
        (("id:nothing", "--start", "a", "--end", "b"), 1, "neither a document"),
        (("lake.txt", "--start", "a"), 2, "needs --start and --end"),
    ],
)
def test_the_command_says_why_it_cannot_address(
    write: Write, texts: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert sources(write(**GOOD), texts, "address", *arguments) == code
    assert said in capsys.readouterr().err
