"""The inbox: what asks for something now, what is told besides, and what was read."""

from uuid import UUID

import pytest

from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.notifications import inbox
from services.notifications.inbox import PAGE_SIZE, list_inbox, mark_all_read, mark_read, pulse
from services.notifications.kinds import GROUPS, KINDS, Kind
from services.notifications.telling import Notice, notify
from services.reminders.rounds import Memory, make_round
from services.runs.control import cancel_run, retry_run, set_archived
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.notifications.tellings import tell
from tests.runs.building import a_failed_run, a_run_at_gate, approve, ask_for, work_off


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def ben(deps: Deps, ada: Actor) -> Actor:
    return a_member(deps, ada.team_id, username="ben")


def needs(deps: Deps, actor: Actor) -> list[Kind]:
    return [row.kind for row in list_inbox(deps, actor).needs]


def others(deps: Deps, actor: Actor) -> list[Kind]:
    return [row.kind for row in list_inbox(deps, actor).others]


def gate_told(deps: Deps, requester: Actor) -> UUID:
    """A run that waits at its first gate, of which everybody whose approval counts was told."""
    run_id = a_run_at_gate(deps, requester)
    make_round(deps, Memory())
    return run_id


def test_an_empty_inbox_is_empty(deps: Deps, ada: Actor) -> None:
    assert list_inbox(deps, ada) == inbox.InboxView((), (), 1)
    assert pulse(deps, ada).unread == 0


def test_a_mention_asks_until_it_was_read_and_informs_afterwards(deps: Deps, ada: Actor) -> None:
    tell(deps, ada)
    assert (needs(deps, ada), others(deps, ada)) == ([Kind.MENTION], [])
    mark_read(deps, ada, notification_id=list_inbox(deps, ada).needs[0].id)
    assert (needs(deps, ada), others(deps, ada), pulse(deps, ada).unread) == ([], [Kind.MENTION], 0)


def test_what_is_not_urgent_only_informs(deps: Deps, ada: Actor) -> None:
    tell(deps, ada, kind=Kind.CRITERION)
    assert (needs(deps, ada), others(deps, ada), pulse(deps, ada).unread) == ([], [Kind.CRITERION], 1)


def test_a_gate_asks_also_when_it_was_read_until_somebody_decides(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = gate_told(deps, ada)
    mark_all_read(deps, ben)
    assert needs(deps, ben) == [Kind.REVIEW]
    approve(deps, ben, run_id)
    assert (needs(deps, ben), others(deps, ben)) == ([], [Kind.REVIEW])


def test_an_unread_gate_that_was_passed_is_counted_no_more(deps: Deps, ada: Actor, ben: Actor) -> None:
    cleo = a_member(deps, ada.team_id, username="cleo")
    run_id = gate_told(deps, ada)
    assert pulse(deps, cleo).unread == 1
    approve(deps, ben, run_id)
    assert pulse(deps, cleo).unread == 0


def test_the_gate_after_changes_asks_again(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = gate_told(deps, ada)
    # Whoever asks for a change is not asked to approve what came of it.
    ask_for(deps, a_member(deps, ada.team_id, username="cleo"), run_id, architecture="Smaller.")
    assert needs(deps, ben) == []
    work_off(deps, run_id)
    make_round(deps, Memory())
    assert needs(deps, ben) == [Kind.REVIEW]
    assert others(deps, ben) == [Kind.REVIEW]


@pytest.mark.parametrize("ends", ["cancelled", "archived"])
def test_a_run_that_was_put_away_asks_for_nothing(deps: Deps, ada: Actor, ben: Actor, ends: str) -> None:
    run_id = gate_told(deps, ada)
    if ends == "cancelled":
        cancel_run(deps, ada, run_id=run_id)
    else:
        set_archived(deps, ada, run_id=run_id, archived=True)
    assert (needs(deps, ben), pulse(deps, ben).unread) == ([], 0)


def test_a_failed_run_asks_whoever_started_it_until_it_is_tried_again(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = a_failed_run(deps, ada, ScriptedEngine(script={"business": raising(ValueError("x"))}))
    make_round(deps, Memory())
    assert (needs(deps, ada), needs(deps, ben)) == ([Kind.RUN_FAILED], [])
    retry_run(deps, ada, run_id=run_id)
    assert needs(deps, ada) == []


def test_of_one_gate_whoever_asks_by_name_speaks_and_it_counts_once(
    deps: Deps, ada: Actor, ben: Actor, clock: Clock
) -> None:
    run_id = gate_told(deps, ada)
    clock.advance(minutes=1)
    assert ben.user_id
    with deps.session() as session:
        notice = Notice(
            kind=Kind.REVIEWER, team_id=ben.team_id, person_id=ben.user_id, run_id=run_id, text="Please.", link="run",
            once="asked", gate=(1, 1),
        )  # fmt: skip
        notify(session, deps, notice)
        session.commit()
    assert (needs(deps, ben), others(deps, ben), pulse(deps, ben).unread) == ([Kind.REVIEWER], [], 1)
    mark_read(deps, ben, notification_id=list_inbox(deps, ben).needs[0].id)
    assert pulse(deps, ben).unread == 0


def test_newest_comes_first_a_page_at_a_time(deps: Deps, ada: Actor, clock: Clock) -> None:
    for number in range(PAGE_SIZE + 3):
        tell(deps, ada, kind=Kind.CRITERION, text=f"Number {number}.")
        clock.advance(seconds=1)
    first, second = (list_inbox(deps, ada, page=page) for page in (1, 2))
    assert first.pages == second.pages == 2
    assert [row.text for row in first.others][:2] == [f"Number {PAGE_SIZE + 2}.", f"Number {PAGE_SIZE + 1}."]
    assert [row.text for row in second.others] == ["Number 2.", "Number 1.", "Number 0."]


def test_a_filter_shows_a_kind_or_what_is_unread(deps: Deps, ada: Actor) -> None:
    tell(deps, ada, kind=Kind.CRITERION)
    mark_all_read(deps, ada)
    tell(deps, ada, kind=Kind.WAIVER_ENDS)
    tell(deps, ada)
    shown = list_inbox(deps, ada, kinds=GROUPS["Mentions"])
    assert ([r.kind for r in shown.needs], shown.others) == ([Kind.MENTION], ())
    unread = list_inbox(deps, ada, kinds=GROUPS["Criteria"], unread_only=True)
    assert ([r.kind for r in unread.others], unread.needs) == ([Kind.WAIVER_ENDS], ())


def test_the_pulse_moves_with_everything_new(deps: Deps, ada: Actor, clock: Clock) -> None:
    seen = {pulse(deps, ada)}
    for _ in range(2):
        clock.advance(seconds=1)
        tell(deps, ada)
        seen.add(pulse(deps, ada))
    assert len(seen) == 3


def test_nobody_reads_or_marks_what_somebody_else_was_told(deps: Deps, ada: Actor, ben: Actor) -> None:
    tell(deps, ada)
    assert (needs(deps, ben), others(deps, ben)) == ([], [])
    with pytest.raises(NotFound):
        mark_read(deps, ben, notification_id=list_inbox(deps, ada).needs[0].id)
    mark_all_read(deps, ben)
    assert pulse(deps, ada).unread == 1


def test_every_kind_has_its_words_and_its_group() -> None:
    assert set(KINDS) == set(Kind)
    grouped = [kind for kinds in GROUPS.values() for kind in kinds]
    assert sorted(grouped) == sorted(Kind)
