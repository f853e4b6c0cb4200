"""Step 2: names are fixed here, once. Operations, entities and events; the OpenAPI document and its examples follow from them."""

import json
from collections.abc import Iterable

from services.agents.blueprint import markdown
from services.agents.blueprint.citations import quoted, readable
from services.agents.blueprint.discovery import diagrams, openapi
from services.agents.blueprint.discovery.contracts import examples_of
from services.agents.blueprint.discovery.decisions import decisions_of, trade_offs_of
from services.agents.blueprint.discovery.decompositions import Parts, flows_of, plan_for, services_of
from services.agents.blueprint.discovery.operations import entity_of, event_of, operations_of
from services.agents.blueprint.discovery.qualities import capacity_of, scenarios_of
from services.agents.blueprint.discovery.resilience_plans import caches_of, resilience_of
from services.agents.blueprint.discovery.strategies import strategies_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import as_json
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Entity, EntityField, Option
from services.features import words
from services.features.speech import counted
from services.features.understanding import Resource, RuleKind

DESIGN = "design/architecture.json"
_LINE = 110
_LOOKUPS = (RuleKind.FILTER, RuleKind.SORT, RuleKind.SEARCH, RuleKind.UNIQUE, RuleKind.OVERLAP)


def generate(brief: Brief) -> Draft:
    brief = readable(brief)
    understood = brief.understanding
    plan = plan_of(understood)
    entities = tuple(_explained(brief, entity_of(r), r) for r in plan.resources)
    operations = tuple(op for r in plan.resources for op in operations_of(r, understood))
    events = tuple(event_of(op, understood) for op in operations if op.event)
    parts = Parts(brief, entities, operations, events)
    services = services_of(parts)
    flows = flows_of(parts, services)
    records = Architecture(
        summary=_summary(parts, len(services)),
        services=services,
        operations=operations,
        entities=entities,
        events=events,
        flows=flows,
        resilience=resilience_of(brief),
        caches=caches_of(brief, entities, operations),
        strategies=strategies_of(parts, flows),
        quality=scenarios_of(brief, operations),
        decisions=decisions_of(parts, services),
        capacity=capacity_of(brief, entities),
        trade_offs=trade_offs_of(parts, services),
        plan=plan_for(parts, services),
        assumptions=_assumptions(brief, entities),
    )
    document = openapi.document(brief.request.title, records, plan)
    records = records.model_copy(update={"examples": examples_of(plan, records, document)})
    files = {"design/openapi.json": as_json(document), DESIGN: as_json(records.model_dump(mode="json"))}
    return Draft(report=_report(brief, records), records=records, files=files, cost_usd=0.0)


def design_of(brief: Brief) -> Architecture:
    """The architecture as later steps read it: from the workspace, where every step finds it."""
    return brief.read_file(DESIGN, Architecture)


def _summary(parts: Parts, number: int) -> str:
    kept = ", ".join(e.label.lower() for e in parts.entities)
    shape = "One service" if number == 1 else f"{number} boundaries, {parts.core} built as one deployable,"
    changes = sum(op.method != "GET" for op in parts.operations)
    return f"{shape} with {counted(len(parts.operations), 'operation')}, {changes} of them {'changes' if changes != 1 else 'a change'}, over {counted(len(parts.entities), 'kind', 'kinds')} of record ({kept}); {parts.brief.request.methodology.value} layout."


def _explained(brief: Brief, entity: Entity, resource: Resource) -> Entity:
    """With what the rules say of each field: why it is unique, why it has an index, where it comes from."""
    given = {f.name: f for f in resource.fields}
    reasons = _reasons(brief, entity.name)
    fields = []
    for field in entity.fields:
        source = given[field.name]
        found = reasons.get(field.name, [])
        change = {
            "minimum": field.minimum if field.minimum is not None else source.minimum,
            "default": field.default or source.default,
            "refers_to": field.refers_to or source.refers_to,
            "unique": next((id_ for kind, id_ in found if kind is RuleKind.UNIQUE), ""),
            "indexed": ", ".join(
                dict.fromkeys(
                    [*(f"{kind.value} ({id_})" for kind, id_ in found), *(["reference"] if source.refers_to else [])]
                )
            ),
            "source": quoted(brief.request, source.span),
        }
        fields.append(field.model_copy(update=change))
    return entity.model_copy(update={"fields": tuple(fields)})


def _reasons(brief: Brief, entity: str) -> dict[str, list[tuple[RuleKind, str]]]:
    found: dict[str, list[tuple[RuleKind, str]]] = {}
    for criterion in plan_of(brief.understanding).provable:
        for rule in criterion.rules:
            if rule.resource == entity and rule.kind in _LOOKUPS:
                for name in rule.fields:
                    found.setdefault(name, []).append((rule.kind, criterion.id))
    return found


def _assumptions(brief: Brief, entities: tuple[Entity, ...]) -> tuple[str, ...]:
    unsaid = [r for r in brief.understanding.resources if r.span is None]
    found = [
        *brief.understanding.assumptions,
        *(f"{words.plural(r.label)} are kept; the request does not say so." for r in unsaid),
    ]
    guessed = [f"{e.name}.{f.name}" for e in entities for f in e.fields if f.source == "assumption"]
    if guessed:
        found.append(f"Fields that the request does not name: {', '.join(guessed)}.")
    return tuple(found)


