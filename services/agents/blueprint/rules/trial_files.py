"""The acceptance tests: one per criterion, which proves its rules one after the other, and the steps they share."""

from collections.abc import Mapping
from typing import Any

from services.agents.blueprint.imports import module
from services.agents.blueprint.rendering import render, template_module
from services.agents.blueprint.rules.domain import Domain, field_of
from services.agents.blueprint.rules.examples import NOW, solve, variants
from services.agents.blueprint.rules.rule_code import reachable, required_at, sent_with
from services.agents.blueprint.rules.rule_plan import Plan
from services.agents.blueprint.rules.rule_trials import trial_of
from services.agents.blueprint.rules.trial_basics import CannotProve, by_others, change_of, ready_state, role_for
from services.features import words
from services.features.understanding import AcceptanceCriterion, FieldType, Resource, RuleKind

STEPS = (
    "BODIES", "CHANGE", "MODULES", "NOW", "PATHS", "READY", "ROLES", "TARGETS", "VALID", "WAYS", "as_", "as_it_was", "asked_of", "attempt", "brought_to",
    "delivered", "fields", "ids", "kept", "listed", "made", "notified", "pages", "read", "ready", "reasons", "resolved", "sent", "shown", "swept", "used", "valid", "who",
)  # fmt: skip
SOURCES = {
    "csv": "import csv", "io": "import io", "base64": "import base64", "json": "import json", "dt": "import datetime as dt", "importlib": "import importlib", "runpy": "import runpy",
    "Counter": "collections", "TestClient": "fastapi.testclient", "delete": "sqlalchemy", "Session": "sqlmodel", "select": "sqlmodel", "col": "sqlmodel",
    "pytest": "import pytest", "Path": "pathlib", **dict.fromkeys(STEPS, "tests.acceptance.steps"),
}  # fmt: skip
_MADE = "Made by the blueprint engine; no model was called."


def acceptance_files(plan: Plan, modules: Mapping[str, str]) -> dict[str, bytes]:
    cases = [case_of(plan, criterion) for criterion in plan.provable]
    body = render("testing/acceptance.py.j2", cases=cases).decode()
    steps = render("testing/steps.py.j2", **steps_values(plan, modules)).decode()
    said = f"Acceptance criteria as tests, one by one. {_MADE}\n\nA criterion that only people can decide has no test here.\n"
    own = {name: origin for name, origin in SOURCES.items() if origin != "tests.acceptance.steps"}
    return {
        "tests/acceptance/__init__.py": b"",
        "tests/acceptance/conftest.py": render("testing/conftest.py.j2"),
        "tests/acceptance/steps.py": module(
            f"Short ways to a record in a state, through the service's own door. {_MADE}", steps, own
        ),
        "tests/acceptance/test_criteria.py": module(said, body, SOURCES),
    }


def case_of(plan: Plan, criterion: AcceptanceCriterion) -> dict[str, Any]:
    """What the templates need of a criterion that a test can prove."""
    codes = [plan.code_of(rule) for rule in criterion.rules]
    made = [(code, trial_of(plan.domain, code)) for code in codes]
    return {
        "id": criterion.id,
        "name": words.identifier(criterion.id, "criterion").replace("-", "_"),
        "text": criterion.text,
        "rules": criterion.rules,
        "bodies": [
            str(template_module(code.template).test(code.rule.resource, code, trial)).strip("\n")
            for code, trial in made
        ],
    }


def steps_values(plan: Plan, modules: Mapping[str, str]) -> dict[str, Any]:
    domain, names = plan.domain, [r.name for r in plan.resources]
    pairs = [(name, act) for name in names for act in domain.acts(name)]
    verbs = [(name, verb) for name in names for verb, _, _ in domain.resource(name).transitions]
    hidden = {name: domain.hidden(name) for name in names}
    return {
        "now": f"{NOW.isoformat()}+00:00",
        "entities": plan.resources,
        "modules": modules,
        "has_calls": any(rule.kind is RuleKind.CALL for rule in domain.rules),
        "examples": {name: examples_of(domain, name) for name in names},
        "change": {name: change_of(domain, name) for name in names},
        "path": lambda resource: f"/{resource.plural.replace('_', '-')}",
        "roles": {pair: role_for(domain, *pair) for pair in pairs},
        "by_others": tuple(pair for pair in pairs if by_others(domain, *pair)),
        "ready": {pair: state for pair in pairs if pair[1] not in ("create", "list", "export") and (state := ready_state(domain, *pair))},
        "targets": {pair: domain.target(*pair) for pair in verbs},
        "bodies": {pair: body for pair in dict.fromkeys(verbs) if (body := _along(domain, *pair))},
        "ways": {name: reachable(domain, name) for name in names},
        "apart": {name: _apart(domain, domain.resource(name)) for name in names},
        "shown": {name: tuple(f.name for f in domain.resource(name).fields if f.name not in hidden[name]) for name in names},
    }  # fmt: skip


def examples_of(domain: Domain, resource: str) -> list[Any]:
    """At least one: where the fields themselves cannot be satisfied there would be nothing to build."""
    found = variants(domain, resource)
    if not found:
        raise CannotProve(f"no values of {resource} satisfy its own fields")
    return found


def _along(domain: Domain, resource: str, verb: str) -> dict[str, Any]:
    """What is sent along with a verb so that it is not refused."""
    names = sent_with(domain, resource, verb)
    given = solve(domain, resource, act=verb, fixed={}, state=domain.target(resource, verb)) or {}
    asked = {r.fields[0] for r in domain.of(resource, RuleKind.REQUIRED) if verb in required_at(domain, r)}
    found = {}
    for name in names:
        example = given.get(name) or (
            solve(domain, resource, fixed={name: _plainest(domain, resource, name)}) or {}
        ).get(name)
        if name in asked and example is not None:
            found[name] = example
    return found


def _plainest(domain: Domain, resource: str, name: str) -> Any:
    from services.agents.blueprint.rules.examples import candidates

    field = field_of(domain.resource(resource), name)
    return candidates(field, domain.of(resource))[0] if field else None


def _apart(domain: Domain, resource: Resource) -> tuple[str, ...]:
    """Fields of rules of uniqueness whose values can be counted up, and the times that may not overlap."""
    names = [name for rule in domain.of(resource.name, RuleKind.UNIQUE) for name in rule.fields]
    names += [name for rule in domain.of(resource.name, RuleKind.OVERLAP) for name in rule.fields[1:]]
    fields = [f for name in dict.fromkeys(names) if (f := field_of(resource, name))]
    return tuple(f.name for f in fields if f.type is not FieldType.BOOLEAN and not f.choices)
