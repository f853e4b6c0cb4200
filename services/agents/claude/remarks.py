"""What the team asked to be changed, and what the agent says became of it: asked for beside the records, believed only in part.

An answer counts for a remark that was made, once, and as short as a comment may be. What is left out stays unanswered.
"""

from collections.abc import Sequence
from typing import Any

from services.agents.claude.untrusted import clean, data_text
from services.agents.engine import Answer, Remark

FIELD = "answers"
LINE_MAX, TEXT_MAX = 240, 600


def remark_id(position: int) -> str:
    """`position`: in the brief, from 0."""
    return f"R-{position + 1}"


def remarks_text(remarks: Sequence[Remark]) -> str:
    """As data. One that was made in a thread comes with the text that it is about."""
    return data_text("remarks", [_row(position, remark) for position, remark in enumerate(remarks)])


def with_answers(schema: dict[str, Any], remarks: Sequence[Remark]) -> dict[str, Any]:
    """The schema of the records, with a row per remark where there are any."""
    if not remarks:
        return schema
    row = {
        "type": "object",
        "properties": {
            "remark": {"type": "string", "enum": [remark_id(position) for position in range(len(remarks))]},
            "is_applied": {"type": "boolean", "description": "Whether the report says that it was done."},
            "text": {"type": "string", "description": "What was done, or why it was not: one or two sentences."},
        },
        "required": ["remark", "is_applied", "text"],
        "additionalProperties": False,
    }
    answers = {
        "type": "array",
        "items": row,
        "description": "What the report says of each remark; none for a remark of which it says nothing.",
    }
    return {
        **schema,
        "properties": {**schema["properties"], FIELD: answers},
        "required": [*schema["required"], FIELD],
    }


def read_answers(remarks: Sequence[Remark], data: Any) -> tuple[Answer, ...]:
    """Of the records as they came, in the order of the remarks; whatever is no answer to one of them is left out."""
    given = data.get(FIELD) if isinstance(data, dict) else None
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    found: dict[str, tuple[bool, str]] = {}
    for row in rows:
        name, is_applied, text = row.get("remark"), row.get("is_applied"), row.get("text")
        if isinstance(name, str) and isinstance(is_applied, bool) and isinstance(text, str) and text.strip():
            found.setdefault(name, (is_applied, _short(text, TEXT_MAX)))
    return tuple(
        Answer(position, _short(remark.text, LINE_MAX), *found[remark_id(position)])
        for position, remark in enumerate(remarks)
        if remark_id(position) in found
    )


def without_answers(data: Any) -> Any:
    return {name: value for name, value in data.items() if name != FIELD} if isinstance(data, dict) else data


def _row(position: int, remark: Remark) -> dict[str, str]:
    said = {name: getattr(remark, name) for name in ("text", "about", "quote")}
    return {"id": remark_id(position), **{name: text for name, text in said.items() if text}}


def _short(text: str, longest: int) -> str:
    line = " ".join(clean(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
