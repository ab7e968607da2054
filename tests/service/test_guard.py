"""What the guard refuses, what it lets pass, and that no engine's reading gets SERVICE past it."""

import random

import pytest
from hypothesis import given, settings, strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store
from serving import Listener

from pledgegraph.service import Limits, Refused
from pledgegraph.service.guard import check, graphs_named

LIMITS = Limits()

# Each calls out when pyoxigraph evaluates it without a guard; {url} is the listener.
CALLS_OUT = {
    "plain": "SELECT * {{ SERVICE <{url}> {{ ?a ?b ?c }} }}",
    "silent": "SELECT * {{ SERVICE SILENT <{url}> {{ ?a ?b ?c }} }}",
    "lower case": "SELECT * {{ service <{url}> {{ ?a ?b ?c }} }}",
    "after a word": "SELECT * {{ ?s ?p trueSERVICE <{url}> {{ ?a ?b ?c }} }}",
    "after a number": "SELECT * {{ ?s ?p 1SERVICE <{url}> {{ ?a ?b ?c }} }}",
    "after a decimal": "SELECT * {{ ?s ?p 1.SERVICE <{url}> {{ ?a ?b ?c }} }}",
    "before a name": "PREFIX ex: <{url}> SELECT * {{ SERVICEex:a {{ ?a ?b ?c }} }}",
    "with a declared look-alike": "PREFIX SERVICEex: <x:> PREFIX ex: <{url}> SELECT * {{ SERVICEex:a {{ ?a ?b ?c }} }}",
    "silent, before a name": "PREFIX ex: <{url}> SELECT * {{ SERVICESILENTex:a {{ ?a ?b ?c }} }}",
    "default prefix": "PREFIX : <{url}> SELECT * {{ SERVICE:a {{ ?a ?b ?c }} }}",
    "default prefix, look-alike": "PREFIX SERVICE: <x:> PREFIX : <{url}> SELECT * {{ SERVICE:a {{ ?a ?b ?c }} }}",
    "in an IRI": "PREFIX ex: <{url}> SELECT * {{ ?s ?p ?o FILTER(1<2)SERVICE#>\n ex:a {{ ?a ?b ?c }} }}",
    "after an IRI that opens a string": (
        "PREFIX ex: <{url}> SELECT * {{ ?s ?p ?o FILTER(1<2#>'''\n) SERVICE ex:a {{ ?a ?b ?c }} #'''\n}}"
    ),
    "after a quotation mark in an IRI": (
        "SELECT * {{ ?s ?p ?o FILTER('0'<'1'&&'2'='2')SERVICE<{url}> {{ ?a ?b ?c }} FILTER(1<2&&'x'>'w') }}"
    ),
    "in OPTIONAL": "SELECT * {{ ?s ?p ?o OPTIONAL {{ SERVICE <{url}> {{ ?a ?b ?c }} }} }}",
    "in EXISTS": "SELECT * {{ ?s ?p ?o FILTER EXISTS {{ SERVICE <{url}> {{ ?a ?b ?c }} }} }}",
    "after a comment that ends in a carriage return": "SELECT * {{ ?s ?p ?o #\rSERVICE <{url}> {{ ?a ?b ?c }}\n}}",
    "LATERAL": "SELECT * {{ ?s ?p ?o LATERAL {{ SERVICE <{url}> {{ ?a ?b ?c }} }} }}",
}


def store() -> Store:
    found = Store()
    for term in (Literal("x"), Literal(True), Literal(1), Literal("1.", datatype=NamedNode("x:d"))):
        found.add(Quad(NamedNode("http://e/s"), NamedNode("http://e/p"), term))
    found.add(Quad(NamedNode("http://e/s"), NamedNode("http://e/p"), Literal(1)))
    return found


def evaluate_unguarded(query: str) -> None:
    """Evaluate in this process. In a frame of its own: what it leaves must not be freed in the listener's thread."""
    try:
        results = store().query(query)
        assert isinstance(results, QuerySolutions)
        list(results)
    except OSError:
        pass  # the listener is no SPARQL endpoint


