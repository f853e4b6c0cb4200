"""What a run is likely to take: from the team's own finished runs of the same kind. What nobody knows is None, never a guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from uuid import UUID

from sqlmodel import Session

from db.queries.metrics import decisions_of_team, gate_events_of_team, runs_of_team
from db.queries.spendings import SpentOnRun, spent_by_team, spent_on_runs
from db.tables import Run, TeamLimit
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.metrics.frames import waits_of
from services.people.permissions import Action, require
from services.runs.team_limits import month_of
from services.settings import Provider
from services.workflow.options import EngineName

# What we have measured on two cores: a small request by `make bench`, and the longest of the corpus.
MEASURED_LOW_SECONDS, MEASURED_HIGH_SECONDS = 20.0, 300.0
# From so many values on, a spread leaves its outer quarters away.
QUARTERS_FROM = 4
_NEWEST = 20
_NOTHING = SpentOnRun(0.0, frozenset())


@dataclass(frozen=True)
class Spread:
    """`low` to `high`: the middle half of `QUARTERS_FROM` values or more, all of fewer."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Most:
    """USD that a limit lets a run cost at most; `limit`: "run", or "month" for what is left of the team's cap."""

    usd: float
    limit: str


@dataclass(frozen=True)
class Outlook:
    """`runs`: how many finished runs of the team it is taken from. `seconds`: of work, without the time at gates.

    None: not known; `cost_usd` also where the price of a model is not.
    """

    runs: int
    seconds: Spread | None
    cost_usd: Spread | None
    most: Most | None


def expect(
    deps: Deps,
    actor: Actor,
    *,
    engine: str,
    complexity: str | None,
    limit_usd: float | None = None,
    step_engines: Sequence[Mapping[str, str]] = (),
) -> Outlook:
    """From runs by the same engines and models, and of the same complexity where one is chosen.

    `limit_usd`, `step_engines`: the form's.
    """
    require(actor, Action.VIEW)
    with deps.reading() as session:
        runs = {run.id: run for run in runs_of_team(session, actor.team_id)}
        reached = gate_events_of_team(session, actor.team_id)
        decisions = decisions_of_team(session, actor.team_id)
        spent = spent_on_runs(session, actor.team_id)
        most = _most(session, actor.team_id, deps.now(), limit_usd)
    waited: dict[int, float] = {}
    for row in waits_of(runs, reached, decisions, deps.now()):
        waited[row.run_number] = waited.get(row.run_number, 0.0) + row.seconds
    by = (engine, list(step_engines))
    asks_models = {engine, *(choice["engine"] for choice in step_engines)} != {EngineName.BLUEPRINT}
    alike = [
        run
        for run in sorted(runs.values(), key=lambda run: run.number)
        if (_engines(run), run.status) == (by, RunStatus.FINISHED)
        and complexity in (None, run.request["complexity"])
        and (not asks_models or _is_by_todays_models(spent.get(run.id, _NOTHING), deps.settings.provider))
    ][-_NEWEST:]
    costs = [spent.get(run.id, _NOTHING).usd for run in alike]
    seconds = _spread([_worked(run, waited) for run in alike])
    if not asks_models:
        return Outlook(len(alike), seconds, _spread(costs or [0.0]), None)
    return Outlook(len(alike), seconds, _spread(costs), most)


def _engines(run: Run) -> tuple[str, list[Mapping[str, str]]]:
    return run.engine, run.request.get("step_engines", [])


def _is_by_todays_models(spent: SpentOnRun, provider: Provider | None) -> bool:
    today = {provider.model, provider.strong_model, provider.records_model} if provider else set()
    return bool(spent.models) and spent.models <= today


def _worked(run: Run, waited: dict[int, float]) -> float:
    end = run.finished_at or run.created_at
    return max(0.0, (end - run.created_at).total_seconds() - waited.get(run.number, 0.0))


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    if len(known) < QUARTERS_FROM:
        return Spread(min(known), median(known), max(known))
    low, middle, high = quantiles(known, n=4, method="inclusive")
    return Spread(low, middle, high)


def _most(session: Session, team_id: UUID, now: datetime, limit_usd: float | None) -> Most | None:
    """The lower of the run's limit, else that of new runs, and what the month still allows."""
    team, month = session.get(TeamLimit, team_id), month_of(now)
    found = []
    of_the_run = limit_usd or (team.run_usd if team else None)
    if of_the_run is not None:
        found.append(Most(of_the_run, "run"))
    if team is not None and team.month_usd is not None:
        spent = spent_by_team(session, team_id, since=month.since, until=month.until)
        if spent is not None:
            found.append(Most(max(0.0, team.month_usd - spent), "month"))
    return min(found, key=lambda most: most.usd, default=None)
