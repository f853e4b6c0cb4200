"""What the blueprint engine generates is measured like anybody's work: its own tests, in the sandbox, per methodology."""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from services.evidence.measurements import Measurement
from services.evidence.sabotage import Place
from services.evidence.test_runs import measure_red, measure_tests
from services.features.extract import understand
from services.workflow.options import Methodology
from tests.agents.chain import drafts_of, files_of, records_of
from tests.builders import REQUEST

CRITERIA = "tests/acceptance/test_criteria.py"


@cache
def generated(methodology: Methodology, until: str = "tests") -> Mapping[str, bytes]:
    request = REQUEST.model_copy(update={"methodology": methodology})
    return files_of(drafts_of(request, until=until).values())


def rules(methodology: Methodology) -> dict[str, list[Place]]:
    """As the backend says where it keeps each criterion's rule."""
    request = REQUEST.model_copy(update={"methodology": methodology})
    backend = records_of(drafts_of(request, until="backend")["backend"])
    places: dict[str, list[Place]] = {}
    for rule in backend.rules:
        places.setdefault(rule.criterion, []).append(Place(rule.file, rule.function))
    return places


def provable() -> set[str]:
    return {criterion.id for criterion in understand(REQUEST).criteria if criterion.rules}


def outcomes(measured: Measurement) -> dict[str, str]:
    return {id_: found["outcome"] for id_, found in measured.figures.get("criteria", {}).items()}


# The other two go through whole runs, in `tests/e2e/test_stories.py` and `tests/corpus`.
@pytest.mark.parametrize("methodology", [pytest.param(Methodology.TDD, marks=pytest.mark.soak), Methodology.DDD])
def test_generated_tests_pass_cover_the_code_and_prove_every_criterion(
    environment: Path, methodology: Methodology
) -> None:
    measured = measure_tests(
        generated(methodology), environment=environment, minimum_percent=80, rules=rules(methodology)
    )
    assert measured.outcome == "passed", (measured.reason, measured.log[-2000:])
    assert measured.figures["coverage_percent"] >= 80
    assert measured.figures["skipped"] == 0
    assert outcomes(measured) == dict.fromkeys(provable(), "covered")


def test_under_tdd_the_acceptance_tests_are_red_before_the_code_and_there_are_as_many_as_criteria(
    environment: Path,
) -> None:
    measured = measure_red(generated(Methodology.TDD, "tests-red"), environment=environment)
    assert measured.outcome == "passed", (measured.reason, measured.log[-2000:])
    marked = {id_ for test in measured.figures["tests"] for id_ in test["criteria"]}
    assert marked == provable()


_STEPS = "from tests.acceptance.steps import attempt, made\n"
WEAK = {
    "AC-S1": f'{_STEPS}assert attempt(client, "expense", "update", made(client, "expense")).status_code == 200',
    "AC-3.1": 'assert client.get("/health").status_code == 200',
    "AC-2.1": f'{_STEPS}assert made(client, "expense")["id"]',
}


def with_other_bodies(source: bytes, bodies: Mapping[str, str]) -> bytes:
    """The tests of some criteria now assert something else that is true."""
    tree, replaced = ast.parse(source), []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        marks = {
            a.value
            for d in node.decorator_list
            if isinstance(d, ast.Call)
            for a in d.args
            if isinstance(a, ast.Constant)
        }
        for id_ in marks & bodies.keys():
            node.body = ast.parse(bodies[str(id_)]).body
            replaced.append(id_)
    assert sorted(map(str, replaced)) == sorted(bodies)
    return ast.unparse(ast.fix_missing_locations(tree)).encode()


def test_a_criterion_is_not_proven_by_a_test_that_survives_when_its_own_function_is_broken(environment: Path) -> None:
    files = dict(generated(Methodology.TRADITIONAL))
    files[CRITERIA] = with_other_bodies(files[CRITERIA], WEAK)
    places = rules(Methodology.TRADITIONAL)
    measured = measure_tests(files, environment=environment, minimum_percent=80, rules=places)
    assert measured.figures["failed"] == 0, measured.log[-2000:]
    found = outcomes(measured)
    assert {id_ for id_, outcome in found.items() if outcome != "covered"} == set(WEAK)
