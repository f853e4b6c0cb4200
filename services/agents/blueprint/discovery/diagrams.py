"""Diagrams in Mermaid with the words of C4: person, software system, container; also data, life of a record, one change."""

from collections.abc import Iterable

from services.agents.blueprint import markdown
from services.agents.blueprint.discovery.decompositions import EVENT_LOG, FIGURES, NOTHING
from services.deliverables.discovery import Architecture, Entity, Operation
from services.features.titles import product_name
from services.features.understanding import Understanding

_WIDE = 40  # letters on a line
_WORK = 5  # so many acts stand on a line; more cannot be read


def context(understood: Understanding, design: Architecture) -> str:
    """C4 level 1: who and what is around the system."""
    lines = ["flowchart LR", f"  system[{_box(product_name(understood.title), 'software system')}]"]
    for n, actor in enumerate(understood.actors):
        lines += [f"  a{n}([{_box(actor, 'person')}]) -->|{_acts(design, actor)}| system"]
    unused = {flow.target for flow in design.flows if flow.style == NOTHING}
    for n, other in enumerate(understood.integrations):
        arrow = "---|nothing so far|" if other.name in unused else f"-->|{_short(other.purpose)}|"
        lines += [f"  system {arrow} x{n}[/{_box(other.name, f'external {other.kind}')}/]"]
    return markdown.mermaid(lines)


def containers(understood: Understanding, design: Architecture) -> str:
    """C4 level 2: what runs, what is kept, and who talks to whom how; dashed is asynchronous, without an arrow nothing is sent so far."""
    names = {s.name: _node(s.name) for s in design.services}
    names |= {i.name: f"x{n}" for n, i in enumerate(understood.integrations)} | {EVENT_LOG: "log", FIGURES: "pipeline"}
    core, *others = [s.name for s in design.services if s.is_built and s.name != FIGURES]
    lines = [
        "flowchart TB",
        *(f"  a{n}([{_box(actor, 'person')}]) --> page" for n, actor in enumerate(understood.actors)),
    ]
    lines += [
        f"  page[{_box('web page', 'container, static')}]",
        f"  subgraph system [{markdown.label(product_name(understood.title))}]",
        f"  page -->|JSON over HTTPS, bearer token| {names[core]}",
    ]
    lines += [
        f"  {names[core]}[{_box(core, 'container, FastAPI')}]",
        *(f"  {names[name]}[{_box(name, 'module, own package')}]" for name in others),
    ]
    lines += [f"  {names[core]} --> db[({_box('records and outbox', 'container, SQL')})]", "  end"]
    lines += [f"  {names[s.name]}[{_box(s.name, 'planned, contract only')}]" for s in design.services if not s.is_built]
    lines += [f"  x{n}[/{_box(i.name, f'external {i.kind}')}/]" for n, i in enumerate(understood.integrations)]
    lines += [
        f"  log[({_box('event log', 'container, JSON lines')})]",
        f"  pipeline[{_box('analytics pipeline', 'container, hourly')}]",
    ]
    lines += [] if any(f.target == FIGURES for f in design.flows) else ["  log -.-> pipeline"]
    for flow in design.flows:
        if flow.source in names and flow.target in names:
            arrow = {"asynchronous": "-.->", NOTHING: "---"}.get(flow.style, "-->")
            lines.append(f"  {names[flow.source]} {arrow}|{_short(flow.carries)}| {names[flow.target]}")
    return markdown.mermaid(lines)


def data_model(entities: Iterable[Entity]) -> str:
    known = tuple(entities)
    lines = ["erDiagram"]
    for entity in known:
        lines += [f"  {entity.name} {{", "    int id PK", "    int version"]
        lines += [f"    {f.type} {f.name}{' FK' if f.refers_to else ' UK' if f.unique else ''}" for f in entity.fields]
        lines += [*(["    string state"] if entity.states else []), "  }"]
    names = {e.name for e in known}
    for entity in known:
        lines += [
            f"  {f.refers_to} {'||' if f.required else '|o'}--o{{ {entity.name} : {f.name}"
            for f in entity.fields
            if f.refers_to in names
        ]
    return markdown.mermaid(lines)


def life(entity: Entity) -> str:
    left = {source for _, source, _ in entity.transitions}
    lines = ["stateDiagram-v2", f"  [*] --> {entity.states[0]}"]
    lines += [f"  {source} --> {target}: {verb.replace('_', ' ')}" for verb, source, target in entity.transitions]
    lines += [f"  {state} --> [*]" for state in entity.states[1:] if state not in left]
    return markdown.mermaid(lines)


def one_change(operation: Operation, others: Iterable[str]) -> str:
    """The way of one write through the service, with what it starts afterwards."""
    lines = [
        "sequenceDiagram",
        f"  participant P as {markdown.label(operation.roles[0] if operation.roles else 'caller')}",
        "  participant S as service",
        "  participant D as database",
        "  participant L as event log",
        f"  P->>S: {operation.method} {operation.path.replace('{id}', 'id')}",
        "  S->>S: token, flag, role, limits, rules",
        "  S->>D: one transaction with the outbox",
        f"  S->>L: {operation.event.removeprefix('EV-') or 'no event'}",
        "  S-->>P: record, or a problem document",
    ]
    for n, name in enumerate(others):
        lines += [f"  participant X{n} as {markdown.label(name)}", f"  D-)X{n}: afterwards, from the outbox"]
    return markdown.mermaid(lines)


def _node(name: str) -> str:
    return "s_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in name)


def _box(name: str, kind: str) -> str:
    return f'"{markdown.label(name)} ({kind})"'


def _short(text: str) -> str:
    first = text.split(", ")[0]
    plain = markdown.label(first if len(first) <= _WIDE else first[:_WIDE].rsplit(" ", 1)[0])
    return f"{plain} ..." if first != text else plain


def _acts(design: Architecture, actor: str) -> str:
    verbs = list(
        dict.fromkeys(op.verb.replace("_", " ") for op in design.operations if actor in op.roles and op.method != "GET")
    )
    if not verbs:
        return "read"
    more = f" and {len(verbs) - _WORK} more" if len(verbs) > _WORK else ""
    return " - ".join(markdown.label(verb) for verb in verbs[:_WORK]) + more