def _report(brief: Brief, made: Architecture) -> str:
    sections = [
        ("Context", diagrams.context(brief.understanding, made)),
        ("Containers", diagrams.containers(brief.understanding, made)),
        ("Services", markdown.table(("Service", "Does", "Owns", "Depends on", "Talks by", "Team", "Built here"), [(s.name, s.responsibility, ", ".join(s.owns), ", ".join(s.depends_on) or "-", s.communication, s.team, "yes" if s.is_built else "contract only") for s in made.services])),
        ("Who talks to whom", markdown.table(("From", "To", "Carries", "Waits", "When it fails"), [(f.source, f.target, f.carries, "yes" if f.style == "synchronous" else "no", f.on_failure) for f in made.flows])),
        ("Plan per team", markdown.table(("Team", "Service", "Delivers", "Needs first", "Beside"), [(w.team, w.service, w.delivers, w.needs_first, w.can_run_beside) for w in made.plan])),
        ("Operations", markdown.table(("Id", "Call", "Who", "Stories", "Event", "Problems"), [(o.id, f"{o.method} {o.path}", ", ".join(o.roles), ", ".join(o.stories) or "-", o.event or "-", ", ".join(map(str, o.errors))) for o in made.operations])),
        ("Examples", _examples(made)),
        ("Data model", diagrams.data_model(made.entities)),
        ("Fields", markdown.table(("Field", "Type", "Null", "Allowed", "Unique", "Index", "Sensitive", "From"), list(_fields(made.entities)))),
        *[(f"Life of {words.article(e.label.lower())}", diagrams.life(e)) for e in made.entities if e.states],
        ("Events", markdown.table(("Id", "After", "Properties"), [(e.id, e.operation, ", ".join(e.properties)) for e in made.events])),
        ("Strategies", markdown.table(("Area", "Choice", "Because"), [(s.area, s.choice, s.because) for s in made.strategies])),
        ("Resilience", markdown.table(("Depends on", "Time limit", "Retries", "Breaker", "Without it"), [(f"{r.dependency} ({r.kind})", f"{r.timeout_ms} ms", r.retries, r.breaker, r.fallback) for r in made.resilience])),
        ("Cache", markdown.table(("Key", "Holds", "Time to live", "Dropped by", "Because"), [(c.key, c.holds, f"{c.ttl_seconds} s", c.invalidated_by, c.because) for c in made.caches])),
        ("Quality", markdown.table(("Id", "When", "Then", "Measure", "Seen by", "From"), [(q.id, q.stimulus, q.response, q.measure, q.verified_by, q.source) for q in made.quality])),
        ("Decisions", markdown.table(("Id", "Because", "Decision", "Options", "Follows"), [(f"{d.id} {d.title}", d.context, d.decision, "; ".join(_option(o) for o in d.options), d.consequences) for d in made.decisions])),
        ("Trade-offs", markdown.table(("Gained", "Paid", "Look again when"), [(t.gained, t.paid, t.revisit_when) for t in made.trade_offs])),
        ("Capacity", markdown.bullets(made.capacity)),
        ("Assumed", markdown.bullets(made.assumptions)),
        ("Context read", markdown.documents(brief.documents)),
    ]  # fmt: skip
    return markdown.report(f"Technical architecture: {brief.request.title}", made.summary, sections, answered(brief))


def _option(option: Option) -> str:
    return (
        f"{option.name} (taken): {option.for_it}, but {option.against_it}"
        if option.taken
        else f"{option.name}: {option.against_it}"
    )


def _fields(entities: Iterable[Entity]) -> Iterable[tuple[str, ...]]:
    """A source that is the same as in the row before is not said again."""
    before = ""
    for entity in entities:
        for f in entity.fields:
            kind = f"{f.type} -> {f.refers_to}" if f.refers_to else f.type
            yield (
                f"{entity.name}.{f.name}",
                kind,
                "no" if f.required else "yes",
                _allowed(f),
                f.unique or "-",
                f.indexed or "-",
                f.sensitive or "-",
                "as before" if f.source == before else f.source,
            )
            before = f.source
        if entity.states:
            yield (
                f"{entity.name}.state",
                "string",
                "no",
                ", ".join(entity.states),
                "-",
                "list by state",
                "-",
                "states of the request",
            )


def _allowed(field: EntityField) -> str:
    unit = (
        " characters"
        if field.type in ("string", "text", "email", "url")
        else " in minor units"
        if field.type == "money"
        else ""
    )
    limits = [f"at least {field.minimum}{unit}"] if field.minimum is not None else []
    limits += [f"at most {field.maximum}{unit}"] if field.maximum is not None else []
    found = ", ".join(field.choices) or ", ".join(limits) or "-"
    return f"{found}; {field.default} when left out" if field.default else found


def _examples(made: Architecture) -> str:
    """The calls that say most: one that makes, one that moves or changes; all of them are in the records and the API reference."""
    by_id = {e.operation: e for e in made.examples}
    wanted = [op for op in made.operations if op.verb == "create"][:1]
    wanted += [op for op in made.operations if op.method in ("POST", "PATCH", "DELETE") and op.verb != "create"][:1]
    blocks = []
    for op in (o for o in wanted if o.id in by_id):
        e = by_id[op.id]
        body = f"\n\n{_pretty(e.request)}" if e.request else ""
        answer = f"\n\n{_pretty(e.response)}" if e.response else "\n"
        blocks.append(
            f"{op.method} {op.path}\n"
            + "\n".join(e.headers)
            + f"{body}\n\nHTTP/1.1 {e.status}{answer}\n\nor: HTTP/1.1 {e.error_status}, application/problem+json\n\n{_pretty(e.error)}"
        )
    left = len(made.examples) - len(blocks)
    text = "\n\n".join("```http\n" + block.replace("`", "'") + "\n```" for block in blocks)
    return (
        f"{text}\n\n{left} more in design/architecture.json, one per operation; docs/api.md of step 12 shows all."
        if text
        else ""
    )


def _pretty(text: str) -> str:
    """On one line where it fits."""
    return text if len(text) < _LINE else json.dumps(json.loads(text), indent=2, ensure_ascii=False)