@pytest.mark.parametrize("query", CALLS_OUT.values(), ids=CALLS_OUT.keys())
def test_service_is_refused_however_it_is_written(query: str, listener: Listener) -> None:
    query = query.format(url=listener.url)
    evaluate_unguarded(query)
    assert listener.calls, "the engine no longer reads this as SERVICE; the case proves nothing"
    with pytest.raises(Refused) as caught:
        check(query, LIMITS)
    assert caught.value.status in (400, 403)
    assert caught.value.line is not None


PIECES = [
    *("SERVICE", "SILENT", "service", "<{url}>", "ex:a", ":a", "SERVICEex:a", "{{ ?a ?b ?c }}", "{{", "}}", "(", ")"),
    *(
        "?s",
        "?p",
        "?o",
        "true",
        "1",
        "1.",
        ".5",
        "'a'",
        "'",
        '"',
        "'''",
        '"""',
        "\\",
        "#",
        "\n",
        " ",
        " ",
        ".",
        ";",
        "<",
    ),
    *(
        "<b",
        ">",
        "#>",
        "<#",
        "FILTER",
        "FILTER(1<2",
        "&&",
        "BIND(1 AS ?z)",
        "OPTIONAL",
        "a",
        "@en",
        "^^",
        "_:b",
        "\\u0053",
    ),
    *(
        "\\u0027",
        "VALUES ?v {{ 1 }}",
        "GRAPH",
        "MINUS",
        "EXISTS",
        "UNION",
        "NOT",
        "\r",
        "[",
        "]",
        ",",
        "<?b",
        "<<",
        ">>",
    ),
]


def test_no_mixture_of_pieces_that_passes_calls_out(listener: Listener) -> None:
    """What passes is evaluated by the engine that reads keywords most freely; nothing may reach the listener."""
    chance = random.Random(20261122)
    data = store()
    passed = evaluated = 0
    for _ in range(20_000):
        body = "".join(chance.choices(PIECES, k=chance.randint(1, 9)))
        query = f"PREFIX ex: <{{url}}> PREFIX : <{{url}}> SELECT * {{{{ ?s ?p ?o {body} }}}}".format(url=listener.url)
        try:
            checked = check(query, LIMITS)
        except Refused:
            continue
        passed += 1
        try:
            results = data.query(checked.text, base_iri="http://e/")
            assert isinstance(results, QuerySolutions)
            for _ in zip(range(50), results, strict=False):
                pass
        except (SyntaxError, RuntimeError, ValueError):
            continue
        except OSError as error:
            pytest.fail(f"{query!r} called out: {error}")
        evaluated += 1
        assert not listener.calls, query
    assert passed > 200
    assert evaluated > 50


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX service: <http://e/> SELECT * { ?s service:p ?o GRAPH service:g { ?s a service:T } }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT * { ?service a sd:Service }",
        "SELECT * { ?s ?p 'SERVICE <http://e/> { }' } # SERVICE",
        "SELECT * { ?s <http://e/service#a> <http://e/SERVICE> }",
        "PREFIX service: <http://e/> DESCRIBE service:a { ?s ?p ?o }",
        "BASE <http://e/> SELECT * { ?s <#p> <a#b> ; <it%27s> ?x }",
        "SELECT * { ?s ?p ?o FILTER(?o < 3 && ?o > 1) }",
        r"SELECT * { ?s ?p '\u0027quoted\u0027', 'SERV\u0049CE' }",
        "ASK {}",
        "PREFIX e: <http://e/> CONSTRUCT { " + "?s e:p ?o . " * 200 + "} WHERE { ?s e:p ?o }",
        "SELECT * { VALUES ?x { " + "1 " * 5000 + "} }",
        "SELECT * { ?s ?p ?x FILTER(?x IN (" + "1, " * 5000 + "1)) }",
    ],
)
def test_honest_queries_pass(query: str) -> None:
    check(query, LIMITS)


