"""A team's figures as plain rows. Unknown is None; an empty team has no figures, not zeros."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import UUID

from db.queries.metrics import decisions_of_team, gate_events_of_team, revisions_of_team, runs_of_team, verdicts_of_team
from db.queries.spendings import spendings_of_team
from db.tables import Decision, Event, Revision, Run
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.metrics.costs import sum_known
from services.people.permissions import Action, require
from services.workflow.options import EngineName


@dataclass(frozen=True)
class StepRow:
    """One revision: how long it took and what it cost."""

    run_number: int
    step: int
    phase: int
    task_key: str
    seconds: float
    cost_usd: float | None
    cause: str


@dataclass(frozen=True)
class CriterionRow:
    """How many criteria had an outcome after one segment of a run."""

    run_number: int
    phase: int
    at: datetime
    outcome: str
    count: int


@dataclass(frozen=True)
class WaitRow:
    run_number: int
    phase: int
    seconds: float


@dataclass(frozen=True)
class TeamMetrics:
    """Seconds, shares 0..1, US dollars."""

    runs: int
    finished: int
    lead_time_seconds: float | None
    wait_share: float | None
    first_pass_share: float | None
    rework_share: float | None
    cost_usd: float | None
    steps: tuple[StepRow, ...]
    waits: tuple[WaitRow, ...]
    criteria: tuple[CriterionRow, ...]


def team_metrics(deps: Deps, actor: Actor) -> TeamMetrics:
    """Archived runs count too: what happened does not change by being put away."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        runs = {run.id: run for run in runs_of_team(session, actor.team_id)}
        revisions = revisions_of_team(session, actor.team_id)
        decisions = decisions_of_team(session, actor.team_id)
        reached = gate_events_of_team(session, actor.team_id)
        counted = verdicts_of_team(session, actor.team_id)
        spent = [row.spending.counts_as_usd for row in spendings_of_team(session, actor.team_id)]
    finished = [r for r in runs.values() if r.status is RunStatus.FINISHED and r.finished_at]
    lead = [(r.finished_at - r.created_at).total_seconds() for r in finished if r.finished_at]
    waits = waits_of(runs, reached, decisions, deps.now())
    costs = [revision.cost_usd for revision, _ in revisions if revision.engine != EngineName.CLAUDE] + spent
    return TeamMetrics(
        runs=len(runs),
        finished=len(finished),
        lead_time_seconds=median(lead) if lead else None,
        wait_share=_wait_share(runs, waits, deps.now()),
        first_pass_share=_first_pass(decisions),
        rework_share=_rework([revision for revision, _ in revisions]),
        cost_usd=sum_known(costs) if costs else None,
        steps=tuple(
            StepRow(
                runs[r.run_id].number,
                step,
                phase,
                r.task_key,
                (r.created_at - r.started_at).total_seconds(),
                r.cost_usd,
                r.cause,
            )
            for r, (step, phase) in revisions
            if r.cause != "edit"  # a person's words take no agent's time
        ),
        waits=waits,
        criteria=tuple(
            CriterionRow(runs[run_id].number, phase, at, outcome, n) for run_id, phase, at, outcome, n in counted
        ),
    )


def waits_of(
    runs: dict[UUID, Run], reached: Sequence[Event], decisions: Sequence[Decision], now: datetime
) -> tuple[WaitRow, ...]:
    """From "gate reached" to the next decision on that run, to its end, or to now."""
    rows = []
    for event in reached:
        if event.run_id is None:
            continue
        run = runs[event.run_id]
        after = [d.at for d in decisions if d.run_id == event.run_id and d.at >= event.at]
        end = min(after) if after else run.finished_at or now
        rows.append(WaitRow(run.number, int(event.data["phase"]), (end - event.at).total_seconds()))
    return tuple(rows)


def _wait_share(runs: dict[UUID, Run], waits: Sequence[WaitRow], now: datetime) -> float | None:
    total = sum(((r.finished_at or now) - r.created_at).total_seconds() for r in runs.values())
    return sum(w.seconds for w in waits) / total if total else None


def _first_pass(decisions: Sequence[Decision]) -> float | None:
    """Phases whose first approval came before any change request / phases approved."""
    first: dict[tuple[UUID, int], str] = {}
    approved = {(d.run_id, d.phase) for d in decisions if d.kind == "approve"}
    for decision in sorted(decisions, key=lambda d: d.at):
        first.setdefault((decision.run_id, decision.phase), decision.kind)
    return sum(first[phase] == "approve" for phase in approved) / len(approved) if approved else None


def _rework(revisions: Sequence[Revision]) -> float | None:
    again = sum(r.cause in ("change_request", "upstream", "rerun", "edit") for r in revisions)
    return again / len(revisions) if revisions else None
