"""Who is told what, found in the state of runs: once, by whichever worker finds it first."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from db.tables import Verdict, Waiver
from services.actors import Actor, Role
from services.criteria.assignments import assign
from services.deps import Deps
from services.notifications.kinds import Channel, Kind
from services.people.teams import change_member
from services.reminders.rounds import WHOLE_ROUND, Memory, make_round
from services.reviews.reviewers import assign_reviewers
from services.runs.control import retry_run
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.notifications.tellings import deliveries, mailing, notifications, wants
from tests.runs.building import a_failed_run, a_run, a_run_at_gate, approve, ask_for, at_once, work_off


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def ben(deps: Deps, ada: Actor) -> Actor:
    return a_member(deps, ada.team_id, username="ben")


def told(deps: Deps, person: Actor) -> list[Kind]:
    """Oldest first."""
    rows = [row for row in notifications(deps) if row.person_id == person.user_id]
    return [Kind(row.kind) for row in sorted(rows, key=lambda row: row.at)]


def test_a_gate_tells_whoever_could_approve_and_nobody_else(deps: Deps, ada: Actor, ben: Actor) -> None:
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    otto = a_team(deps, "Search")
    a_run_at_gate(deps, ada)
    assert make_round(deps, Memory()) == 1
    assert [told(deps, person) for person in (ben, ada, vera, otto)] == [[Kind.REVIEW], [], [], []]
    text = notifications(deps)[0].text
    assert text.startswith("Run 1, Expense approvals, waits at gate 1: ")


def test_in_a_team_of_one_that_one_is_told(deps: Deps, ada: Actor) -> None:
    a_run_at_gate(deps, ada)
    make_round(deps, Memory())
    assert told(deps, ada) == [Kind.REVIEW]


def test_a_run_at_work_asks_for_nothing(deps: Deps, ada: Actor, ben: Actor) -> None:
    a_run(deps, ada)
    assert make_round(deps, Memory()) == 0


def test_each_gate_is_told_once_however_often_it_is_looked_at(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    memory = Memory()
    assert [make_round(deps, memory), make_round(deps, memory), make_round(deps, Memory())] == [1, 0, 0]
    approve(deps, ben, run_id)
    work_off(deps, run_id)
    assert make_round(deps, memory) == 1


def test_workers_that_look_at_the_same_moment_tell_and_send_it_once(deps: Deps, ada: Actor, ben: Actor) -> None:
    wants(mailing(deps, 1), ben, Channel.EMAIL, kind=Kind.REVIEW, email="ben@example.org")
    a_run_at_gate(deps, ada)
    counts = at_once(*[lambda: make_round(deps, Memory())] * 6)
    assert sum(count for count in counts if isinstance(count, int)) == 1
    assert len(notifications(deps)) == len(deliveries(deps)) == 1


def test_somebody_who_may_decide_from_now_on_is_told_by_the_next_whole_round(
    deps: Deps, ada: Actor, ben: Actor, clock: Clock
) -> None:
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    a_run_at_gate(deps, ada)
    memory = Memory()
    make_round(deps, memory)
    assert vera.user_id
    change_member(deps, ada, user_id=vera.user_id, role=Role.MEMBER, disciplines=(), is_active=True)
    assert make_round(deps, memory) == 0
    clock.advance(seconds=WHOLE_ROUND.total_seconds())
    assert make_round(deps, memory) == 1
    assert told(deps, vera) == [Kind.REVIEW]


def test_an_overdue_review_is_reminded_of_once_a_day_until_the_decision(
    deps: Deps, ada: Actor, ben: Actor, clock: Clock
) -> None:
    run_id = a_run_at_gate(deps, ada)
    assert ben.user_id
    assign_reviewers(deps, ada, run_id=run_id, user_ids=(ben.user_id,), due_on=clock().date())
    for hours in (0, 1, 22, 1, 1, 24):  # three days begin in between
        clock.advance(hours=hours)
        at_once(*[lambda: make_round(deps, Memory())] * 3)
    assert told(deps, ben).count(Kind.REVIEW_OVERDUE) == 2
    approve(deps, ben, run_id)
    clock.advance(days=1)
    make_round(deps, Memory())
    assert told(deps, ben).count(Kind.REVIEW_OVERDUE) == 2


def test_a_failure_is_told_to_whoever_asked_for_the_run_each_time(deps: Deps, ada: Actor, ben: Actor) -> None:
    engine = ScriptedEngine(script={"business": raising(ValueError("x"))})
    run_id = a_failed_run(deps, ben, engine)
    make_round(deps, Memory())
    retry_run(deps, ada, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    make_round(deps, Memory())
    assert (told(deps, ben), told(deps, ada)) == ([Kind.RUN_FAILED] * 2, [])
    assert notifications(deps)[0].text.startswith("Run 1, Expense approvals, has failed: Business analysis: ")


def test_an_approval_is_stale_when_what_it_was_about_has_changed(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    approve(deps, ben, run_id)
    work_off(deps, run_id)
    make_round(deps, Memory())
    assert Kind.APPROVAL_STALE not in told(deps, ben)
    ask_for(deps, ada, run_id, architecture="rename expense to claim")
    work_off(deps, run_id)
    make_round(deps, Memory())
    assert told(deps, ben).count(Kind.APPROVAL_STALE) == 1
    assert Kind.APPROVAL_STALE not in told(deps, ada)
    (stale,) = [row for row in notifications(deps) if row.kind == Kind.APPROVAL_STALE]
    assert stale.text.startswith(
        "Run 1, Expense approvals, has moved on: what you approved at gate 1 has changed since: "
    )
    assert f"run={run_id}" in stale.link
    approve(deps, ben, run_id)
    make_round(deps, Memory())
    assert told(deps, ben).count(Kind.APPROVAL_STALE) == 1


def a_waiver(deps: Deps, run_id: UUID, asked: Actor, granted: Actor | None, days: float) -> None:
    """Granted, where somebody did, and ending so many days from now."""
    now = deps.now()
    assert asked.user_id
    waiver = Waiver(
        id=uuid4(), run_id=run_id, criterion="monitoring", reason="Later.", days=30, asked_id=asked.user_id,
        asked_name=asked.name, asked_at=now, is_granted=True if granted else None,
        decided_id=granted.user_id if granted else None, decided_at=now, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    with deps.session() as session:
        session.add(waiver)
        session.commit()


def test_a_waiver_that_ends_is_told_to_both_who_made_it_before_and_afterwards(
    deps: Deps, ada: Actor, ben: Actor, clock: Clock
) -> None:
    a_waiver(deps, a_run(deps, ada), ada, ben, days=9)
    kinds = []
    for days in (0, 1, 1, 1, 6, 1):
        clock.advance(days=days)
        make_round(deps, Memory())
        kinds.append((told(deps, ada), told(deps, ben)))
    soon, ended = [Kind.WAIVER_ENDS], [Kind.WAIVER_ENDS, Kind.WAIVER_ENDED]
    assert kinds == [([], []), ([], []), (soon, soon), (soon, soon), (ended, ended), (ended, ended)]


def test_a_waiver_that_was_renewed_or_never_granted_is_not_spoken_of(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_run(deps, ada)
    a_waiver(deps, run_id, ada, ben, days=2)
    a_waiver(deps, run_id, ada, ben, days=60)
    a_waiver(deps, a_run(deps, ada), ada, None, days=2)
    assert make_round(deps, Memory()) == 0


def test_a_criterion_is_told_when_it_is_given_and_when_its_date_has_passed(
    deps: Deps, ada: Actor, ben: Actor, clock: Clock
) -> None:
    run_id = a_run(deps, ada)
    assign(deps, ada, run_id=run_id, criterion="monitoring", owner_id=ben.user_id, due_on=clock().date())
    assign(deps, ada, run_id=run_id, criterion="performance", owner_id=ada.user_id, due_on=clock().date())
    assert (told(deps, ben), told(deps, ada)) == ([Kind.CRITERION], [])
    assert make_round(deps, Memory()) == 0
    clock.advance(days=1)
    make_round(deps, Memory())
    make_round(deps, Memory())
    assert (told(deps, ben), told(deps, ada)) == ([Kind.CRITERION, Kind.CRITERION_OVERDUE], [Kind.CRITERION_OVERDUE])


@pytest.mark.parametrize(("outcome", "is_told"), [("met", False), ("waived", False), ("not_met", True)])
def test_a_criterion_that_is_settled_is_not_overdue(
    deps: Deps, ada: Actor, clock: Clock, outcome: str, is_told: bool
) -> None:
    run_id = a_run(deps, ada)
    assign(deps, ada, run_id=run_id, criterion="monitoring", owner_id=ada.user_id, due_on=clock().date())
    with deps.session() as session:
        for age, word in ((2, "not_measured"), (1, outcome)):
            session.add(
                Verdict(
                    id=uuid4(), run_id=run_id, segment=1, phase=1, criterion="monitoring", outcome=word, reason="",
                    evidence=[], tree="", at=clock() - timedelta(hours=age),
                )
            )  # fmt: skip
        session.commit()
    clock.advance(days=1)
    make_round(deps, Memory())
    assert told(deps, ada) == ([Kind.CRITERION_OVERDUE] if is_told else [])
