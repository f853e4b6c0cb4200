"""Which tests prove an acceptance criterion: tests that pass, assert, and fail when their rule is broken."""

import ast

import pytest

from services.evidence.sabotage import Breakage, Place, sabotaged, switchable
from services.evidence.test_reports import TestOutcome, judge_criteria


def a_test(
    name: str, outcome: str = "passed", *, asserts: int = 1, criteria: tuple[str, ...] = ("AC-1",)
) -> TestOutcome:
    return TestOutcome(name, "tests/test_api.py", outcome, 0.1, criteria, asserts)


PASSING, FAILING, SKIPPED = a_test("good"), a_test("bad", "failed"), a_test("later", "skipped")
HOLLOW, OTHER = a_test("hollow", asserts=0), a_test("other")


@pytest.mark.parametrize(
    ("tests", "seen_to_fail", "outcome", "said"),
    [
        ((PASSING,), ("good",), "covered", "1 test passes"),
        ((PASSING, OTHER), ("good", "other"), "covered", "2 tests pass"),
        ((PASSING, SKIPPED), ("good",), "covered", "1 test passes"),
        ((PASSING, FAILING), ("good", "bad"), "failing", "bad fails"),
        ((SKIPPED,), (), "not_covered", "skipped"),
        ((HOLLOW,), ("hollow",), "not_covered", "hollow asserts nothing"),
        ((PASSING, HOLLOW), ("good", "hollow"), "not_covered", "hollow asserts nothing"),
        ((PASSING,), (), "not_covered", "good was not seen to fail when its rule is broken"),
        ((PASSING, OTHER), (), "not_covered", "not seen to fail"),
        ((PASSING, OTHER), ("other",), "covered", "1 test passes"),
    ],
)
def test_a_criterion_is_proven_by_its_tests(
    tests: tuple[TestOutcome, ...], seen_to_fail: tuple[str, ...], outcome: str, said: str
) -> None:
    found = judge_criteria(tests, frozenset((f"tests/test_api.py::{name}", "AC-1") for name in seen_to_fail))["AC-1"]
    assert found["outcome"] == outcome
    assert said in found["reason"]


def test_a_criterion_without_a_marked_test_is_not_judged() -> None:
    assert judge_criteria((a_test("unmarked", criteria=()),), frozenset()) == {}


def test_one_test_may_prove_two_criteria() -> None:
    both = a_test("both", criteria=("AC-1", "AC-2"))
    found = judge_criteria((both,), frozenset({(both.id, "AC-1"), (both.id, "AC-2")}))
    assert [found[id_]["outcome"] for id_ in ("AC-1", "AC-2")] == ["covered", "covered"]


def test_a_test_that_fails_for_one_criterion_does_not_prove_the_other() -> None:
    both = a_test("both", criteria=("AC-1", "AC-2"))
    found = judge_criteria((both,), frozenset({(both.id, "AC-1")}))
    assert [found[id_]["outcome"] for id_ in ("AC-1", "AC-2")] == ["covered", "not_covered"]


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


@pytest.mark.parametrize(("breakage", "left"), [(Breakage.RAISES, [ast.Raise]), (Breakage.DOES_NOTHING, [ast.Return])])
def test_only_the_function_that_keeps_a_rule_gets_a_switch(breakage: Breakage, left: list[type]) -> None:
    files = switchable({"app/a.py": SOURCE, "app/b.py": SOURCE}, {"AC-1": Place("app/a.py", "a")}, breakage)
    first, second = ast.parse(files["app/a.py"]).body
    assert isinstance(first, ast.FunctionDef)
    assert isinstance(first.body[0], ast.If)
    assert [type(node) for node in first.body[0].body] == left
    assert "AC-1" in ast.unparse(first.body[0].test)
    assert ast.unparse(second) == ast.unparse(ast.parse(SOURCE).body[1])
    assert files["app/b.py"] == SOURCE


def test_a_class_of_records_gets_its_switch_where_it_is_made() -> None:
    files = switchable({"app/a.py": SOURCE}, {"AC-1": Place("app/a.py", "B")}, Breakage.DOES_NOTHING)
    changed = ast.parse(files["app/a.py"]).body[1]
    assert isinstance(changed, ast.ClassDef)
    assert [node.name for node in changed.body if isinstance(node, ast.FunctionDef)] == ["__init__"]


@pytest.mark.parametrize("place", [Place("app/a.py", "gone"), Place("app/gone.py", "a")])
def test_a_rule_whose_place_does_not_exist_breaks_nothing(place: Place) -> None:
    files = switchable({"app/a.py": SOURCE}, {"AC-1": place}, Breakage.RAISES)
    assert ast.unparse(ast.parse(files["app/a.py"])) == ast.unparse(ast.parse(SOURCE))


def test_what_does_not_parse_stays_as_it_is() -> None:
    assert sabotaged({"app/a.py": b"def ("}) == {"app/a.py": b"def ("}
