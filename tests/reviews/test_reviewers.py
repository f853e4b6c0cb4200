"""Reviewers asked by name: who may be one, who may ask, what they are told."""

from datetime import date, timedelta

import pytest

from db.tables import Decision
from services.actors import Actor, Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.notifications.inbox import list_inbox
from services.notifications.kinds import Kind
from services.reviews.reviewers import (
    assign_reviewers,
    list_candidates,
    list_reviewers,
    unassign_reviewer,
    waiting_reviewers,
)
from services.runs.activity import list_activity
from services.runs.control import cancel_run
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.notifications.tellings import notifications
from tests.runs.building import a_run, a_run_at_gate, approve, at_once, gate, rows, work_off


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def ben(deps: Deps, ada: Actor) -> Actor:
    return a_member(deps, ada.team_id, username="ben")


def ask(deps: Deps, actor: Actor, run_id, *people: Actor, phase: int | None = None, due: date | None = None) -> None:  # type: ignore[no-untyped-def]
    ids = tuple(person.user_id for person in people if person.user_id)
    assign_reviewers(deps, actor, run_id=run_id, user_ids=ids, due_on=due, phase=phase)


def test_a_reviewer_is_asked_at_a_gate_until_they_decide(deps: Deps, ada: Actor, ben: Actor, clock: Clock) -> None:
    run_id = a_run_at_gate(deps, ada)
    due = clock().date() + timedelta(days=2)
    ask(deps, ada, run_id, ben, phase=1, due=due)
    (view,) = list_reviewers(deps, ada, run_id=run_id)
    assert (view.name, view.phase, view.due_on, view.asked_by, view.waits) == ("Ben", 1, due, ada.name, True)
    assert [v.name for v in waiting_reviewers(deps, ada)[run_id]] == ["Ben"]
    approve(deps, ben, run_id)
    assert not list_reviewers(deps, ada, run_id=run_id)[0].waits
    assert waiting_reviewers(deps, ada) == {}


def test_a_reviewer_of_every_gate_is_asked_at_each(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    ask(deps, ada, run_id, ben)
    approve(deps, ben, run_id)
    assert waiting_reviewers(deps, ada) == {}
    work_off(deps, run_id)
    assert [v.phase for v in waiting_reviewers(deps, ada)[run_id]] == [None]


def test_it_is_said_to_them_and_stands_in_the_run_s_activity(deps: Deps, ada: Actor, ben: Actor, clock: Clock) -> None:
    run_id = a_run_at_gate(deps, ada)
    ask(deps, ada, run_id, ben, phase=1, due=clock().date())
    (told,) = list_inbox(deps, ben).needs
    assert told.kind is Kind.REVIEWER
    assert told.text == f"{ada.name} asks for your review of gate 1 of run 1, Expense approvals, by 2026-03-02."
    assert (told.page, told.query) == ("run", {"run": str(run_id)})
    first = list_activity(deps, ada, run_id=run_id).rows[0]
    assert first.sentence == f"{ada.name} asked Ben to review gate 1 by 2026-03-02."


def test_whoever_asks_themself_is_not_told(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    ask(deps, ben, run_id, ben)
    assert notifications(deps) == []


def test_asking_again_changes_the_date_and_tells_it_once_each(deps: Deps, ada: Actor, ben: Actor, clock: Clock) -> None:
    run_id = a_run(deps, ada)
    for days in (1, 1, 3):
        ask(deps, ada, run_id, ben, phase=2, due=clock().date() + timedelta(days=days))
    (view,) = list_reviewers(deps, ada, run_id=run_id)
    assert view.due_on == clock().date() + timedelta(days=3)
    assert len(notifications(deps)) == 2


def test_a_date_that_passed_is_overdue_until_the_decision(deps: Deps, ada: Actor, ben: Actor, clock: Clock) -> None:
    run_id = a_run_at_gate(deps, ada)
    ask(deps, ada, run_id, ben, due=clock().date())
    assert not list_reviewers(deps, ada, run_id=run_id)[0].is_overdue
    clock.advance(days=1)
    assert list_reviewers(deps, ada, run_id=run_id)[0].is_overdue
    approve(deps, ben, run_id)
    assert not list_reviewers(deps, ada, run_id=run_id)[0].is_overdue


def test_only_people_whose_approval_would_count_are_asked(deps: Deps, ada: Actor, ben: Actor) -> None:
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    otto = a_team(deps, "Search")
    run_id = a_run_at_gate(deps, ada)
    assert [c.name for c in list_candidates(deps, ada, run_id=run_id)] == ["Ben"]
    for nobody in (ada, vera, otto):
        with pytest.raises(InvalidInput, match="whose approval would count"):
            ask(deps, ada, run_id, ben, nobody)
    assert list_reviewers(deps, ada, run_id=run_id) == ()


@pytest.mark.parametrize(
    ("phase", "days", "sentence"), [(0, 1, "been passed"), (5, 1, "been passed"), (1, -1, "has passed already")]
)
def test_what_cannot_be_is_refused_in_words(
    deps: Deps, ada: Actor, ben: Actor, clock: Clock, phase: int, days: int, sentence: str
) -> None:
    run_id = a_run_at_gate(deps, ada)
    with pytest.raises(InvalidInput, match=sentence):
        ask(deps, ada, run_id, ben, phase=phase, due=clock().date() + timedelta(days=days))


def test_nobody_is_asked_about_a_run_that_has_ended(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    cancel_run(deps, ada, run_id=run_id)
    with pytest.raises(Conflict, match="nothing is left to review"):
        ask(deps, ada, run_id, ben)


def test_a_viewer_asks_nobody_and_takes_nobody_back(deps: Deps, ada: Actor, ben: Actor) -> None:
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    run_id = a_run_at_gate(deps, ada)
    ask(deps, ada, run_id, ben)
    assert ben.user_id
    with pytest.raises(NotAllowed):
        ask(deps, vera, run_id, ben)
    with pytest.raises(NotAllowed):
        unassign_reviewer(deps, vera, run_id=run_id, user_id=ben.user_id)
    assert len(list_reviewers(deps, vera, run_id=run_id)) == 1


def test_a_member_takes_it_back_once(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    ask(deps, ada, run_id, ben)
    assert ben.user_id
    unassign_reviewer(deps, ben, run_id=run_id, user_id=ben.user_id)
    assert list_reviewers(deps, ada, run_id=run_id) == ()
    with pytest.raises(NotFound):
        unassign_reviewer(deps, ben, run_id=run_id, user_id=ben.user_id)


def test_being_asked_decides_nothing_and_not_being_asked_forbids_nothing(deps: Deps, ada: Actor, ben: Actor) -> None:
    cleo = a_member(deps, ada.team_id, username="cleo")
    run_id = a_run_at_gate(deps, ada)
    shown = gate(deps, ben, run_id).shown_hash
    ask(deps, ada, run_id, ben)
    assert gate(deps, ben, run_id).shown_hash == shown
    approve(deps, cleo, run_id)
    assert [d.actor_name for d in rows(deps, Decision, run_id)] == ["Cleo"]


def test_people_who_ask_at_the_same_moment_lose_nothing(deps: Deps, ada: Actor, ben: Actor) -> None:
    cleo = a_member(deps, ada.team_id, username="cleo")
    run_id = a_run_at_gate(deps, ada)
    asked = at_once(*[lambda: ask(deps, ada, run_id, ben, cleo)] * 3, *[lambda: ask(deps, ben, run_id, cleo)] * 3)
    assert asked == [None] * 6
    assert [v.name for v in list_reviewers(deps, ada, run_id=run_id)] == ["Ben", "Cleo"]
