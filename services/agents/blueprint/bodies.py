"""An example as Python source, for a body that a test sends as JSON."""

import datetime as dt
from typing import Any

from services.agents.blueprint.rules.examples import ABSENT, Reference


def source(value: Any) -> str:
    """A value as Python source for a body that is sent as JSON."""
    if isinstance(value, Reference):
        return f'("{value.resource}", {value.number})'
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}": {source(v)}' for k, v in value.items() if v is not ABSENT) + "}"
    if isinstance(value, list | tuple):
        return "(" + "".join(f"{source(v)}, " for v in value) + ")"
    if isinstance(value, dt.date):
        return f'"{value.isoformat()}{"Z" if isinstance(value, dt.datetime) else ""}"'
    return ascii(value) if isinstance(value, str) and ('"' in value or "\\" in value) else _quoted(value)


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) and value.isascii() and value.isprintable() else ascii(value)
