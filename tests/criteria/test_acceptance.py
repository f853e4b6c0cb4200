"""Which tests prove an acceptance criterion: tests that pass, assert, and fail when their rule is broken."""

import ast

import pytest

from services.evidence.proofs import Proof, Tried
from services.evidence.sabotage import Place, prepared, sabotaged
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
    proof = Proof(frozenset(f"tests/test_api.py::{name}" for name in seen_to_fail))
    found = judge_criteria(tests, {"AC-1": proof})["AC-1"]
    assert found["outcome"] == outcome
    assert said in found["reason"]


def test_a_criterion_without_a_marked_test_is_not_judged() -> None:
    assert judge_criteria((a_test("unmarked", criteria=()),), {}) == {}


def test_one_test_may_prove_two_criteria() -> None:
    both = a_test("both", criteria=("AC-1", "AC-2"))
    found = judge_criteria((both,), {"AC-1": Proof(frozenset({both.id})), "AC-2": Proof(frozenset({both.id}))})
    assert [found[id_]["outcome"] for id_ in ("AC-1", "AC-2")] == ["covered", "covered"]


def test_a_test_that_fails_for_one_criterion_does_not_prove_the_other() -> None:
    both = a_test("both", criteria=("AC-1", "AC-2"))
    found = judge_criteria((both,), {"AC-1": Proof(frozenset({both.id}))})
    assert [found[id_]["outcome"] for id_ in ("AC-1", "AC-2")] == ["covered", "not_covered"]


def test_a_criterion_names_its_tests() -> None:
    assert judge_criteria((PASSING,), {})["AC-1"]["tests"] == ["tests/test_api.py::good"]


def test_a_criterion_says_how_its_rule_was_broken_and_what_was_noticed() -> None:
    tried = tuple(
        Tried("app/a.py a", kind, words, noticed)
        for kind, words, noticed in (("raises", "raise", True), ("limit", "5 -> 6", True), ("limit", "7 -> 8", False))
    )
    found = judge_criteria((PASSING,), {"AC-1": Proof(frozenset({PASSING.id}), tried=tried)})["AC-1"]
    assert found["reason"] == "1 test passes, and fails when its rule is broken (noticed: raise; 5 -> 6)."
    assert found["breakages"][2] == {"place": "app/a.py a", "kind": "limit", "breakage": "7 -> 8", "noticed": False}


def test_a_criterion_whose_limit_nobody_looks_at_is_not_covered() -> None:
    proof = Proof(frozenset({PASSING.id}), lacking="No test notices when a is changed (5 -> 6).")
    found = judge_criteria((PASSING,), {"AC-1": proof})["AC-1"]
    assert (found["outcome"], found["reason"]) == ("not_covered", proof.lacking)


SOURCE = b"def a():\n    return 1\n\nclass B:\n    async def c(self):\n        def d():\n            return 2\n        return d()\n"


def test_every_function_of_the_application_is_broken() -> None:
    tree = ast.parse(sabotaged({"app/a.py": SOURCE})["app/a.py"])
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [function.name for function in functions] == ["a", "c"]
    assert {ast.unparse(function.body[0]) for function in functions} == {"__import__('greenlight_switch').stop()"}


@pytest.mark.parametrize("path", ["tests/test_a.py", "app/data.json", "migrations/a.py"])
def test_nothing_else_is_broken(path: str) -> None:
    assert sabotaged({path: SOURCE}) == {path: SOURCE}


def test_only_the_function_that_keeps_a_rule_gets_switches() -> None:
    files = prepared({"app/a.py": SOURCE, "app/b.py": SOURCE}, {"AC-1": Place("app/a.py", "a")}).files
    first, second = ast.parse(files["app/a.py"]).body
    assert isinstance(first, ast.FunctionDef)
    raising, returning = first.body[:2]
    assert isinstance(raising, ast.If)
    assert isinstance(returning, ast.If)
    assert [type(node) for node in (*raising.body, *returning.body)] == [ast.Raise, ast.Return]
    assert ast.unparse(second) == ast.unparse(ast.parse(SOURCE).body[1])
    assert files["app/b.py"] == SOURCE


def test_the_steps_of_a_place_have_the_same_names_in_its_file_and_in_the_plan() -> None:
    sabotage = prepared({"app/a.py": SOURCE}, {"AC-1": Place("app/a.py", "a")})
    steps = sabotage.steps["AC-1"][Place("app/a.py", "a")]
    assert [step.words for step in steps] == ["raise", "nothing", "1 -> 2"]
    assert all(f"is_broken('{step.id}')" in sabotage.files["app/a.py"].decode() for step in steps)


def test_a_class_of_records_gets_its_switch_where_it_is_made() -> None:
    source = b"class B(SQLModel):\n    amount: int\n"
    files = prepared({"app/a.py": source}, {"AC-1": Place("app/a.py", "B")}).files
    changed, *_, guard = ast.parse(files["app/a.py"]).body
    assert isinstance(changed, ast.ClassDef)
    assert [node.name for node in changed.body if isinstance(node, ast.FunctionDef)] == ["__init__"]
    assert ".guard(B, " in ast.unparse(guard)


@pytest.mark.parametrize("place", [Place("app/a.py", "gone"), Place("app/gone.py", "a")])
def test_a_rule_whose_place_does_not_exist_breaks_nothing_and_says_so(place: Place) -> None:
    sabotage = prepared({"app/a.py": SOURCE}, {"AC-1": place})
    assert ast.unparse(ast.parse(sabotage.files["app/a.py"])) == ast.unparse(ast.parse(SOURCE))
    assert list(sabotage.absent) == ["AC-1"]


def test_what_does_not_parse_stays_as_it_is() -> None:
    assert sabotaged({"app/a.py": b"def ("}) == {"app/a.py": b"def ("}
