"""The gate as it is shown. `shown_hash` is a fingerprint of everything that a decision is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.queries.policies import policies_of
from db.queries.runs import current_revisions, evidence_of, find_run, verdicts_of
from db.tables import Run
from db.tables.run import RunStatus
from services.actors import Actor, Discipline, UserId
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import Action, require
from services.reviews.policies import (
    ASKED_FOR_RUN,
    Part,
    counted,
    line_of,
    notes_of,
    why_no_decision,
    why_not,
)
from services.reviews.problems import problem_before_start, problem_of
from services.reviews.standing import Standing, deciders_of, fingerprint, standing_of
from services.workflow.criteria import CRITERIA
from services.workflow.gates import GatePolicy
from services.workflow.tasks import PHASES

_TITLES = {criterion.id: criterion.title for criterion in CRITERIA}


@dataclass(frozen=True)
class Shown:
    """One revision at the gate."""

    task_key: str
    revision: int
    output_hash: str
    summary: str


@dataclass(frozen=True)
class ShownCheck:
    """A measurement at the gate, with what it found wrong: rule, severity, place, message, advice and task of each."""

    check: str
    outcome: str
    reason: str
    findings: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class ApprovalView:
    """`note`: why it does not count; empty where it does."""

    name: str
    at: datetime
    disciplines: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class GateView:
    """`why_not`: None when this actor's approval counts. `may_request_changes` needs the role only.

    `policy`: in one line. `notes`: who counts although, or signs only. `approvals`: newest of each person, oldest first.
    `missing`: what keeps the gate shut. `problem`: a sentence where nobody here can ever open it. `may_open`: nothing is
    missing any more and this actor may say so; nothing opens a gate by itself.
    """

    run_id: UUID
    phase: int
    title: str
    question: str
    shown: tuple[Shown, ...]
    verdicts: tuple[tuple[str, str, str], ...]  # (criterion, outcome, reason)
    checks: tuple[ShownCheck, ...]
    shown_hash: str
    why_not: str | None
    may_request_changes: bool
    policy: str
    notes: tuple[str, ...]
    approvals: tuple[ApprovalView, ...]
    missing: tuple[str, ...]
    problem: str | None
    may_open: bool


def get_gate(deps: Deps, actor: Actor, *, run_id: UUID) -> GateView | None:
    """None when the run stands at no gate. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        if run.status is not RunStatus.WAITING:
            return None
        return gate_of(session, actor, run, standing_of(session, deps, run))


def gate_of(session: Session, actor: Actor, run: Run, standing: Standing) -> GateView:
    """The gate of a waiting run as the actor sees it, inside the caller's transaction."""
    rules, phase = standing.rules, PHASES[run.phase - 1]
    shown = tuple(
        Shown(r.task_key, r.number, r.output_hash, str(r.records.get("summary", "")))
        for _, r in sorted(current_revisions(session, run.id).items())
    )
    verdicts, checks = _judged(session, run)
    return GateView(
        run_id=run.id,
        phase=run.phase,
        title=phase.title,
        question=phase.question,
        shown=shown,
        verdicts=verdicts,
        checks=checks,
        shown_hash=_shown_hash(run, shown, verdicts, checks, standing),
        why_not=why_not(rules, actor, standing.fresh),
        may_request_changes=actor.user_id in {d.user_id for d in rules.deciders},
        policy=line_of(rules, _TITLES),
        notes=notes_of(rules),
        approvals=_approvals(standing),
        missing=standing.missing,
        problem=problem_of(rules, run.phase) if standing.missing else None,
        may_open=not standing.missing and why_no_decision(rules, actor) is None,
    )


def start_problem(deps: Deps, actor: Actor) -> str | None:
    """Why a run of this actor could never pass a gate; None when it can.

    Defaults are lowered to the team's people, so only what the team has set can be in the way, whatever the complexity.
    """
    asker = Part(actor.user_id, ASKED_FOR_RUN) if actor.user_id else None
    with deps.reading() as session:
        deciders = deciders_of(session, actor.team_id)
        rows = policies_of(session, actor.team_id)
    asked = [
        (phase, GatePolicy(row.approvals, tuple(Discipline(d) for d in row.disciplines)), False)
        for phase, row in sorted(rows.items())
    ]
    return problem_before_start([*asked, (1, GatePolicy(1), True)], deciders, asker)


def _judged(session: Session, run: Run) -> tuple[tuple[tuple[str, str, str], ...], tuple[ShownCheck, ...]]:
    """Verdicts and measurements of this gate."""
    newest = {v.criterion: v for v in verdicts_of(session, run.id) if v.segment == run.segment}
    judged = [newest[criterion.id] for criterion in CRITERIA if criterion.id in newest]
    # Also what was measured before, over files that are still the same: else it would have been measured again.
    grounds = {id_ for verdict in judged for id_ in verdict.evidence}
    measured = evidence_of(session, run.id)
    newest_here = {e.check: e.id for e in measured if e.phase == run.phase}
    checks = tuple(
        ShownCheck(e.check, e.outcome, e.reason, tuple(e.findings))
        for e in measured
        if str(e.id) in grounds or e.id == newest_here.get(e.check)
    )
    return tuple((v.criterion, v.outcome, v.reason) for v in judged), checks


def _approvals(standing: Standing) -> tuple[ApprovalView, ...]:
    rules = standing.rules
    counting = {a.decision_id for a in counted(rules, standing.fresh)}
    newest = {one.approval.user_id: one for one in standing.given}
    return tuple(
        ApprovalView(
            name=one.name,
            at=one.at,
            disciplines=tuple(sorted(d.value for d in one.approval.disciplines if d in rules.signers)),
            note=one.stale or ("" if one.approval.decision_id in counting else _why_uncounted(standing, user_id)),
        )
        for user_id, one in newest.items()
    )


def _why_uncounted(standing: Standing, user_id: UserId) -> str:
    part = standing.rules.part_of(user_id)
    return f"{part}, so the approval does not count" if part else "may not decide here any more"


def _shown_hash(
    run: Run,
    shown: Sequence[Shown],
    verdicts: Sequence[Sequence[str]],
    checks: Sequence[ShownCheck],
    standing: Standing,
) -> str:
    """The same for everybody who looks; approvals of others do not move it."""
    return fingerprint(
        {
            "run": str(run.id),
            "phase": run.phase,
            "segment": run.segment,
            "shown": [[s.task_key, s.revision, s.output_hash] for s in shown],
            "verdicts": [list(v) for v in verdicts],
            "checks": [[c.check, c.outcome, c.reason, list(c.findings)] for c in checks],
            "policy": standing.rules.as_data(),
            "about": standing.about_hash,
        }
    )
