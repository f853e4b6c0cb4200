"""What may be spent and was: money is held before a request is sent, so that no parallel agents pass a limit together, neither
that of their run nor, over all runs of the team, that of the month.

A request that was never settled, because its worker died, counts as what was held for it: nobody knows what it cost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.spendings import lock_spending, spent_by_run, spent_by_team
from db.tables import Run, Spending, TeamLimit
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, LimitReached, WorkParked
from services.features.request import COST_LIMIT_MAX
from services.people.permissions import Action, require
from services.runs.control import own_run
from services.runs.events import record
from services.runs.states import ENDED
from services.runs.team_limits import month_of

# Sums of floats may be off in the last place; a billionth of a dollar is nobody's loss.
ROUNDING_USD = 1e-9


@dataclass(frozen=True)
class _Limit:
    """USD. `kind` as in `LimitReached`; `name` and `cure` as people read them."""

    kind: str
    name: str
    limit_usd: float
    spent_usd: float | None
    cure: str


def hold(deps: Deps, made: tuple[UUID, str, int], *, key: str, model: str, worst_usd: float | None) -> UUID:
    """Writes down what a request can cost at most. `made`: run, task key, revision.

    Raises: LimitReached where the limit of the run or of the team's month could be passed, WorkParked for a deleted run.
    """
    run_id, task_key, revision = made
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None:
            raise WorkParked("This run was deleted.")
        lock_spending(session, run.team_id)
        now = deps.now()
        for limit in _limits(session, run, now):
            _check(limit, model, worst_usd)
        row = Spending(
            id=deps.new_id(),
            team_id=run.team_id,
            run_id=run_id,
            task_key=task_key,
            revision=revision,
            key=key,
            model=model,
            held_usd=worst_usd,
            created_at=now,
        )
        session.add(row)
        session.commit()
        return row.id


def settle(deps: Deps, spending_id: UUID, *, cost_usd: float | None, usage: Mapping[str, Any]) -> None:
    """What the request cost takes the place of what was held. The team may have been deleted meanwhile."""
    with deps.session() as session:
        row = session.get(Spending, spending_id)
        if row is None:
            return
        row.cost_usd, row.usage, row.settled_at = cost_usd, dict(usage), deps.now()
        session.add(row)
        session.commit()


def set_cost_limit(deps: Deps, actor: Actor, *, run_id: UUID, limit_usd: float | None) -> None:
    """Another limit, or none. A parked run goes on by *Retry*. Raises: NotFound, InvalidInput, Conflict."""
    require(actor, Action.START_RUN)
    if limit_usd is not None and not 0 < limit_usd <= COST_LIMIT_MAX:
        raise InvalidInput({"cost_limit_usd": f"Give an amount in USD above 0, at most {COST_LIMIT_MAX:,}."})
    with deps.session() as session:
        run = own_run(session, actor, run_id)
        if run.status in ENDED:
            raise Conflict(f"This run is {run.status.value}; it costs nothing more.")
        before, run.cost_limit_usd = run.cost_limit_usd, limit_usd
        session.add(run)
        record(session, deps, actor, run, "run.limit", before=before, after=limit_usd)
        session.commit()


def _limits(session: Session, run: Run, now: datetime) -> Iterator[_Limit]:
    if run.cost_limit_usd is not None:
        spent = spent_by_run(session, run.id)
        cure = "whoever may start runs can raise it on the run's page and retry"
        yield _Limit("run", f"run's limit of {run.cost_limit_usd:.2f} USD", run.cost_limit_usd, spent, cure)
    team = session.get(TeamLimit, run.team_id)
    if team is not None and team.month_usd is not None:
        month = month_of(now)
        spent = spent_by_team(session, run.team_id, since=month.since, until=month.until)
        cure = f"an owner can raise it on the page Team, and the run goes on; from {month.until:%-d %B} on it can be retried"
        yield _Limit("month", f"team's cap of {team.month_usd:.2f} USD for {month.name}", team.month_usd, spent, cure)


def _check(limit: _Limit, model: str, worst_usd: float | None) -> None:
    if worst_usd is None:
        raise LimitReached(
            limit.kind,
            f"No price is known for {model}, so the {limit.name} cannot be kept. Add its price as docs/claude.md says and "
            f"retry, or take the limit away: {limit.cure}.",
        )
    if limit.spent_usd is None:
        raise LimitReached(
            limit.kind,
            f"The {limit.name} cannot be kept: what was spent is not known, because a request went to a model without a "
            f"price. The limit can be taken away: {limit.cure}.",
        )
    if limit.spent_usd + worst_usd > limit.limit_usd + ROUNDING_USD:
        raise LimitReached(
            limit.kind,
            f"The {limit.name} could be passed: {limit.spent_usd:.2f} USD are spent or held, and the next call can cost up "
            f"to {worst_usd:.2f} USD. Everything so far is kept; {limit.cure}.",
        )
