"""Two people at the same moment, each with a connection of their own: the rules hold as if one had come first."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from threading import Barrier, BrokenBarrierError
from uuid import UUID, uuid4

import bcrypt
import pytest
from sqlmodel import select

from db.tables import Team, User
from services.actors import Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotSignedIn, UserError
from services.people import accounts, setup, teams
from tests.people.persons import PASSWORD, WRONG, enter, join, may_enter


class Meeting:
    """Inside a rule, everybody waits until all have come so far; for a moment only, as a lock lets one through."""

    def __init__(self, people: int) -> None:
        self.barrier = Barrier(people)

    def wait(self) -> None:
        with suppress(BrokenBarrierError):
            self.barrier.wait(0.3)


def at_once(acts: Sequence[Callable[[], object]]) -> Counter[str]:
    """Outcome -> how often: "done", or the name of the refusal."""

    def outcome(act: Callable[[], object]) -> str:
        try:
            act()
        except UserError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(outcome, acts))


def meeting_at_new_ids(deps: Deps, people: int) -> Deps:
    meeting = Meeting(people)

    def new_id() -> UUID:
        meeting.wait()
        return uuid4()

    return replace(deps, new_id=new_id)


def test_one_of_two_first_visitors_becomes_owner(deps: Deps) -> None:
    together = meeting_at_new_ids(deps, 2)

    def visit(username: str) -> Callable[[], object]:
        return lambda: setup.create_owner(
            together, username=username, name=username, password=PASSWORD, team_name=username
        )

    assert at_once([visit("ada"), visit("eve")]) == {"done": 1, "Conflict": 1}
    with deps.reading() as session:
        assert len(session.exec(select(User)).all()) == len(session.exec(select(Team)).all()) == 1


def test_one_of_two_holders_of_an_invitation_joins(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    secret = accounts.invite(deps, ada, role=Role.MEMBER)
    together = meeting_at_new_ids(deps, 2)

    def accept(username: str) -> Callable[[], object]:
        return lambda: accounts.accept_invitation(
            together, secret=secret, username=username, name=username, password=PASSWORD
        )

    assert at_once([accept("bob"), accept("eve")]) == {"done": 1, NotSignedIn.__name__: 1}
    assert len(teams.list_members(deps, ada)) == 2


def test_one_of_two_people_gets_a_user_name(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    secrets = [accounts.invite(deps, ada, role=Role.MEMBER) for _ in range(2)]
    together = meeting_at_new_ids(deps, 2)

    def accept(secret: str, password: str) -> Callable[[], object]:
        return lambda: accounts.accept_invitation(
            together, secret=secret, username="grace", name="Grace", password=password
        )

    outcomes = at_once([accept(secrets[0], PASSWORD), accept(secrets[1], f"{PASSWORD} too")])
    assert outcomes["done"] == 1
    assert outcomes[Conflict.__name__] + outcomes[InvalidInput.__name__] == 1


def test_one_of_two_owners_who_disable_each_other_stays(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    grace = join(deps, ada, "grace", Role.OWNER)
    meeting = Meeting(2)

    def now() -> datetime:
        meeting.wait()
        return deps.now()

    def disable(user_id: UUID | None) -> Callable[[], object]:
        assert user_id
        together = replace(deps, now=now)
        return lambda: teams.change_member(
            together, ada, user_id=user_id, role=Role.OWNER, disciplines=(), is_active=False
        )

    assert at_once([disable(ada.user_id), disable(grace.user_id)]) == {"done": 1, "Conflict": 1}
    assert [m.is_active for m in teams.list_members(deps, ada)].count(True) == 1


def test_five_failures_at_once_lock_like_five_in_a_row(deps: Deps, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, compare = Meeting(5), bcrypt.checkpw

    def compare_together(password: bytes, hashed: bytes) -> bool:
        meeting.wait()
        return compare(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", compare_together)
    assert at_once([lambda: may_enter(deps, owner, WRONG)] * 5) == {"done": 5}
    assert not may_enter(deps, owner, PASSWORD)


def test_one_of_two_uses_of_a_password_link_counts(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    grace = join(deps, ada, "grace")
    assert grace.user_id
    secret = teams.new_password_link(deps, ada, user_id=grace.user_id)

    def use(password: str) -> Callable[[], object]:
        return lambda: accounts.set_password_by_link(deps, secret=secret, password=password)

    outcomes = at_once([use(f"{PASSWORD} {number}") for number in range(4)])
    assert outcomes == {"done": 1, NotSignedIn.__name__: 3}
    assert sum(may_enter(deps, "grace", f"{PASSWORD} {number}") for number in range(4)) == 1
