"""How a gate stands: what an approval of it is about, which approvals count for that now, and what is missing.

Nothing of it is written down. An approval counts as long as what it was about is what is there: the revisions of the phases
up to the gate, what was measured by then, and the policy. So the approval of one person changes nothing for the next, and
what comes back as it was is approved as it was.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.people import active_members
from db.queries.policies import policies_of
from db.queries.runs import acts_on_steps, causes_of, current_revisions, decisions_of, evidence_of, tasks_of
from db.tables import Decision, Evidence, Revision, Run
from services.actors import ActorKind, Discipline, Role, UserId
from services.criteria.current import judge_now
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.people.permissions import ACTIONS, Action
from services.reviews import policies
from services.reviews.policies import ASKED_FOR_CHANGE, ASKED_FOR_RUN, Approval, Decider, Part, Rules, rules_of
from services.runs.segments import REPAIR
from services.workflow.criteria import Outcome
from services.workflow.gates import GatePolicy, default_policy
from services.workflow.options import Complexity
from services.workflow.tasks import title_of

# What one person does to a step without a decision at a gate.
_BY_HAND = ("report.edited", "step.rerun")


@dataclass(frozen=True)
class GivenApproval:
    """An approval of this gate by a person, for what is shown now or not. `stale`: why it does not count any more."""

    approval: Approval
    name: str
    at: datetime
    channel: str
    segment: int
    stale: str


@dataclass(frozen=True)
class Standing:
    """A gate now. `given`: every approval of it, oldest first. `missing`: what keeps it shut, empty when it may open.

    `outcomes`: the criteria that the policy asks for, as they are judged now.
    """

    rules: Rules
    about_hash: str
    evidence_hash: str
    given: tuple[GivenApproval, ...]
    outcomes: Mapping[str, Outcome]
    missing: tuple[str, ...]

    @property
    def fresh(self) -> tuple[Approval, ...]:
        return tuple(given.approval for given in self.given if not given.stale)

    def with_approval(self, decision: Decision) -> "Standing":
        """As it is once this approval of what is there now has been given."""
        given = (*self.given, _given(decision, ""))
        fresh = [one.approval for one in given if not one.stale]
        return replace(self, given=given, missing=policies.missing(self.rules, fresh, self.outcomes))


def standing_of(session: Session, deps: Deps, run: Run) -> Standing:
    """The gate of the run's phase, inside the caller's transaction."""
    decisions = _in_order(decisions_of(session, run.id))
    shown = _shown_up_to(session, run)
    rules = _rules(session, run, decisions, shown)
    policy = rules.policy
    evidence_hash = _evidence_hash(evidence_of(session, run.id), run.phase)
    about_hash = fingerprint(
        {
            "run": str(run.id),
            "phase": run.phase,
            "revisions": {key: revision.output_hash for key, revision in shown.items()},
            "evidence": evidence_hash,
            "policy": policy.as_data(),
        }
    )
    given = tuple(
        _given(decision, "" if decision.about_hash == about_hash else _why_stale(decision, evidence_hash, shown))
        for decision in decisions
        if decision.kind == "approve" and decision.phase == run.phase and decision.actor_id
    )
    outcomes = _outcomes(session, deps, run, policy)
    fresh = [one.approval for one in given if not one.stale]
    return Standing(rules, about_hash, evidence_hash, given, outcomes, policies.missing(rules, fresh, outcomes))


def rules_for(session: Session, run: Run) -> Rules:
    """Whose approval counts at the gate of the run's phase."""
    return _rules(session, run, _in_order(decisions_of(session, run.id)), _shown_up_to(session, run))


def _rules(session: Session, run: Run, decisions: Sequence[Decision], shown: Mapping[str, Revision]) -> Rules:
    policy, is_default = policy_for(session, run)
    acts = acts_on_steps(session, run.id, _BY_HAND)
    causes = causes_of(session, run.id) if acts else {}
    by_hand = [
        person
        for key, number, person in sorted(acts, key=str)
        if key in shown and _stands_on(shown[key], number, causes)
    ]
    parts = parts_of(run, decisions, by_hand)
    return rules_of(policy, deciders_of(session, run.team_id), parts, is_default=is_default)


