"""An approval is bound to what was shown, counts only from the right people, and happens once."""

from dataclasses import replace
from uuid import UUID

import pytest

from db.tables import Decision, Event, LedgerEntry, Membership, Verdict
from db.tables.run import RunStatus
from services import ledger
from services.actors import Actor, ActorKind, Role, system_actor
from services.deps import Deps
from services.errors import Conflict, GreenlightError, NotAllowed, NotFound
from services.reviews.changes import request_changes
from services.reviews.decisions import approve_phase
from services.reviews.views import get_gate, start_problem
from services.runs.views import get_run
from tests.builders import a_member, a_team, in_role
from tests.conftest import Clock
from tests.runs.building import (
    WRITTEN_BY_A_DECISION,
    a_run,
    a_run_at_gate,
    approve,
    ask_for,
    at_once,
    counts,
    gate,
    newest_todo,
    rows,
    set_status,
    the_run,
    unsent_segments,
    work_off,
)


def a_teammate(deps: Deps, actor: Actor, username: str = "bob", role: Role = Role.MEMBER) -> Actor:
    return a_member(deps, actor.team_id, username=username, role=role)


def by_command_line(actor: Actor) -> Actor:
    return replace(actor, kind=ActorKind.COMMAND_LINE, channel="command line")


def assert_writes_nothing(deps: Deps, actor: Actor, run_id: UUID, shown_hash: str, error: type[Exception]) -> None:
    before, run = counts(deps, WRITTEN_BY_A_DECISION), the_run(deps, run_id)
    with pytest.raises(error):
        approve_phase(deps, actor, run_id=run_id, shown_hash=shown_hash)
    assert counts(deps, WRITTEN_BY_A_DECISION) == before
    assert the_run(deps, run_id).model_dump() == run.model_dump()


