"""Step 9: budgets as measurable limits, scenarios, a load script, and what is changed in the code so that it is faster."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.discovery.loads import Load, load_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, as_json
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.testing.load_plans import load_plan
from services.agents.blueprint.testing.optimisations import Optimisation, optimisations_of
from services.agents.engine import Brief, Draft
from services.agents.parts import paths
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import Backend
from services.deliverables.quality import Budget, Improvement, Performance, Scenario
from services.features.quantities import parse_budget
from services.features.understanding import Quantity
from services.workflow.options import Complexity

NOT_MEASURED = "not measured"
_KINDS = ("latency", "throughput", "rate", "availability")
# Name, times the expected concurrency, seconds; deeper with complexity.
_SCENARIOS = (("load", 1, 60), ("stress", 4, 60), ("spike", 10, 20), ("soak", 1, 3600))
_DEPTH = {Complexity.SIMPLE: 1, Complexity.MEDIUM: 2, Complexity.COMPLEX: 3, Complexity.EPIC: 4}


def generate(brief: Brief) -> Draft:
    design = brief.read("architecture", Architecture)
    changes = optimisations_of(brief.files, design, brief.read("backend", Backend))
    known = [q for q in brief.understanding.quantities if q.kind in _KINDS]
    load, plan = load_of(brief), load_plan(plan_of(brief.understanding).domain, design)
    scenarios = tuple(
        Scenario(name=name, mix=_mix_text(plan["mix"]), concurrency=load.at_once * times, duration_seconds=duration)
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
        "performance/scenarios.json": as_json(
            {
                **plan,
                "scenarios": [s.model_dump(include={"name", "concurrency", "duration_seconds"}) for s in scenarios],
            }
        ),
        "performance/load.py": (TEMPLATES / "performance" / "load.py").read_bytes(),
        "performance/README.md": _readme().encode(),
    }
    return Draft(report=_report(brief, records, files, load, plan["mix"]), records=records, files=files, cost_usd=0.0)


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


def _mix_text(mix: list[dict[str, Any]]) -> str:
    """Shares of what is in the mix: where no new record can be told apart, it only reads."""
    whole = sum(step["share"] for step in mix)
    return ", ".join(f"{100 * step['share'] / whole:.0f} % {step['operation']}" for step in mix)


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
    migration = b"".join(files[path] for path in paths(files, "migrations/"))
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
        "does not, 2 when nothing could be measured or the service refused what was sent. Begin with an empty database. `--concurrency 1 --seconds 10` judges the service rather than the machine.\n"
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


def _sent(mix: list[dict[str, Any]]) -> str:
    if any("makes" in step for step in mix):
        return "New records keep every rule of step 1: times count from now, what may not be alike differs in each request, what is referred to is made first. An answer of 400 or above is an error."
    return "Only reads: the rules leave no way to make new records without end. An answer of 400 or above is an error."


def _report(brief: Brief, made: Performance, files: Mapping[str, bytes], load: Load, mix: list[dict[str, Any]]) -> str:
    sections = (
        ("Budgets", markdown.table(("Metric", "Limit", "From", "Measured"), [(b.metric, b.limit, b.source, b.measured) for b in made.budgets])),
        ("Scenarios", f"{markdown.text(made.scenarios[0].mix)}. {_sent(mix)}\n\n" + markdown.table(("Name", "At the same time", "Seconds"), [(s.name, s.concurrency, s.duration_seconds) for s in made.scenarios])),
        ("Concurrency", markdown.text(f"Of the load scenario, from the capacity of step 2 ({load.peak_told}): {load.concurrency()}.")),
        ("Changed in the code", _changed(made)),
        ("The change", _difference(brief, files)),
        ("Proposed, not made", markdown.table(("Where", "Evidence", "Change"), [(i.where, i.evidence, i.change) for i in made.improvements if not i.files])),
        ("How to measure", "`python performance/load.py --base-url http://127.0.0.1:8000 --scenario load`; it ends with 1 when a budget is broken, with 2 when the service refused what was sent."),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Performance: {brief.request.title}", made.summary, sections, answered(brief))
