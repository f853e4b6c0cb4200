"""Step 7: tests from the criteria and the contract. Under tdd the acceptance tests come before the code and fail."""

from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.architecture import design_of
from services.agents.blueprint.backend import module_of
from services.agents.blueprint.flags import flag_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import render
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Entity, EntityField
from services.deliverables.quality import TestCase, Tests
from services.features import words
from services.features.understanding import AcceptanceCriterion
from services.workflow.options import Methodology

_EXAMPLES = {
    "integer": "3", "money": "1250", "number": "1.5", "boolean": "True", "date": '"2026-01-15"', "datetime": '"2026-01-15T09:30:00"',
    "email": '"a@example.org"', "url": '"https://example.org/a"',
}  # fmt: skip


def generate_red(brief: Brief) -> Draft:
    """tdd: only the acceptance tests, which cannot pass yet."""
    design = design_of(brief)
    files = _acceptance(brief, design)
    return _draft(brief, design, files, "Acceptance tests first: every one of them must fail until the backend exists.")


def generate(brief: Brief) -> Draft:
    design = design_of(brief)
    files = {} if brief.request.methodology is Methodology.TDD else _acceptance(brief, design)
    files |= {"tests/__init__.py": b"", "tests/conftest.py": render("testing/conftest.py.j2")}
    contexts = _contexts(brief, design) if brief.request.methodology is Methodology.DDD else []
    files["tests/test_service.py"] = render(
        "testing/service.py.j2", entities=design.entities, flag=flag_of(brief), contexts=contexts
    )
    for entity in design.entities:
        files[f"tests/test_{entity.plural}.py"] = _api_tests(design, entity)
        files[f"tests/test_journey_{entity.name}.py"] = render("testing/journey.py.j2", entity=entity)
    if brief.request.methodology is Methodology.BDD:
        cases = _cases(brief, design)
        files["tests/features/acceptance.feature"] = render("testing/feature.feature.j2", cases=cases)
        files["tests/test_scenarios.py"] = render("testing/scenarios.py.j2", cases=cases)
    return _draft(
        brief,
        design,
        files,
        f"At least {brief.request.test_coverage_min} % of lines and branches must be covered; the sandbox measures it.",
    )


def _acceptance(brief: Brief, design: Architecture) -> dict[str, bytes]:
    values = {
        "entities": design.entities, "operations": design.operations, "cases": _cases(brief, design),
        "example": example, "path": lambda entity: f"/{entity.plural.replace('_', '-')}", "ways": ways,
    }  # fmt: skip
    return {
        "tests/acceptance/__init__.py": b"",
        "tests/acceptance/conftest.py": render("testing/conftest.py.j2"),
        "tests/acceptance/steps.py": render("testing/steps.py.j2", **values),
        "tests/acceptance/test_criteria.py": render("testing/acceptance.py.j2", **values).rstrip() + b"\n",
    }


def _cases(brief: Brief, design: Architecture) -> list[dict[str, Any]]:
    """What the templates need of each criterion that a test can prove."""
    return [_case(c, design.entity(c.rule[-1])) for c in brief.understanding.criteria if c.rule]


def _case(criterion: AcceptanceCriterion, entity: Entity) -> dict[str, Any]:
    kind, what = criterion.rule[0], criterion.rule[1]
    case: dict[str, Any] = {
        "id": criterion.id,
        "name": words.identifier(criterion.id, "criterion").replace("-", "_"),
        "text": criterion.text,
        "kind": kind,
        "entity": entity.name,
    }
    if kind == "allowed":
        case |= _allowed(what, entity)
    elif kind == "locked":
        case["state"] = what
    else:
        field = next(f for f in entity.fields if f.name == what)
        case |= {"field": what, "choices": field.choices}
    return case


def _allowed(verb: str, entity: Entity) -> dict[str, Any]:
    for name, source, target in entity.transitions:
        if name == verb:
            return {"kind": "transition", "verb": verb, "source": source, "target": target}
    return {"kind": words.act_of(verb)}


