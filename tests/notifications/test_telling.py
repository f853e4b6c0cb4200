"""A thing is told once, to people who are there, and goes the way that they chose."""

import pytest

from db.tables import Membership
from services.actors import Actor
from services.deps import Deps
from services.notifications.kinds import Channel, Kind
from services.notifications.telling import TEXT_MAX, link_to, notify, one_line
from tests.builders import a_member, a_team
from tests.notifications.tellings import (
    a_notice,
    a_webhook,
    deliveries,
    mailing,
    notifications,
    private,
    tell,
    wants,
)
from tests.runs.building import at_once


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


def test_the_same_thing_is_told_once_to_each_person(deps: Deps, ada: Actor) -> None:
    ben = a_member(deps, ada.team_id, username="ben")
    assert [tell(deps, person, once="mention:1") for person in (ada, ada, ben, ben)] == [True, False, True, False]
    assert sorted(n.person_id for n in notifications(deps)) == sorted(filter(None, [ada.user_id, ben.user_id]))


def test_writers_at_the_same_moment_tell_it_once(deps: Deps, ada: Actor) -> None:
    wants(mailing(deps, 1), ada, Channel.EMAIL, email="ada@example.org")
    told = at_once(*[lambda: tell(deps, ada, once="mention:1")] * 8)
    assert sorted(map(bool, told)) == [False] * 7 + [True]
    assert len(notifications(deps)) == len(deliveries(deps)) == 1


def test_what_is_not_committed_was_not_told(deps: Deps, ada: Actor) -> None:
    with deps.session() as session:
        assert notify(session, deps, a_notice(ada, once="x"))
    assert notifications(deps) == []
    assert tell(deps, ada, once="x")


def test_whoever_left_the_team_is_told_nothing(deps: Deps, ada: Actor) -> None:
    ben = a_member(deps, ada.team_id, username="ben")
    with deps.session() as session:
        membership = session.get_one(Membership, (ada.team_id, ben.user_id))
        membership.is_active = False
        session.add(membership)
        session.commit()
    assert not tell(deps, ben)
    assert notifications(deps) == []


def test_somebody_of_another_team_is_told_nothing(deps: Deps, ada: Actor) -> None:
    otto = a_team(deps, "Search")
    with deps.session() as session:
        assert not notify(session, deps, a_notice(Actor(**{**vars(otto), "team_id": ada.team_id})))


def test_without_a_choice_nothing_goes_outside(deps: Deps, ada: Actor) -> None:
    tell(deps, ada)
    assert deliveries(deps) == []


def test_only_the_chosen_kind_goes_by_mail(deps: Deps, ada: Actor) -> None:
    wants(mailing(deps, 1), ada, Channel.EMAIL, email="ada@example.org")
    tell(deps, ada, kind=Kind.RUN_FAILED)
    assert deliveries(deps) == []
    tell(deps, ada)
    assert [row.webhook_id for row in deliveries(deps)] == [None]


def test_a_team_hears_on_each_of_its_webhooks_and_no_other_team_does(deps: Deps, ada: Actor) -> None:
    hooks = {a_webhook(private(deps), ada, "http://127.0.0.1:9") for _ in range(2)}
    a_webhook(private(deps), a_team(deps, "Search"), "http://127.0.0.1:9")
    wants(deps, ada, Channel.WEBHOOK)
    tell(deps, ada)
    assert {row.webhook_id for row in deliveries(deps)} == hooks


def test_a_text_is_one_line_of_bounded_length_that_every_database_holds(deps: Deps, ada: Actor) -> None:
    tell(deps, ada, text=f"a\x00b\n\n c {'x' * 600}")
    (row,) = notifications(deps)
    assert row.text.startswith("a\ufffdb c xxx")
    assert len(row.text) == TEXT_MAX
    assert one_line("short") == "short"


def test_a_link_names_the_exact_place() -> None:
    assert link_to("run", run="1", step="a&b") == "run?run=1&step=a%26b"
    assert link_to("inbox") == "inbox"
