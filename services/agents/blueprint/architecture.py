"""Step 2: names are fixed here, once. Operations, entities and events; the OpenAPI document is made from them."""

from services.agents.blueprint import markdown, openapi
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import as_json, camel
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import (
    Architecture,
    ArchitectureDecision,
    Entity,
    EntityField,
    Event,
    Operation,
    QualityScenario,
    Service,
)
from services.features import words
from services.features.understanding import Resource, Understanding
from services.workflow.options import Complexity, Methodology

DESIGN = "design/architecture.json"
_BASE_ERRORS = (401, 403)


def generate(brief: Brief) -> Draft:
    understood = brief.understanding
    entities = tuple(_entity(resource) for resource in understood.resources)
    operations = tuple(op for resource in understood.resources for op in _operations(resource, understood))
    records = Architecture(
        summary=f"One service with {len(operations)} operations over {len(entities)} entities "
        f"({', '.join(e.label.lower() for e in entities)}); {brief.request.methodology.value} layout.",
        services=_services(brief, entities),
        operations=operations,
        entities=entities,
        events=tuple(_event(op, understood) for op in operations if op.event),
        quality=_quality(understood),
        decisions=_decisions(brief),
        capacity=_capacity(understood),
        assumptions=_assumptions(entities),
    )
    document = openapi.document(brief.request.title, records)
    files = {"design/openapi.json": as_json(document), DESIGN: as_json(records.model_dump(mode="json"))}
    return Draft(report=_report(brief, records), records=records, files=files, cost_usd=0.0)


def design_of(brief: Brief) -> Architecture:
    """The architecture as later steps read it: from the workspace, where every step finds it."""
    return Architecture.model_validate_json(brief.files[DESIGN])


def _entity(resource: Resource) -> Entity:
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


def _operations(resource: Resource, understood: Understanding) -> list[Operation]:
    name, label = camel(resource.name), resource.label.lower()
    base, one = f"/{resource.plural.replace('_', '-')}", f"/{resource.plural.replace('_', '-')}/{{id}}"
    made = [
        ("create", f"create{name}", "POST", base, words.CREATE, f"Create {words.article(label)}", f"{resource.name}_created", (422,)),
        ("list", f"list{camel(resource.plural)}", "GET", base, words.READ, f"List {words.plural(label)}", "", (422,)),
        ("get", f"get{name}", "GET", one, words.READ, f"Read {words.article(label)}", "", (404,)),
        ("update", f"update{name}", "PATCH", one, words.UPDATE, f"Change {words.article(label)}", f"{resource.name}_updated", (404, 409, 412, 422)),
    ]  # fmt: skip
    if any(c.verb in words.DELETE for c in understood.use_cases if c.resource == resource.name):
        made.append(
            (
                "delete",
                f"delete{name}",
                "DELETE",
                one,
                words.DELETE,
                f"Delete {words.article(label)}",
                f"{resource.name}_deleted",
                (404,),
            )
        )
    for verb, _, target in resource.transitions:
        path = f"{one}/{verb}"
        made.append(
            (
                verb,
                f"{verb}{name}",
                "POST",
                path,
                {verb},
                f"{verb.capitalize()} {words.article(label)}",
                f"{resource.name}_{target}",
                (404, 409),
            )
        )
    return [
        Operation(
            id=f"OP-{id_}", method=method, path=path, verb=verb, resource=resource.name, roles=_roles(resource, verbs, understood),
            summary=summary, event=f"EV-{event}" if event else "", errors=(*_BASE_ERRORS, *errors), stories=_stories(resource, verbs, understood),
        )
        for verb, id_, method, path, verbs, summary, event, errors in made
    ]  # fmt: skip


def _roles(resource: Resource, verbs: set[str], understood: Understanding) -> tuple[str, ...]:
    """Who the stories name for it; reading and what nobody was named for is open to every actor."""
    named = tuple(
        dict.fromkeys(c.actor for c in understood.use_cases if c.resource == resource.name and c.verb in verbs)
    )
    return understood.actors if not named or verbs == words.READ else named


