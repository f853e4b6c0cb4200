"""Vouching and waiving: by people who are signed in, about what was shown, in the ledger, and by two where two are asked for."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import Attestation, LedgerEntry, Verdict, Waiver
from services import ledger
from services.actors import Actor, ActorKind, Role
from services.criteria import assignments, vouching
from services.criteria.checklist import checklist_csv
from services.criteria.views import CriterionView, list_acceptance, list_criteria
from services.deps import Deps
from services.errors import Conflict, GreenlightError, InvalidInput, NotAllowed, NotFound, UserError
from services.workflow.criteria import WAIVER_DAYS_MAX, Outcome
from tests.builders import REQUEST, a_member, a_team
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine, writing
from tests.runs.building import a_run_at_gate, ask_for, at_once, counts, rows, work_off

# Whether a page feels calm is nothing that a test can decide.
FOR_PEOPLE = REQUEST.model_copy(
    update={"description": f"{REQUEST.description}\n\nAcceptance criteria:\n- The page feels calm to new employees.\n"}
)
WRITTEN = (Attestation, Waiver, LedgerEntry, Verdict)


def teammate(deps: Deps, actor: Actor, username: str = "bob", role: Role = Role.MEMBER) -> Actor:
    return a_member(deps, actor.team_id, username=username, role=role)


def the(deps: Deps, actor: Actor, run_id: UUID, criterion: str) -> CriterionView:
    return next(view for view in list_criteria(deps, actor, run_id=run_id) if view.id == criterion)


def vouch(deps: Deps, actor: Actor, run_id: UUID, criterion: str = "documentation", **changes: object) -> None:
    given = {"holds": True, "comment": "I read them.", "shown_basis": the(deps, actor, run_id, criterion).basis}
    vouching.attest(deps, actor, run_id=run_id, criterion=criterion, **{**given, **changes})  # type: ignore[arg-type]


def ask(deps: Deps, actor: Actor, run_id: UUID, criterion: str = "performance", days: int = 7) -> UUID:
    return vouching.ask_for_waiver(
        deps, actor, run_id=run_id, criterion=criterion, reason="The vendor is late.", days=days
    )


def grant(deps: Deps, actor: Actor, run_id: UUID, waiver_id: UUID, *, grants: bool = True) -> None:
    vouching.decide_waiver(deps, actor, run_id=run_id, waiver_id=waiver_id, grants=grants)


def test_a_word_is_kept_with_its_name_and_stands_in_the_ledger(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    vouch(deps, actor, run_id)
    view = the(deps, actor, run_id, "documentation")
    assert view.word == f"{actor.name} attested it on 2026-03-02, until 2026-05-31: I read them."
    entry = ledger_of(deps, actor)[-1]
    assert (entry.act, entry.payload["criterion"], entry.payload["comment"]) == (
        "attest",
        "documentation",
        "I read them.",
    )
    assert ledger.verify(deps, actor).is_whole
    assert len(view.history) == 2


def refused(deps: Deps, act: object, error: type[Exception]) -> str:
    """Nothing is written, and the words of the refusal."""
    before = counts(deps, WRITTEN)
    with pytest.raises(error) as caught:
        act()  # type: ignore[operator]
    assert counts(deps, WRITTEN) == before
    return str(caught.value)


def test_a_word_on_files_that_have_moved_is_refused(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, request=FOR_PEOPLE)
    (item,) = [a.id for a in list_acceptance(deps, actor, run_id=run_id) if a.is_for_people]
    shown_basis = the(deps, actor, run_id, "acceptance_criteria").basis
    ask_for(deps, actor, run_id, architecture="One file more.")
    work_off(deps, run_id, engine=ScriptedEngine({"architecture": writing("design/more.md")}))
    words = {"item": item, "shown_basis": shown_basis}
    refused(deps, lambda: vouch(deps, actor, run_id, "acceptance_criteria", **words), Conflict)


@pytest.mark.parametrize("criterion", ["test_coverage", "security_scan", "performance", "feature_flags"])
def test_nobody_vouches_for_what_is_measured(deps: Deps, criterion: str) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    assert "is measured" in refused(deps, lambda: vouch(deps, actor, run_id, criterion), InvalidInput)


def test_an_acceptance_criterion_that_a_test_decides_takes_no_word_and_the_others_do(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, request=FOR_PEOPLE)
    acceptance = list_acceptance(deps, actor, run_id=run_id)
    (for_people,) = [a.id for a in acceptance if a.is_for_people]
    measured = next(a.id for a in acceptance if not a.is_for_people)
    for item in (measured, "AC-none", ""):
        refused(deps, lambda item=item: vouch(deps, actor, run_id, "acceptance_criteria", item=item), InvalidInput)
    vouch(deps, actor, run_id, "acceptance_criteria", item=for_people)
    assert "attested it" in next(a.word for a in list_acceptance(deps, actor, run_id=run_id) if a.id == for_people)


@pytest.mark.parametrize("comment", ["", "  \n", "x" * 2001])
def test_a_word_says_what_it_rests_on(deps: Deps, comment: str) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    refused(deps, lambda: vouch(deps, actor, run_id, comment=comment), InvalidInput)


def test_who_may_not_decide_vouches_and_waives_nothing(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    viewer = teammate(deps, owner, "vera", Role.VIEWER)
    by_command = replace(owner, kind=ActorKind.COMMAND_LINE, channel="command line")
    for actor in (viewer, by_command):
        refused(deps, lambda actor=actor: vouch(deps, actor, run_id), NotAllowed)
        refused(deps, lambda actor=actor: ask(deps, actor, run_id), NotAllowed)
    stranger = a_team(deps, "Others")
    basis = the(deps, owner, run_id, "documentation").basis
    refused(deps, lambda: ask(deps, stranger, run_id), NotFound)
    refused(
        deps,
        lambda: vouching.attest(
            deps, stranger, run_id=run_id, criterion="documentation", holds=True, comment="x", shown_basis=basis
        ),
        NotFound,
    )


def test_a_process_without_the_key_vouches_for_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    refused(deps, lambda: vouch(replace(deps, ledger_key=None), actor, run_id), GreenlightError)


def test_a_waiver_takes_a_second_person_and_expires(deps: Deps, clock: Clock) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner, phase=3)
    waiver_id = ask(deps, owner, run_id)
    assert the(deps, owner, run_id, "performance").outcome is Outcome.NOT_MEASURED
    assert "second person" in refused(deps, lambda: grant(deps, owner, run_id, waiver_id), NotAllowed)
    bob = teammate(deps, owner)
    grant(deps, bob, run_id, waiver_id)
    found = the(deps, owner, run_id, "performance")
    assert (found.outcome, found.history[-1][2]) == (Outcome.WAIVED, Outcome.WAIVED)
    clock.advance(days=7)
    assert the(deps, owner, run_id, "performance").outcome is Outcome.NOT_MET
    assert [e.act for e in ledger_of(deps, owner)][-2:] == ["ask_for_waiver", "grant_waiver"]


def ledger_of(deps: Deps, actor: Actor) -> list[LedgerEntry]:
    with deps.reading() as session:
        query = select(LedgerEntry).where(LedgerEntry.team_id == actor.team_id).order_by(col(LedgerEntry.number))
        return list(session.exec(query))


def test_a_refused_waiver_waives_nothing_and_another_may_be_asked_for(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner, phase=3)
    first = ask(deps, owner, run_id)
    assert "waits for a second person" in refused(deps, lambda: ask(deps, owner, run_id), Conflict)
    grant(deps, teammate(deps, owner), run_id, first, grants=False)
    assert the(deps, owner, run_id, "performance").outcome is Outcome.NOT_MEASURED
    ask(deps, owner, run_id)


def test_whoever_asked_may_take_the_waiver_back(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    grant(deps, owner, run_id, ask(deps, owner, run_id), grants=False)
    assert [w.is_granted for w in rows(deps, Waiver, run_id)] == [False]


def test_two_who_decide_on_a_waiver_at_once_decide_once(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    waiver_id = ask(deps, owner, run_id)
    people = [teammate(deps, owner, name) for name in ("bob", "cleo")]
    answers = at_once(*(lambda p=p: grant(deps, p, run_id, waiver_id) for p in people))
    assert sorted(type(a).__name__ for a in answers) == ["Conflict", "NoneType"]
    assert len([e for e in ledger_of(deps, owner) if e.act == "grant_waiver"]) == 1


@pytest.mark.parametrize("days", [-1, 0, WAIVER_DAYS_MAX + 1])
def test_a_waiver_lasts_as_long_as_it_may(deps: Deps, days: int) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    refused(deps, lambda: ask(deps, actor, run_id, days=days), InvalidInput)


def test_a_criterion_is_given_to_somebody_of_the_team(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    bob, stranger = teammate(deps, owner), a_team(deps, "Others")
    given = {"run_id": run_id, "criterion": "performance", "due_on": date(2026, 4, 1)}
    assignments.assign(deps, owner, owner_id=bob.user_id, **given)  # type: ignore[arg-type]
    view = the(deps, owner, run_id, "performance")
    assert (view.owner, view.due_on) == (bob.name, date(2026, 4, 1))
    for who in (stranger.user_id, UUID(int=5)):
        with pytest.raises(InvalidInput):
            assignments.assign(deps, owner, owner_id=who, **given)  # type: ignore[arg-type]
    assignments.assign(deps, owner, run_id=run_id, criterion="performance", owner_id=None, due_on=None)
    view = the(deps, owner, run_id, "performance")
    assert (view.owner, view.due_on) == ("", None)


def test_a_comment_is_shown_with_its_name_and_an_empty_one_is_none(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    assignments.comment(deps, actor, run_id=run_id, criterion="performance", text=" Ask the vendor. ")
    ((name, _, text),) = the(deps, actor, run_id, "performance").comments
    assert (name, text) == (actor.name, "Ask the vendor.")
    for text in ("", " \n", "x" * 5001):
        with pytest.raises(InvalidInput):
            assignments.comment(deps, actor, run_id=run_id, criterion="performance", text=text)


@pytest.mark.parametrize("act", ["assign", "comment"])
def test_a_viewer_and_a_stranger_leave_no_notes(deps: Deps, act: str) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    about: Any = {"run_id": run_id, "criterion": "performance"}
    acts = {
        "assign": lambda actor: assignments.assign(deps, actor, owner_id=None, due_on=None, **about),
        "comment": lambda actor: assignments.comment(deps, actor, text="x", **about),
    }
    for actor in (teammate(deps, owner, "vera", Role.VIEWER), a_team(deps, "Others")):
        with pytest.raises(UserError):
            acts[act](actor)


def test_the_checklist_leaves_as_a_table_that_no_spreadsheet_runs(deps: Deps) -> None:
    actor = a_team(deps)
    request = FOR_PEOPLE.model_copy(
        update={"description": f"{REQUEST.description}\n\nAcceptance criteria:\n- =SUM(A1) feels calm to everybody.\n"}
    )
    run_id = a_run_at_gate(deps, actor, request=request)
    text = checklist_csv(deps, actor, run_id=run_id).decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[0].startswith("id,title,outcome,reason")
    assert len(lines) == 1 + 10 + len(list_acceptance(deps, actor, run_id=run_id)) + 1
    assert ",=SUM" not in text
    assert "'=SUM(A1)" in text
