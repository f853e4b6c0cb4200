"""Services, how they talk, and who builds what. One service for simple and medium; several boundaries for complex and epic.

This engine builds one deployable. A boundary that is built is a package in it, ready to be cut out along its contract;
one that is not built is a contract and a row in the plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.agents.blueprint.discovery.success_metrics import metrics_of
from services.agents.blueprint.rules.callers import is_asked, why_not_asked
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief
from services.deliverables.discovery import Entity, Event, Flow, Operation, Service, Workstream
from services.features.speech import counted, one_of
from services.features.understanding import RuleKind
from services.workflow.options import Complexity

EVENT_LOG, FIGURES = "event log", "figures-service"
# The style of a flow of which nothing is sent so far.
NOTHING = "none"
_MESSAGES = ("email", "sms", "chat")


@dataclass(frozen=True)
class Parts:
    brief: Brief
    entities: tuple[Entity, ...]
    operations: tuple[Operation, ...]
    events: tuple[Event, ...]

    @property
    def is_split(self) -> bool:
        return self.brief.request.complexity in (Complexity.COMPLEX, Complexity.EPIC)

    @property
    def core(self) -> str:
        return f"{self.entities[0].plural.replace('_', '-')}-service"

    def owned_by_core(self) -> tuple[Entity, ...]:
        """The main record, and with it everything that has no life or writer of its own."""
        if not self.is_split:
            return self.entities
        main = self.entities[0]
        return (main, *(e for e in self.entities[1:] if any(f.refers_to == main.name for f in e.fields)))

    def cut_out(self) -> tuple[Entity, ...]:
        own = {e.name for e in self.owned_by_core()}
        return tuple(e for e in self.entities if e.name not in own)


def services_of(parts: Parts) -> tuple[Service, ...]:
    systems = parts.brief.understanding.integrations
    messages = tuple(i.name for i in systems if i.kind in _MESSAGES)
    own = parts.owned_by_core()
    cut = tuple(f"{e.plural.replace('_', '-')}-service" for e in parts.cut_out())
    notifier = ("notification-service",) if parts.is_split and _tells(parts) else ()
    payer = ("payment-service",) if parts.is_split and _pays(parts) else ()
    direct = tuple(
        i.name for i in systems if not (notifier and i.kind in _MESSAGES) and not (payer and i.kind == "payment")
    )
    found = [
        Service(
            name=parts.core, responsibility=_duty(parts, own), owns=tuple(e.name for e in own), depends_on=(*cut, *notifier, *payer, *direct),
            communication=f"{counted(len(parts.operations), 'operation')} over HTTP; {counted(len(parts.events), 'event')} after what it writes", team=_team(parts, 0), is_built=True,
        )
    ]  # fmt: skip
    for n, entity in enumerate(parts.cut_out(), start=1):
        found.append(
            Service(
                name=f"{entity.plural.replace('_', '-')}-service", responsibility=_duty(parts, (entity,)), owns=(entity.name,), depends_on=(),
                communication="inside the same process today; by its operations once it is cut out", team=_team(parts, n), is_built=True,
            )
        )  # fmt: skip
    if notifier:
        found.append(
            Service(
                name=notifier[0], responsibility=f"sends what waits in the outbox, once each{', through ' + one_of(messages, 'and') if messages else ''}",
                owns=("what was sent, when, to whom",), depends_on=messages, communication="reads the outbox of the others; nobody waits for it",
                team="messages", is_built=False,
            )
        )  # fmt: skip
    if payer:
        names = tuple(i.name for i in systems if i.kind == "payment")
        found.append(
            Service(
                name=payer[0], responsibility=f"takes and gives back money through {one_of(names, 'and')}; nobody else speaks to it", owns=("payments and their keys",),
                depends_on=names, communication="reads the errands of the others, each with a key of its own; answers of the provider come as events", team="payments", is_built=False,
            )
        )  # fmt: skip
    if parts.is_split:
        metrics = tuple(m.id for m in metrics_of(parts.brief))
        found.append(
            Service(
                name=FIGURES, responsibility=f"counts {one_of(metrics, 'and')} from the events; nobody waits for it", owns=("daily figures",), depends_on=(),
                communication="reads the event log every hour", team="data", is_built=True,
            )
        )  # fmt: skip
    return tuple(found)


def _duty(parts: Parts, own: tuple[Entity, ...]) -> str:
    """What it does for people, from the operations that change something."""
    names = {e.name for e in own}
    verbs = tuple(
        dict.fromkeys(op.summary.lower() for op in parts.operations if op.resource in names and op.method != "GET")
    )
    rules = sum(r.resource in names for c in plan_of(parts.brief.understanding).provable for r in c.rules)
    return (
        f"{one_of(verbs[:5], 'and')}; keeps {counted(rules, 'rule')} of step 1"
        if verbs
        else f"shows {one_of(tuple(names), 'and')}"
    )


def _tells(parts: Parts) -> bool:
    rules = [r for c in parts.brief.understanding.criteria for r in c.rules]
    return any(r.kind is RuleKind.NOTIFY for r in rules) or any(
        i.kind in _MESSAGES for i in parts.brief.understanding.integrations
    )


def _pays(parts: Parts) -> bool:
    return any(i.kind == "payment" for i in parts.brief.understanding.integrations)


def _team(parts: Parts, number: int) -> str:
    if not parts.is_split:
        return "the team of this feature"
    return (
        parts.entities[0].plural.replace("_", " ")
        if number == 0
        else parts.cut_out()[number - 1].plural.replace("_", " ")
    )


def flows_of(parts: Parts, services: tuple[Service, ...]) -> tuple[Flow, ...]:
    """Every line of the container diagram that is not a person's."""
    core = services[0].name
    flows = [
        Flow(
            source=core,
            target=EVENT_LOG,
            carries=counted(len(parts.events), "event"),
            style="asynchronous",
            on_failure=f"the {parts.entities[0].label.lower()} is saved all the same; the line is missing, and step 6 counts it",
        )
    ]
    flows += list(_between(parts, core))
    if any(s.name == FIGURES for s in services):
        flows.append(
            Flow(
                source=EVENT_LOG,
                target=FIGURES,
                carries=counted(len(parts.events), "event"),
                style="asynchronous",
                on_failure="counted in the next hour; a line that comes twice counts once",
            )
        )
    systems = {i.name: i for i in parts.brief.understanding.integrations}
    for service in services:
        for name in service.depends_on:
            if name not in systems:
                continue
            unasked = why_not_asked(parts.brief.understanding, systems[name])
            flows.append(
                Flow(
                    source=service.name, target=name, carries=f"nothing so far: {unasked}" if unasked else systems[name].purpose,
                    style=NOTHING if unasked else "asynchronous", on_failure="-" if unasked else "stays in the outbox and is sent later",
                )
            )  # fmt: skip
    return tuple(flows)


