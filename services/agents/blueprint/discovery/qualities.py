"""Quality scenarios and capacity, with the arithmetic that leads to each figure."""

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.discovery.loads import BUSY_HOURS, CONNECTIONS, READS, load_of
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief
from services.deliverables.discovery import Entity, Operation, QualityScenario
from services.features.speech import one_of
from services.features.understanding import Quantity, RuleKind

# Bytes of a value as stored, an assumption per type; ids, versions and times of a row together.
_BYTES = {"text": 600, "string": 40, "url": 90, "email": 30}
_ROW, _EVENT = 90, 240
_MINUTES_30_DAYS = 30 * 24 * 60


def _plain(number: float) -> str:
    """1234567 is "1,234,567"; small numbers keep three digits, so that what is multiplied can be counted again."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def _size(count: float) -> str:
    """Bytes in decimal units."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= limit:
            return f"{_plain(count / limit)} {unit}"
    return f"{_plain(count)} bytes"


def scenarios_of(brief: Brief, operations: tuple[Operation, ...]) -> tuple[QualityScenario, ...]:
    listing = next((op.id for op in operations if op.verb == "list"), "the list")
    found = [_asked(brief, q, listing) for q in brief.understanding.quantities if q.kind != "volume"]
    known = {q.kind for q in brief.understanding.quantities}
    if "latency" not in known:
        found.append(
            (
                "people open the list on a working day",
                f"{listing} answers in time",
                "p95 below 300 ms",
                "assumption",
                "load of step 9",
            )
        )
    if "availability" not in known:
        found.append(
            (
                "a month of use",
                "requests get an answer below 500",
                f"99.5 %, that is {0.005 * _MINUTES_30_DAYS:.0f} minutes of failure in 30 days",
                "assumption",
                "SLO-1 of step 11",
            )
        )
    updates = [op for op in operations if op.verb == "update"]
    if updates:
        found.append(
            (
                f"two people send {updates[0].id} with the same version",
                "one is kept, the other is told",
                "exactly one of two answers is 412",
                "RFC 9110, If-Match",
                "test of step 7",
            )
        )
    return tuple(
        QualityScenario(
            id=f"QS-{n}", stimulus=stimulus, response=response, measure=measure, source=source, verified_by=by
        )
        for n, (stimulus, response, measure, source, by) in enumerate(found, start=1)
    )


def _asked(brief: Brief, q: Quantity, listing: str) -> tuple[str, str, str, str, str]:
    source = quoted(brief.request, q.span) if q.span else q.text
    value = f"{q.value:g} {q.unit}"
    rows = {
        "latency": ("people work on a usual day", f"{listing} and the acts answer in time", f"p{q.percentile or 95} at most {value}", "load of step 9, SLO-2 of step 11"),
        "throughput": (f"{value} arrive", "all are answered within the latency of the budget", f"{value}, no answer of 500 or above", "load of step 9"),
        "availability": ("a month of use", "requests get an answer below 500", f"{value}, that is {(100 - q.value) / 100 * _MINUTES_30_DAYS:.0f} minutes of failure in 30 days", "SLO-1 of step 11"),
        "retention": ("a record gets old", "it is removed by itself", f"after {value}, within a day", "test of step 7"),
        "rate": ("answers are counted during a rollout", "the stage stops above the limit", f"at most {value} of answers are 500 or above", "guards of step 10"),
        "size": ("a caller sends a large body or list", "it is refused or paged", f"at most {value}", "test of step 7"),
    }  # fmt: skip
    stimulus, response, measure, by = rows.get(
        q.kind, (f"{q.kind} is measured", "it stays within the figure", value, "a person")
    )
    return stimulus, response, measure, source, by


def capacity_of(brief: Brief, entities: tuple[Entity, ...]) -> tuple[str, ...]:
    """Requests, requests at the same time, rows and bytes a year; every factor can be disagreed with on its own."""
    main, load = entities[0], load_of(brief)
    things = main.plural.replace("_", " ")
    row = _ROW + sum(_BYTES.get(f.type, 8) for f in main.fields)
    yearly = load.daily * 365 * (row + _EVENT * 2)
    parts = one_of(tuple(f"{f.name} {_BYTES.get(f.type, 8)}" for f in main.fields), "and")
    usual = load.daily * (READS + 1) / (BUSY_HOURS * 3600)
    return (
        f"New {things}: {load.told}. With {READS} reads per write and {BUSY_HOURS} busy hours (assumed): {_plain(load.daily)} x {READS + 1} / {BUSY_HOURS * 3600:,} s = {_plain(usual)} requests a second.",
        f"Busiest moment ({load.peak_told}): {load.concurrency()}; {load.pods} pods with {CONNECTIONS} database connections each, as in deploy/.",
        f"A row of {main.name} is {row} bytes ({_ROW} for id, version and times; {parts}), its two events {_EVENT * 2}: {_plain(load.daily)} x 365 x {row + _EVENT * 2} = {_size(yearly)} a year.",
        _kept(brief, main, yearly),
    )


def _kept(brief: Brief, main: Entity, yearly: float) -> str:
    """Only a rule about the main record itself bounds what is stored of it."""
    rule = next(iter(plan_of(brief.understanding).domain.of(main.name, RuleKind.RETENTION)), None)
    things = main.plural.replace("_", " ")
    if rule is None or not rule.seconds:
        return f"Nothing removes {things} by itself: after five years {_size(yearly * 5)}, still growing."
    days = rule.seconds / 86_400
    which = f"{things} that are {one_of(rule.states)}" if rule.states else things
    if rule.states:
        return f"Only {which} are removed, after {_plain(days)} days; the others stay: at most {_size(yearly * 5)} after five years."
    return f"{which.capitalize()} are removed after {_plain(days)} days: {_size(yearly)} x {_plain(days)} / 365 = {_size(yearly * days / 365)} at most."
