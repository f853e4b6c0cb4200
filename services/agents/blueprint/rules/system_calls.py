"""What another system is given at an act: Python source over `told`, the record as its callers see it.

Nothing that is hidden from callers leaves the service. Code and test say the same source, so that they cannot differ.
"""

from collections.abc import Callable, Mapping

from services.agents.blueprint.rendering import python_literal
from services.agents.blueprint.rules.domain import TEXTS, TIMES, Domain
from services.agents.blueprint.rules.trial_basics import CannotProve
from services.features import words
from services.features.understanding import DataField, FieldType, Rule

# Names of the amount that is meant where a record has several.
_AMOUNTS = ("total", "amount", "price")


def module_named(system: str) -> str:
    """The module in `app/integrations`."""
    return words.identifier(system, "system")


def given_to(domain: Domain, rule: Rule) -> str:
    """The arguments of the port's function, as the source of a dictionary. Raises: CannotProve."""
    given = _GIVEN[rule.values[0]](domain, rule)
    return "{" + ", ".join(f'"{name}": {source}' for name, source in given.items()) + "}"


def _charge(domain: Domain, rule: Rule) -> dict[str, str]:
    currency = next((f for f in _seen(domain, rule) if f.name == "currency"), None)
    return {**_refund(domain, rule), "currency": _told(currency) if currency else python_literal(rule.values[1])}


def _refund(domain: Domain, rule: Rule) -> dict[str, str]:
    amounts = [f for f in _seen(domain, rule) if f.type is FieldType.MONEY]
    named = [f for name in _AMOUNTS for f in amounts if f.name.rsplit("_", 1)[-1] == name]
    if not amounts:
        raise CannotProve(f"no field of {rule.resource} that is always given holds the amount")
    if len(amounts) > 1 and not named:
        raise CannotProve(f"it does not say which amount of {rule.resource} is meant")
    return {"about": _reference(rule), "amount": _told((named or amounts)[0])}


def _publish(domain: Domain, rule: Rule) -> dict[str, str]:
    """That something happened, and not what is in the record: who hears it reads that with rights of their own."""
    state = ', "state": told["state"]' if domain.resource(rule.resource).states else ""
    body = (
        f'{{"event": "{domain.event(rule.resource, rule.act)}", "id": told["id"], "version": told["version"]{state}}}'
    )
    return {"topic": python_literal(domain.resource(rule.resource).plural), "body": body}


def _ask(domain: Domain, rule: Rule) -> dict[str, str]:
    return {"what": python_literal(domain.event(rule.resource, rule.act)), "body": "told"}


def _put(_domain: Domain, rule: Rule) -> dict[str, str]:
    content = "base64.b64encode(json.dumps(told, sort_keys=True).encode()).decode()"
    return {"name": f"f\"{rule.resource}-{{told['id']}}.json\"", "content": content}


def _index(domain: Domain, rule: Rule) -> dict[str, str]:
    texts = [f for f in _seen(domain, rule) if f.type in TEXTS]
    if not texts:
        raise CannotProve(f"no field of {rule.resource} that is always given holds words")
    return {"kind": python_literal(rule.resource), "text": f'" ".join(({", ".join(map(_told, texts))},))'}


def _event(domain: Domain, rule: Rule) -> dict[str, str]:
    times = [f for f in _seen(domain, rule) if f.type in TIMES]
    if len(times) < 2:
        raise CannotProve(f"no two fields of {rule.resource} that are always given hold its beginning and end")
    return {"title": _reference(rule), "starts_at": _told(times[0]), "ends_at": _told(times[1])}


def _seen(domain: Domain, rule: Rule) -> list[DataField]:
    """Fields that always hold a value and that callers see."""
    hidden = domain.hidden(rule.resource)
    fields = domain.resource(rule.resource).fields
    return [f for f in fields if f.name not in hidden and (f.required or f.default is not None)]


def _told(field: DataField) -> str:
    return f'told["{field.name}"]'


def _reference(rule: Rule) -> str:
    return f"f\"{rule.resource}-{{told['id']}}\""


# Function of a port -> what it is given.
_GIVEN: Mapping[str, Callable[[Domain, Rule], dict[str, str]]] = {
    "charge": _charge, "refund": _refund, "publish": _publish, "ask": _ask, "put": _put, "index": _index, "put_event": _event,
}  # fmt: skip
