"""Every kind of rule: its code stands in the service, its test passes, and fails when just that rule is broken."""

import ast
import json
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from defusedxml import ElementTree

from services.agents.blueprint.rules.rule_code import KINDS
from services.agents.blueprint.rules.rule_plan import plan_of
from services.evidence.places import find_spot
from services.features.understanding import RuleKind
from services.workflow.options import Methodology
from tests.agents.chain import files_of, records_of
from tests.agents.designs import service_of, write
from tests.agents.understandings import everything, plain

TESTS = "tests/acceptance/test_criteria.py"
# Put beside the generated tests: while a test runs, the places of its criterion are broken.
PLUGIN = """
import importlib, json, os, types
import pytest

PLACES = json.loads(open(os.environ["PLACES"]).read())

def raises(*args, **kwargs):
    raise RuntimeError("broken on purpose")

def does_nothing(*args, **kwargs):
    return None

def broken_code(function):
    code = (raises if os.environ["WAY"] == "raises" else does_nothing).__code__
    return code.replace(co_freevars=function.__code__.co_freevars)

@pytest.fixture(autouse=True)
def broken(request, client, monkeypatch):
    criterion = next(request.node.iter_markers("criterion")).args[0]
    for module, name in PLACES.get(criterion, ()):
        home = importlib.import_module(module)
        if "[" in name:
            table, key = name.rstrip("]").split("[")
            monkeypatch.delitem(getattr(home, table), key)
        else:
            function = getattr(home, name)
            monkeypatch.setattr(function, "__code__", broken_code(function))
"""


@cache
def service() -> Mapping[str, bytes]:
    return files_of(service_of(everything()).values())


def places() -> dict[str, list[tuple[str, str]]]:
    """Criterion -> (file, name) of what keeps its rules."""
    found: dict[str, list[tuple[str, str]]] = {}
    for rule in records_of(service_of(everything())["backend"]).rules:
        found.setdefault(rule.criterion, []).append((rule.file, rule.function))
    return found


def run(folder: Path, python: Path, *, only: list[str] | None = None, **variables: str) -> dict[str, str]:
    """Test -> passed or failed, of the generated acceptance tests."""
    targets = [f"{TESTS}::{name}" for name in only] if only else [TESTS]
    command = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=native",
        "--junitxml=out.xml",
        *targets,
    ]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]
    tests = ElementTree.parse(folder / "out.xml").iter("testcase")
    return {
        t.get("name", ""): "failed" if t.find("failure") is not None or t.find("error") is not None else "passed"
        for t in tests
    }


def name_of(criterion: str) -> str:
    return f"test_{criterion.lower().replace('-', '_')}"


def test_every_kind_has_code_a_test_and_a_rule_in_the_example() -> None:
    plan = plan_of(everything())
    assert set(KINDS) == set(RuleKind) == {rule.kind for rule in plan.domain.rules}
    assert not plan.left


@pytest.mark.parametrize("methodology", Methodology)
def test_every_place_that_a_rule_names_is_there(methodology: Methodology) -> None:
    drafts = service_of(everything(), methodology)
    files = files_of(drafts.values())
    for rule in records_of(drafts["backend"]).rules:
        assert find_spot(ast.parse(files[rule.file]), rule.function)


def test_with_no_rule_nothing_is_generated_for_one() -> None:
    files = files_of(service_of(plain()).values())
    rules = files["app/notes/rules.py"].decode()
    assert "check_" not in rules
    assert "after_" not in rules
    assert "app/sweep.py" not in files


@pytest.mark.parametrize("methodology", Methodology)
def test_the_same_understanding_gives_the_same_files_and_each_compiles(methodology: Methodology) -> None:
    first, second = (files_of(service_of(everything(), methodology).values()) for _ in range(2))
    assert first == second
    for path, data in first.items():
        if path.endswith(".py"):
            compile(data, path, "exec")


def test_each_criterion_fails_only_while_its_own_rule_is_broken(tmp_path: Path, service_python: Path) -> None:
    whole = write(dict(service()), tmp_path / "whole")
    outcomes = run(whole, service_python)
    assert set(outcomes) == {name_of(c.id) for c in plan_of(everything()).provable}
    assert {name for name, outcome in outcomes.items() if outcome == "failed"} == set()
    in_code = {c: [p for p in found if "." not in p[1]] for c, found in places().items()}
    in_code = {c: found for c, found in in_code.items() if found}
    modules = {c: [(f.removesuffix(".py").replace("/", "."), n) for f, n in found] for c, found in in_code.items()}
    conftest = whole / "tests/acceptance/conftest.py"
    conftest.write_text(conftest.read_text() + PLUGIN)
    (whole / "places.json").write_text(json.dumps(modules))
    for way in ("raises", "does nothing"):
        outcomes = run(whole, service_python, only=[name_of(c) for c in in_code], PLACES="places.json", WAY=way)
        assert {name for name, outcome in outcomes.items() if outcome == "passed"} == set(), way


def test_a_criterion_that_a_field_keeps_fails_without_its_limits(tmp_path: Path, service_python: Path) -> None:
    files, criteria = dict(service()), []
    for criterion, found in places().items():
        for path, name in found:
            if "." in name:
                criteria.append(criterion)
                files[path] = _without_limits(files[path], *name.split("."))
    outcomes = run(write(files, tmp_path), service_python, only=sorted({name_of(c) for c in criteria}))
    assert {name for name, outcome in outcomes.items() if outcome == "passed"} == set()


def _without_limits(data: bytes, owner: str, field: str) -> bytes:
    tree = ast.parse(data)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == owner:
            for part in node.body:
                if isinstance(part, ast.AnnAssign) and ast.unparse(part.target) == field:
                    part.annotation, part.value = ast.parse("object").body[0].value, ast.Constant(None)  # type: ignore[attr-defined]
    return ast.unparse(ast.fix_missing_locations(tree)).encode()