@pytest.mark.parametrize(
    ("query", "status", "place"),
    [
        ("INSERT DATA { <a:a> <a:b> 1 }", 403, (1, 1)),
        ("PREFIX e: <http://e/>\n  LOAD <http://e/>", 403, (2, 3)),
        ("CLEAR ALL", 403, (1, 1)),
        ("", 400, (1, 1)),
        ("HELLO", 400, (1, 1)),
        ("SELECT * { ?s ?p 'open }\n}", 400, (1, 18)),
        ("SELECT * {\n ?s ?p ?o", 400, (1, 10)),
        ("SELECT * { ?s ?p ?o }\n}", 400, (2, 1)),
        ("SELECT * { ?s foaf:name ?o }", 400, (1, 15)),
        (r"SELECT * { ?s ?p '\uD800' }", 400, (1, 19)),
        ("SELECT * { ?s ?p '\ud800' }", 400, (1, 19)),
        ("SELECT * { ?s ?p ?o FILTER(?a<it's>?b) }", 400, (1, 30)),
    ],
)
def test_faults_are_refused_with_their_place(query: str, status: int, place: tuple[int, int]) -> None:
    with pytest.raises(Refused) as caught:
        check(query, LIMITS)
    assert (caught.value.status, (caught.value.line, caught.value.column)) == (status, place)


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("ASK { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }", "query_depth"),
        ("ASK {" + "FILTER NOT EXISTS {" * 2000 + "?a ?b ?c" + "}" * 2000 + "}", "query_depth"),
        ("ASK { ?s ?p " + "[ ?p " * 200 + "1" + "]" * 200 + "}", "query_depth"),
        ("ASK { FILTER(" + "?x && " * 20_000 + "?x) }", "query_operators"),
        ("ASK { FILTER(" + "!" * 20_000 + "?x) }", "query_operators"),
        ("ASK {" + "BIND(1 AS ?x) " * 5000 + "}", "query_operators"),
        ("ASK {" + " ".join(f"?v <p:{i}> ?w{i} ." for i in range(400)) + "}", "query_patterns"),
        ("ASK { ?v " + " ; ".join(f"<p:{i}> ?w{i}" for i in range(400)) + "}", "query_patterns"),
        ("ASK { ?v <p:p> " + " , ".join(f"?w{i}" for i in range(400)) + "}", "query_patterns"),
        ("ASK { ?s ?p (" + "?x " * 300 + ") }", "query_patterns"),
        ("ASK { ?s " + "/".join(f"<p:{i}>" for i in range(400)) + " ?o }", "query_patterns"),
        ("ASK { ?s ?p ?o FILTER(?o IN (" + "1," * 20_000 + "1)) }", "query_values"),
        ("ASK { VALUES ?x {" + "1 " * 20_000 + "} }", "query_values"),
        ("ASK {} #" + "x" * 200_000, "query_bytes"),
        ("ASK {} #" + "é" * 100_000, "query_bytes"),
    ],
    ids=lambda value: None if "query" in value[:5] else value[:24],
)
def test_what_would_burst_an_engine_is_refused(query: str, limit: str) -> None:
    limits = Limits() if limit == "query_bytes" else Limits(query_bytes=10**6)
    with pytest.raises(Refused) as caught:
        check(query, limits)
    assert caught.value.status == 400
    assert caught.value.limit == limits.shown(limit)


@pytest.mark.parametrize(
    ("query", "personal"),
    [
        ("SELECT (NOW() AS ?n) {}", True),
        ("SELECT (now ( ) AS ?n) {}", True),
        ("SELECT * { BIND(STRUUID() AS ?u) }", True),
        ("SELECT * { BIND(BNODE('a') AS ?u) }", True),
        ("SELECT * { ?s ?p ?o FILTER(RAND() < 0.5) }", True),
        ("SELECT (SAMPLE(DISTINCTNOW()) AS ?n) {}", True),
        ("SELECT * { ?s ?p ?o } ORDER BYRAND()", True),
        ("SELECT * { ?s ?p 'NOW()' } # NOW()", False),
        ("SELECT ?now { ?now <http://e/NOW()> ?rand }", False),
        ("PREFIX NOW: <http://e/> SELECT * { ?s NOW:p ?uuid }", False),
    ],
)
def test_personal_answers_are_told_by_tokens(query: str, personal: bool) -> None:
    assert check(query, LIMITS).inspection.personal is personal