def example(field: EntityField) -> str:
    """A valid value, as Python source."""
    if field.choices:
        return f'"{field.choices[0]}"'
    if field.type in ("integer", "money") and field.maximum:
        return str(min(3, field.maximum))
    return _EXAMPLES.get(field.type, f'"{field.name[:1]}"')


def beyond(field: EntityField) -> str:
    """A value just outside of the limit, as Python source."""
    if field.type in ("integer", "money"):
        return str(field.maximum + 1) if field.maximum else "-1"
    return f'"x" * {(field.maximum or 200) + 1}'


def ways(entity: Entity) -> list[tuple[str, tuple[str, ...]]]:
    """State -> the verbs that lead there from a new record."""
    if not entity.states:
        return []
    found: dict[str, tuple[str, ...]] = {entity.states[0]: ()}
    for verb, source, target in entity.transitions:
        if source in found:
            found.setdefault(target, (*found[source], verb))
    return list(found.items())


def _api_tests(design: Architecture, entity: Entity) -> bytes:
    own = [op for op in design.operations if op.resource == entity.name]
    limited = [
        f for f in entity.fields if f.required and not f.choices and f.type in ("string", "text", "integer", "money")
    ]
    text = render(
        "testing/api.py.j2",
        entity=entity,
        created=next(op.event.removeprefix("EV-") for op in own if op.verb == "create"),
        deletable=any(op.verb == "delete" for op in own),
        verbs=tuple(verb for verb, _, _ in entity.transitions),
        sources={verb: source for verb, source, _ in entity.transitions},
        limited=limited[:3],
        beyond=beyond,
    )
    return text.rstrip() + b"\n"


def _contexts(brief: Brief, design: Architecture) -> list[tuple[str, str, str]]:
    """(module, name, one of its events) per bounded context."""
    found = []
    for entity in design.entities:
        ids = {op.id for op in design.operations if op.resource == entity.name}
        found.append((module_of(brief, entity), entity.name, next(e.name for e in design.events if e.operation in ids)))
    return found


_LEVELS = (
    ("acceptance/test_", "acceptance"),
    ("scenarios", "acceptance"),
    ("journey", "journey"),
    ("service", "contract"),
    ("test_", "api"),
)


def _draft(brief: Brief, design: Architecture, files: dict[str, bytes], rule: str) -> Draft:
    paths = [path for path in sorted(files) if "/test_" in path]
    provable = tuple(c.id for c in brief.understanding.criteria if c.rule)
    cases = tuple(
        TestCase(
            id=f"T-{n}", level=next(level for mark, level in _LEVELS if mark in path), file=path, proves=_purpose(path),
            criteria=provable if path.endswith(("test_criteria.py", "test_scenarios.py")) else (),
        )
        for n, path in enumerate(paths, start=1)
    )  # fmt: skip
    records = Tests(
        summary=f"{len(cases)} test files; {len(provable)} of {len(brief.understanding.criteria)} acceptance criteria have a test. {rule}",
        methodology=brief.request.methodology.value,
        cases=cases,
        coverage_minimum=brief.request.test_coverage_min,
        not_tested=tuple(
            f"{c.id}: a person decides ({c.text[:120]})" for c in brief.understanding.criteria if not c.rule
        ),
    )
    sections = (
        (
            "Inventory",
            markdown.table(("Id", "Level", "File", "Proves"), [(c.id, c.level, c.file, c.proves) for c in cases]),
        ),
        (
            "Criteria with a test",
            markdown.table(("Criterion", "Text"), [(c.id, c.text) for c in brief.understanding.criteria if c.rule]),
        ),
        ("Not tested, and why", markdown.bullets(records.not_tested)),
    )
    report = markdown.report(f"{brief.task.title}: {brief.request.title}", records.summary, sections, answered(brief))
    return Draft(report=report, records=records, files=files, cost_usd=0.0)


def _purpose(path: str) -> str:
    name = path.rsplit("/", 1)[-1].removeprefix("test_").removesuffix(".py").replace("_", " ")
    return {
        "criteria": "each acceptance criterion",
        "service": "flag, health, counters and the contract with design/openapi.json",
        "scenarios": "each acceptance criterion as a Gherkin scenario",
    }.get(name, name)
