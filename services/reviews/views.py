"""The gate as it is shown. `shown_hash` is a fingerprint of everything that a decision is about."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.people import active_members
from db.queries.runs import current_revisions, evidence_of, find_run, verdicts_of
from db.tables import Run
from db.tables.run import RunStatus
from services.actors import Actor, Role, UserId
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import ACTIONS, Action, require
from services.reviews.policies import Policy, problem_before_start, why_not
from services.workflow.criteria import CRITERIA
from services.workflow.tasks import PHASES


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
class GateView:
    """`why_not`: None when this actor's approval counts. `may_request_changes` needs the role only."""

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


def get_gate(deps: Deps, actor: Actor, *, run_id: UUID) -> GateView | None:
    """None when the run stands at no gate. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        return gate_of(session, actor, run) if run.status is RunStatus.WAITING else None


def gate_of(session: Session, actor: Actor, run: Run) -> GateView:
    """The gate of a waiting run, inside the caller's transaction."""
    policy = policy_of(session, run.team_id, run.requester_id)
    phase = PHASES[run.phase - 1]
    shown = tuple(
        Shown(r.task_key, r.number, r.output_hash, str(r.records.get("summary", "")))
        for _, r in sorted(current_revisions(session, run.id).items())
    )
    newest = {v.criterion: v for v in verdicts_of(session, run.id) if v.segment == run.segment}
    judged = [newest[criterion.id] for criterion in CRITERIA if criterion.id in newest]
    verdicts = tuple((v.criterion, v.outcome, v.reason) for v in judged)
    # Also what was measured at an earlier gate, over files that are still the same.
    grounds = {id_ for verdict in judged for id_ in verdict.evidence}
    checks = tuple(
        ShownCheck(e.check, e.outcome, e.reason, tuple(e.findings))
        for e in evidence_of(session, run.id)
        if e.segment == run.segment or str(e.id) in grounds
    )
    return GateView(
        run_id=run.id,
        phase=run.phase,
        title=phase.title,
        question=phase.question,
        shown=shown,
        verdicts=verdicts,
        checks=checks,
        shown_hash=_fingerprint(run, shown, verdicts, checks, policy),
        why_not=why_not(policy, actor),
        may_request_changes=actor.user_id in policy.deciders,
    )


def policy_of(session: Session, team_id: UUID, requester_id: UUID | None) -> Policy:
    deciders = frozenset(
        UserId(user.id)
        for membership, user in active_members(session, team_id)
        if Action.DECIDE in ACTIONS[Role(membership.role)]
    )
    return Policy(UserId(requester_id) if requester_id else None, deciders)


def start_problem(deps: Deps, actor: Actor) -> str | None:
    """Why a run of this actor could never pass a gate; None when it can."""
    with deps.reading() as session:
        return problem_before_start(policy_of(session, actor.team_id, actor.user_id))


def _fingerprint(run: Run, shown: Any, verdicts: Any, checks: Any, policy: Policy) -> str:
    content = {
        "run": str(run.id),
        "phase": run.phase,
        "segment": run.segment,
        "shown": [[s.task_key, s.revision, s.output_hash] for s in shown],
        "verdicts": [list(v) for v in verdicts],
        "checks": [[c.check, c.outcome, c.reason, list(c.findings)] for c in checks],
        "policy": policy.as_data(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
