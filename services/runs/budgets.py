"""What a run may cost and has cost: money is held before a request is sent, so that no parallel agents pass the limit together.

A request that was never settled, because its worker died, counts as what was held for it: nobody knows what it cost.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.spendings import spendings_of
from db.tables import Run, Spending
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, WorkParked
from services.features.request import COST_LIMIT_MAX
from services.people.permissions import Action, require
from services.runs.control import own_run
from services.runs.events import record
from services.runs.states import ENDED

# Sums of floats may be off in the last place; a billionth of a dollar is nobody's loss.
ROUNDING_USD = 1e-9


def hold(deps: Deps, made: tuple[UUID, str, int], *, key: str, model: str, worst_usd: float | None) -> UUID:
    """Writes down what a request can cost at most. `made`: run, task key, revision.

    Raises: WorkParked where the run's limit could be passed.
    """
    run_id, task_key, revision = made
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None:
            raise WorkParked("This run was deleted.")
        if run.cost_limit_usd is not None:
            _check(session, run, run.cost_limit_usd, model, worst_usd)
        row = Spending(
            id=deps.new_id(),
            run_id=run_id,
            task_key=task_key,
            revision=revision,
            key=key,
            model=model,
            held_usd=worst_usd,
            created_at=deps.now(),
        )
        session.add(row)
        session.commit()
        return row.id


def settle(deps: Deps, spending_id: UUID, *, cost_usd: float | None, usage: Mapping[str, Any]) -> None:
    """What the request cost takes the place of what was held. The run may have been deleted meanwhile."""
    with deps.session() as session:
        row = session.get(Spending, spending_id)
        if row is None:
            return
        row.cost_usd, row.usage, row.settled_at = cost_usd, dict(usage), deps.now()
        session.add(row)
        session.commit()


def spent_usd(
    session: Session, run_id: UUID, *, task_key: str | None = None, revision: int | None = None
) -> float | None:
    """Of a run, or of one revision of a task; None where the price of a request is not known."""
    amounts = [_counts_as(row) for row in spendings_of(session, run_id, task_key=task_key, revision=revision)]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


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


def _check(session: Session, run: Run, limit_usd: float, model: str, worst_usd: float | None) -> None:
    spent = spent_usd(session, run.id)
    if worst_usd is None or spent is None:
        raise WorkParked(
            f"No price is known for {model}, so the limit of {limit_usd:.2f} USD cannot be kept. Add its price as "
            f"docs/claude.md says, or remove the limit; then retry the run."
        )
    if spent + worst_usd > limit_usd + ROUNDING_USD:
        raise WorkParked(
            f"The limit of {limit_usd:.2f} USD could be passed: {spent:.2f} USD are spent or held, and the next call can cost "
            f"up to {worst_usd:.2f} USD. Everything so far is kept; raise the limit, then retry the run."
        )


def _counts_as(row: Spending) -> float | None:
    return row.cost_usd if row.settled_at is not None else row.held_usd