def test_escapes_outside_strings_are_decoded() -> None:
    checked = check(r"SELECT ?\u0073 { ?s \u003Chttp://e/p> 'A' }", LIMITS)
    assert checked.text == "SELECT ?s { ?s <http://e/p> 'A' }"
    assert check(r"SELECT ?s { ?s <http://e/\u00E9> '\u0022' }", LIMITS).text.endswith(r"'\u0022' }")


@pytest.mark.parametrize(
    "query",
    [
        r"SELECT * { \u005Cu0053ERVICE <http://e/> { ?a ?b ?c } }",
        r"SELECT * { ?s\u0020?p '\u005Cu0027 . SERVICE <http://e/> { ?a ?b ?c } #' }",
    ],
)
def test_escapes_that_decoding_makes_are_read_too(query: str) -> None:
    """What goes to the engine is the decoded text, and an engine may decode that again."""
    with pytest.raises(Refused) as caught:
        check(query, LIMITS)
    assert caught.value.status == 403


def test_places_are_those_of_the_query_as_sent() -> None:
    checked = check("BASE <x:> SELECT * { ?s <#a> ?b ;\n <#c> ?d . ?e }", LIMITS)
    assert checked.text.count("\n") == 3
    for line, column in ((2, 12), (2, 2), (1, 11)):
        lines = checked.text.split("\n")
        target = {(2, 12): "?e", (2, 2): "<#c>", (1, 11): "SELECT"}[line, column]
        row = next(number for number, text in enumerate(lines, start=1) if target in text)
        assert checked.place(row, lines[row - 1].index(target) + 1) == (line, column)


def test_graphs_named_by_from() -> None:
    head = "PREFIX g: <http://g/> BASE <http://b/> SELECT (EXISTS { ?s ?p ?o } AS ?e)"
    query = f"{head} FROM g:a FROM NAMED <c> {{ ?s ?p 'FROM' }}"
    assert graphs_named(query) == ["http://g/a", "http://b/c"]
    assert graphs_named("PREFIX p: <g/> ASK FROM p:x FROM <y#> {}", "http://h/") == ["http://h/g/x", "http://h/y#"]
    assert graphs_named("ASK FROM <http://[> {}", "http://h/") == ["http://["]
    with pytest.raises(Refused):
        graphs_named("PREFIX FROMg: <x:> PREFIX g: <http://evil/> SELECT * FROMg:a { ?s ?p ?o }")
    with pytest.raises(Refused):
        graphs_named("PREFIX NAMEDg: <x:> PREFIX g: <http://evil/> SELECT * FROM NAMEDg:a { ?s ?p ?o }")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="SELECT{}()<>?$x:.,;'\"\\#\n u0049&|!/*a1é", max_size=80))
def test_any_text_passes_or_is_refused(query: str) -> None:
    try:
        check(query, LIMITS)
    except Refused as refusal:
        assert refusal.status in (400, 403)


@pytest.mark.parametrize(
    "piece",
    ['"', "'''", "a.", "a-", "<", "<a", "\\u0041", "_:a..", "@a-", "?", "#\n", "(", "[", "{", "1.", ":%41", "\\"],
)
def test_long_texts_are_read_in_linear_time(piece: str) -> None:
    """A regular expression that backtracks takes minutes over each of these, and the run is seen to hang."""
    limits = Limits(query_bytes=10**7, query_depth=10**7, query_operators=10**7, query_patterns=10**7)
    with pytest.raises(Refused):
        check("ASK {" + piece * (300_000 // len(piece)), limits)
