"""How the features call what the service names, and how they write values. Both ways: a step reads it back."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from services.agents.blueprint.rules.domain import KEPT, Domain, field_of
from services.agents.blueprint.rules.examples import ABSENT, Reference
from services.agents.blueprint.rules.rule_code import is_spanned
from services.features import words
from services.features.speech import called, done, spaced, third
from services.features.understanding import FieldType, Resource

# Columns that every record has -> how their values are written.
_TYPES_KEPT = {"created_at": "datetime", "changed_at": "datetime", "created_by": "string", "state": "state"}
MISSING, OTHER_KIND = "missing", "of another kind"


def things_of(domain: Domain) -> dict[str, str]:
    """ "expense" and "expenses" -> the entity."""
    names = [r.name for r in domain.resources]
    return {spaced(r.plural): r.name for r in domain.resources} | {spaced(name): name for name in names}


def roles_of(domain: Domain) -> dict[str, str]:
    return {words.article(spaced(actor)): actor for actor in domain.understanding.actors}


def acts_of(domain: Domain, resource: Resource) -> dict[str, str]:
    """Act -> what somebody does, each in words of its own: "approves it", "lists expenses", "marks it overdue"."""
    many = spaced(resource.plural)
    said = {
        "create": "creates it", "list": f"lists {many}", "export": f"exports {many}", "get": "reads it",
        "history": "reads its history", "update": "changes it", "delete": "deletes it",
    }  # fmt: skip
    for verb in domain.verbs(resource.name):
        first, *rest = third(verb).split(" ")
        plain = " ".join([first, "it", *rest])
        said[verb] = plain if plain not in said.values() else f"does “{spaced(verb)}” to it"
    known = domain.acts(resource.name)
    return {act: phrase for act, phrase in said.items() if act in known}


def done_of(domain: Domain, resource: Resource) -> dict[str, str]:
    """Act -> its participle, for those that can be counted."""
    reads = ("list", "export", "get", "history")
    return {act: done(act) for act in domain.acts(resource.name) if act not in reads}


def fields_of(resource: Resource) -> dict[str, str]:
    """Field -> its name in a sentence."""
    names = [f.name for f in resource.fields] + [n for n in KEPT if n != "state" or resource.states]
    said = {name: called(name) for name in names}
    double = {name for name, word in said.items() if list(said.values()).count(word) > 1}
    return {name: spaced(name) if name in double else word for name, word in said.items()}


def type_of(resource: Resource, name: str) -> str:
    field = field_of(resource, name)
    return field.type.value if field else _TYPES_KEPT[name]


def spans_of(resource: Resource) -> Iterable[str]:
    return (f.name for f in resource.fields if is_spanned(f))


def said(resource: Resource, name: str, value: Any) -> str:
    """A value as the features write it: money in whole units, text in quotation marks, a long one by its length."""
    if value is ABSENT or value is None:
        return MISSING
    if isinstance(value, Reference):
        return f"{spaced(value.resource)} {value.number + 1}"
    if isinstance(value, dict):
        return OTHER_KIND
    kind = type_of(resource, name)
    if kind == FieldType.MONEY:
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
    if kind == "state":
        return spaced(value)
    return _plainly(value)


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ").removesuffix(":00")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        if value and set(value) == {"x"}:
            return f"{len(value)} character{'s' if len(value) != 1 else ''} long"
        return json.dumps(value, ensure_ascii=not value.isprintable())
    return str(value)


def cell(text: str) -> str:
    """Within a table of Gherkin."""
    return text.replace("\\", "\\\\").replace("|", "\\|")
