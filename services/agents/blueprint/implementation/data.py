"""Step 6: the tracking plan, a pipeline that turns events into daily figures, and rules that say when to trust them."""

import re
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.brands import brand_of
from services.agents.blueprint.discovery.loads import load_of
from services.agents.blueprint.implementation.exposures import exposure_of
from services.agents.blueprint.implementation.tracking_plans import Property, TrackedEvent, plan_files
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, as_json, render
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Business, Entity, Event
from services.deliverables.implementation import Data, Pipeline, PlannedEvent, QualityRule

_RETENTION_DAYS = 395  # 13 months: one year can be compared with the one before
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
# Kind -> (least that is good, how it is said, what somebody does).
_LIMITS = {
    "completeness": (
        0.995,
        "at least 99.5 % of its lines fit the plan",
        "read dead_letter, mend what sends it in app/analytics.py, load the log again",
    ),
    "uniqueness": (0.99, "at least 99 % of lines are first sent", "look for a sender that repeats without an id"),
    "freshness": (0.0, "", "ask on-call whether the service sends at all"),
    "range": (1.0, "no negative number", "stop the report, mend what sends it in app/analytics.py"),
    "referential": (0.99, "99 % name a record whose creation we have", "load the missing log, it is older"),
}


def generate(brief: Brief) -> Draft:
    design = brief.read("architecture", Architecture)
    business = brief.read("business", Business)
    events = tracked_events(brief, design)
    rules = _rules(design, events, _hours(brief))
    retention, is_assumed = _retention(brief)
    files = _files(brief, business, events, rules, retention)
    platform = brief.request.analytics_platform.value
    records = Data(
        summary=f"{len(events)} events, planned for {brand_of(brief.request.analytics_platform)}, loaded into daily figures under {len(rules)} quality rules; "
        f"kept {retention} days{', which is assumed' if is_assumed else ''}.",
        platform=platform,
        events=tuple(_planned(event, retention) for event in events),
        pipelines=(_pipeline(),),
        quality=tuple(
            QualityRule(
                id=r["id"],
                event=r["event"],
                kind=r["kind"],
                threshold=r["told"],
                action=_LIMITS[r["kind"]][2],
            )
            for r in rules
        ),
        lineage=_lineage(design, business),
    )
    return Draft(report=_report(brief, records, events, retention), records=records, files=files, cost_usd=0.0)


def tracked_events(brief: Brief, design: Architecture) -> tuple[TrackedEvent, ...]:
    """Every event of the architecture, and the exposure that the page sends."""
    found = [_tracked(design, event) for event in design.events]
    exposure = exposure_of(brief)
    properties = tuple(Property(name, "string", required=True) for name in exposure.properties)
    found.append(
        TrackedEvent(
            exposure.id,
            exposure.name,
            "The page knows for the first time after loading whether the person sees the feature",
            properties,
        )
    )
    return tuple(found)


def _tracked(design: Architecture, event: Event) -> TrackedEvent:
    operation = next(op for op in design.operations if op.id == event.operation)
    entity = design.entity(operation.resource)
    return TrackedEvent(
        id=event.id,
        name=event.name,
        trigger=f"{operation.summary}: {operation.id} succeeded",
        properties=tuple(_property(entity, name) for name in event.properties),
        record=f"{entity.name}_id",
        created_by=f"{entity.name}_created",
    )


def _property(entity: Entity, name: str) -> Property:
    field = next((f for f in entity.fields if f.name == name), None)
    if field is None:
        return Property(name, "integer" if name == f"{entity.name}_id" else "string", required=True)
    return Property(name, field.type, field.required, field.choices, field.sensitive)


def _retention(brief: Brief) -> tuple[int, bool]:
    """Days, and whether that is assumed: a time that is named for records says nothing of events."""
    about = r"\b(?:analytics|usage data|tracking data|product events|event log)\b"
    asked = next(
        (q for q in brief.understanding.quantities if q.kind == "retention" and re.search(about, q.text.lower())), None
    )
    if asked is None:
        return _RETENTION_DAYS, True
    return max(1, round(asked.value * _DAYS[asked.unit.rstrip("s")])), False


def _hours(brief: Brief) -> int:
    """Longer than the usual pause between two events: three times what a named volume leaves, else a week."""
    load = load_of(brief)
    return max(24, round(3 * 24 / load.daily)) if load.is_told else 7 * 24


def _rules(design: Architecture, events: tuple[TrackedEvent, ...], hours: int) -> list[dict[str, Any]]:
    """Freshness is asked of the log as a whole: a rare event is no reason to wake anybody."""
    wanted: list[tuple[str, TrackedEvent]] = [("completeness", event) for event in events]
    wanted += [("uniqueness", events[0]), ("freshness", events[0])]
    for event in events:
        if event.record and event.name == event.created_by:
            if any(p.type in ("integer", "money", "number") and p.name != event.record for p in event.properties):
                wanted.append(("range", event))
        elif event.record:
            wanted.append(("referential", event))
    said = {kind: (limit, told) for kind, (limit, told, _) in _LIMITS.items()}
    said["freshness"] = (-float(hours), f"the newest event of all is at most {hours} hours old")
    return [
        {"id": f"DQ-{number}", "kind": kind, "event": event.id, "event_name": event.name, "limit": said[kind][0], "told": said[kind][1]}
        for number, (kind, event) in enumerate(wanted, start=1)
    ]  # fmt: skip


