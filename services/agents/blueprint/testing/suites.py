"""Step 7: tests from the criteria and the contract. Under tdd the acceptance tests come before the code and fail."""

from collections.abc import Mapping
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.discovery.architecture import design_of
from services.agents.blueprint.implementation.backend import modules_of
from services.agents.blueprint.implementation.entity_files import filters_of, is_given, searched, sorts_of
from services.agents.blueprint.implementation.platform import platform_tests
from services.agents.blueprint.implementation.shared_files import needed_by
from services.agents.blueprint.imports import module
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import render
from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.examples import candidates
from services.agents.blueprint.rules.rule_plan import Plan, plan_of
from services.agents.blueprint.rules.trial_basics import change_of, ready_state
from services.agents.blueprint.rules.trial_files import SOURCES, acceptance_files
from services.agents.blueprint.testing.scenarios import scenario_files, told_criteria
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture
from services.deliverables.quality import TestCase, Tests
from services.features import words
from services.features.speech import agrees, counted, spaced
from services.features.understanding import FieldType, Resource, RuleKind
from services.features.wording import BY_A_PERSON
from services.workflow.options import Methodology

_MADE = "Made by the blueprint engine; no model was called."


def generate_red(brief: Brief) -> Draft:
    """tdd: only the acceptance tests, which cannot pass yet."""
    plan = plan_of(brief.understanding)
    files = acceptance_files(plan, modules_of(brief))
    return _draft(brief, plan, files, "Acceptance tests first: every one of them must fail until the backend exists.")


def generate(brief: Brief) -> Draft:
    design, plan, modules = design_of(brief), plan_of(brief.understanding), modules_of(brief)
    files = {} if brief.request.methodology is Methodology.TDD else acceptance_files(plan, modules)
    files |= {
        "tests/__init__.py": b"",
        "tests/conftest.py": render("testing/conftest.py.j2"),
        **platform_tests(brief, design),
    }
    files["tests/test_service.py"] = _service_tests(brief, design, plan, modules)
    for resource in plan.resources:
        label = resource.label.replace('"', "")
        values = api_values(plan, design, resource)
        body = render("testing/api.py.j2", entity=resource, **values).decode()
        said = f"{label}: roles, pages, versions, repeated creation, events. {_MADE}"
        files[f"tests/test_{resource.plural}.py"] = module(said, body, SOURCES)
        journey = render("testing/journey.py.j2", entity=resource).decode()
        said = f"The journey of {label.lower()}, from its creation to its last state. {_MADE}"
        files[f"tests/test_journey_{resource.name}.py"] = module(said, journey, SOURCES)
    if brief.request.methodology is Methodology.BDD:
        files |= scenario_files(plan)
    minimum = brief.request.test_coverage_min
    return _draft(
        brief, plan, files, f"At least {minimum} % of lines and branches must be covered; the sandbox measures it."
    )


def _service_tests(brief: Brief, design: Architecture, plan: Plan, modules: Mapping[str, str]) -> bytes:
    contexts = _contexts(design, modules) if brief.request.methodology is Methodology.DDD else []
    values = {"entities": plan.resources, "modules": modules, "contexts": contexts, **needed_by(plan)}
    body = render("testing/service.py.j2", **values).decode()
    return module(f"The service as a whole: the contract, and what every record has in common. {_MADE}", body, SOURCES)


def api_values(plan: Plan, design: Architecture, resource: Resource) -> dict[str, Any]:
    domain, name = plan.domain, resource.name
    events = {op.verb: op.event.removeprefix("EV-") for op in design.operations if op.resource == name}
    acts = domain.acts(name)
    can_change = ready_state(domain, name, "update") is not None
    known = {r.name for r in plan.resources}
    writes = [
        a
        for a in acts
        if a not in ("create", "list", "get", "export", "history") and ready_state(domain, name, a) is not None
    ]
    looked_at = [(f.name, f.column) for f in filters_of(domain, resource)]
    return {
        "acts": acts, "sorts": tuple(sorts_of(domain, resource)), "versioned": tuple(writes), "created": events["create"], "deleted": events.get("delete", ""),
        "filters": tuple(looked_at), "filled": _filled(domain, resource, [column for _, column in looked_at]),
        "differs": bool(change_of(domain, name)),
        "searched": next(iter(searched(domain, resource)), ""),
        "references": [f for f in resource.fields if f.refers_to in known and f.type is FieldType.REFERENCE],
        "emptied": [f for f in resource.fields if is_given(f)][:1] if can_change else [],
        "users": [(r.name, f.name) for r in plan.resources for f in r.fields if f.refers_to == name and f.type is FieldType.REFERENCE] if "delete" in writes else [],
        "finished": () if domain.of(name, RuleKind.LOCKED) else domain.final(name),
        "verbs": tuple(dict.fromkeys(v for v in writes if v in domain.verbs(name) and domain.target(name, v) not in domain.sources(name, v))),
    }  # fmt: skip


