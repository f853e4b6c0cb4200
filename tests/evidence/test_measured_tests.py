"""The workspace's own tests are measured: what is honest passes, what is broken says so, nothing becomes green by itself."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.evidence.measurements import Measurement
from services.evidence.sabotage import Place, Places
from services.evidence.test_runs import measure_red, measure_tests
from tests.evidence import workspaces
from tests.evidence.workspaces import code, honest


@pytest.fixture(scope="module")
def measured(environment: Path) -> Measurement:
    """The honest workspace, measured once."""
    return measure_tests(honest(), environment=environment, minimum_percent=80)


def measure(environment: Path, files: Mapping[str, bytes], minimum_percent: int = 80) -> Measurement:
    return measure_tests(files, environment=environment, minimum_percent=minimum_percent)


def test_an_honest_workspace_passes(measured: Measurement) -> None:
    assert measured.outcome == "passed", measured.log
    assert measured.reason == "4 of 4 tests pass; coverage 100.00 %, 80 % asked for."
    assert measured.isolation == "bubblewrap"
    assert measured.tool_version


def test_the_criteria_of_an_honest_workspace_are_covered_each_by_its_own_tests(measured: Measurement) -> None:
    criteria = measured.figures["criteria"]
    assert {id_: found["outcome"] for id_, found in criteria.items()} == {"AC-1": "covered", "AC-2": "covered"}
    assert criteria["AC-2"]["tests"] == [
        "tests/test_expenses.py::test_a_large_amount_needs_a_comment[500-False]",
        "tests/test_expenses.py::test_a_large_amount_needs_a_comment[501-True]",
    ]


def test_coverage_is_counted_by_file(measured: Measurement) -> None:
    assert measured.figures["coverage_by_file"]["app/expenses.py"] == 100.0


def test_a_failing_test_fails_the_whole(environment: Path) -> None:
    found = measure(environment, workspaces.with_a_failing_test())
    assert (found.outcome, found.figures["failed"], found.figures["passed"]) == ("failed", 1, 4)


def test_coverage_below_the_minimum_fails_the_whole(environment: Path) -> None:
    found = measure(environment, workspaces.with_half_the_coverage())
    assert found.outcome == "failed"
    assert 5 < found.figures["coverage_percent"] < 50


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("no test at all", {"tests/test_expenses.py": b""}),
        ("a syntax error in a test", {"tests/test_broken.py": b"def test_x(:\n    assert 1 == 1\n"}),
        ("a test that cannot be imported", {"tests/test_broken.py": b"import nothing_of_this_name\n"}),
        ("a mark that nobody declared", {"tests/test_broken.py": b"import pytest\n@pytest.mark.x\ndef test_y(): assert [1]\n"}),
        ("an application that cannot be imported", {"app/expenses.py": b"raise SystemExit(0)\n"}),
        ("tests that end the process", {"tests/test_end.py": b"import os, signal\ndef test_z():\n    os.kill(os.getpid(), signal.SIGKILL)\n"}),
        ("tests that exit", {"tests/test_end.py": b"import pytest\ndef test_z():\n    pytest.exit('enough', returncode=0)\n"}),
        ("tests that take their report away", {"tests/conftest.py": b"import atexit, os\natexit.register(lambda: os.remove('junit.xml'))\n"}),
        ("tests that take their coverage away", {"tests/conftest.py": b"import atexit, os\natexit.register(lambda: os.remove('coverage.json'))\n"}),
        ("a report that is no report", {"tests/conftest.py": b"import atexit, pathlib\natexit.register(lambda: pathlib.Path('junit.xml').write_text('<testsuite'))\n"}),
        ("a report with entities", {"tests/conftest.py": b"""import atexit, pathlib
HOSTILE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuites><testsuite><testcase name="&e;"/></testsuite></testsuites>'
atexit.register(lambda: pathlib.Path('junit.xml').write_text(HOSTILE))
"""}),
        ("a report with numbers that are none", {"tests/conftest.py": b"""import atexit, pathlib
