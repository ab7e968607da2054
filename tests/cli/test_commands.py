"""Commands as a whole: help with examples, exit codes, and clear messages for broken input."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pledgegraph import turtle
from pledgegraph.cli import COMMANDS, main
from pledgegraph.content import Content

PREFIXES = """@prefix id: <https://w3id.org/pledgegraph/id/> .
@prefix pledge: <https://w3id.org/pledgegraph/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pledgegraph", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"pledgegraph {name}" in capsys.readouterr().out.partition("example")[2]


def test_overview_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert [name for name in COMMANDS if f"    {name} " not in out] == []


@pytest.mark.parametrize("arguments", [[], ["nope"], ["build", "--nope"], ["export"], ["export", "--format", "yaml"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("pledgegraph 0.")


BROKEN: dict[str, tuple[str, str, int | None]] = {
    "syntax error": ("id:a pledge:p .", "graph/x.ttl:4: ", 4),
    "IRI with a space": ("id:a pledge:text <https://e/a b> .", "An IRI holds no space", 4),
    "empty file": ("", "the file is empty", 1),
    "undefined term": ("id:a a pledge:Endorsment .", "pledge:Endorsment", 4),
    "wrong date": ('id:a a pledge:Claim ;\n  pledge:asOf "2024-02-30"^^xsd:date .', "2024-02-30", 5),
    "undeclared prefix": ("id:a a nope:b .", "Declare the prefix", 4),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_input_is_named_by_file_and_line(mini_copy: Content, tmp_path: Path, case: str) -> None:
    text, says, line = BROKEN[case]
    (mini_copy.graph / "x.ttl").write_text(PREFIXES + text if text else "")
    done = command("build", "--content", str(mini_copy.root), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert says in done.stderr
    assert f"graph/x.ttl:{line}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "current").exists()
    assert list((tmp_path / "out" / "releases").iterdir()) == []


def test_a_file_far_too_large(mini_copy: Content, tmp_path: Path) -> None:
    with (mini_copy.graph / "x.ttl").open("wb") as file:
        file.truncate(turtle.MAX_FILE_BYTES + 1)
    done = command("build", "--content", str(mini_copy.root), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "graph/x.ttl: " in done.stderr
    assert "67,108,864" in done.stderr


def test_an_unwritable_cache_directory(mini_copy: Content, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = command("build", "--content", str(mini_copy.root), PLEDGEGRAPH_CACHE=str(tmp_path / "file"))
    assert done.returncode == 2
    assert "PLEDGEGRAPH_CACHE" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_content_where_one_is_named(tmp_path: Path) -> None:
    done = command("build", "--content", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path) in done.stderr


def test_a_path_with_spaces(mini_copy: Content, tmp_path: Path) -> None:
    root = mini_copy.root.rename(tmp_path / "a content root")
    (root / "graph" / "with space.ttl").write_text(PREFIXES + "id:zembla a pledge:State .")
    done = command("build", "--content", str(root), "--out", str(tmp_path / "the output"))
    assert done.returncode == 0, done.stderr
    done = command("query", "endorsers", "--release", str(tmp_path / "the output"))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "(2 rows)")
    done = command(
        "export", "--format", "ntriples", "--graph", "graph/with%20space", "--release", str(tmp_path / "the output")
    )
    assert "zembla" in done.stdout


def test_export_writes_a_file_whole_or_not_at_all(mini_release: Path, tmp_path: Path) -> None:
    arguments = ["export", "--release", str(mini_release), "--format", "turtle"]
    assert main([*arguments, "-o", str(tmp_path / "a.ttl")]) == 0
    assert turtle.parse(tmp_path / "a.ttl")
    assert main([*arguments, "-o", str(tmp_path / "none" / "a.ttl")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.ttl"]


def test_format_checks_and_writes(mini_copy: Content, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["format", "--content", str(mini_copy.root)]
    assert main([*arguments, "--check"]) == 0
    path = mini_copy.graph / "x.ttl"
    path.write_text(PREFIXES + "id:b a pledge:State . id:a a pledge:State .")
    assert main([*arguments, "--check"]) == 1
    assert "+++ graph/x.ttl (canonical)" in capsys.readouterr().out
    assert main(arguments) == 0
    assert capsys.readouterr().out == "formatted graph/x.ttl\n"
    assert main([*arguments, "--check"]) == 0
    path.write_text("broken")
    assert main(["format", str(path)]) == 1
    assert path.read_text() == "broken"
    assert main(["format", str(path.with_name("none.ttl"))]) == 2


def test_diff_lists_what_changed(mini_copy: Content, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = ["build", "--content", str(mini_copy.root), "--out"]
    assert main([*build, str(tmp_path / "old")]) == 0
    path = mini_copy.graph / "actors" / "states.ttl"
    path.write_text(path.read_text().replace('"Ruritania"', '"Kingdom of Ruritania"'))
    assert main([*build, str(tmp_path / "new")]) == 0
    capsys.readouterr()
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out == (
        'id:ruritania\n  - rdfs:label "Ruritania"@en\n  + rdfs:label "Kingdom of Ruritania"@en\n'
        "(1 removed, 1 added, 1 subjects)\n"
    )
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--inferred"]) == 0
    assert "Endorsement of Harbour Accord by Kingdom of Ruritania" in capsys.readouterr().out
    assert main(["diff", str(tmp_path / "old"), "none"]) == 2


def test_a_terminal_without_unicode_ends_nothing(mini_copy: Content, tmp_path: Path) -> None:
    path = mini_copy.graph / "actors" / "states.ttl"
    path.write_text(path.read_text().replace('"Arcadia"', '"Árcadia 東"'))
    arguments = ["query", "endorsers", "--content", str(mini_copy.root)]
    done = command(*arguments, PYTHONIOENCODING="ascii", PLEDGEGRAPH_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0
    assert "?rcadia ? (id:arcadia)" in done.stdout
