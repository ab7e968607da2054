"""Named questions: headers, values, errors that say how to mend them."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pyoxigraph import Literal, NamedNode, QueryBoolean, Store

from pledgegraph import content, queries
from pledgegraph.content import Content
from pledgegraph.errors import InputError
from pledgegraph.terms import ID, PLEDGE, XSD

HEADER = "# title: A title\n# description: What it answers.\n"


def write(folder: Path, text: str, name: str = "question.rq") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_header_is_read(mini: Content) -> None:
    question = queries.find(mini, "endorsers")
    assert question.title == "Who endorsed a text"
    assert question.form == "SELECT"
    assert question.headers["group"] == ("acts",)
    text, as_of = question.parameters
    assert (text.name, text.type, text.range, text.default) == ("text", "iri", PLEDGE("Instrument"), "id:accord")
    assert (as_of.type, as_of.required, as_of.default) == ("date", False, None)
    assert question.text.startswith("PREFIX")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("# title: T\nASK {}", 1, "no description"),
        (HEADER + "# param: text\nASK {}", 3, "does not parse"),
        (HEADER + '# param: text uri required "x"\nASK { $text ?p ?o }', 3, "no type of parameter"),
        (HEADER + '# param: n integer default=x "x"\nASK { ?s ?p $n }', 3, "the default"),
        (
            HEADER + '# param: a string required "x"\n# param: a string required "y"\nASK { ?s ?p $a }',
            4,
            "declared twice",
        ),
        (HEADER + '# param: a string required "x"\nASK { ?s ?p ?a }', 1, r"\$a is not used"),
        (HEADER + "\nASK {\n ?s ?p $a }", 5, r"\$a is not declared"),
        (HEADER + "INSERT DATA {}", None, "holds no SELECT"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        queries.read(write(tmp_path, text), "queries/question.rq")
    assert (caught.value.file, caught.value.line) == ("queries/question.rq", line)


def test_an_unknown_question_is_met_with_the_nearest(mini: Content) -> None:
    with pytest.raises(InputError, match="Did you mean endorsers"):
        queries.find(mini, "endorser")


@pytest.fixture
def question(tmp_path: Path) -> queries.NamedQuery:
    return queries.read(
        write(
            tmp_path,
            HEADER
            + '# param: text iri:Instrument required "the text"\n# param: day date optional "a day"\n'
            + '# param: most integer default=10 "how many"\n# param: word string optional "a word"\n'
            + '# param: all boolean optional "whether"\n'
            + "SELECT * { $text ?p ?o FILTER ($day || $most || $word || $all) }",
        )
    )


def typed(value: str, name: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD(name)))


def test_values_become_terms(question: queries.NamedQuery) -> None:
    values = {"text": "japan", "day": date(2024, 2, 29), "most": "007", "word": ' "x" ', "all": True}
    assert question.terms(values) == {
        "text": NamedNode(ID("japan")),
        "day": typed("2024-02-29", "date"),
        "most": typed("7", "integer"),
        "word": Literal(' "x" '),
        "all": typed("true", "boolean"),
    }
    assert question.terms({"text": "id:japan", "day": None, "word": ""}) == {
        "text": NamedNode(ID("japan")),
        "most": typed("10", "integer"),
    }


@pytest.mark.parametrize("text", ["id:japan", "japan", ID("japan"), f"<{ID('japan')}>", f" {ID('japan')} "])
def test_an_entity_has_several_spellings(question: queries.NamedQuery, text: str) -> None:
    assert question.terms({"text": text})["text"] == NamedNode(ID("japan"))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "needs text"),
        ({"text": "japan", "dya": "x"}, "Did you mean day"),
        ({"text": "a b"}, "not a name such as"),
        ({"text": "id:a> } #"}, "not a name such as"),
        ({"text": "<https://e/ a>"}, "not a name such as"),
        ({"text": "nope:a"}, "not a name such as"),
        ({"text": "japan", "day": "2024-02-30"}, "not a day"),
        ({"text": "japan", "day": "20240230"}, "not a day"),
        ({"text": "japan", "most": "1e3"}, "whole number"),
        ({"text": "japan", "most": "9" * 30}, "whole number"),
        ({"text": "japan", "all": "yes"}, "true or false"),
        ({"text": "japan", "word": "x" * 3000}, "at most"),
        ({"text": "japan", "word": "a\0b"}, "NUL"),
        ({"text": "japan", "word": "\ud800"}, "Unicode"),
    ],
)
def test_a_wrong_value_says_what_is_right(question: queries.NamedQuery, values: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        question.terms(values)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=50))
def test_no_value_is_ever_read_as_sparql(word: str) -> None:
    text = HEADER + '# param: word string required "w"\nASK { FILTER (STRLEN($word) = @@) }'
    question = queries.parse(text.replace("@@", str(len(word))), "q", "q.rq")
    result = Store().query(question.bind({"word": word}))
    assert isinstance(result, QueryBoolean)
    assert bool(result)


def test_every_question_of_the_repository_is_read_and_parses() -> None:
    found = queries.load(content.find())
    assert 15 <= len(found) <= 45
    for question in found.values():
        values = {p.name: _example(p) for p in question.parameters if p.default is None}
        Store().query(question.bind(values))
        Store().query(question.bind({name: value for name, value in values.items() if _required(question, name)}))


def _required(question: queries.NamedQuery, name: str) -> bool:
    return any(parameter.name == name and parameter.required for parameter in question.parameters)


def _example(parameter: queries.Parameter) -> str:
    return {"iri": "id:x", "date": "2024-01-01", "integer": "1", "string": "x", "boolean": "true"}[parameter.type]
