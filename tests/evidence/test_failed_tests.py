"""Failed tests become findings where they failed, for whoever owns the place; no report is believed to be well-formed."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.evidence.failed_tests import MESSAGE_MAX, failed_tests, low_coverage
from services.evidence.findings import Severity
from services.evidence.test_runs import measure_red, measure_tests
from tests.evidence.workspaces import honest, with_a_failing_test, with_half_the_coverage

WRONG = b"from app.expenses import approve\n\n\ndef test_it():\n    assert approve({'state': 'submitted'})['state'] == 'paid'\n"


def told(environment: Path, changed: Mapping[str, bytes]) -> list[tuple[str, str, str]]:
    found = measure_tests({**honest(), **changed}, environment=environment, minimum_percent=80)
    assert found.outcome != "passed"
    return [(f.place, f.task, f.message) for f in found.findings]


@pytest.mark.parametrize(
    ("changed", "place", "task", "says"),
    [
        ({"tests/test_it.py": WRONG}, "tests/test_it.py:5", "tests", "'approved' == 'paid'"),
        ({"tests/test_it.py": b"import nothing_of_this_name\n"}, "tests/test_it.py:1", "tests", "ModuleNotFoundError"),
        ({"tests/test_it.py": b"def test_x(:\n"}, "tests/test_it.py:1", "tests", "SyntaxError"),
        ({"tests/test_it.py": b"def test_x(nothing):\n    assert [1]\n"}, "tests/test_it.py:1", "tests", "fixture 'nothing'"),
        ({"app/expenses.py": b"def x(:\n"}, "app/expenses.py:1", "backend", "SyntaxError"),
        ({"tests/conftest.py": b"def pytest_sessionfinish(): ...\n"}, "tests/conftest.py:1", "tests", "pytest_sessionfinish"),
    ],
    ids=["assertion", "import", "no Python", "fixture", "application", "hook"],
)  # fmt: skip
def test_a_failure_is_told_where_it_happened(
    environment: Path, changed: dict[str, bytes], place: str, task: str, says: str
) -> None:
    [(found_place, found_task, message)] = told(environment, changed)
    assert (found_place, found_task, says in message) == (place, task, True)


def test_what_the_application_raises_belongs_to_the_application(environment: Path) -> None:
    [found] = measure_tests(with_a_failing_test(), environment=environment, minimum_percent=80).findings
    assert (found.rule, found.severity, found.place, found.task) == (
        "test-failed", Severity.HIGH, "app/expenses.py:3", "backend",
    )  # fmt: skip


def test_missing_coverage_is_a_finding_of_the_tests_that_names_the_weakest_files(environment: Path) -> None:
    [found] = measure_tests(with_half_the_coverage(), environment=environment, minimum_percent=80).findings
    assert (found.rule, found.task, "app/untested.py 0 %" in found.message) == ("coverage-too-low", "tests", True)
    assert list(low_coverage(80.0, 80, {})) == []


def test_an_honest_workspace_has_no_finding(environment: Path) -> None:
    assert measure_tests(honest(), environment=environment, minimum_percent=80).findings == ()


def test_a_test_that_is_green_too_early_is_a_finding(environment: Path) -> None:
    files = {"tests/acceptance/test_it.py": b"def test_easy():\n    assert 1 + 1 == 2\n"}
    [found] = measure_red(files, environment=environment).findings
    assert (found.rule, found.place, found.task) == ("test-not-red", "tests/acceptance/test_it.py", "tests-red")


def report(text: str, message: str = "wrong") -> bytes:
    return f'<testsuites><testcase classname="tests.test_it" name="test_x"><failure message="{message}">{text}</failure></testcase></testsuites>'.encode()


FILES = {"tests/test_it.py": b"", "app/main.py": b""}


@pytest.mark.parametrize(
    "data", [None, b"", b"<testsuites", b"\xff\xfe\x00", b'<!DOCTYPE x [<!ENTITY e "a">]><x>&e;</x>']
)
def test_a_report_that_cannot_be_read_tells_nothing(data: bytes | None) -> None:
    assert failed_tests(data, FILES) == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("tests/test_it.py:3: \napp/main.py:9: ValueError", "app/main.py:9"),
        ("tests/test_it.py:3: \n/usr/lib/python3/json.py:9: ValueError", "tests/test_it.py:3"),
        ("/etc/passwd.py:1: x\n../../escape.py:2: x", "tests/test_it.py"),
        ("app/main.py:9999999999999999999999: x", "app/main.py:9999999999999999999999"),
        ("", "tests/test_it.py"),
    ],
)
def test_a_place_is_a_file_of_the_workspace(text: str, place: str) -> None:
    [found] = failed_tests(report(text), FILES)
    assert found.place == place


def test_what_a_test_prints_about_itself_is_cut() -> None:
    [found] = failed_tests(report("E   " + "x" * 10_000), FILES)
    assert len(found.message) < MESSAGE_MAX + 50
