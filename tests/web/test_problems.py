"""Refusals and errors: what they say, in which form, and what they never say."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import Client

from pledgegraph.service import Busy, Exhausted, OverBudget, Refused, ServiceError, TimedOut, TooLarge
from pledgegraph.web import problems
from pledgegraph.web.problems import KINDS, Problem
from pledgegraph.web.site import Site

BASE = "https://pledges.example/graph/"
NASTY = '"><script>alert(1)</script>\ud800\r\nX-Injected: 1'


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (Refused(400, "The query does not parse", "no", line=2, column=3), "bad-query", 400),
        (Refused(403, "SERVICE is refused", "no"), "not-allowed", 403),
        (Refused(406, "no", "no"), "not-acceptable", 406),
        (TooLarge("no", limit="50 MiB"), "too-large", 413),
        (Exhausted("no"), "exhausted", 422),
        (OverBudget("no", retry_after=7), "over-budget", 429),
        (TimedOut("no", limit="10 seconds"), "timed-out", 503),
        (Busy("no", retry_after=1), "busy", 503),
    ],
)
def test_each_error_of_the_service(error: ServiceError, kind: str, status: int) -> None:
    problem = Problem.from_service(error)
    document = problem.document(BASE)
    assert document["type"] == f"{BASE}problems#{kind}"
    assert document["status"] == problem.status == status == error.status
    assert document["detail"] == "no"
    assert document.get("line") == error.line and document.get("limit") == error.limit
    retry = dict(problem.response_headers()).get("Retry-After")
    assert retry == (None if error.retry_after is None else str(error.retry_after))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_explained_where_its_type_leads(client: Client, kind: str) -> None:
    page = client.get("/problems").get_data(as_text=True)
    assert f'id="{kind}"' in page and KINDS[kind].title in page


@pytest.mark.parametrize("status", [400, 404, 405, 406, 408, 411, 413, 414, 415, 418, 422, 429, 431, 500, 501, 503])
def test_any_status_has_a_problem_of_its_class(status: int) -> None:
    assert Problem.from_status(status).status // 100 == status // 100


def test_html_and_json_carry_the_same_and_escape_it() -> None:
    problem = Problem("bad-query", NASTY, hint=NASTY, title=NASTY, line=1, column=2, limit=NASTY)
    status, headers, body = problems.render(problem, "application/json", BASE)
    assert status == "400 Bad Request"
    assert dict(headers)["Content-Type"] == "application/problem+json"
    assert json.loads(body)["column"] == 2
    status, headers, body = problems.render(problem, "text/html", BASE)
    page = body.decode()
    assert dict(headers)["Content-Type"] == "text/html; charset=utf-8"
    assert int(dict(headers)["Content-Length"]) == len(body)
    assert "<script>" not in page and "line 1, column 2" in page
    assert all("\n" not in value and "\r" not in value for _, value in headers)


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (None, False),
        ("*/*", False),
        ("application/sparql-results+json", False),
        ("text/html,*/*;q=0.8", True),
        ("text/turtle", False),
        ("application/json, text/html;q=0.5", False),
    ],
)
def test_the_form_follows_the_accept_header(client: Client, accept: str | None, html: bool) -> None:
    for path in ("/none", "/sparql?query=nonsense", "/id/%20", "/data/none.ttl", "/static/none"):
        response = client.get(path, headers={"Accept": accept} if accept else {})
        assert 400 <= response.status_code < 500
        assert response.headers["Content-Type"].startswith("text/html" if html else "application/problem+json")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"


def test_a_fault_of_the_program_shows_nothing_of_it(
    site: Site, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("secret /path/of/a/file")

    monkeypatch.setattr(type(site.service), "answer", fault)
    for accept in ("application/json", "text/html"):
        for path in ("/sparql?query=ASK%20%7B%20%7D", "/data/thing.ttl"):
            response = client.get(path, headers={"Accept": accept})
            assert response.status_code == 500
            assert b"secret" not in response.data and b"Traceback" not in response.data
    assert "secret" in capsys.readouterr().err


def test_the_address_in_an_error_page_is_escaped(client: Client) -> None:
    for path in (
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/id/%3Cscript%3E",
        "/static/%3Cscript%3E",
        "/data/dumps/%3Cb%3E",
    ):
        page = client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
        assert "<script>alert" not in page and "<b>" not in page
