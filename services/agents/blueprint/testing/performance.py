"""Step 9: budgets as measurable limits, scenarios, a load script, and what is changed in the code so that it is faster."""

import math
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, as_json
from services.agents.blueprint.testing.optimisations import Optimisation, optimisations_of
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, EntityField, Operation
from services.deliverables.implementation import Backend
from services.deliverables.quality import Budget, Improvement, Performance, Scenario
from services.features.quantities import parse_budget
from services.features.understanding import Quantity
from services.workflow.options import Complexity

NOT_MEASURED = "not measured"
_KINDS = ("latency", "throughput", "rate", "availability")
_ASSUMED_RATE, _ASSUMED_SECONDS = 10.0, 0.3
_MIX = {"create": 10, "list": 60, "get": 30}
# Name, times the expected concurrency, seconds; deeper with complexity.
_SCENARIOS = (("load", 1, 60), ("stress", 4, 60), ("spike", 10, 20), ("soak", 1, 3600))
_DEPTH = {Complexity.SIMPLE: 1, Complexity.MEDIUM: 2, Complexity.COMPLEX: 3, Complexity.EPIC: 4}
_EXAMPLES: dict[str, str | int | float | bool] = {
    "integer": 3, "money": 1250, "number": 1.5, "boolean": True, "date": "2026-01-15", "datetime": "2026-01-15T09:30:00",
    "email": "a@example.org", "url": "https://example.org/a",
}  # fmt: skip


def generate(brief: Brief) -> Draft:
    design = Architecture.model_validate(brief.inputs["architecture"].records)
    changes = optimisations_of(brief.files, design, Backend.model_validate(brief.inputs["backend"].records))
    known = [q for q in brief.understanding.quantities if q.kind in _KINDS]
    rate, seconds, concurrency = _load(known)
    scenarios = tuple(
        Scenario(name=name, mix=_mix_text(), concurrency=max(1, concurrency * times), duration_seconds=duration)
        for name, times, duration in _SCENARIOS[: _DEPTH[brief.request.complexity]]
    )
    records = Performance(
        summary=_summary(brief, known),
        budgets=(*_budgets(brief, known), *_objectives(design)),
        scenarios=scenarios,
        improvements=(*_made(changes), *_proposed(brief.files, design)),
    )
    files = {
        **{path: data for change in changes for path, data in change.files.items()},
        "performance/budgets.json": as_json([_limit(q, brief) for q in known]),
        "performance/scenarios.json": as_json(_scenario_file(design, scenarios)),
        "performance/load.py": (TEMPLATES / "performance" / "load.py").read_bytes(),
        "performance/README.md": _readme().encode(),
    }
    arithmetic = f"{rate:g} requests a second x {seconds:g} s = {rate * seconds:.1f}, so {concurrency} at the same time (Little's law)"
    return Draft(report=_report(brief, records, files, arithmetic), records=records, files=files, cost_usd=0.0)


def _load(known: list[Quantity]) -> tuple[float, float, int]:
    """(requests a second, seconds each, requests at the same time). Source: Little's law, L = rate x time."""
    rate = next((q.value for q in known if q.kind == "throughput"), _ASSUMED_RATE)
    seconds = next((q.value / 1000 for q in known if q.kind == "latency"), _ASSUMED_SECONDS)
    return rate, seconds, max(1, math.ceil(rate * seconds))


def _summary(brief: Brief, known: list[Quantity]) -> str:
    typed = brief.request.performance_budget.strip()
    told = "; ".join(_words(q) for q in known)
    if typed and not parse_budget(typed):
        return f'The budget "{typed}" names nothing that can be measured, so none is assumed from it. {f"From the text: {told}." if told else ""}'.strip()
    return (
        f"Budgets: {told}. None has been measured yet."
        if told
        else "The request names no budget; only assumed objectives stand below. Nothing has been measured yet."
    )


def _words(quantity: Quantity) -> str:
    name = (
        f"p{quantity.percentile} latency"
        if quantity.kind == "latency"
        else "error rate"
        if quantity.kind == "rate"
        else quantity.kind
    )
    return f"{name} {_direction(quantity)} {quantity.value:g} {quantity.unit}"


def _direction(quantity: Quantity) -> str:
    return "at least" if quantity.kind in ("throughput", "availability") else "at most"


def _source(quantity: Quantity, brief: Brief) -> str:
    return (
        "performance budget of the request"
        if quantity in parse_budget(brief.request.performance_budget)
        else "text of the request"
    )


def _budgets(brief: Brief, known: list[Quantity]) -> Iterator[Budget]:
    for quantity in known:
        name, _, limit = _words(quantity).partition(f" {_direction(quantity)} ")
        yield Budget(
            metric=name, limit=f"{_direction(quantity)} {limit}", source=_source(quantity, brief), measured=NOT_MEASURED
        )
    typed = brief.request.performance_budget.strip()
    if typed and not parse_budget(typed):
        question = "not understood; name a percentile, a number and a unit, for example p95 < 200 ms"
        yield Budget(metric=typed, limit=question, source="performance budget of the request", measured=NOT_MEASURED)


def _objectives(design: Architecture) -> tuple[Budget, ...]:
    """What the architecture assumed where the request says nothing."""
    assumed = [q for q in design.quality if q.source == "assumption"]
    return tuple(
        Budget(metric=f"{q.id}: {q.stimulus}", limit=q.measure, source="assumption", measured=NOT_MEASURED)
        for q in assumed
    )


