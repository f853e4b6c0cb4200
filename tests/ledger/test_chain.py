"""The chain of decisions: every change of what was written is found at the right entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from db.tables import LedgerEntry
from services import ledger
from services.actors import Actor
from services.deps import Deps
from services.errors import GreenlightError
from services.exports.contents import commits_of
from services.ledger import chain
from services.ledger.chain import GENESIS
from tests.builders import a_team
from tests.runs.building import a_run_at_gate, approve, at_once, counts

Tamper = Callable[[LedgerEntry], object]


def append(deps: Deps, actor: Actor, act: str = "approve", *, key: bytes | None = b"k" * 32) -> None:
    with deps.session() as session:
        ledger.append(session, key=key, actor=actor, act=act, payload={"phase": 1, "note": "é"}, at=deps.now())
        session.commit()


def a_chain(deps: Deps, entries: int = 5) -> Actor:
    actor = a_team(deps)
    for _ in range(entries):
        append(deps, actor)
    return actor


def entry(session: Session, number: int) -> LedgerEntry:
    return session.exec(select(LedgerEntry).where(LedgerEntry.number == number)).one()


def test_an_untouched_chain_is_whole(deps: Deps) -> None:
    report = ledger.verify(deps, a_chain(deps))
    assert (report.is_whole, report.entries) == (True, 5)
    assert report.sentence.startswith("The ledger is whole: 5 entries, head ")


def test_an_empty_chain_is_whole(deps: Deps) -> None:
    report = ledger.verify(deps, a_team(deps))
    assert (report.is_whole, report.entries, report.head) == (True, 0, GENESIS)


def test_an_entry_names_the_actor_and_the_channel(deps: Deps) -> None:
    actor = a_chain(deps, entries=1)
    with deps.reading() as session:
        assert entry(session, 1).actor == f"person:{actor.user_id}:{actor.name} (browser)"


def changing(**values: object) -> Tamper:
    def tamper(row: LedgerEntry) -> None:
        for name, value in values.items():
            setattr(row, name, value)

    return tamper


def one_second_later(row: LedgerEntry) -> None:
    row.at += timedelta(seconds=1)


def one_byte_of_the_mac(row: LedgerEntry) -> None:
    row.mac = ("0" if row.mac[0] != "0" else "1") + row.mac[1:]


TAMPERS: dict[str, Tamper] = {
    "payload": changing(payload={"phase": 2, "note": "é"}),
    "payload with one more word": changing(payload={"phase": 1, "note": "é", "more": None}),
    "actor": changing(actor="person:-:Mallory (browser)"),
    "sign-in": changing(sign_in="0123456789abcdef"),
    "no sign-in": changing(sign_in=None),
    "what was shown": changing(shown_hash="0" * 64),
    "act": changing(act="request_changes"),
    "time": one_second_later,
    "previous": changing(previous=GENESIS),
    "mac": one_byte_of_the_mac,
    "empty mac": changing(mac=""),
}


@pytest.mark.parametrize("tamper", TAMPERS.values(), ids=list(TAMPERS))
def test_a_changed_entry_is_found(deps: Deps, tamper: Tamper) -> None:
    actor = a_chain(deps)
    with deps.session() as session:
        row = entry(session, 3)
        tamper(row)
        session.add(row)
        session.commit()
    report = ledger.verify(deps, actor)
    assert report.broken_at == 3
    assert "broken at entry 3" in report.sentence


@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_entry_with_another_number_is_found(deps: Deps, number: int) -> None:
    actor = a_chain(deps)
    renumber(deps, number, 99)
    assert ledger.verify(deps, actor).broken_at == number


@pytest.mark.parametrize("number", [1, 3])
def test_an_entry_that_was_taken_away_is_found(deps: Deps, number: int) -> None:
    actor = a_chain(deps)
    take_away(deps, number)
    assert ledger.verify(deps, actor).broken_at == number


def test_an_entry_that_was_taken_away_is_found_when_the_rest_was_numbered_anew(deps: Deps) -> None:
    actor = a_chain(deps)
    take_away(deps, 3)
    renumber(deps, 4, 3)
    renumber(deps, 5, 4)
    assert ledger.verify(deps, actor).broken_at == 3


def test_two_entries_that_changed_places_are_found(deps: Deps) -> None:
    actor = a_chain(deps)
    renumber(deps, 2, 99)
    renumber(deps, 3, 2)
    renumber(deps, 99, 3)
    assert ledger.verify(deps, actor).broken_at == 2


def test_an_entry_that_was_signed_with_another_key_is_found(deps: Deps) -> None:
    actor = a_chain(deps)
    append(deps, actor, key=b"another key")
    assert ledger.verify(deps, actor).broken_at == 6


def test_an_entry_of_another_team_does_not_fit(deps: Deps) -> None:
    mine, theirs = a_chain(deps), a_team(deps, "Search")
    with deps.session() as session:
        row = entry(session, 1)
        session.add(LedgerEntry(**{**row.model_dump(), "team_id": theirs.team_id}))
        session.commit()
    assert ledger.verify(deps, theirs).broken_at == 1
    assert ledger.verify(deps, mine).is_whole


def take_away(deps: Deps, number: int) -> None:
    with deps.session() as session:
        session.delete(entry(session, number))
        session.commit()


def renumber(deps: Deps, old: int, new: int) -> None:
    with deps.session() as session:
        row = entry(session, old)
        row.number = new
        session.add(row)
        session.commit()


def test_a_chain_without_its_newest_entry_no_longer_has_the_head_that_was_exported(deps: Deps) -> None:
    """The rest of the chain is whole; only a head that was kept elsewhere shows that something is missing."""
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    exported = commits_of(deps, actor, run_id)[-1].files["evidence/run.json"].decode()
    head = ledger.verify(deps, actor).head
    assert head in exported
    assert ledger.verify(deps, actor, known_head=head).is_whole
    take_away(deps, 2)
    report = ledger.verify(deps, actor, known_head=head)
    assert (report.broken_at, report.is_whole) == (None, False)
    assert "taken away from its end" in report.sentence


def test_a_chain_without_its_newest_entries_is_missed_by_its_team(deps: Deps) -> None:
    actor = a_chain(deps)
    take_away(deps, 5)
    report = ledger.verify(deps, actor)
    assert (report.broken_at, report.is_whole) == (None, False)
    assert report.sentence.startswith("The ledger ends at entry 4, too early")


def test_entries_of_before_sign_in_was_kept_are_still_whole(deps: Deps) -> None:
    """Their mac is over what there was then."""
    actor = a_chain(deps, entries=1)
    with deps.session() as session:
        row = entry(session, 1)
        row.sign_in = row.shown_hash = None
        row.mac = chain._mac(b"k" * 32, row)
        session.add(row)
        session.commit()
    assert ledger.verify(deps, actor).is_whole


def test_a_chain_that_has_grown_still_holds_an_earlier_head(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2)
    head = ledger.verify(deps, actor).head
    approve(deps, actor, run_id)
    assert ledger.verify(deps, actor, known_head=head).is_whole


def test_a_process_without_the_key_cannot_sign(deps: Deps) -> None:
    actor = a_team(deps)
    with pytest.raises(GreenlightError, match="may not sign"):
        append(deps, actor, key=None)
    assert counts(deps, (LedgerEntry,)) == {"ledger_entry": 0}


def test_a_process_without_the_key_cannot_verify(deps: Deps) -> None:
    with pytest.raises(GreenlightError, match="no key"):
        ledger.verify(replace(deps, ledger_key=None), a_chain(deps))


def test_the_chains_of_two_teams_do_not_touch(deps: Deps) -> None:
    payments, search = a_team(deps, "Payments"), a_team(deps, "Search")
    for actor in (payments, search, payments):
        append(deps, actor)
    assert (ledger.verify(deps, payments).entries, ledger.verify(deps, search).entries) == (2, 1)
    assert ledger.verify(deps, payments).is_whole
    assert ledger.verify(deps, search).is_whole


def test_entries_that_come_at_the_same_moment_make_one_whole_chain(deps: Deps) -> None:
    actor = a_team(deps)
    at_once(*[lambda: append_five(deps, actor)] * 4)
    report = ledger.verify(deps, actor)
    assert (report.is_whole, report.entries) == (True, 20)


def append_five(deps: Deps, actor: Actor) -> None:
    for _ in range(5):
        append(deps, actor)


def test_an_act_that_is_rolled_back_leaves_no_entry(deps: Deps) -> None:
    actor = a_chain(deps, entries=1)
    with deps.session() as session:
        ledger.append(session, key=deps.ledger_key, actor=actor, act="approve", payload={}, at=deps.now())
        session.rollback()
    append(deps, actor)
    with deps.reading() as session:
        numbers = session.exec(select(LedgerEntry.number).order_by(col(LedgerEntry.number))).all()
    assert list(numbers) == [1, 2]