def _between(parts: Parts, core: str) -> Iterator[Flow]:
    events = {e.operation: e.name for e in parts.events}
    if not parts.is_split:
        return
    for entity in parts.cut_out():
        name = f"{entity.plural.replace('_', '-')}-service"
        reads = next((op.id for op in parts.operations if op.resource == entity.name and op.verb == "get"), "")
        changed = tuple(events[op.id] for op in parts.operations if op.resource == entity.name and op.id in events)
        if any(f.refers_to == entity.name for e in parts.owned_by_core() for f in e.fields):
            yield Flow(
                source=core,
                target=name,
                carries=reads,
                style="synchronous",
                on_failure="a reference that was seen before is trusted for an hour; a new one is refused with 503",
            )
        yield Flow(
            source=name,
            target=core,
            carries=", ".join(changed[:3]),
            style="asynchronous",
            on_failure="read again from the last offset; an event that came twice changes nothing",
        )
    told = tuple(
        dict.fromkeys(
            _event_of(parts, r.resource, r.act)
            for c in parts.brief.understanding.criteria
            for r in c.rules
            if r.kind is RuleKind.NOTIFY
        )
    )
    if _tells(parts):
        yield Flow(
            source=core,
            target="notification-service",
            carries=", ".join(t for t in told if t) or "outbox",
            style="asynchronous",
            on_failure="stays in the outbox; sent once it is back, never twice",
        )
    if _pays(parts):
        payers = [i for i in parts.brief.understanding.integrations if i.kind == "payment"]
        is_used = any(is_asked(parts.brief.understanding, i) for i in payers)
        yield Flow(
            source=core,
            target="payment-service",
            carries="errands with a key each" if is_used else "nothing so far",
            style="asynchronous" if is_used else NOTHING,
            on_failure="stays in the outbox; the same key is sent again" if is_used else "-",
        )


def _event_of(parts: Parts, resource: str, act: str) -> str:
    events = {e.operation: e.name for e in parts.events}
    return next(
        (events[op.id] for op in parts.operations if op.resource == resource and op.verb == act and op.id in events), ""
    )


def plan_for(parts: Parts, services: tuple[Service, ...]) -> tuple[Workstream, ...]:
    """Per team what it delivers, what it waits for, and beside whom it can work. Only where there are several services."""
    if len(services) < 2:
        return ()
    found = []
    for service in services:
        waits = tuple(name for name in service.depends_on if any(s.name == name for s in services))
        outside = tuple(name for name in service.depends_on if name not in waits)
        own = [op.id for op in parts.operations if op.resource in service.owns]
        delivers = (
            f"{len(own)} operations ({', '.join(own[:3])}…)"
            if len(own) > 3
            else ", ".join(own) or service.responsibility
        )
        first = [f"the contract of {name}, not its code" for name in waits]
        first += [f"access to {name}" for name in outside]
        beside = tuple(s.team for s in services if s.name not in waits and s is not service)
        found.append(
            Workstream(
                team=service.team, service=service.name, delivers=delivers + ("" if service.is_built else "; not built by this run"),
                needs_first="; ".join(first) or "nothing", can_run_beside=one_of(beside, "and") or "nobody",
            )
        )  # fmt: skip
    return tuple(found)