HOSTILE = '<testsuites><testsuite><testcase name="x" time="soon"/></testsuite></testsuites>'
atexit.register(lambda: pathlib.Path('junit.xml').write_text(HOSTILE))
"""}),
        ("a list of tests that is no list", {"tests/conftest.py": b"import atexit, pathlib\natexit.register(lambda: pathlib.Path('collected.json').write_text('4'))\n"}),
        ("coverage that is no coverage", {"tests/conftest.py": b"import atexit, pathlib\natexit.register(lambda: pathlib.Path('coverage.json').write_text('[]'))\n"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_did_not_come_to_an_end_is_not_measured(
    environment: Path, name: str, changed: Mapping[str, bytes]
) -> None:
    found = measure(environment, {**honest(), **changed})
    assert found.outcome == "not_measured", (name, found.reason)
    assert found.reason


def test_the_log_says_what_was_wrong(environment: Path) -> None:
    found = measure(environment, {**honest(), "tests/test_broken.py": b"def test_x(:\n"})
    assert "SyntaxError" in found.log


def test_the_log_can_be_stored_whatever_the_tests_print(environment: Path) -> None:
    extra = b"def test_x():\n    print(chr(0), chr(27), 'printed')\n    assert [] == [1]\n"
    found = measure(environment, {**honest(), "tests/test_loud.py": extra})
    assert "printed" in found.log
    assert "\x00" not in found.log  # PostgreSQL cannot keep it


@pytest.mark.parametrize(
    "body",
    [
        "@pytest.mark.criterion('AC-9')\n@pytest.mark.skip\ndef test_it():\n    assert approve({'state': 'submitted'})\n",
        "@pytest.mark.criterion('AC-9')\ndef test_it():\n    assert approve({'state': 'submitted'})\n    pytest.skip('later')\n",
        "@pytest.mark.criterion('AC-9')\n@pytest.mark.xfail\ndef test_it():\n    assert approve({'state': 'approved'})\n",
        "@pytest.mark.criterion('AC-9')\ndef test_it():\n    assert True\n",
        "@pytest.mark.criterion('AC-9')\ndef test_it():\n    approve({'state': 'submitted'})\n",
        "@pytest.mark.criterion('AC-9')\ndef test_it():\n    assert 1 + 1 == 2\n",
        "@pytest.mark.criterion('AC-9')\ndef test_it():\n    try:\n        assert approve({'state': 'submitted'})\n    except Exception:\n        pass\n",
        "@pytest.mark.criterion('AC-9')\ndef test_it():\n    with pytest.raises(Exception):\n        approve({'state': 'approved'})\n",
        "@pytest.mark.criterion('AC-9')\n@pytest.mark.parametrize('x', [])\ndef test_it(x):\n    assert approve(x)\n",
    ],
    ids=["skipped", "skips itself", "expected to fail", "assert True", "asserts nothing", "asserts of something else",
         "swallows its failure", "takes any error", "no example"],
)  # fmt: skip
def test_a_test_that_proves_nothing_covers_no_criterion(environment: Path, body: str) -> None:
    extra = b"import pytest\nfrom app.expenses import approve\n\n" + body.encode()
    found = measure(environment, {**honest(), "tests/test_weak.py": extra})
    criteria = found.figures["criteria"]
    assert criteria["AC-9"]["outcome"] == "not_covered", criteria
    assert criteria["AC-1"]["outcome"] == "covered"


def test_a_failing_test_makes_its_criterion_fail_whatever_else_passes(environment: Path) -> None:
    extra = b"import pytest\n@pytest.mark.criterion('AC-1')\ndef test_it():\n    assert 1 == 2\n"
    found = measure(environment, {**honest(), "tests/test_more.py": extra})
    assert found.figures["criteria"]["AC-1"]["outcome"] == "failing"


def test_a_weak_test_elsewhere_does_not_take_the_worth_of_one_with_the_same_name(environment: Path) -> None:
    weak = b"def test_a_submitted_expense_is_approved():\n    assert 1 + 1 == 2\n"
    twice = b"def test_an_approved_expense_is_not_approved_again():\n    assert 1 + 1 == 2\n"
    found = measure(environment, {**honest(), "tests/test_other.py": weak + twice})
    assert found.figures["criteria"]["AC-1"]["outcome"] == "covered"


RED = code("""
    import pytest

    @pytest.mark.criterion("AC-1")
    def test_an_expense_is_approved():
        from app.expenses import approve
        assert approve({"state": "submitted"})["state"] == "approved"
    """)


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({"tests/acceptance/test_it.py": RED}, "passed"),
        ({**honest(), "tests/acceptance/test_it.py": RED}, "failed"),
        ({"tests/acceptance/test_it.py": RED + b"\ndef test_easy():\n    assert 1 + 1 == 2\n"}, "failed"),
        ({"tests/acceptance/test_it.py": RED + b"\n@pytest.mark.skip\ndef test_later():\n    assert [] == [1]\n"}, "failed"),
        ({"tests/acceptance/test_it.py": b"def test_x(:\n"}, "not_measured"),
        ({"tests/acceptance/__init__.py": b""}, "not_measured"),
    ],
    ids=["all fail", "there is code already", "one passes", "one is skipped", "a syntax error", "no test"],
)  # fmt: skip
def test_red_means_that_every_acceptance_test_fails(
    environment: Path, files: Mapping[str, bytes], outcome: str
) -> None:
    found = measure_red(files, environment=environment)
    assert found.outcome == outcome, (found.reason, found.log)


@pytest.mark.parametrize("rules", [{}, {"AC-9": Place("app/expenses.py", "approve")}], ids=["everything", "its place"])
def test_tests_in_classes_prove_their_criteria_too(environment: Path, rules: Places) -> None:
    """Two classes may have tests of the same name."""
    one = """
class TestOne:
    @pytest.mark.criterion("AC-9")
    @pytest.mark.parametrize("state", ["approved", "a::b"])
    def test_it(self, state):
        with pytest.raises(ValueError):
            approve({"state": state})
        assert approve({"state": "submitted"})["state"] == "approved"
"""
    other = "\n\nclass TestOther:\n    def test_it(self):\n        assert 1 + 1 == 2\n"
    text = f"import pytest\nfrom app.expenses import approve\n{one}{other}".encode()
    found = measure_tests(
        {**honest(), "tests/test_more.py": text}, environment=environment, minimum_percent=0, rules=rules
    )
    assert found.outcome == "passed", found.reason
    told = found.figures["criteria"]["AC-9"]
    assert told["outcome"] == "covered", told["reason"]
    assert told["tests"] == [f"tests/test_more.py::TestOne::test_it[{state}]" for state in ("approved", "a::b")]
