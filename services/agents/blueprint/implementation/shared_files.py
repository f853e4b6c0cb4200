"""What the entities of a service have in common beside its platform: refusals, pages of lists, what happens by itself."""

from collections.abc import Mapping

from services.agents.blueprint.implementation.entity_files import searched
from services.agents.blueprint.imports import module
from services.agents.blueprint.rendering import render
from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.rule_plan import Plan
from services.features.understanding import FieldType, RuleKind

_SOURCES = {
    "dt": "import datetime as dt", "base64": "import base64", "json": "import json", "Any": "typing", "Annotated": "typing", "Iterable": "collections.abc",
    "AfterValidator": "pydantic", "StringConstraints": "pydantic", "update": "sqlalchemy", "IntegrityError": "sqlalchemy.exc", "and_": "sqlalchemy",
    "or_": "sqlalchemy", "func": "sqlalchemy", "col": "sqlmodel", "select": "sqlmodel", "Session": "sqlmodel", "SQLModel": "sqlmodel",
    "Problem": "app.problems", "clock": "app", "database": "app", "this_moment": "app.records",
}  # fmt: skip


def shared_files(plan: Plan, modules: Mapping[str, str]) -> dict[str, bytes]:
    needed = needed_by(plan)
    own = {name: origin for name, origin in _SOURCES.items() if origin != "app.records"}
    records = render("rules/records.py.j2", **needed).decode()
    listing = render("rules/listing.py.j2", **needed).decode()
    said = "Pages of a list in any order. `next` names the last record of a page, so records that come or go move no other."
    files = {
        "app/records.py": module(
            "What every record has in common: refusals with all of their reasons, versions, references.", records, own
        ),
        "app/listing.py": module(said, listing, own),
    }
    sweeps = [(r.plural, c.function) for r in plan.resources for c in plan.codes[r.name] if c.asked == "sweep"]
    if sweeps:
        body = render("rules/sweep.py.j2", rules=sweeps).decode()
        homes = {f"{r.plural}_rules": f"import {modules[r.name]}.rules as {r.plural}_rules" for r in plan.resources}
        said = "What the service does by itself when its time has come: `python -m app.sweep`, from a scheduler, as often as you like."
        files["app/sweep.py"] = module(said, body, {**_SOURCES, **homes})
    return files


def needed_by(plan: Plan) -> dict[str, bool]:
    """What of the shared modules this service needs; the rest is not written."""
    kinds, domain = {rule.kind for rule in plan.domain.rules}, plan.domain
    references = [f for r in plan.resources for f in r.fields if f.type is FieldType.REFERENCE]
    return {
        "sweeps": bool(kinds & {RuleKind.RETENTION, RuleKind.EXPIRY}),
        "masks": any(r.channel == "masked" for r in domain.rules if r.kind is RuleKind.HIDDEN),
        "exports": RuleKind.EXPORT in kinds,
        "refers": bool(references),
        "searches": any(searched(domain, r) for r in plan.resources),
        "is_used": any(domain.deletes(f.refers_to) for f in references),
        "refuses": _refuses(plan, domain) or bool(references),
    }


def _refuses(plan: Plan, domain: Domain) -> bool:
    asked = {"values", "fixed", "conflict", "guard", "maker", "limit"}
    return any(c.function and c.asked in asked for codes in plan.codes.values() for c in codes) or any(
        domain.final(r.name) for r in plan.resources
    )
