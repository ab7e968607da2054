"""What errors and findings say."""

from pledgegraph.errors import Finding, FindingsError, InputError, PledgegraphError, QuerySyntaxError, RunError


def test_place_message_and_remedy() -> None:
    error = InputError("the day is no day", file="graph/a.ttl", line=7, hint="Write 2024-11-25")
    assert str(error) == "graph/a.ttl:7: the day is no day. Write 2024-11-25"
    assert str(InputError("Stop!", file="a.ttl")) == "a.ttl: Stop!"


def test_exit_codes_are_a_contract() -> None:
    assert (InputError("").exit_code, RunError("").exit_code, PledgegraphError("").exit_code) == (1, 2, 2)


def test_findings_count_violations_alone() -> None:
    findings = [Finding("a.ttl", 1, "violation", "wrong"), Finding(None, None, "warning", "odd")]
    assert str(FindingsError(findings)) == "1 violation"
    assert [str(finding) for finding in findings] == ["a.ttl:1: violation: wrong", "warning: odd"]


def test_query_errors_say_line_and_column() -> None:
    assert str(QuerySyntaxError("expected }", line=2, column=5)) == (
        "the query does not parse at line 2, column 5: expected }"
    )