def _filled(domain: Domain, resource: Resource, columns: list[str]) -> dict[str, Any]:
    """Values for columns that an example may leave empty."""
    empty = [f for f in resource.fields if f.name in columns and not is_given(f)]
    return {f.name: candidates(f, domain.of(resource.name))[0] for f in empty}


def _contexts(design: Architecture, modules: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(module, name, one of its events) per bounded context."""
    found = []
    for entity in design.entities:
        ids = {op.id for op in design.operations if op.resource == entity.name}
        found.append((modules[entity.name], entity.name, next(e.name for e in design.events if e.operation in ids)))
    return found


_LEVELS = (
    ("acceptance/test_", "acceptance"),
    ("scenarios", "acceptance"),
    ("journey", "journey"),
    ("service", "contract"),
    ("test_", "api"),
)


def _draft(brief: Brief, plan: Plan, files: dict[str, bytes], rule: str) -> Draft:
    paths = [path for path in sorted(files) if "/test_" in path]
    provable = tuple(c.id for c in plan.provable)
    proven = {"test_criteria.py": provable, "test_scenarios.py": told_criteria(plan)}
    cases = tuple(
        TestCase(
            id=f"T-{n}", level=next(level for mark, level in _LEVELS if mark in path), file=path, proves=_purpose(path),
            criteria=proven.get(path.rsplit("/", 1)[-1], ()),
        )
        for n, path in enumerate(paths, start=1)
    )  # fmt: skip
    records = Tests(
        summary=f"{counted(len(cases), 'test file')}; {len(provable)} of {counted(len(brief.understanding.criteria), 'acceptance criterion', 'acceptance criteria')} {agrees(len(provable), 'have')} a test. {rule}",
        methodology=brief.request.methodology.value,
        cases=cases,
        coverage_minimum=brief.request.test_coverage_min,
        not_tested=tuple(
            f"{c.id}: {_left(plan.left[c.id])} ({c.text[:120]})"
            for c in brief.understanding.criteria
            if c.id in plan.left
        ),
    )
    sections = (
        (
            "Inventory",
            markdown.table(("Id", "Level", "File", "Proves"), [(c.id, c.level, c.file, c.proves) for c in cases]),
        ),
        (
            "Criteria with a test",
            markdown.table(("Criterion", "Text"), [(c.id, c.text) for c in plan.provable]),
        ),
        ("Not tested, and why", markdown.bullets(records.not_tested)),
    )
    report = markdown.report(f"{brief.task.title}: {brief.request.title}", records.summary, sections, answered(brief))
    return Draft(report=report, records=records, files=files, cost_usd=0.0)


# Test file without its number of records -> what it proves; {} is the record.
_PROVES = {
    "criteria": "each acceptance criterion, over HTTP",
    "scenarios": "each acceptance criterion, as a Gherkin scenario",
    "service": "flag, health, counters and the contract with design/openapi.json",
    "platform_calls": "another system that is slow or gone: time limits, repeats, breaker",
    "platform_delivery": "a message that waits is sent once, and later when it failed",
    "platform_flags": "who has the feature at each share, and that the switch ends it",
    "platform_migrations": "migrations go up, down and up again, and match the models",
    "platform_service": "health, metrics, logs, cache and limits of what is shared",
    "platform_sign_in": "tokens that are foreign, expired or unsigned are refused",
    "platform_record_events": "events of a record tell what happened to it, once",
    "platform_graph": "the GraphQL door keeps the same rules",
    "platform_live": "changes reach pages that are open",
    "platform_webhooks": "changes reach the addresses that asked for them, signed",
}


def _left(reason: str) -> str:
    return BY_A_PERSON if reason == BY_A_PERSON else f"{BY_A_PERSON}: {reason}"


def _purpose(path: str) -> str:
    name = path.rsplit("/", 1)[-1].removeprefix("test_").removesuffix(".py")
    if name.startswith("journey_"):
        return f"{words.article(spaced(name.removeprefix('journey_')))} on its way from creation to its last state"
    return _PROVES.get(name, f"{spaced(name)}: roles, pages, versions, repeated creation, events")
