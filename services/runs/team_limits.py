"""What a team may spend: a cap for all its runs in a calendar month (UTC), and the limit that a new run begins with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session

from db.queries.spendings import lock_spending, parkings_of_team, spent_by_team
from db.tables import TeamLimit
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput
from services.features.request import COST_LIMIT_MAX
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.runs.control import retry_run

MONTH_MAX_USD = 10_000_000


@dataclass(frozen=True)
class Month:
    """A calendar month in UTC, from `since` until before `until`."""

    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        return f"{self.since:%B %Y}"


@dataclass(frozen=True)
class TeamLimits:
    """USD; None: no limit. `spent_usd`: of this month, with what is held; None where a price is not known.

    `parked`: runs that wait until the month's cap is raised.
    """

    month: Month
    month_usd: float | None
    run_usd: float | None
    spent_usd: float | None
    set_by: str
    set_at: datetime | None
    parked: int


def month_of(now: datetime) -> Month:
    since = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    years, month = divmod(since.month, 12)
    return Month(since, since.replace(year=since.year + years, month=month + 1))


def team_limits(deps: Deps, actor: Actor) -> TeamLimits:
    require(actor, Action.VIEW)
    month = month_of(deps.now())
    with deps.reading() as session:
        row = session.get(TeamLimit, actor.team_id)
        spent = spent_by_team(session, actor.team_id, since=month.since, until=month.until)
        parked = len(_parked_by_the_month(session, actor.team_id))
    if row is None:
        return TeamLimits(month, None, None, spent, "", None, parked)
    return TeamLimits(month, row.month_usd, row.run_usd, spent, row.set_by, row.set_at, parked)


def set_team_limits(deps: Deps, actor: Actor, *, month_usd: float | None, run_usd: float | None) -> int:
    """Holds from the next request on; what is spent already counts. Runs keep the limit that they began with.

    Returns: how many runs that stood at a lower cap go on. Raises: InvalidInput, NotAllowed.
    """
    require(actor, Action.MANAGE_TEAM)
    problems = {
        name: f"Give an amount in USD above 0, at most {most:,}, or none."
        for name, given, most in (("month_usd", month_usd, MONTH_MAX_USD), ("run_usd", run_usd, COST_LIMIT_MAX))
        if given is not None and not 0 < given <= most
    }
    if problems:
        raise InvalidInput(problems)
    with deps.session() as session:
        lock_spending(session, actor.team_id)
        row = session.get(TeamLimit, actor.team_id) or TeamLimit(team_id=actor.team_id, set_by=actor.name)
        before = {"month_usd": row.month_usd, "run_usd": row.run_usd}
        row.month_usd, row.run_usd, row.set_by, row.set_at = month_usd, run_usd, actor.name, deps.now()
        session.add(row)
        after = {"month_usd": month_usd, "run_usd": run_usd}
        record_for_team(session, deps, actor, "team.limits", before=before, after=after)
        waiting = _parked_by_the_month(session, actor.team_id) if _is_raised(before["month_usd"], month_usd) else []
        session.commit()
    return sum(_goes_on(deps, actor, run_id) for run_id in waiting)


def limit_of_new_runs(session: Session, team_id: UUID) -> float | None:
    """USD; None: no limit."""
    row = session.get(TeamLimit, team_id)
    return row.run_usd if row else None


def _is_raised(before: float | None, after: float | None) -> bool:
    return before is not None and (after is None or after > before)


def _parked_by_the_month(session: Session, team_id: UUID) -> list[UUID]:
    newest = {(event.run_id, event.task_key): event for event in parkings_of_team(session, team_id)}
    return sorted({e.run_id for e in newest.values() if e.run_id and e.data.get("limit") == "month"}, key=str)


def _goes_on(deps: Deps, actor: Actor, run_id: UUID) -> bool:
    try:
        retry_run(deps, actor, run_id=run_id)
    except Conflict:  # somebody was faster
        return False
    return True
