"""The check of events: the plan in its platform's form, and what the running service really sends against it."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.evidence.findings import Finding, found_in
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.subjects import Files, Subject
from services.evidence.tool_runs import read_findings, read_found, run_tool
from services.workflow.options import AnalyticsPlatform

CHECK, TOOL = "tracking", "jsonschema"
VERSION = 1
_FILES = {
    AnalyticsPlatform.SEGMENT: "analytics/plan.segment.json",
    AnalyticsPlatform.AMPLITUDE: "analytics/plan.amplitude.json",
    AnalyticsPlatform.MIXPANEL: "analytics/plan.mixpanel.json",
    AnalyticsPlatform.CUSTOM: "analytics/plan.json",
}
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NAME_MAX = 255  # Source: the shortest limit of the three platforms for the name of an event (Mixpanel).
_TYPES = {"number": {"type": "number"}, "string": {"type": "string"}, "boolean": {"type": "boolean"}}
_ADVICE = "Send what the plan says, or plan what is sent."


def sending(subject: Subject) -> Files:
    places = ("app/", "analytics/", "flags/", "migrations/", "design/", "web/", "alembic.ini")
    return {path: data for path, data in subject.tested.items() if path.startswith(places)}


def measure_tracking(subject: Subject) -> Measurement:
    """Figures: `emitted`, event -> how often it was sent while each operation was done once; `planned` names."""
    path = _FILES[subject.request.analytics_platform]
    if path not in subject.tested:
        return not_measured(CHECK, TOOL, f"There is no tracking plan in the form of {subject.request.analytics_platform.value} ({path}).")  # fmt: skip
    try:
        plan = read_plan(subject.request.analytics_platform, subject.tested)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        findings = [
            found_in(
                path, "plan-shape", f"The plan cannot be read: {error!r:.160}", "Write it as the platform reads it."
            )
        ]
        return _result(findings, {}, None)
    result = run_tool(
        "event_rounds.py",
        {**sending(subject), "plan_schemas.json": json.dumps(plan).encode()},
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        with_runtime=True,
        needs_loopback=True,
    )
    if isinstance(result, str):
        return not_measured(CHECK, TOOL, result)
    try:
        found = read_found(result)
        rows = read_findings([{**row, "path": path, "advice": _ADVICE} for row in found["rows"]])
        emitted = {str(name): int(count) for name, count in found["emitted"].items()}
        done = len(set(found["done"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"The events could not be watched: {error}."
        return measured(result, check=CHECK, tool=TOOL, outcome="failed", reason=reason, figures={})
    findings = [*rows, *_names(path, plan), *_unlike(subject, path, plan, emitted)]
    return _result(
        findings, {"planned": sorted(plan), "emitted": emitted, "operations": done, "ids": found["ids"]}, result
    )


def _result(findings: list[Finding], figures: Mapping[str, Any], result: Any) -> Measurement:
    sent = len(figures.get("emitted", {}))
    praise = f"{figures.get('operations', 0)} operations were done; {sent} of {len(figures.get('planned', ()))} planned events were sent as planned, the others are in the code, and no other was."
    outcome, reason = judged(findings, praise)
    if result is None:
        return Measurement(
            CHECK, TOOL, "", "nothing was run", {}, outcome, reason, figures, "", 0.0, findings=tuple(findings)
        )
    return measured(result, check=CHECK, tool=TOOL, outcome=outcome, reason=reason, figures=figures, findings=findings)


def read_plan(platform: AnalyticsPlatform, files: Files) -> dict[str, Any]:
    """Event -> JSON Schema of its properties, whatever the platform's form. Raises: ValueError, KeyError, TypeError."""
    plan = json.loads(files[_FILES[platform]])
    if platform is AnalyticsPlatform.SEGMENT:
        return {rule["key"]: rule["jsonSchema"]["properties"]["properties"] for rule in plan["rules"]}
    if platform is AnalyticsPlatform.AMPLITUDE:
        return {event["event_type"]: _of_amplitude(event["event_properties"]) for event in plan["events"]}
    if platform is AnalyticsPlatform.MIXPANEL:
        return {entry["name"]: entry["schemaJson"] for entry in plan["entries"] if entry["entityType"] == "event"}
    return {name: json.loads(files[f"analytics/{place}"]) for name, place in plan["events"].items()}


def _of_amplitude(properties: list[Mapping[str, Any]]) -> dict[str, Any]:
    schemas = {p["event_property"]: {**_TYPES.get(p["type"], {}), **({"enum": p["enum_values"]} if p["enum_values"] else {})} for p in properties}  # fmt: skip
    required = [p["event_property"] for p in properties if p["is_required"]]
    return {"type": "object", "properties": schemas, "required": required, "additionalProperties": False}


def _names(path: str, plan: Mapping[str, Any]) -> Iterator[Finding]:
    for name in plan:
        if not _NAME.fullmatch(name) or len(name) > _NAME_MAX:
            yield found_in(path, "event-name", f"{name[:80]} is no name of the form object_action.", "Name it object_action, in lower case.")  # fmt: skip


def _unlike(subject: Subject, path: str, plan: Mapping[str, Any], emitted: Mapping[str, int]) -> Iterator[Finding]:
    named = _named_in_code(subject.tested)
    for name in sorted(emitted.keys() - plan.keys()):
        yield found_in(
            "app/analytics.py", "event-unplanned", f"The service sends {name}, which the plan does not have.", _ADVICE
        )
    for name in sorted(plan.keys() - emitted.keys() - named):
        yield found_in(path, "event-unsent", f"{name} is planned, and no code sends it.", _ADVICE)
    recorded = {row["name"] for row in subject.records.get("data", {}).get("events", ())}
    for name in sorted(recorded ^ set(plan)) if recorded else ():
        where = (
            "step 6 tells of it, the plan does not"
            if name in recorded
            else "the plan has it, step 6 does not tell of it"
        )
        yield found_in(path, "plan-clash", f"{name}: {where}.", "Let step 6 and the plan name the same events.")


def _named_in_code(files: Files) -> set[str]:
    """Texts of the application and its page that may be names of events; the emitter's own list of them proves nothing."""
    found: set[str] = set()
    for path, data in files.items():
        text = data.decode("utf-8", "replace")
        if path.startswith("web/") and path.endswith(".js"):
            found |= set(re.findall(r"[\"']([a-z][a-z0-9_]+)[\"']", text))
        elif path.startswith("app/") and path.endswith(".py") and path != "app/analytics.py":
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError):
                continue
            found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found