def _files(
    brief: Brief, business: Business, events: tuple[TrackedEvent, ...], rules: list[dict[str, Any]], retention: int
) -> dict[str, bytes]:
    platform = brief.request.analytics_platform
    plan = plan_files(platform, brief.request.title, events)
    files = {path: as_json(content) for path, content in plan.items()}
    values = {
        "platform": platform.value,
        "plan_path": next(iter(plan)),
        "events": events,
        "quality": rules,
        "retention_days": retention,
    }
    files["analytics/__init__.py"] = b'"""What people do with the feature, counted."""\n'
    files["analytics/plan.py"] = render("data/plan.py.j2", **values)
    files["analytics/metrics.sql"] = render("data/metrics.sql.j2", metrics=_metrics(business, events)).rstrip() + b"\n"
    for name in ("pipeline.py", "quality.py"):
        files[f"analytics/{name}"] = (TEMPLATES / "data" / name).read_bytes()
    return files


def _metrics(business: Business, events: tuple[TrackedEvent, ...]) -> list[dict[str, str]]:
    by_id = {event.id: event for event in events}
    return [
        {
            "id": metric.id,
            "view": metric.id.lower().replace("-", "_"),
            "kind": "count" if metric.formula.startswith("count") else "duration",
            "event": by_id[metric.instrument].name,
            "created": by_id[metric.instrument].created_by,
            "record": by_id[metric.instrument].record,
        }
        for metric in business.metrics
        if metric.instrument in by_id
    ]


def _planned(event: TrackedEvent, retention: int) -> PlannedEvent:
    return PlannedEvent(
        id=event.id,
        name=event.name,
        trigger=event.trigger,
        properties=tuple(f"{p.name}: {p.type}{'' if p.required else ', optional'}" for p in event.properties),
        owner="the team of this feature",
        personal_data=any(p.sensitive for p in event.properties),
        retention_days=retention,
    )


def _pipeline() -> Pipeline:
    return Pipeline(
        name="events to daily figures",
        source="EVENT_LOG, written by app/analytics.py: one file for each pod",
        transform="analytics/pipeline.py: validate against the plan, dead letters with reason, one row per event id, count per day",
        sink="analytics.db: raw_event, dead_letter, daily",
        schedule="hourly, by deploy/jobs.yaml",
        idempotent_by="event id; without one, place and text of the line",
        backfill="the same command with --log and an older file",
    )


def _lineage(design: Architecture, business: Business) -> tuple[str, ...]:
    operations = {event.id: event.operation for event in design.events}
    return tuple(
        f"{operations[m.instrument]} -> {m.instrument} -> raw_event -> {m.id.lower().replace('-', '_')} -> {m.id}"
        for m in business.metrics
        if m.instrument in operations
    )


def _report(brief: Brief, made: Data, events: tuple[TrackedEvent, ...], retention: int) -> str:
    flow = [
        "flowchart LR",
        "  service[app/analytics.py] --> log[(events.jsonl)]",
        "  log --> validate{fits the plan}",
        "  validate -->|no| dead[(dead_letter)]",
        "  validate -->|yes| raw[(raw_event)]",
        "  raw --> daily[(daily)]",
        "  raw --> metrics[metrics.sql]",
    ]
    sections = (
        ("Events", f"Each is kept {retention} days.\n\n" + markdown.table(("Id", "Sent when", "Properties", "Personal data"), [(e.id, e.trigger, ", ".join(e.properties), "yes" if e.personal_data else "no") for e in made.events])),
        ("Pipeline", markdown.mermaid(flow)),
        ("How it runs", markdown.table(("From", "Does", "To", "When", "Repeatable by", "Backfill"), [(p.source, p.transform, p.sink, p.schedule, p.idempotent_by, p.backfill) for p in made.pipelines])),
        ("Quality rules", markdown.table(("Kind", "Rules", "Of", "Threshold", "When broken"), _by_kind(made))),
        ("Lineage", markdown.bullets(made.lineage)),
        ("Erasure", f"`python -m analytics.pipeline --erase ID --property {events[0].record}` removes a record's events from raw events, dead letters and figures."),
        ("Assumed", markdown.bullets(_assumed(brief, retention))),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Data pipeline: {brief.request.title}", made.summary, sections, answered(brief))


def _by_kind(made: Data) -> list[tuple[str, ...]]:
    """One row where the same is asked of many events."""
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(rule.kind for rule in made.quality):
        own = [rule for rule in made.quality if rule.kind == kind]
        events = (
            "every event"
            if len(own) == len(made.events)
            else "all events together"
            if kind == "freshness"
            else ", ".join(r.event for r in own)
        )
        ids = own[0].id if len(own) == 1 else f"{own[0].id} to {own[-1].id}"
        rows.append((kind, ids, events, own[0].threshold, own[0].action))
    return rows


def _assumed(brief: Brief, retention: int) -> list[str]:
    found = ["Whoever sees the page consents to product analytics, or the gateway holds its events back."]
    if _retention(brief)[1]:
        found.append(
            f"The request names no time for which events are kept; {retention} days let a month be compared with the year before."
        )
    return found
