"""What happens when something that the service needs is slow, wrong or gone; what is kept in memory, and for how long.

Source: breaker and retry figures of the house: half of at least 20 calls within 30 s opens for 30 s, one probe; full jitter.
"""

from collections.abc import Iterable

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.discovery.hazards import outage_of
from services.agents.blueprint.rules.callers import is_asked
from services.agents.engine import Brief
from services.deliverables.discovery import CachePlan, Entity, Operation, ResiliencePlan

_BREAKER = "opens at 50 % of at least 20 calls in 30 s, for 30 s, then one probe"
# A first sending and what the outbox sends again, as app/outbox.py counts it.
ATTEMPTS = 6
_OUTBOX = f"by the outbox, {ATTEMPTS} attempts with full jitter up to 60 s, then set aside until python -m app.deliver --again"
_SAFE = f"2 more at once, full jitter up to 400 ms, under the same reference; then {_OUTBOX}"
# Kinds whose messages only the outbox sends, so that none is sent twice.
MESSAGES = ("email", "sms", "chat")
# Kind -> (share of the caller's budget in percent, repeated in the request or later).
_SHARES = {
    "payment": (60, False),
    "identity": (20, False),
    "storage": (50, False),
    "search": (40, False),
    "maps": (30, False),
    "service": (50, False),
}
_DATABASE_SHARE = 0.8
_BACKGROUND_MS = 5000
_TTL = 30


def budget_ms(brief: Brief) -> tuple[float, str]:
    """The time that a caller has, and where that comes from."""
    asked = next((q for q in brief.understanding.quantities if q.kind == "latency"), None)
    if asked is None:
        return 300.0, "assumption: p95 below 300 ms"
    return asked.value * (1000 if asked.unit.startswith("s") else 1), quoted(brief.request, asked.span)


def caller_ms(plans: Iterable[ResiliencePlan]) -> int:
    """What a caller should wait at least: twice what a slow answer may take, since whoever gives up earlier asks again."""
    database = next(plan.timeout_ms for plan in plans if plan.dependency == "database")
    return round(database / _DATABASE_SHARE * 2)


def resilience_of(brief: Brief) -> tuple[ResiliencePlan, ...]:
    """The database first, then every other system. A time limit in a request is below that of its caller; nobody waits for what the outbox sends."""
    budget, source = budget_ms(brief)
    found = [
        ResiliencePlan(
            dependency="database", kind="storage of records", timeout_ms=round(budget * _DATABASE_SHARE), retries="none for writes; a read once more on a new connection",
            breaker="none: /ready fails and the platform sends no traffic", fallback=f"503 with a problem document; single {brief.understanding.resources[0].plural.replace('_', ' ')} are read from memory for 30 s", source=source,
        )
    ]  # fmt: skip
    for system in brief.understanding.integrations:
        is_later = is_asked(brief.understanding, system)
        share = None if is_later else _SHARES.get(system.kind)
        told, _, _, fallback = outage_of(brief.understanding, system)
        found.append(
            ResiliencePlan(
                dependency=system.name, kind=system.kind, timeout_ms=round(budget * share[0] / 100) if share else _BACKGROUND_MS,
                retries=retries_of(system.kind, is_later=is_later), breaker=_BREAKER, fallback=f"{told}; {fallback}", source=quoted(brief.request, system.span),
            )
        )  # fmt: skip
    return tuple(found)


def retries_of(kind: str, *, is_later: bool) -> str:
    """As people read it, in the architecture and in the report of the code. `is_later`: whoever asks leaves it in the outbox."""
    return f"none at once; {_OUTBOX}" if is_later or kind in MESSAGES else _SAFE


def caches_of(brief: Brief, entities: tuple[Entity, ...], operations: tuple[Operation, ...]) -> tuple[CachePlan, ...]:
    """Single records only: a list depends on who asks and what was written since."""
    found = []
    for entity in entities:
        writes = tuple(
            op.id for op in operations if op.resource == entity.name and op.method != "GET" and op.verb != "create"
        )
        readers = next((op.roles for op in operations if op.resource == entity.name and op.verb == "get"), ())
        hidden = [f.name for f in entity.fields if f.sensitive in ("health", "credentials", "payment")]
        because = f"read by {', '.join(readers)} more often than it changes (assumption: 20 reads per write)"
        if hidden:
            because += f"; {', '.join(hidden)} stays in this process and is never written to a shared cache"
        found.append(
            CachePlan(
                key=f"{entity.name}:id", holds=f"one {entity.label.lower()} as stored; who may see it is decided after the cache", ttl_seconds=_TTL,
                invalidated_by=", ".join(writes) or "nothing: it never changes", because=because,
            )
        )  # fmt: skip
    return tuple(found)
