"""`pledgegraph query`: files, named questions, formats, tables."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from pledgegraph.cli import main, tables
from pledgegraph.terms import ID, PREFIXES, RDFS_LABEL


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def release(mini_release: Path) -> list[str]:
    return ["--release", str(mini_release)]


def ask(capsys: pytest.CaptureFixture[str], release: list[str], *arguments: str) -> tuple[int, str, str]:
    return run(capsys, "query", *arguments, *release)


def test_a_named_question_as_a_table(capsys: pytest.CaptureFixture[str], release: list[str]) -> None:
    code, out, _ = ask(capsys, release, "endorsers", "text=id:accord-2020")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["actor", "latest", "claim"]
    assert lines[2].split("  ")[0] == "Arcadia (id:arcadia)"
    assert "2020-05-01" in lines[2]
    assert lines[-1] == "(2 rows)"


def test_values_are_bound(capsys: pytest.CaptureFixture[str], release: list[str]) -> None:
    assert ask(capsys, release, "endorsers", "asOf=2020-04-30")[1] == "(no rows)\n"
    assert "$" not in ask(capsys, release, "endorsers", "asOf=2020-04-30", "--show")[1].replace("$asOf", "", 0)


@pytest.mark.parametrize("format_name", ["json", "csv", "tsv", "xml"])
def test_rows_in_every_format(capsys: pytest.CaptureFixture[str], release: list[str], format_name: str) -> None:
    code, out, _ = ask(capsys, release, "endorsers", "--format", format_name)
    assert code == 0
    assert ID("arcadia") in out
    if format_name == "json":
        assert json.loads(out)["head"]["vars"] == ["actor", "actorLabel", "latest", "claim"]


@pytest.mark.parametrize("format_name", ["turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld"])
def test_graphs_in_every_format(
    capsys: pytest.CaptureFixture[str], release: list[str], tmp_path: Path, format_name: str
) -> None:
    file = tmp_path / "q.rq"
    file.write_text("DESCRIBE id:arcadia")
    code, out, _ = ask(capsys, release, str(file), "--format", format_name)
    assert code == 0
    assert "Arcadia" in out


def test_a_file_with_parameters_of_its_own(
    capsys: pytest.CaptureFixture[str], release: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "My question.rq"
    file.write_text('# param: who iri required "the actor"\nASK { $who a pledge:State }')
    assert ask(capsys, release, str(file), "who=arcadia")[1] == "true\n"
    assert ask(capsys, release, str(file), "who=gazette")[1] == "false\n"
    assert ask(capsys, release, str(file))[0] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["endorser"], 1, "Did you mean endorsers"),
        (["endorsers", "text=id:acord"], 1, "Did you mean id:accord"),
        (["endorsers", "text"], 1, "Write key=value"),
        (["endorsers", "txt=id:accord"], 1, "Did you mean text"),
        (["endorsers", "asOf=2020-13-01"], 1, "a day such as"),
        (["endorsers", "--format", "turtle"], 1, "cannot carry rows"),
        (["none.rq"], 2, "none.rq: cannot be read"),
        ([], 2, "no query is given"),
    ],
)
def test_wrong_arguments_say_what_is_right(
    capsys: pytest.CaptureFixture[str], release: list[str], arguments: list[str], code: int, says: str
) -> None:
    got, out, err = ask(capsys, release, *arguments)
    assert (got, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT * {\n ?s ?p }", "line 2"),
        ("ASK { ?s pledge:summary }", "at line 1, column 25:"),
        ("ASK { ?s pledge:summary ?o", "at line 1, column 5:"),
        ("ASK FROM {}", "at line 1, column 12:"),
        ("ASK FROM <x> { ?s ?p ?o }", "no graph"),
        ("BASE <http://[/> ASK FROM <x> {}", ""),
        ("SELECT (<http://e/f>(1) AS ?x) {}", "function"),
        ("ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "call another"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", ""),
        ("ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }", "too deep"),
        ("ASK { ?s no:prefix ?o }", "no:"),
        ("", ""),
        ("\ufffd\x00", ""),
    ],
)
def test_a_wrong_query_is_an_error_and_no_crash(
    capsys: pytest.CaptureFixture[str], release: list[str], tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "q.rq"
    file.write_text(text)
    code, out, err = ask(capsys, release, str(file))
    assert (code, out) == (1, "")
    assert says in err


def test_a_file_that_is_not_utf8(capsys: pytest.CaptureFixture[str], release: list[str], tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_bytes(b"ASK { \xff }")
    assert ask(capsys, release, str(tmp_path / "q.rq"))[0] == 1


def test_list(capsys: pytest.CaptureFixture[str], release: list[str]) -> None:
    code, out, _ = ask(capsys, release, "--list")
    assert code == 0
    assert "asOf=<date>" in out
    _, out, _ = ask(capsys, release, "--list", "--format", "json")
    assert json.loads(out)[0]["parameters"][0]["default"] == "id:accord"


def test_a_value_of_another_class_is_noted(capsys: pytest.CaptureFixture[str], release: list[str]) -> None:
    code, out, err = ask(capsys, release, "endorsers", "text=id:arcadia")
    assert (code, out) == (0, "(no rows)\n")
    assert "id:arcadia is not of class pledge:Instrument" in err


def test_the_query_path_imports_nothing_heavy(mini_release: Path) -> None:
    code = (
        "import sys\nfrom pledgegraph.cli import main\n"
        "assert main(['query', 'endorsers', '--release', sys.argv[1]]) == 0\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'rdflib', 'flask', 'pyshacl', 'owlrl', 'pyld'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(mini_release)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == "[]\n"


def test_output_cut_short_by_its_reader_is_no_error(mini_release: Path) -> None:
    command = f"'{sys.executable}' -m pledgegraph query --list --release '{mini_release}' | true"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def solutions(store: Store, query: str) -> QuerySolutions:
    results = store.query(query, prefixes=PREFIXES)
    assert isinstance(results, QuerySolutions)
    return results


def table(query: str, width: int | None = None) -> str:
    store = Store()
    japan = NamedNode(ID("japan"))
    store.add(Quad(japan, NamedNode(RDFS_LABEL), Literal("Japon", language="fr")))
    store.add(Quad(japan, NamedNode(RDFS_LABEL), Literal("Japan", language="en")))
    store.add(Quad(NamedNode(ID("long")), NamedNode(RDFS_LABEL), Literal("x" * 100)))
    return tables.render(store, solutions(store, query), width)


def test_cells() -> None:
    text = table(
        "SELECT ?thing ?other ?otherLabel ?n ?kindLabel ?none { VALUES (?thing ?other ?otherLabel ?n ?kindLabel) "
        "{ (id:japan id:long 'Other' 7 'act') (<https://e/x> UNDEF UNDEF 10 UNDEF) (id:long UNDEF UNDEF 100 UNDEF) } }"
    )
    assert text == (
        "thing             other              n  kind\n"
        "----------------  ---------------  ---  ----\n"
        "Japan (id:japan)  Other (id:long)    7  act\n"
        "<https://e/x>                       10\n"
        "id:long                            100\n"
        "(3 rows)\n"
    )


def test_control_characters_never_reach_the_terminal() -> None:
    assert "\x1b" not in table(r'SELECT ?x { VALUES ?x { "\u001b[31mred" } }')


def test_a_narrow_terminal_wraps_cells_and_then_writes_blocks() -> None:
    query = f"SELECT ?a ?b {{ VALUES (?a ?b) {{ ('{'word ' * 12}' 'short-name-with-hyphens') }} }}"
    wrapped = table(query, 50).splitlines()
    assert max(map(len, wrapped)) <= 50
    assert any("short-name-with-hyphens" in line for line in wrapped)
    names = "?first ?second ?third ?fourth"
    values = " ".join(f"'{letter * 14}'" for letter in "abcd")
    blocks = table(f"SELECT {names} {{ VALUES ({names}) {{ ({values}) }} }}", 40)
    assert [line.split()[0] for line in blocks.splitlines()[:4]] == ["first", "second", "third", "fourth"]


def test_an_interrupt_ends_a_long_query(mini_release: Path, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    main_end, process_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pledgegraph", "query", str(tmp_path / "q.rq"), "--release", str(mini_release)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=process_end,
        stdout=process_end,
        stderr=process_end,
        start_new_session=True,
    )
    os.close(process_end)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        process.send_signal(2)
        assert process.wait(20) in (-2, 130)
    finally:
        process.kill()
        process.wait()
        os.close(main_end)
