"""What a team asks for at its gates: set by an owner, kept in the ledger, defaults where nothing is set."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from db.queries.ledger import lock_chain
from db.queries.policies import policies_of
from db.tables import TeamPolicy
from services import ledger
from services.actors import Actor, Discipline
from services.deps import Deps
from services.errors import InvalidInput
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.reviews.policies import Decider
from services.reviews.problems import problems_of, warnings_of
from services.reviews.standing import deciders_of
from services.workflow.gates import GatePolicy
from services.workflow.tasks import PHASES


@dataclass(frozen=True)
class PolicyView:
    """`policy` is None where the defaults by complexity hold. `problems`: why nobody here can satisfy it any more."""

    phase: int
    title: str
    policy: GatePolicy | None
    set_by: str
    set_at: datetime | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def list_policies(deps: Deps, actor: Actor) -> tuple[PolicyView, ...]:
    """One per phase."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        rows = policies_of(session, actor.team_id)
        deciders = deciders_of(session, actor.team_id)
    return tuple(_view(phase.number, phase.title, rows.get(phase.number), deciders) for phase in PHASES)


def set_policy(
    deps: Deps,
    actor: Actor,
    *,
    phase: int,
    approvals: int,
    disciplines: tuple[Discipline, ...] = (),
    criteria: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """For every gate of the phase from now on, also of runs that wait there; what was approved under another is stale.

    Returns: what hangs on one person. Raises: InvalidInput for what nobody in the team can satisfy, NotAllowed.
    """
    require(actor, Action.MANAGE_TEAM)
    asked = GatePolicy(approvals, tuple(sorted(set(disciplines))), tuple(sorted(set(criteria))))
    with deps.session() as session:
        row = _open(session, actor, phase)
        deciders = deciders_of(session, actor.team_id)
        problems = problems_of(asked, phase, deciders)
        if problems:
            raise InvalidInput({"policy": " ".join(problems)})
        before = _policy(row).as_data() if row else None
        row = row or TeamPolicy(team_id=actor.team_id, phase=phase, approvals=approvals, set_by=actor.name)
        row.approvals, row.disciplines = asked.approvals, [d.value for d in asked.disciplines]
        row.criteria, row.set_by, row.set_at = list(asked.criteria), actor.name, deps.now()
        session.add(row)
        _keep(session, deps, actor, phase, before, asked.as_data())
    return warnings_of(asked, deciders)


def use_default(deps: Deps, actor: Actor, *, phase: int) -> None:
    """Takes the team's own policy of a phase away. Raises: InvalidInput, NotAllowed."""
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        row = _open(session, actor, phase)
        if row is None:
            return
        before = _policy(row).as_data()
        session.delete(row)
        _keep(session, deps, actor, phase, before, None)


def _open(session: Session, actor: Actor, phase: int) -> TeamPolicy | None:
    """The row of the phase. No decision is made in the team until the commit. Raises: InvalidInput."""
    if phase not in {p.number for p in PHASES}:
        raise InvalidInput({"phase": f"There is no phase {phase}."})
    lock_chain(session, actor.team_id)
    return policies_of(session, actor.team_id).get(phase)


def _keep(
    session: Session, deps: Deps, actor: Actor, phase: int, before: dict[str, object] | None, after: object
) -> None:
    payload = {"phase": phase, "before": before, "after": after}
    ledger.append(session, key=deps.ledger_key, actor=actor, act="set_policy", payload=payload, at=deps.now())
    record_for_team(session, deps, actor, "policy.set", phase=phase, before=before, after=after)
    session.commit()


def _policy(row: TeamPolicy) -> GatePolicy:
    return GatePolicy(row.approvals, tuple(Discipline(d) for d in row.disciplines), tuple(row.criteria))


def _view(phase: int, title: str, row: TeamPolicy | None, deciders: tuple[Decider, ...]) -> PolicyView:
    if row is None:
        return PolicyView(phase, title, None, "", None, (), ())
    policy = _policy(row)
    return PolicyView(
        phase,
        title,
        policy,
        row.set_by,
        row.set_at,
        problems_of(policy, phase, deciders),
        warnings_of(policy, deciders),
    )
