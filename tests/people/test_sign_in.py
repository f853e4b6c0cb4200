"""Who gets in with a password, and who has to wait."""

from datetime import timedelta

import pytest

from db.queries.people import find_user
from db.tables import User
from services.actors import Role
from services.deps import Deps
from services.people import accounts, sign_in, users
from services.people.links import Purpose, new_link
from tests.conftest import Clock
from tests.people.persons import PASSWORD, WRONG, may_enter


def fail(deps: Deps, times: int) -> None:
    for _ in range(times):
        assert not may_enter(deps, "ada", WRONG)


def row(deps: Deps, username: str = "ada") -> User:
    with deps.reading() as session:
        found = find_user(session, username)
    assert found is not None
    return found


def test_the_right_password_opens(deps: Deps, owner: str) -> None:
    assert may_enter(deps, owner)


@pytest.mark.parametrize("written", ["ada", "ADA", " Ada "])
def test_case_and_blanks_never_tell_two_people_apart(deps: Deps, owner: str, written: str) -> None:
    assert may_enter(deps, written)


@pytest.mark.parametrize("password", [WRONG, "", PASSWORD.upper(), f"{PASSWORD} ", PASSWORD[:-1], "\x00"])
def test_any_other_password_does_not(deps: Deps, owner: str, password: str) -> None:
    assert not may_enter(deps, owner, password)


@pytest.mark.parametrize("username", ["nobody", "", "ada' OR '1'='1", "a" * 5000, "адa", "🦊"])
def test_nobody_of_another_name_gets_in(deps: Deps, owner: str, username: str) -> None:
    assert not may_enter(deps, username)


def test_a_name_that_not_every_database_can_hold_is_nobody(deps: Deps, owner: str) -> None:
    assert not may_enter(deps, "ada\x00")


def test_a_person_who_has_set_no_password_yet_does_not_get_in(deps: Deps) -> None:
    users.add_user(deps, username="grace", role=Role.OWNER)
    assert not may_enter(deps, "grace", "")
    assert not may_enter(deps, "grace", "nobody's password")


def test_four_failures_lock_nothing(deps: Deps, owner: str) -> None:
    fail(deps, 4)
    assert may_enter(deps, owner)


def test_the_fifth_failure_locks_even_the_right_password_out(deps: Deps, owner: str) -> None:
    fail(deps, 5)
    assert not may_enter(deps, owner)


@pytest.mark.parametrize(("minutes", "opens"), [(14.9, False), (15, True), (16, True)])
def test_the_lock_opens_after_fifteen_minutes(
    deps: Deps, owner: str, clock: Clock, minutes: float, opens: bool
) -> None:
    fail(deps, 5)
    clock.advance(minutes=minutes)
    assert may_enter(deps, owner) is opens


def test_the_lock_lives_in_the_database(deps: Deps, owner: str, clock: Clock) -> None:
    fail(deps, 5)
    assert row(deps).locked_until == clock.at + timedelta(minutes=15)


def test_failures_during_the_lock_do_not_make_it_longer(deps: Deps, owner: str, clock: Clock) -> None:
    fail(deps, 5)
    clock.advance(minutes=10)
    fail(deps, 6)
    clock.advance(minutes=5)
    assert may_enter(deps, owner)


def test_after_the_lock_it_takes_five_failures_again(deps: Deps, owner: str, clock: Clock) -> None:
    fail(deps, 5)
    clock.advance(minutes=15)
    fail(deps, 4)
    assert may_enter(deps, owner)


def test_success_forgets_the_failures_before(deps: Deps, owner: str) -> None:
    fail(deps, 4)
    assert may_enter(deps, owner)
    assert row(deps).failed_logins == 0
    fail(deps, 4)
    assert may_enter(deps, owner)


def test_failures_of_one_person_do_not_lock_another(deps: Deps, owner: str) -> None:
    users.add_user(deps, username="grace", role=Role.MEMBER)
    set_password(deps, "grace")
    fail(deps, 5)
    assert may_enter(deps, "grace")


def test_a_new_password_by_link_opens_the_lock(deps: Deps, owner: str) -> None:
    fail(deps, 5)
    set_password(deps, "ada")
    assert may_enter(deps, owner)


def set_password(deps: Deps, username: str) -> None:
    accounts.set_password_by_link(deps, secret=users.reset_password(deps, username=username), password=PASSWORD)


def test_a_disabled_person_does_not_get_in(deps: Deps, owner: str) -> None:
    disable(deps)
    assert not may_enter(deps, owner)
    assert owner not in sign_in.list_usernames(deps)


def test_failures_against_a_disabled_person_are_not_counted(deps: Deps, owner: str) -> None:
    disable(deps)
    fail(deps, 3)
    assert row(deps).failed_logins == 0


def disable(deps: Deps) -> None:
    with deps.session() as session:
        ada = find_user(session, "ada")
        assert ada is not None
        ada.is_active = False
        session.add(ada)
        session.commit()


@pytest.mark.parametrize("password", ["x" * 72, "密码" * 12, "🔑" * 18, "pässwörd mit ümläuten"])
def test_long_and_foreign_passwords_open_too(deps: Deps, owner: str, password: str) -> None:
    secret = users.reset_password(deps, username=owner)
    accounts.set_password_by_link(deps, secret=secret, password=password)
    assert may_enter(deps, owner, password)
    assert not may_enter(deps, owner, f"{password}x")


def test_only_names_of_people_are_listed_never_hashes(deps: Deps, owner: str) -> None:
    users.add_user(deps, username="grace", role=Role.VIEWER)
    assert sorted(sign_in.list_usernames(deps)) == ["ada", "grace"]


def test_the_stored_password_cannot_be_read(deps: Deps, owner: str) -> None:
    stored = row(deps).password_hash
    assert stored is not None
    assert stored.startswith("$2b$")
    assert PASSWORD not in stored


def test_a_link_for_a_password_is_no_password(deps: Deps, owner: str) -> None:
    with deps.session() as session:
        secret = new_link(session, deps, Purpose.PASSWORD, created_by="console", user_id=row(deps).id)
        session.commit()
    assert not may_enter(deps, owner, secret)


def test_failures_against_somebody_without_a_password_count_too(deps: Deps) -> None:
    users.add_user(deps, username="ada", role=Role.OWNER)
    fail(deps, 5)
    assert row(deps).locked_until is not None
