"""The names that step 2 fixes for all later steps: entities, operations and events, from what was understood."""

from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.rule_code import operation_id
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.rules.seen_at import acts_seen
from services.deliverables.discovery import Entity, EntityField, Event, Operation
from services.features import words
from services.features.speech import spaced
from services.features.understanding import Resource, RuleKind, Understanding

BASE_ERRORS = (401, 403)
_EVENT_WORDS = {"name", "role"}  # words that the emitter of events needs itself
_GOALS = {"create": words.CREATE, "list": words.READ, "get": words.READ, "update": words.UPDATE, "delete": words.DELETE}
# Act -> (method, path after the collection, problems beside those of everybody).
_SHAPES: dict[str, tuple[str, str, tuple[int, ...]]] = {
    "create": ("POST", "", (409, 422)),
    "list": ("GET", "", (422,)),
    "export": ("GET", ".csv", (422,)),
    "get": ("GET", "/{id}", (404,)),
    "history": ("GET", "/{id}/history", (404,)),
    "update": ("PATCH", "/{id}", (404, 409, 412, 422)),
    "delete": ("DELETE", "/{id}", (404, 409, 412, 422)),
}


def entity_of(resource: Resource) -> Entity:
    return Entity(
        name=resource.name,
        plural=resource.plural,
        label=resource.label,
        fields=tuple(
            EntityField(
                name=f.name, type=f.type.value, required=f.required, choices=f.choices, maximum=f.maximum,
                sensitive=f.sensitive.value if f.sensitive else "",
            )
            for f in resource.fields
        ),
        states=resource.states,
        transitions=resource.transitions,
    )  # fmt: skip


def operations_of(resource: Resource, understood: Understanding) -> list[Operation]:
    domain = plan_of(understood).domain
    return [_operation(domain.resource(resource.name), domain, act) for act in domain.acts(resource.name)]


def _operation(resource: Resource, domain: Domain, act: str) -> Operation:
    method, rest, errors = _SHAPES.get(act, ("POST", f"/{{id}}/{act}", (404, 409, 412, 422)))
    is_limited = any(act in acts_seen(domain, r) for r in domain.of(resource.name, RuleKind.RATE))
    return Operation(
        id=operation_id(resource.name, resource.plural, act),
        method=method,
        path=f"/{resource.plural.replace('_', '-')}{rest}",
        verb=act,
        resource=resource.name,
        roles=domain.roles(resource.name, act),
        summary=_summary(resource, act),
        event=f"EV-{domain.event(resource.name, act)}" if method != "GET" else "",
        errors=(*BASE_ERRORS, *errors, *((429,) if is_limited else ())),
        stories=_stories(resource, act, domain.understanding),
    )


def _summary(resource: Resource, act: str) -> str:
    label = resource.label.lower()
    one, many = words.article(label), words.plural(label)
    told = {
        "create": f"Create {one}", "list": f"List {many}", "get": f"Read {one}", "update": f"Change {one}", "delete": f"Delete {one}",
        "export": f"Download {many} as CSV", "history": f"Read who changed {one}, and when",
    }  # fmt: skip
    return told.get(
        act,
        f"Mark {one} {spaced(act.removeprefix('mark_'))}"
        if act.startswith("mark_")
        else f"{spaced(act).capitalize()} {one}",
    )


def _stories(resource: Resource, act: str, understood: Understanding) -> tuple[str, ...]:
    verbs = _GOALS.get(act, {act})
    return tuple(s.id for s in understood.stories if s.resource == resource.name and s.verb in verbs)


def event_of(operation: Operation, understood: Understanding) -> Event:
    domain = plan_of(understood).domain
    resource = domain.resource(operation.resource)
    told = [
        f
        for f in resource.fields
        if f.name not in domain.hidden(resource.name) and not f.sensitive and f.name not in _EVENT_WORDS
    ]
    plain = tuple(f.name for f in told if f.choices or f.type.value in ("integer", "money", "boolean"))
    return Event(
        id=operation.event,
        name=operation.event.removeprefix("EV-"),
        operation=operation.id,
        properties=(f"{resource.name}_id", "role", *plain[:3]),
    )
