"""How long a run is likely to take: from the team's own finished runs, else a range that was measured by us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from db.queries.metrics import decisions_of_team, gate_events_of_team, runs_of_team
from db.tables import Run
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.metrics.frames import waits_of
from services.people.permissions import Action, require
from services.workflow.options import EngineName

# An assumption of ours: a small request took 23 s by `make bench` on two cores, and the corpus allows a run 300 s.
DEFAULT_LOW_SECONDS, DEFAULT_HIGH_SECONDS = 20.0, 300.0
_NEWEST = 20


@dataclass(frozen=True)
class ExpectedTime:
    """Working time in seconds, without the time at gates. `runs`: how many finished runs it is taken from; 0: our default."""

    low_seconds: float
    high_seconds: float
    median_seconds: float | None
    runs: int


def expected_time(
    deps: Deps, actor: Actor, *, engine: str, step_engines: Sequence[Mapping[str, str]] = ()
) -> ExpectedTime | None:
    """Of runs with the same engines. `step_engines`: as in a request.

    None where nobody knows: a model's time is the provider's, and no run with it has ended yet.
    """
    require(actor, Action.VIEW)
    with deps.reading() as session:
        runs = {run.id: run for run in runs_of_team(session, actor.team_id)}
        reached = gate_events_of_team(session, actor.team_id)
        decisions = decisions_of_team(session, actor.team_id)
    by = (engine, list(step_engines))
    ended = [r for r in runs.values() if r.status is RunStatus.FINISHED and r.finished_at and _engines(r) == by]
    newest = sorted(ended, key=lambda r: r.number)[-_NEWEST:]
    waited: dict[int, float] = {}
    for row in waits_of(runs, reached, decisions, deps.now()):
        waited[row.run_number] = waited.get(row.run_number, 0.0) + row.seconds
    took = [
        max(0.0, (r.finished_at - r.created_at).total_seconds() - waited.get(r.number, 0.0))
        for r in newest
        if r.finished_at
    ]
    if not took and by != (EngineName.BLUEPRINT, []):
        return None
    if not took:
        return ExpectedTime(DEFAULT_LOW_SECONDS, DEFAULT_HIGH_SECONDS, None, 0)
    return ExpectedTime(min(took), max(took), median(took), len(took))


def _engines(run: Run) -> tuple[str, list[Mapping[str, str]]]:
    return run.engine, run.request.get("step_engines", [])
