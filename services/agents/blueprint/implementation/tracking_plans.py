"""The tracking plan in the format of its platform.

Source: Segment's tracking plan rules, Amplitude's taxonomy, Mixpanel's Lexicon schemas; JSON Schema for our own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.workflow.options import AnalyticsPlatform

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
_SCHEMA_TYPES = {"integer": "integer", "money": "integer", "number": "number", "boolean": "boolean"}


@dataclass(frozen=True)
class Property:
    name: str
    type: str
    required: bool
    choices: tuple[str, ...] = ()
    sensitive: str = ""


@dataclass(frozen=True)
class TrackedEvent:
    """`record` is the property that names the record, empty where the event has none."""

    id: str
    name: str
    trigger: str
    properties: tuple[Property, ...]
    record: str = ""
    created_by: str = ""


def plan_files(platform: AnalyticsPlatform, title: str, events: Sequence[TrackedEvent]) -> dict[str, Any]:
    """Path -> content. The first path is the plan itself."""
    return _FORMATS[platform](title, events)


def property_schema(item: Property) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _SCHEMA_TYPES.get(item.type, "string")}
    if not item.required:
        schema["type"] = [schema["type"], "null"]
    if item.choices:
        schema["enum"] = [*item.choices, *([] if item.required else [None])]
    if item.type == "money":
        schema["description"] = "minor units, for example cents"
    return schema


def _object(event: TrackedEvent) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {p.name: property_schema(p) for p in event.properties},
        "required": [p.name for p in event.properties if p.required],
        "additionalProperties": False,
    }


def _segment(title: str, events: Sequence[TrackedEvent]) -> dict[str, Any]:
    rules = [
        {
            "type": "TRACK",
            "key": event.name,
            "version": 1,
            "jsonSchema": {
                "$schema": DRAFT_07,
                "type": "object",
                "description": event.trigger,
                "properties": {"context": {}, "traits": {}, "properties": _object(event)},
                "required": ["properties"],
            },
        }
        for event in events
    ]
    return {"analytics/plan.segment.json": {"name": title, "type": "LIVE", "rules": rules}}


def _amplitude(title: str, events: Sequence[TrackedEvent]) -> dict[str, Any]:
    planned = [
        {
            "event_type": event.name,
            "category": title[:100],
            "description": event.trigger,
            "is_active": True,
            "event_properties": [
                {
                    "event_property": p.name,
                    "type": "enum" if p.choices else _SCHEMA_TYPES.get(p.type, "string").replace("integer", "number"),
                    "is_required": p.required,
                    "enum_values": list(p.choices),
                    "classifications": ["PII"] if p.sensitive else [],
                }
                for p in event.properties
            ],
        }
        for event in events
    ]
    return {"analytics/plan.amplitude.json": {"source": "service", "events": planned}}


def _mixpanel(title: str, events: Sequence[TrackedEvent]) -> dict[str, Any]:
    entries = [
        {
            "entityType": "event",
            "name": event.name,
            "schemaJson": {
                "$schema": DRAFT_07,
                "description": event.trigger,
                **_object(event),
                "metadata": {
                    "com.mixpanel": {
                        "displayName": event.name.replace("_", " ").capitalize(),
                        "tags": [title[:100]],
                        "hidden": False,
                        "dropped": False,
                    }
                },
            },
        }
        for event in events
    ]
    return {"analytics/plan.mixpanel.json": {"entries": entries, "truncate": False}}


def _custom(title: str, events: Sequence[TrackedEvent]) -> dict[str, Any]:
    index = {"title": title, "events": {event.name: f"schemas/{event.name}.json" for event in events}}
    schemas = {
        f"analytics/schemas/{event.name}.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{event.name}.json",
            "title": event.name,
            "description": event.trigger,
            **_object(event),
        }
        for event in events
    }
    return {"analytics/plan.json": index, **schemas}


_FORMATS: dict[AnalyticsPlatform, Callable[[str, Sequence[TrackedEvent]], dict[str, Any]]] = {
    AnalyticsPlatform.SEGMENT: _segment,
    AnalyticsPlatform.AMPLITUDE: _amplitude,
    AnalyticsPlatform.MIXPANEL: _mixpanel,
    AnalyticsPlatform.CUSTOM: _custom,
}