def _stories(resource: Resource, verbs: set[str], understood: Understanding) -> tuple[str, ...]:
    return tuple(s.id for s in understood.stories if s.resource == resource.name and s.goal.split(" ", 1)[0] in verbs)


def _event(operation: Operation, understood: Understanding) -> Event:
    resource = next(r for r in understood.resources if r.name == operation.resource)
    plain = tuple(f.name for f in resource.fields if f.choices or f.type.value in ("integer", "money", "boolean"))
    return Event(
        id=operation.event,
        name=operation.event.removeprefix("EV-"),
        operation=operation.id,
        properties=(f"{resource.name}_id", "role", *plain[:3]),
    )


def _services(brief: Brief, entities: tuple[Entity, ...]) -> tuple[Service, ...]:
    integrations = tuple(i.name for i in brief.understanding.integrations)
    if brief.request.complexity in (Complexity.SIMPLE, Complexity.MEDIUM):
        owns = tuple(e.name for e in entities)
        return (
            Service(
                name=brief.understanding.name,
                responsibility=f"Keeps {', '.join(e.plural.replace('_', ' ') for e in entities)}",
                owns=owns,
                depends_on=integrations,
                communication="HTTP, synchronous",
            ),
        )
    return tuple(
        Service(
            name=f"{entity.plural}-context", responsibility=f"Owns {entity.label.lower()} records and their rules", owns=(entity.name,),
            depends_on=integrations if position == 0 else (f"{entities[0].plural}-context",),
            communication="HTTP between callers and the context; events after every change",
        )
        for position, entity in enumerate(entities)
    )  # fmt: skip


def _quality(understood: Understanding) -> tuple[QualityScenario, ...]:
    found = [
        QualityScenario(
            id=f"QS-{n}",
            stimulus=f"{q.kind} is measured",
            response="the service stays within it",
            measure=_measure(q.kind, q.value, q.unit, q.percentile),
            source=q.text,
        )
        for n, q in enumerate(understood.quantities, start=1)
    ]
    known = {q.kind for q in understood.quantities}
    defaults = (
        ("latency", "a read under normal load", "p95 below 300 ms"),
        ("availability", "a month of use", "99.5 % of requests succeed"),
    )
    for kind, stimulus, measure in defaults:
        if kind not in known:
            found.append(
                QualityScenario(
                    id=f"QS-{len(found) + 1}",
                    stimulus=stimulus,
                    response="an answer in time",
                    measure=measure,
                    source="assumption",
                )
            )
    return tuple(found)


def _measure(kind: str, value: float, unit: str, percentile: int | None) -> str:
    return f"{f'p{percentile} ' if percentile else ''}{kind}: {value:g} {unit}"


def _decisions(brief: Brief) -> tuple[ArchitectureDecision, ...]:
    main = brief.understanding.resources[0]
    found = [
        ("Storage", f"{words.plural(main.label)} are small records with a fixed shape", "SQLite by default through SQLModel; PostgreSQL by address", "A document store, an event store", "Joins and constraints are simple; large files do not belong here"),
        ("Who may act", f"{len(brief.understanding.actors)} roles act on the same records", "The caller's role arrives in X-Role from the gateway that signed the person in", "Tokens checked in the service", "The service must never be reachable without the gateway"),
        ("Changes by two people", "Two people may change one record at the same moment", "Every record has a version; a change names the version it saw (If-Match)", "Last writer wins", "Callers must be ready for 412"),
    ]  # fmt: skip
    if main.states:
        found.append(
            (
                "Life of a record",
                f"{main.label} moves through {', '.join(main.states)}",
                f"Only the listed transitions exist; fields change only while {main.states[0]}",
                "Free status text",
                "A new state is a change of code, with a test",
            )
        )
    if brief.request.methodology is Methodology.DDD:
        found.append(
            (
                "Contexts",
                "The words of each context must not leak into another",
                "One package per bounded context, with its aggregate and domain events",
                "One package for all models",
                "Contexts talk by events only",
            )
        )
    return tuple(
        ArchitectureDecision(id=f"ADR-{n}", title=t, context=c, decision=d, alternatives=a, consequences=q)
        for n, (t, c, d, a, q) in enumerate(found, start=1)
    )


