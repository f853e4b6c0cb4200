"""What people vouch for and what they waive. Each act goes into the ledger in the transaction that makes it."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from db.queries.criteria import find_waiver, waivers_of
from db.queries.runs import find_run, move_version
from db.tables import Attestation, Run, Waiver
from services import ledger
from services.actors import Actor, ActorKind, UserId
from services.criteria.current import keep_verdicts
from services.criteria.judging import basis_of
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.evidence.registry import trees_of
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.workflow.criteria import ATTESTATION_DAYS, WAIVER_DAYS_MAX, Criterion, find_criterion

TEXT_MAX = 2_000


def attest(
    deps: Deps,
    actor: Actor,
    *,
    run_id: UUID,
    criterion: str,
    holds: bool,
    comment: str,
    shown_basis: str,
    item: str = "",
) -> None:
    """A named person's word on what no program can measure; it is about the files that were shown, and expires.

    `item`: the acceptance criterion that it is about. `shown_basis`: as the view gave it.

    Raises: InvalidInput, Conflict when the files have moved, NotAllowed, NotFound.
    """
    said = _text("comment", comment, "Say what your word rests on.")
    with deps.session() as session:
        run, person = _run(session, actor, run_id)
        row = _criterion(criterion)
        subject = subject_of(session, deps.settings, run)
        undecided = {c.id for c in subject.understanding.criteria if not c.rules}
        if not (item in undecided if row.asks_per_item else row.attested and not item):
            raise InvalidInput({"criterion": "Nothing of this is for a person to vouch for; it is measured."})
        basis = basis_of(row, trees_of(subject))
        if basis != shown_basis:
            raise Conflict("The files have changed since they were shown to you. Look again, then vouch.")
        word = Attestation(
            id=deps.new_id(),
            run_id=run.id,
            criterion=criterion,
            item=item,
            holds=holds,
            comment=said,
            basis=basis,
            actor_id=person,
            actor_name=actor.name,
            at=deps.now(),
            expires_at=deps.now() + timedelta(days=ATTESTATION_DAYS),
        )
        session.add(word)
        _keep(session, deps, actor, run, criterion, "attest", item=item, holds=holds, comment=said, basis=basis)


def ask_for_waiver(deps: Deps, actor: Actor, *, run_id: UUID, criterion: str, reason: str, days: int) -> UUID:
    """A second person has to grant it. Raises: InvalidInput, Conflict while another one is open, NotAllowed, NotFound."""
    said = _text("reason", reason, "Say why the team can do without this criterion for a while.")
    if not 1 <= days <= WAIVER_DAYS_MAX:
        raise InvalidInput({"days": f"A waiver lasts 1 to {WAIVER_DAYS_MAX} days."})
    with deps.session() as session:
        run, person = _run(session, actor, run_id)
        _criterion(criterion)
        if any(w.criterion == criterion and w.is_granted is None for w in waivers_of(session, run.id)):
            raise Conflict("A waiver of this criterion waits for a second person already.")
        waiver = Waiver(
            id=deps.new_id(),
            run_id=run.id,
            criterion=criterion,
            reason=said,
            days=days,
            asked_id=person,
            asked_name=actor.name,
            asked_at=deps.now(),
        )
        session.add(waiver)
        _keep(session, deps, actor, run, criterion, "ask_for_waiver", waiver=str(waiver.id), reason=said, days=days)
        return waiver.id


def decide_waiver(deps: Deps, actor: Actor, *, run_id: UUID, waiver_id: UUID, grants: bool) -> None:
    """Raises: Conflict when somebody was faster, NotAllowed for whoever asked for it, NotFound."""
    with deps.session() as session:
        run, person = _run(session, actor, run_id)
        waiver = find_waiver(session, run_id, waiver_id)
        if waiver is None:
            raise NotFound("This waiver does not exist in your team.")
        if waiver.is_granted is not None:
            raise Conflict(f"{waiver.decided_name} was faster and has decided on it.")
        if waiver.asked_id == person and grants:
            raise NotAllowed("You asked for this waiver, so a second person has to grant it.")
        waiver.is_granted, waiver.decided_id, waiver.decided_name = grants, person, actor.name
        waiver.decided_at = deps.now()
        waiver.expires_at = deps.now() + timedelta(days=waiver.days) if grants else None
        session.add(waiver)
        act = "grant_waiver" if grants else "refuse_waiver"
        _keep(session, deps, actor, run, waiver.criterion, act, waiver=str(waiver.id), days=waiver.days)


def _run(session: Session, actor: Actor, run_id: UUID) -> tuple[Run, UserId]:
    """The run of the actor's team, and the person. What belongs to another team is not there, whoever asks."""
    require(actor, Action.DECIDE)
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        raise NotAllowed("Only a person who is signed in can vouch or waive. Do it in the browser.")
    return run, actor.user_id


def _criterion(id_: str) -> Criterion:
    row = find_criterion(id_)
    if row is None:
        raise NotFound("There is no such criterion.")
    return row


def _keep(session: Session, deps: Deps, actor: Actor, run: Run, criterion: str, act: str, **told: object) -> None:
    """The act in the ledger, the verdict that it leads to, and an event; then the commit."""
    payload = {"run": str(run.id), "criterion": criterion, **told}
    shown = str(told.get("basis", ""))
    ledger.append(session, key=deps.ledger_key, actor=actor, act=act, payload=payload, at=deps.now(), shown_hash=shown)
    session.flush()
    keep_verdicts(session, deps, run, only=criterion)
    record_for_team(session, deps, actor, f"criterion.{act}", run_id=run.id, task_key=None, **payload)
    move_version(session, run.id)
    session.commit()


def _text(name: str, text: str, ask: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInput({name: ask})
    if len(said) > TEXT_MAX:
        raise InvalidInput({name: f"It may have {TEXT_MAX:,} characters; this has {len(said):,}."})
    return said
