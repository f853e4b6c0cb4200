"""Which tests prove an acceptance criterion: tests that pass, assert, and fail when the application is broken."""

import ast

import pytest

from services.evidence.sabotage import sabotaged
from services.evidence.test_reports import TestOutcome, judge_criteria


def a_test(
    name: str, outcome: str = "passed", *, asserts: int = 1, criteria: tuple[str, ...] = ("AC-1",)
) -> TestOutcome:
    return TestOutcome(name, "tests/test_api.py", outcome, 0.1, criteria, asserts)


PASSING, FAILING, SKIPPED = a_test("good"), a_test("bad", "failed"), a_test("later", "skipped")
HOLLOW, OTHER = a_test("hollow", asserts=0), a_test("other")


@pytest.mark.parametrize(
    ("tests", "survivors", "outcome", "said"),
    [
        ((PASSING,), (), "covered", "1 test passes"),
        ((PASSING, OTHER), (), "covered", "2 tests pass"),
        ((PASSING, SKIPPED), (), "covered", "1 test passes"),
        ((PASSING, FAILING), (), "failing", "bad fails"),
        ((SKIPPED,), (), "not_covered", "skipped"),
        ((HOLLOW,), (), "not_covered", "hollow asserts nothing"),
        ((PASSING, HOLLOW), (), "not_covered", "hollow asserts nothing"),
        ((PASSING,), ("good",), "not_covered", "good also passes when the application is broken"),
        ((PASSING, OTHER), ("good", "other"), "not_covered", "also passes"),
        ((PASSING, OTHER), ("good",), "covered", "2 tests pass"),
    ],
)
def test_a_criterion_is_proven_by_its_tests(
    tests: tuple[TestOutcome, ...], survivors: tuple[str, ...], outcome: str, said: str
) -> None:
    found = judge_criteria(tests, frozenset(survivors))["AC-1"]
    assert found["outcome"] == outcome
    assert said in found["reason"]


def test_a_criterion_without_a_marked_test_is_not_judged() -> None:
    assert judge_criteria((a_test("unmarked", criteria=()),), frozenset()) == {}


def test_one_test_may_prove_two_criteria() -> None:
    found = judge_criteria((a_test("both", criteria=("AC-1", "AC-2")),), frozenset())
    assert [found[id_]["outcome"] for id_ in ("AC-1", "AC-2")] == ["covered", "covered"]


def test_a_criterion_names_its_tests() -> None:
    assert judge_criteria((PASSING,), frozenset())["AC-1"]["tests"] == ["tests/test_api.py::good"]


SOURCE = b"def a():\n    return 1\n\nclass B:\n    async def c(self):\n        def d():\n            return 2\n        return d()\n"


def test_every_function_of_the_application_is_broken() -> None:
    tree = ast.parse(sabotaged({"app/a.py": SOURCE})["app/a.py"])
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [function.name for function in functions] == ["a", "c"]
    assert {type(function.body[0]) for function in functions} == {ast.Raise}


@pytest.mark.parametrize("path", ["tests/test_a.py", "app/data.json", "migrations/a.py"])
def test_nothing_else_is_broken(path: str) -> None:
    assert sabotaged({path: SOURCE}) == {path: SOURCE}


def test_what_does_not_parse_stays_as_it_is() -> None:
    assert sabotaged({"app/a.py": b"def ("}) == {"app/a.py": b"def ("}
