"""Records that tests, the journey and the load make over HTTP: in which order, and their values as JSON.

Times are told in seconds or days from one moment, which is the present when they are sent.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.examples import NOW, Reference


def making_order(domain: Domain) -> list[str]:
    """What others refer to comes first."""
    found: list[str] = []

    def add(name: str, seen: frozenset[str]) -> None:
        for field in domain.resource(name).fields:
            if (
                field.refers_to
                and field.refers_to in {r.name for r in domain.resources}
                and field.refers_to not in seen
            ):
                add(field.refers_to, seen | {field.refers_to})
        if name not in found:
            found.append(name)

    for resource in domain.resources:
        add(resource.name, frozenset({resource.name}))
    return found


def encoded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: encoded_value(value) for name, value in values.items()}


def encoded_value(value: Any) -> Any:
    if isinstance(value, Reference):
        return {"refers_to": value.resource, "number": value.number}
    if isinstance(value, dt.datetime):
        return {"seconds": int((value.replace(tzinfo=None) - NOW).total_seconds())}
    if isinstance(value, dt.date):
        return {"days": (value - NOW.date()).days}
    return value