def _limit(quantity: Quantity, brief: Brief) -> dict[str, Any]:
    return {
        "metric": quantity.kind, "percentile": quantity.percentile, "limit": quantity.value, "unit": quantity.unit,
        "direction": _direction(quantity), "source": _source(quantity, brief),
    }  # fmt: skip


def _mix_text() -> str:
    return ", ".join(f"{share} % {verb}" for verb, share in _MIX.items())


def _scenario_file(design: Architecture, scenarios: tuple[Scenario, ...]) -> dict[str, Any]:
    main = design.entities[0]
    operations = {op.verb: op for op in design.operations if op.resource == main.name and op.verb in _MIX}
    body = {f.name: _example(f) for f in main.fields if f.required}
    return {
        "mix": [_step(operations[verb], share, body) for verb, share in _MIX.items()],
        "scenarios": [s.model_dump(include={"name", "concurrency", "duration_seconds"}) for s in scenarios],
    }


def _example(field: EntityField) -> object:
    """A value within the field's limits."""
    if field.choices:
        return field.choices[0]
    value = _EXAMPLES.get(field.type, "example")
    if field.maximum is None or isinstance(value, bool):
        return value
    return (
        value[: field.maximum]
        if isinstance(value, str)
        else min(value, field.maximum)
        if isinstance(value, int)
        else value
    )


def _step(operation: Operation, share: int, body: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operation": operation.id,
        "method": operation.method,
        "path": operation.path,
        "role": operation.roles[0],
        "share": share,
    }
    return {**made, "body": body} if operation.verb == "create" else made


def _made(changes: tuple[Optimisation, ...]) -> Iterator[Improvement]:
    for change in changes:
        yield Improvement(
            where=change.where, evidence=change.evidence, change=change.change, files=tuple(sorted(change.files))
        )


def _proposed(files: Mapping[str, bytes], design: Architecture) -> Iterator[Improvement]:
    """What stands in the files and would cost more than it brings before a budget is missed."""
    if b'.open("a"' in files.get("app/analytics.py", b""):
        yield Improvement(
            where="app/analytics.py, emit",
            evidence="the event log is opened anew for each event",
            change="keep it open, or hand lines to a queue, above some hundred writes a second",
        )
    migration = b"".join(data for path, data in files.items() if path.startswith("migrations/"))
    for entity in design.entities:
        if entity.states and f"ix_{entity.name}_state".encode() in migration:
            yield Improvement(
                where=f"GET {_base(design, entity.name)}?state=",
                evidence=f"ix_{entity.name}_state serves the filter, id the order",
                change="an index on (state, id) pays once one state holds most rows",
            )


def _base(design: Architecture, entity: str) -> str:
    return next(op.path for op in design.operations if op.resource == entity and op.verb == "list")


def _readme() -> str:
    return (
        "# Load\n\nStart the service with `make run`, then, alone on the machine:\n\n"
        "```sh\npython performance/load.py --base-url http://127.0.0.1:8000 --scenario load\n```\n\n"
        "It prints percentiles, rate and errors, compares them with `budgets.json`, and ends with 0 when every budget holds, 1 when one\n"
        "does not, 2 when nothing could be measured. `--concurrency 1 --seconds 10` judges the service rather than the machine.\n"
    )


def _changed(made: Performance) -> str:
    rows = [(i.where, i.evidence, i.change) for i in made.improvements if i.files]
    if not rows:
        return "Nothing: none of the places that step 9 knows how to make faster stands in this code."
    return (
        markdown.table(("Where", "Seen", "Change"), rows)
        + "\n\nWhat it brings is measured at the gate, not claimed here: the check *optimisation* starts the service without and "
        "with these changes in one sandbox, puts the same requests to both, and compares answers, database calls, the work of the database, bytes and time."
    )


def _difference(brief: Brief, files: Mapping[str, bytes]) -> str:
    """Of the files that are changed, a new one whole; empty where nothing is."""
    lines = [
        line
        for path, data in sorted(files.items())
        if not path.startswith("performance/")
        for line in unified_diff(
            brief.files.get(path, b"").decode().splitlines(), data.decode().splitlines(), path, path, n=1, lineterm=""
        )
    ]
    return "\n".join(["```diff", *lines, "```"]) if lines else ""


def _report(brief: Brief, made: Performance, files: Mapping[str, bytes], arithmetic: str) -> str:
    sections = (
        ("Budgets", markdown.table(("Metric", "Limit", "From", "Measured"), [(b.metric, b.limit, b.source, b.measured) for b in made.budgets])),
        ("Scenarios", markdown.table(("Name", "Mix", "At the same time", "Seconds"), [(s.name, s.mix, s.concurrency, s.duration_seconds) for s in made.scenarios])),
        ("Concurrency", markdown.text(arithmetic)),
        ("Changed in the code", _changed(made)),
        ("The change", _difference(brief, files)),
        ("Proposed, not made", markdown.table(("Where", "Evidence", "Change"), [(i.where, i.evidence, i.change) for i in made.improvements if not i.files])),
        ("Capacity, from the architecture", markdown.bullets(Architecture.model_validate(brief.inputs["architecture"].records).capacity)),
        ("How to measure", "`python performance/load.py --base-url http://127.0.0.1:8000 --scenario load`; it ends with 1 when a budget is broken."),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Performance: {brief.request.title}", made.summary, sections, answered(brief))
