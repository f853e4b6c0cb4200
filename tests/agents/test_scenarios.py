"""Under bdd: features that people read, and steps that do what their sentences say."""

import ast
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.agents.blueprint.rules.rule_plan import Plan, plan_of
from services.agents.blueprint.rules.trial_files import acceptance_files
from services.agents.blueprint.testing.scenarios import scenario_files, told_criteria
from services.evidence.sabotage import Place
from services.evidence.sandbox import probe
from services.evidence.test_runs import measure_tests
from services.features.extract import understand
from services.features.understanding import AcceptanceCriterion, RuleKind
from services.workflow.options import Methodology
from tests.agents.chain import files_of, records_of
from tests.agents.corpus_requests import corpus_request, drafts_of_corpus
from tests.agents.designs import write
from tests.agents.understandings import everything
from tests.corpus import corpus
from tests.corpus.options import option_rows
from tests.machine import missing

ROWS = enumerate(option_rows(len(corpus())), start=1)
UNDER_BDD = [number for number, row in ROWS if row["methodology"] is Methodology.BDD]
RESERVATIONS = 8
# Run by the Python of generated services, which has a parser of Gherkin: what every scenario says, and how many steps of
# its own workspace read each sentence.
READER = """
import json, sys
from pathlib import Path
from pytest_bdd.parser import FeatureParser
from pytest_bdd.steps import step_function_context_registry as registry

told = []
for workspace in sorted(Path(sys.argv[1]).iterdir()):
    known, sys.path[:0] = list(registry.values()), [str(workspace)]
    import tests.features.conftest
    steps = [step for step in registry.values() if step not in known]
    for path in sorted((workspace / "tests/features").glob("*.feature")):
        for name, outline in FeatureParser(str(path.parent), path.name).parse().scenarios.items():
            rows = [row for table in outline.examples for row in table.as_contexts()] or [{}]
            for scenario in map(outline.render, rows):
                lines = [(s.type, s.name, sum(d.type == s.type and d.parser.is_matching(s.name) for d in steps)) for s in scenario.steps]
                told.append((workspace.name, scenario.rule.name, name, lines))
    del sys.path[0]
    for module in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[module]
print(json.dumps(told))
"""


@cache
def plan_under_bdd(number: int) -> Plan:
    return plan_of(understand(corpus_request(number), corpus()[number - 1].documents))


PLANS = {str(number): plan_under_bdd(number) for number in UNDER_BDD} | {"every kind": plan_of(everything())}


def tellable(plan: Plan) -> list[AcceptanceCriterion]:
    """A call to another system shows in an outbox, not to a person: it has its ordinary test only."""
    return [c for c in plan.provable if any(rule.kind is not RuleKind.CALL for rule in c.rules)]


def functions(source: bytes) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(given, when or then; function) of every step."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and isinstance(
            node.decorator_list[0] if node.decorator_list else None, ast.Call
        ):
            yield ast.unparse(node.decorator_list[0].func), node  # type: ignore[attr-defined]


def test_every_scenario_has_a_given_one_when_and_a_then_and_each_sentence_one_step(
    tmp_path: Path, service_python: Path
) -> None:
    for name, plan in PLANS.items():
        modules = {resource.name: f"app.{resource.plural}" for resource in plan.resources}
        write({"tests/__init__.py": b"", **acceptance_files(plan, modules), **scenario_files(plan)}, tmp_path / name)
    done = subprocess.run(
        [service_python, "-c", READER, tmp_path], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: list[tuple[str, str, str, list[tuple[str, str, int]]]] = json.loads(done.stdout)
    for workspace, _, name, lines in told:
        kinds = [kind for kind, _, _ in lines]
        assert (kinds[0], kinds.count("when"), kinds[-1]) == ("given", 1, "then"), (workspace, name)
        assert kinds == sorted(kinds, key=["given", "when", "then"].index), (workspace, name)
        assert [line for line in lines if line[2] != 1] == [], (workspace, name)
    for name, plan in PLANS.items():
        stated = {" ".join(c.text.split()).removeprefix("- ") for c in tellable(plan)}
        assert {rule for workspace, rule, _, _ in told if workspace == name} == stated


@pytest.mark.parametrize("name", PLANS)
def test_every_criterion_that_can_be_proven_has_scenarios_and_keeps_its_ordinary_test(name: str) -> None:
    plan = PLANS[name]
    assert set(told_criteria(plan)) == {c.id for c in tellable(plan)}
    tests = acceptance_files(plan, {r.name: "app" for r in plan.resources})[
        "tests/acceptance/test_criteria.py"
    ].decode()
    assert all(f'@pytest.mark.criterion("{c.id}")' in tests for c in plan.provable)


def test_each_step_does_something_of_its_own_and_none_runs_a_test() -> None:
    files = scenario_files(PLANS["every kind"])
    steps = list(functions(files["tests/features/conftest.py"]))
    steps = [(kind, step) for kind, step in steps if kind in ("given", "when", "then")]
    bodies = [ast.unparse(step.body) for _, step in steps]  # type: ignore[arg-type]
    assert len(set(bodies)) == len(bodies)
    for kind, step in steps:
        used = {node.id for node in ast.walk(step) if isinstance(node, ast.Name)}
        assert "story" in used, step.name
        assert (kind == "then") is any(isinstance(node, ast.Assert) for node in ast.walk(step)), step.name
    for path, data in files.items():
        assert b"test_criteria" not in data, path


def test_what_a_feature_says_is_said_as_people_say_it() -> None:
    for name, plan in PLANS.items():
        for path, data in scenario_files(plan).items():
            for line in data.decode().splitlines() if path.endswith(".feature") else ():
                said: Any = line.strip().split('"')[::2]
                wrong = [part for part in said if "_" in part or "None" in part or ("  " in part and "|" not in part)]
                assert line.startswith("  Rule:") or not wrong, (name, line)


@pytest.mark.soak
def test_the_scenarios_alone_pass_and_prove_every_criterion_where_its_rule_is_broken(service_python: Path) -> None:
    if problem := probe().problem:
        missing(problem)
    drafts = drafts_of_corpus(RESERVATIONS, methodology=Methodology.BDD)
    others = ("tests/test_", "tests/acceptance/test_")
    files = {path: data for path, data in files_of(drafts.values()).items() if not path.startswith(others)}
    places: dict[str, list[Place]] = {}
    for rule in records_of(drafts["backend"]).rules:
        places.setdefault(rule.criterion, []).append(Place(rule.file, rule.function))
    measured = measure_tests(files, environment=service_python.parent.parent, minimum_percent=0, rules=places)
    assert (measured.outcome, measured.figures["failed"]) == ("passed", 0), (measured.reason, measured.log[-2000:])
    found = {id_: (told["outcome"], told["reason"]) for id_, told in measured.figures["criteria"].items()}
    assert set(found) == {c.id for c in tellable(PLANS[str(RESERVATIONS)])}
    assert {id_: told for id_, told in found.items() if told[0] != "covered"} == {}