def _capacity(understood: Understanding) -> tuple[str, ...]:
    main = understood.resources[0]
    size = 80 + sum({"text": 600, "string": 40, "url": 90}.get(f.type.value, 12) for f in main.fields)
    daily = 1000
    return (
        f"Assumed {daily:,} new {main.plural.replace('_', ' ')} a day: {daily} x {size} bytes = {daily * size / 1e6:.2f} MB a day, {daily * size * 365 / 1e6:.0f} MB a year.",
        f"Assumed 20 reads per write over 10 hours: {daily * 20} / 36,000 s = {daily * 20 / 36000:.1f} reads a second.",
    )


def _assumptions(entities: tuple[Entity, ...]) -> tuple[str, ...]:
    return tuple(f"{e.label} fields change only while it is {e.states[0]}." for e in entities if e.states)


def _report(brief: Brief, made: Architecture) -> str:
    actors = [
        f"  {_id('a', n)}([{markdown.label(actor)}]) --> api" for n, actor in enumerate(brief.understanding.actors)
    ]
    others = [
        f"  api --> {_id('x', n)}[/{markdown.label(i.name)}/]" for n, i in enumerate(brief.understanding.integrations)
    ]
    context = markdown.mermaid(
        [
            "flowchart LR",
            *actors,
            f"  api[{markdown.label(brief.understanding.name)} service] --> db[(database)]",
            "  api --> events[(event log)]",
            *others,
        ]
    )
    sections = [
        ("Context", context),
        ("Operations", markdown.table(("Id", "Call", "Who", "Event", "Problems"), [(o.id, f"{o.method} {o.path}", ", ".join(o.roles), o.event or "-", ", ".join(map(str, o.errors))) for o in made.operations])),
        ("Data model", _diagram(made)),
        ("Fields", markdown.table(("Entity", "Field", "Type", "Required", "Allowed", "Sensitive"), [(e.name, f.name, f.type, "yes" if f.required else "no", ", ".join(f.choices) or (f"at most {f.maximum}" if f.maximum else "-"), f.sensitive or "-") for e in made.entities for f in e.fields])),
        *[(f"Life of {words.article(e.label.lower())}", _states(e)) for e in made.entities if e.states],
        ("Events", markdown.table(("Id", "After", "Properties"), [(e.id, e.operation, ", ".join(e.properties)) for e in made.events])),
        ("Services", markdown.table(("Service", "Responsibility", "Owns", "Depends on", "Talks by"), [(s.name, s.responsibility, ", ".join(s.owns), ", ".join(s.depends_on) or "-", s.communication) for s in made.services])),
        ("Quality", markdown.table(("Id", "When", "Measure", "Source"), [(q.id, q.stimulus, q.measure, q.source) for q in made.quality])),
        ("Decisions", markdown.table(("Id", "Title", "Why", "Decision", "Not taken", "Follows"), [(d.id, d.title, d.context, d.decision, d.alternatives, d.consequences) for d in made.decisions])),
        ("Capacity", markdown.bullets(made.capacity)),
        ("Assumed", markdown.bullets(made.assumptions)),
        ("Context read", markdown.bullets(d.name for d in brief.documents)),
    ]  # fmt: skip
    return markdown.report(f"Technical architecture: {brief.request.title}", made.summary, sections, answered(brief))


def _id(prefix: str, number: int) -> str:
    return f"{prefix}{number}"


def _diagram(made: Architecture) -> str:
    lines = ["erDiagram"]
    for entity in made.entities:
        lines += [f"  {entity.name} {{", "    int id PK", "    int version"]
        lines += [f"    {field.type} {field.name}" for field in entity.fields]
        lines += ["    string state"] if entity.states else []
        lines.append("  }")
    return markdown.mermaid(lines)


def _states(entity: Entity) -> str:
    lines = ["stateDiagram-v2", f"  [*] --> {entity.states[0]}"]
    lines += [f"  {source} --> {target}: {verb}" for verb, source, target in entity.transitions]
    return markdown.mermaid(lines)
