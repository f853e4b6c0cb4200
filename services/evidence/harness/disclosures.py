"""Values of sensitive fields that occur nowhere else, and where they turn up though they must not: in logs, in events."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

LOG, EVENTS = Path("service.log"), Path("told.jsonl")
_SHAPES = {
    "string": "Kestrel{}Quill",
    "text": "Kestrel {} quill, and whatever else was written",
    "email": "kestrel.{}@example.org",
}


def marked_fields(design: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Entity -> sensitive field -> a value that no other field has; only where words are kept."""
    found: dict[str, dict[str, str]] = {}
    for entity in design["entities"]:
        for field in entity["fields"]:
            if field["sensitive"] and field["type"] in _SHAPES and not field["choices"]:
                number = sum(map(len, found.values())) + 1_000
                found.setdefault(entity["name"], {})[field["name"]] = _SHAPES[field["type"]].format(number)
    return found


def disclosures(marked: Mapping[str, Mapping[str, str]], kept: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(rule, message) of each value that left its table. `kept`: "entity.field" of those that the service took."""
    for rule, path, where in (
        ("sensitive-in-log", LOG, "its log"),
        ("sensitive-in-events", EVENTS, "the events that it sends"),
    ):
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for entity, fields in marked.items():
            for field, value in fields.items():
                if f"{entity}.{field}" in kept and value in text:
                    yield rule, f"What somebody wrote as {entity}.{field} stands in {where}."
