"""The names of a feature as the page says them: key -> words, beside the texts that every page has."""

from collections.abc import Iterator

from services.agents.blueprint.rules.rule_plan import Plan
from services.features import words
from services.features.understanding import DataField, FieldType, Resource

_CAPITALS = {"id", "url", "sku", "iban", "bic", "vat", "ip", "pdf", "csv", "api", "sms", "isbn", "ssn", "pin"}


def names_of(plan: Plan, roles: tuple[str, ...]) -> dict[str, str]:
    made = {f"role.{role}": worded(role) for role in roles}
    for resource in plan.resources:
        made |= dict(_of(resource))
    return made


def worded(name: str) -> str:
    """ "receipt_url" -> "Receipt URL"."""
    parts = [part.upper() if part in _CAPITALS else part for part in name.split("_") if part]
    text = " ".join(parts) or name
    return text[:1].upper() + text[1:]


def _of(resource: Resource) -> Iterator[tuple[str, str]]:
    label = " ".join(resource.label.split())
    yield f"entity.{resource.name}", label.lower()
    yield f"entities.{resource.name}", words.plural(label)
    for field in resource.fields:
        yield f"field.{resource.name}.{field.name}", worded(_plain(field))
        for choice in field.choices:
            yield f"choice.{resource.name}.{field.name}.{choice}", worded(choice)
    for state in resource.states:
        yield f"state.{resource.name}.{state}", worded(state)
    for verb in dict.fromkeys(verb for verb, _, _ in resource.transitions):
        yield f"verb.{verb}", worded(verb)


def _plain(field: DataField) -> str:
    """Without what only says which type it has: "room_id" -> "room", "is_urgent" -> "urgent"."""
    if field.type is FieldType.REFERENCE:
        return field.name.removesuffix("_id")
    return field.name.removeprefix("is_") if field.type is FieldType.BOOLEAN else field.name
