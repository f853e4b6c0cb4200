"""Material from people, files and other agents on its way into a prompt: labelled, encoded, never able to end its own label."""

import json
from collections.abc import Mapping
from typing import Any

_ANGLES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def data_text(kind: str, content: Any, **label: str) -> str:
    """A block that the rules call data. Its bytes depend on nothing but its arguments."""
    return f"<data>\n{encoded({'kind': kind, **label, 'content': content})}\n</data>"


def encoded(value: Any) -> str:
    """JSON in which no tag and no character that screens hide is left as it is."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ANGLES)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def clean(text: str) -> str:
    """What came from a model, as databases and screens can hold it: line ends of one kind, no control characters."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c in "\t\n" or not _is_broken(c) else "\ufffd" for c in plain)


def is_plain(text: str) -> bool:
    """Whether a file may hold it: no control characters but tabs and line ends."""
    return not any(c not in "\t\n\r" and _is_broken(c) for c in text)


def condensed(records: Mapping[str, Any], most_characters: int) -> Any:
    """Records without what is empty, with long texts and long lists cut, until they fit. The same in, the same out."""
    shrunk: Any = {}
    for longest_text, longest_list in ((600, 80), (300, 60), (160, 40), (100, 25), (60, 12)):
        shrunk = _shrunk(records, longest_text, longest_list)
        if len(encoded(shrunk)) <= most_characters:
            break
    return shrunk


def _shrunk(value: Any, longest_text: int, longest_list: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= longest_text else f"{value[:longest_text]}…"
    if isinstance(value, Mapping):
        kept = {str(key): _shrunk(inner, longest_text, longest_list) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        items = [_shrunk(inner, longest_text, longest_list) for inner in value[:longest_list]]
        left = len(value) - longest_list
        return [*items, f"{left} more, see the file"] if left > 0 else items
    return value


def _is_broken(c: str) -> bool:
    return ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) <= 0xDFFF
