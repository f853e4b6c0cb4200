"""ddd: who hears the domain events of a context. Other systems are asked from there, so no context knows of them."""

from collections.abc import Mapping

from services.agents.blueprint.rendering import class_of, render
from services.agents.blueprint.rules.rule_plan import Plan


def heard_of(plan: Plan, resource: str) -> dict[str, list[str]]:
    """Event of a context -> the functions of its rules that somebody hears it with."""
    found: dict[str, list[str]] = {}
    for code in plan.codes[resource]:
        if code.asked == "call":
            found.setdefault(plan.domain.event(resource, code.rule.act), []).append(code.function)
    return found


def has_subscribers(plan: Plan) -> bool:
    return any(heard_of(plan, r.name) for r in plan.resources)


def subscriber_files(plan: Plan, modules: Mapping[str, str]) -> dict[str, bytes]:
    """Nothing where nobody hears anything."""
    contexts = [
        {"name": r.name, "plural": r.plural, "type": class_of(r.name), "heard": heard}
        for r in plan.resources
        if (heard := heard_of(plan, r.name))
    ]
    imports = [
        line
        for r in plan.resources
        if heard_of(plan, r.name)
        for line in (
            f"from {modules[r.name]} import domain_events as {r.plural}_events",
            f"from {modules[r.name]} import rules as {r.plural}_rules",
            f"from {modules[r.name]}.models import {class_of(r.name)}",
        )
    ]
    if not contexts:
        return {}
    values = {"contexts": contexts, "imports": sorted(imports)}
    return {"app/contexts/subscribers.py": render("backend/subscribers.py.j2", **values)}
