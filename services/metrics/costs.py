"""What models have cost, request by request, and what of it was wasted. An unknown price is None, and so is every sum with one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.queries.spendings import SpendingOfRun, kept_answers, newest_revisions, spendings_of_team
from db.tables import Spending
from db.tables.run import RunStatus
from services.actors import Actor
from services.criteria.checklist import as_csv
from services.deps import Deps
from services.people.permissions import Action, require
from services.workflow.tasks import BY_KEY, PHASES


class Waste(StrEnum):
    RETRY = "retry"  # broke off, or its answer could not be used: the request was made again
    REWORK = "rework"  # it made a revision that a newer one replaces


@dataclass(frozen=True)
class CallCost:
    """One request. Tokens of its prompt by how they are paid; `cost_usd`: what it counts as, held or paid.

    `run_number` is None for a run that was deleted. What its requests were wasted on is not known any more.
    """

    at: datetime
    run_number: int | None
    phase: int
    step: int
    task_key: str
    agent: str
    revision: int
    call: str
    model: str
    fresh_tokens: int
    written_tokens: int
    read_tokens: int
    output_tokens: int
    cost_usd: float | None
    is_settled: bool
    waste: Waste | None

    @property
    def input_tokens(self) -> int:
        return self.fresh_tokens + self.written_tokens + self.read_tokens


@dataclass(frozen=True)
class CostSum:
    """Requests that have something in common. `cached_share`: 0..1 of the input that came from the cache; None without input."""

    of: str
    calls: int
    input_tokens: int
    cached_share: float | None
    output_tokens: int
    cost_usd: float | None
    retry_usd: float | None
    rework_usd: float | None


def list_calls(deps: Deps, actor: Actor, *, since: datetime | None = None) -> tuple[CallCost, ...]:
    """Newest first, of the whole team, those of deleted runs included."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        rows = spendings_of_team(session, actor.team_id, since=since)
        kept = kept_answers(session, actor.team_id)
        newest = newest_revisions(session, actor.team_id)
    last = {_place(row.spending): row.spending.id for row in rows}
    return tuple(_call(row, _waste(row, last, kept, newest)) for row in reversed(rows))


# How requests are put together: name -> (order, label) of one.
GROUPS: Mapping[str, Callable[[CallCost], tuple[Any, str]]] = {
    "run": lambda c: (-(c.run_number or 0), f"run {c.run_number}" if c.run_number else "deleted runs"),
    "phase": lambda c: (c.phase, f"{c.phase} {PHASES[c.phase - 1].title}"),
    "agent": lambda c: (c.agent, c.agent),
    "step": lambda c: (c.step, BY_KEY[c.task_key].heading),
    "model": lambda c: (c.model, c.model),
    "team": lambda _c: (0, "all"),
}


def sums_by(name: str, calls: Iterable[CallCost]) -> tuple[CostSum, ...]:
    """One row per group. `name`: a key of `GROUPS`."""
    groups: dict[tuple[Any, str], list[CallCost]] = {}
    for call in calls:
        groups.setdefault(GROUPS[name](call), []).append(call)
    return tuple(_sum(label, groups[order, label]) for order, label in sorted(groups))


_COLUMNS = (
    "at (UTC)", "run", "phase", "step", "task", "agent", "revision", "request", "model", "input tokens", "written to the cache",
    "read from the cache", "output tokens", "USD", "settled", "wasted on",
)  # fmt: skip


def calls_csv(deps: Deps, actor: Actor, *, since: datetime | None = None) -> bytes:
    """Every request, a row each, as `as_csv` writes it."""
    require(actor, Action.EXPORT)
    return as_csv(_COLUMNS, (_cells(call) for call in list_calls(deps, actor, since=since)))


def _cells(call: CallCost) -> Sequence[str]:
    run = str(call.run_number) if call.run_number else "deleted"
    cost = "n/a" if call.cost_usd is None else f"{call.cost_usd:.6f}"
    tokens = (call.fresh_tokens, call.written_tokens, call.read_tokens, call.output_tokens)
    return (
        f"{call.at:%Y-%m-%d %H:%M:%S}", run, str(call.phase), str(call.step), call.task_key, call.agent, str(call.revision),
        call.call, call.model, *map(str, tokens), cost, "yes" if call.is_settled else "no, held", call.waste or "",
    )  # fmt: skip


_Place = tuple[UUID | None, str, int, str]


def _place(row: Spending) -> _Place:
    return row.run_id, row.task_key, row.revision, row.key


def _waste(
    row: SpendingOfRun, last: Mapping[_Place, UUID], kept: set[_Place], newest: Mapping[tuple[UUID, str], int]
) -> Waste | None:
    one = row.spending
    if one.run_id is None:
        return None
    is_under_way = one.settled_at is None and row.run_status is RunStatus.RUNNING
    is_last = last[_place(one)] == one.id
    if not is_last or (_place(one) not in kept and not is_under_way):
        return Waste.RETRY
    return Waste.REWORK if one.revision < newest.get((one.run_id, one.task_key), 0) else None


def _call(row: SpendingOfRun, waste: Waste | None) -> CallCost:
    one, task = row.spending, BY_KEY[row.spending.task_key]
    usage = one.usage or {}
    return CallCost(
        at=one.created_at,
        run_number=row.run_number,
        phase=task.phase,
        step=task.step,
        task_key=task.key,
        agent=task.agent,
        revision=one.revision,
        call=one.key.rpartition("/")[2],  # before it stands which house rules it was asked under
        model=one.model,
        fresh_tokens=usage.get("input_tokens") or 0,
        written_tokens=usage.get("cache_creation_input_tokens") or 0,
        read_tokens=usage.get("cache_read_input_tokens") or 0,
        output_tokens=usage.get("output_tokens") or 0,
        cost_usd=one.counts_as_usd,
        is_settled=one.settled_at is not None,
        waste=waste,
    )


def _sum(label: str, calls: Sequence[CallCost]) -> CostSum:
    whole = sum(call.input_tokens for call in calls)
    return CostSum(
        of=label,
        calls=len(calls),
        input_tokens=whole,
        cached_share=sum(call.read_tokens for call in calls) / whole if whole else None,
        output_tokens=sum(call.output_tokens for call in calls),
        cost_usd=sum_known(call.cost_usd for call in calls),
        retry_usd=sum_known(call.cost_usd for call in calls if call.waste is Waste.RETRY),
        rework_usd=sum_known(call.cost_usd for call in calls if call.waste is Waste.REWORK),
    )


def sum_known(amounts: Iterable[float | None]) -> float | None:
    """None where one of them is."""
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