def test_an_approval_of_what_was_shown_opens_the_next_phase(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    approve(deps, actor, run_id)
    run = the_run(deps, run_id)
    assert (run.status.value, run.phase, run.segment) == ("running", 2, 2)
    assert newest_todo(deps, run_id) == {"backend": [1, 1], "frontend": [1, 1], "data": [1, 1]}


def test_an_approval_leaves_a_decision_and_its_entry_in_the_ledger(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    shown = gate(deps, actor, run_id)
    approve(deps, actor, run_id)
    [decision] = rows(deps, Decision, run_id)
    assert (decision.kind, decision.actor_id, decision.shown_hash, decision.at) == (
        "approve",
        actor.user_id,
        shown.shown_hash,
        clock.at,
    )
    assert decision.shown == {s.task_key: {"revision": 1, "output_hash": s.output_hash} for s in shown.shown}
    assert ledger.verify(deps, actor).entries == 1


@pytest.mark.parametrize("wrong", ["", "0" * 64, "nonsense"])
def test_an_approval_of_something_else_writes_nothing(deps: Deps, wrong: str) -> None:
    actor = a_team(deps)
    assert_writes_nothing(deps, actor, a_run_at_gate(deps, actor), wrong, Conflict)


def test_an_approval_of_an_older_gate_writes_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    old = gate(deps, actor, run_id).shown_hash
    approve(deps, actor, run_id)
    work_off(deps, run_id)
    assert_writes_nothing(deps, actor, run_id, old, Conflict)


def test_after_a_change_request_the_old_hash_cannot_approve(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    old = gate(deps, actor, run_id).shown_hash
    ask_for(deps, actor, run_id, risk="Name the retention of receipts.")
    assert_writes_nothing(deps, actor, run_id, old, Conflict)
    work_off(deps, run_id)
    assert_writes_nothing(deps, actor, run_id, old, Conflict)


def test_a_verdict_that_changed_moves_what_was_shown(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    old = gate(deps, actor, run_id).shown_hash
    with deps.session() as session:
        verdict = session.get(Verdict, rows(deps, Verdict, run_id)[0].id)
        assert verdict is not None
        verdict.outcome = "met"
        session.add(verdict)
        session.commit()
    assert_writes_nothing(deps, actor, run_id, old, Conflict)


def test_a_teammate_who_joins_moves_what_was_shown(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    old = gate(deps, actor, run_id).shown_hash
    a_teammate(deps, actor)
    assert_writes_nothing(deps, actor, run_id, old, Conflict)


def test_a_gate_is_shown_the_same_to_everybody(deps: Deps) -> None:
    actor = a_team(deps)
    bob = a_teammate(deps, actor)
    run_id = a_run_at_gate(deps, actor)
    assert gate(deps, actor, run_id).shown_hash == gate(deps, bob, run_id).shown_hash


@pytest.mark.parametrize("status", [s for s in RunStatus if s is not RunStatus.WAITING])
def test_a_run_at_no_gate_cannot_be_approved(deps: Deps, status: RunStatus) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    set_status(deps, run_id, status)
    assert get_gate(deps, actor, run_id=run_id) is None
    assert_writes_nothing(deps, actor, run_id, "", Conflict)


def won(answers: list[GreenlightError | None]) -> int:
    lost = [answer for answer in answers if answer is not None]
    assert {type(answer) for answer in lost} <= {Conflict}
    return len(answers) - len(lost)


@pytest.mark.parametrize("phase", [1, 4])
def test_of_two_approvals_at_the_same_moment_one_wins(deps: Deps, phase: int) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=phase)
    bob, eve = a_teammate(deps, actor), a_teammate(deps, actor, "eve")
    shown = gate(deps, bob, run_id).shown_hash
    answers = at_once(
        *[lambda who=who: approve_phase(deps, who, run_id=run_id, shown_hash=shown) for who in (bob, eve)]
    )
    assert won(answers) == 1
    assert len([d for d in rows(deps, Decision, run_id) if d.phase == phase]) == 1
    assert counts(deps, (LedgerEntry,)) == {"ledger_entry": phase}
    assert ledger.verify(deps, actor).is_whole


def test_of_an_approval_and_a_change_request_at_the_same_moment_one_wins(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    bob, eve = a_teammate(deps, actor), a_teammate(deps, actor, "eve")
    shown = gate(deps, bob, run_id).shown_hash
    answers = at_once(
        lambda: approve_phase(deps, bob, run_id=run_id, shown_hash=shown),
        lambda: request_changes(deps, eve, run_id=run_id, shown_hash=shown, remarks={"risk": "More."}),
    )
    assert won(answers) == 1
    assert len(rows(deps, Decision, run_id)) == 1
    assert unsent_segments(deps, run_id) == [2]


def test_the_own_approval_does_not_count_in_a_team_of_two(deps: Deps) -> None:
    actor = a_team(deps)
    a_teammate(deps, actor)
    run_id = a_run_at_gate(deps, actor)
    assert "your own approval" in (gate(deps, actor, run_id).why_not or "")
    assert_writes_nothing(deps, actor, run_id, gate(deps, actor, run_id).shown_hash, NotAllowed)


def test_a_viewer_makes_no_team_of_two(deps: Deps) -> None:
    actor = a_team(deps)
    a_teammate(deps, actor, role=Role.VIEWER)
    run_id = a_run_at_gate(deps, actor)
    approve(deps, actor, run_id)
    assert the_run(deps, run_id).phase == 2


def test_a_viewer_sees_the_gate_and_cannot_pass_it(deps: Deps) -> None:
    actor = a_team(deps)
    viewer = a_teammate(deps, actor, role=Role.VIEWER)
    run_id = a_run_at_gate(deps, actor)
    shown = gate(deps, viewer, run_id)
    assert (shown.why_not is None, shown.may_request_changes) == (False, False)
    assert_writes_nothing(deps, viewer, run_id, shown.shown_hash, NotAllowed)


@pytest.mark.parametrize("kind", [ActorKind.SYSTEM, ActorKind.AGENT])
def test_nothing_but_people_approves(deps: Deps, kind: ActorKind) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    machine = replace(system_actor(actor.team_id), kind=kind)
    assert_writes_nothing(deps, machine, run_id, gate(deps, actor, run_id).shown_hash, NotAllowed)


def test_a_process_without_the_key_cannot_approve(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    worker = replace(deps, ledger_key=None)
    assert_writes_nothing(worker, actor, run_id, gate(deps, actor, run_id).shown_hash, GreenlightError)


def test_another_team_finds_no_gate(deps: Deps) -> None:
    actor = a_team(deps, "Payments")
    run_id = a_run_at_gate(deps, actor)
    stranger = a_team(deps, "Search")
    assert_writes_nothing(deps, stranger, run_id, gate(deps, actor, run_id).shown_hash, NotFound)


def test_a_command_line_cannot_approve_in_a_team_of_two(deps: Deps) -> None:
    actor = a_team(deps)
    bob = by_command_line(a_teammate(deps, actor))
    run_id = a_run_at_gate(deps, actor)
    assert_writes_nothing(deps, bob, run_id, gate(deps, bob, run_id).shown_hash, NotAllowed)


def test_an_approval_by_command_line_in_a_team_of_one_says_how_it_came(deps: Deps) -> None:
    actor = by_command_line(a_team(deps))
    run_id = a_run_at_gate(deps, actor)
    approve(deps, actor, run_id)
    assert [(d.actor_kind, d.channel) for d in rows(deps, Decision, run_id)] == [("command_line", "command line")]
    [event] = [e for e in rows(deps, Event, run_id) if e.kind == "gate.approved"]
    assert event.data["channel"] == "by command line, not signed in"


def test_the_fourth_approval_finishes_the_run_and_queues_nothing(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=4)
    approve(deps, actor, run_id)
    run = get_run(deps, actor, run_id=run_id)
    assert (run.status.value, run.finished_at, unsent_segments(deps, run_id)) == ("finished", clock.at, [])
    assert [phase.status for phase in run.phases] == ["approved"] * 4


def test_a_finished_run_has_a_decision_of_a_person_for_every_phase(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=4)
    approve(deps, actor, run_id)
    assert sorted((d.phase, d.kind) for d in rows(deps, Decision, run_id)) == [(n, "approve") for n in (1, 2, 3, 4)]
    assert ledger.verify(deps, actor).entries == 4


def test_an_owner_alone_can_start(deps: Deps) -> None:
    assert start_problem(deps, a_team(deps)) is None


def test_a_team_of_viewers_is_told_before_the_start(deps: Deps) -> None:
    actor = a_team(deps)
    viewer = in_role(a_teammate(deps, actor, role=Role.VIEWER), Role.VIEWER)
    with deps.session() as session:
        membership = session.get(Membership, (actor.team_id, actor.user_id))
        assert membership is not None
        membership.is_active = False
        session.add(membership)
        session.commit()
    assert "Nobody in this team may decide" in (start_problem(deps, viewer) or "")
