"""Reports were written beside hostile code: whatever is not what pytest writes is refused, and nothing else is raised."""

import pytest

from services.evidence.test_reports import UnreadableReport, read_collected, read_coverage, read_junit

BOMB = b"""<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<testsuites><testsuite><testcase name="&c;"/></testsuite></testsuites>"""
EXTERNAL = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuites><testcase name="&e;"/></testsuites>"""


def case(inside: str = "", time: str = "0.1") -> bytes:
    return f'<testsuites><testsuite><testcase name="test_x" time="{time}">{inside}</testcase></testsuite></testsuites>'.encode()


def having(name: str, value: str) -> str:
    return f'<properties><property name="{name}" value="{value}"/></properties>'


@pytest.mark.parametrize(
    "data",
    [None, b"", b"<testsuites", b"\xff\xfe\x00", b"not xml", BOMB, EXTERNAL, case(time="soon"),
     case(time="nan"), case(having("asserts", "many"))],
    ids=["missing", "empty", "cut off", "binary", "text", "entities", "external entity", "time",
         "no time", "asserts"],
)  # fmt: skip
def test_a_junit_report_that_pytest_did_not_write_is_refused(data: bytes | None) -> None:
    with pytest.raises(UnreadableReport):
        read_junit(data)


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [("", "passed"), ("<failure/>", "failed"), ("<error/>", "failed"), ("<skipped/>", "skipped"),
     ("<skipped/><failure/>", "failed")],
)  # fmt: skip
def test_the_outcome_of_a_test_is_the_worst_that_the_report_says(inside: str, outcome: str) -> None:
    (test,) = read_junit(case(inside))
    assert test.outcome == outcome


def test_criteria_and_asserts_are_read_from_the_properties() -> None:
    inside = f"{having('criterion', 'AC-1')}{having('criterion', 'AC-2')}{having('asserts', '3')}{having('test', 'tests/a.py::TestA::test_it[a::b]')}"
    (test,) = read_junit(case(inside))
    assert (test.criteria, test.asserts) == (("AC-1", "AC-2"), 3)
    assert (test.file, test.name, test.id) == (
        "tests/a.py",
        "TestA::test_it[a::b]",
        "tests/a.py::TestA::test_it[a::b]",
    )


@pytest.mark.parametrize(
    "data",
    [None, b"", b"[]", b"{}", b"null", b'"text"', b'{"totals": {}, "files": {}}',
     b'{"totals": {"percent_covered": "all"}, "files": {}}', b'{"totals": {"percent_covered": 100}, "files": []}',
     b'{"totals": {"percent_covered": NaN}, "files": {}}', b'{"totals": {"percent_covered": 1e999}, "files": {}}',
     b'{"totals": {"percent_covered": 101}, "files": {}}', b'{"totals": {"percent_covered": -1}, "files": {}}'],
)  # fmt: skip
def test_coverage_that_coverage_py_did_not_write_is_refused(data: bytes | None) -> None:
    with pytest.raises(UnreadableReport):
        read_coverage(data)


@pytest.mark.parametrize("data", [None, b"", b"4", b"null", b'{"a": 1}', b'"tests"', b"[1, 2]"])
def test_a_list_of_tests_that_is_no_list_of_names_is_refused(data: bytes | None) -> None:
    with pytest.raises(UnreadableReport):
        read_collected(data)