def _stands_on(shown: Revision, number: int, causes: Mapping[tuple[str, int], str]) -> bool:
    """Whether that revision is shown, or one in which checks had only faults of it mended."""
    later = range(number + 1, shown.number + 1)
    return number <= shown.number and all(causes.get((shown.task_key, n)) == REPAIR for n in later)


def _in_order(decisions: Sequence[Decision]) -> list[Decision]:
    """Oldest first."""
    return sorted(decisions, key=lambda d: (d.segment, d.at))


def policy_for(session: Session, run: Run) -> tuple[GatePolicy, bool]:
    """What the run's gate asks for, and whether that is the default."""
    row = policies_of(session, run.team_id).get(run.phase)
    if row is None:
        return default_policy(Complexity(run.request["complexity"]), run.phase), True
    return GatePolicy(row.approvals, tuple(Discipline(d) for d in row.disciplines), tuple(row.criteria)), False


def deciders_of(session: Session, team_id: UUID) -> tuple[Decider, ...]:
    return tuple(
        Decider(UserId(user.id), user.name, frozenset(Discipline(d) for d in membership.disciplines))
        for membership, user in active_members(session, team_id)
        if Action.DECIDE in ACTIONS[Role(membership.role)]
    )


def parts_of(run: Run, decisions: Sequence[Decision], by_hand: Iterable[UUID]) -> tuple[Part, ...]:
    """Whose own approval does not count, oldest first; the decisions are too. `by_hand`: who made something of what is shown.

    The newest request for changes led to what is shown at every gate at which the run can stand after it: the run went back
    to the earliest phase that it touches. Whoever edited a report, or had a step run again, made part of what is shown.
    """
    parts = [Part(UserId(run.requester_id), ASKED_FOR_RUN)] if run.requester_id else []
    changed = [d.actor_id for d in decisions if d.kind == "request_changes"][-1:]
    return (*parts, *(Part(UserId(id_), ASKED_FOR_CHANGE) for id_ in dict.fromkeys((*changed, *by_hand)) if id_))


def fingerprint(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _shown_up_to(session: Session, run: Run) -> dict[str, Revision]:
    """Task key -> current revision, of the tasks of the phases up to the gate."""
    early = {task.key for task in tasks_of(session, run.id).values() if task.phase <= run.phase}
    return {key: r for key, r in sorted(current_revisions(session, run.id).items()) if key in early}


def _evidence_hash(rows: Sequence[Evidence], phase: int) -> str:
    """Over the newest measurement of each check by then; the same measurement made once more changes nothing."""
    in_order = sorted(rows, key=lambda row: (row.segment, row.started_at))
    newest = {row.check: row for row in in_order if row.phase <= phase}
    return fingerprint(
        {check: [row.tree, row.outcome, row.reason, row.findings] for check, row in newest.items()},
    )


def _given(decision: Decision, stale: str) -> GivenApproval:
    approval = Approval(
        str(decision.id),
        UserId(decision.actor_id),  # type: ignore[arg-type]  # asked for by the caller
        ActorKind(decision.actor_kind),
        frozenset(Discipline(d) for d in decision.disciplines),
    )
    return GivenApproval(approval, decision.actor_name, decision.at, decision.channel, decision.segment, stale)


def _why_stale(decision: Decision, evidence_hash: str, shown: Mapping[str, Revision]) -> str:
    moved = [
        (key, decision.shown[key]["revision"], revision.number)
        for key, revision in shown.items()
        if key in decision.shown and decision.shown[key]["output_hash"] != revision.output_hash
    ]
    if moved:
        key, then, now = moved[0]
        more = f", and {len(moved) - 1} more have changed" if len(moved) > 1 else ""
        return f"approved revision {then} of {title_of(key)}; it is revision {now} now{more}"
    if decision.evidence_hash != evidence_hash:
        return "approved before this was measured"
    return "approved under another policy"


def _outcomes(session: Session, deps: Deps, run: Run, policy: GatePolicy) -> dict[str, Outcome]:
    """Judged at this moment: a waiver that has expired since holds no gate open."""
    if not policy.criteria:
        return {}
    judged = judge_now(session, subject_of(session, deps.settings, run), run, deps.now())
    return {j.criterion: j.outcome for j in judged if j.criterion in policy.criteria}
