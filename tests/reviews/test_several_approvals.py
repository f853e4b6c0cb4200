"""One gate, several people: each approval counts for what it was about, and the last one opens the gate once."""

from uuid import UUID

import pytest

from db.tables import Evidence, Outbox, Run
from services import ledger
from services.actors import Actor, Discipline, Role
from services.criteria.vouching import ask_for_waiver, decide_waiver
from services.deps import Deps
from services.errors import Conflict, GreenlightError, NotAllowed
from services.people import sign_in, teams
from services.reviews.decisions import approve_phase
from services.reviews.explanations import explain_gates
from services.reviews.team_policies import set_policy
from services.workflow.options import Complexity
from tests.builders import a_team
from tests.reviews.gates import (
    a_waiting_run,
    approve,
    ask,
    decisions,
    entries,
    gate,
    is_the_same_again,
    new_content,
    people,
    phase_of,
    say_open,
    work,
)
from tests.runs.building import at_once, rows


def test_the_second_approval_opens_a_gate_that_asks_for_two(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    assert phase_of(deps, run_id) == (1, "waiting")
    assert gate(deps, eve, run_id).missing == ("1 more approval",)
    approve(deps, eve, run_id)
    assert phase_of(deps, run_id) == (2, "running")
    assert explain_gates(deps, owner, run_id=run_id)[0].sentence == (
        "Gate 1 stands on the approvals of Bob, Eve; opened by the last approval."
    )


def test_an_approval_moves_nothing_that_the_next_person_sees(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    seen_by_eve = gate(deps, eve, run_id).shown_hash
    approve(deps, bob, run_id)
    approve_phase(deps, eve, run_id=run_id, shown_hash=seen_by_eve)
    assert phase_of(deps, run_id) == (2, "running")


def test_nobody_approves_twice(deps: Deps) -> None:
    owner = a_team(deps)
    bob, _ = people(deps, owner, "bob", "eve")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    with pytest.raises(NotAllowed, match="You have approved this"):
        approve(deps, bob, run_id)
    assert decisions(deps, run_id) == [("approve", 1, "Bob")]


@pytest.mark.parametrize("phase", [1, 4])
def test_two_last_approvals_in_the_same_instant_go_on_once(deps: Deps, phase: int) -> None:
    owner = a_team(deps)
    bob, eve, mia = people(deps, owner, "bob", "eve", "mia")
    run_id = a_waiting_run(deps, owner)
    for _ in range(phase - 1):
        approve(deps, bob, run_id)
        work(deps, run_id)
    set_policy(deps, owner, phase=phase, approvals=2)
    shown = gate(deps, bob, run_id).shown_hash
    approve(deps, bob, run_id)
    answers = at_once(
        *[lambda who=who: approve_phase(deps, who, run_id=run_id, shown_hash=shown) for who in (eve, mia)]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]
    assert len(rows(deps, Outbox, run_id)) == (2 if phase == 1 else 4)
    assert len([e for e in entries(deps, owner) if "opens" in e.payload]) == phase
    assert ledger.verify(deps, owner).is_whole


def test_whoever_asked_for_the_last_change_does_not_count(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    run_id = a_waiting_run(deps, owner)
    ask(deps, bob, run_id, risk="More.")
    work(deps, run_id, new_content)
    assert "You asked for the last change" in (gate(deps, bob, run_id).why_not or "")
    with pytest.raises(NotAllowed):
        approve(deps, bob, run_id)
    approve(deps, eve, run_id)
    assert phase_of(deps, run_id) == (2, "running")


def test_a_change_that_reaches_an_earlier_phase_counts_there_too(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    run_id = a_waiting_run(deps, owner)
    approve(deps, eve, run_id)
    work(deps, run_id)
    ask(deps, bob, run_id, risk="More.")
    work(deps, run_id, new_content)
    assert gate(deps, bob, run_id).phase == 1
    assert "You asked for the last change" in (gate(deps, bob, run_id).why_not or "")


def test_in_a_team_of_two_the_older_part_counts_again(deps: Deps) -> None:
    owner = a_team(deps)
    [bob] = people(deps, owner, "bob")
    run_id = a_waiting_run(deps, owner)
    ask(deps, bob, run_id, risk="More.")
    work(deps, run_id, new_content)
    assert "because nobody else is left" in gate(deps, owner, run_id).notes[0]
    approve(deps, owner, run_id)
    assert explain_gates(deps, owner, run_id=run_id)[0].is_explained


def test_a_team_of_one_is_told_that_it_approves_alone_and_the_ledger_says_so(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_waiting_run(deps, owner)
    assert gate(deps, owner, run_id).notes == (
        f"{owner.name} approves alone: nobody else in this team may decide. The ledger says so.",
    )
    approve(deps, owner, run_id)
    [entry] = entries(deps, owner)
    assert entry.payload["policy"]["approves_alone"] is True
    assert "who approves alone" in explain_gates(deps, owner, run_id=run_id)[0].sentence


def test_a_new_revision_makes_an_approval_stale_and_says_so(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve, mia = people(deps, owner, "bob", "eve", "mia")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    ask(deps, eve, run_id, risk="More.")
    work(deps, run_id, new_content)
    [given] = gate(deps, mia, run_id).approvals
    assert (given.name, given.note) == ("Bob", "approved revision 1 of Feasibility & risk; it is revision 2 now")
    approve(deps, mia, run_id)
    assert phase_of(deps, run_id) == (1, "waiting")


def test_a_revision_that_came_out_the_same_leaves_an_approval_as_it_is(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve, mia = people(deps, owner, "bob", "eve", "mia")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    ask(deps, eve, run_id, risk="More.")
    work(deps, run_id)
    assert gate(deps, mia, run_id).missing == ("1 more approval",)


def test_another_policy_makes_an_approval_stale(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    old = gate(deps, eve, run_id).shown_hash
    set_policy(deps, owner, phase=1, approvals=1)
    assert gate(deps, bob, run_id).approvals[0].note == "approved under another policy"
    with pytest.raises(Conflict):
        approve_phase(deps, eve, run_id=run_id, shown_hash=old)
    approve(deps, bob, run_id)
    assert phase_of(deps, run_id) == (2, "running")


def test_a_new_measurement_makes_an_approval_stale(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    with deps.session() as session:
        session.add(
            Evidence(
                id=UUID(int=5), run_id=run_id, phase=1, segment=1, check="tests", tool="pytest", tool_version="9",
                isolation="bubblewrap", enforced={}, tree="", outcome="failed", reason="1 of 2 tests fails.", figures={},
                findings=[], log="", started_at=deps.now(), duration_seconds=1,
            )
        )  # fmt: skip
        session.commit()
    assert gate(deps, eve, run_id).approvals[0].note == "approved before this was measured"


@pytest.mark.parametrize("change", ["viewer", "left"])
def test_whoever_may_not_decide_any_more_does_not_count(deps: Deps, change: str) -> None:
    owner = a_team(deps)
    bob, eve, _mia = people(deps, owner, "bob", "eve", "mia")
    set_policy(deps, owner, phase=1, approvals=2)
    run_id = a_waiting_run(deps, owner)
    approve(deps, bob, run_id)
    assert bob.user_id
    role = Role.VIEWER if change == "viewer" else Role.MEMBER
    teams.change_member(deps, owner, user_id=bob.user_id, role=role, disciplines=(), is_active=change != "left")
    approve(deps, eve, run_id)
    assert phase_of(deps, run_id) == (1, "waiting")
    assert [a.note for a in gate(deps, eve, run_id).approvals if a.name == "Bob"] == ["may not decide here any more"]


def test_a_discipline_has_to_be_among_those_who_approve(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve", eve="security")
    run_id = a_waiting_run(deps, owner, Complexity.MEDIUM)
    approve(deps, bob, run_id)
    assert gate(deps, eve, run_id).missing == ("an approval from security (Eve)",)
    approve(deps, eve, run_id)
    assert phase_of(deps, run_id) == (2, "running")


def test_a_discipline_that_was_given_afterwards_does_not_make_an_approval_one_of_security(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve", eve="security")
    run_id = a_waiting_run(deps, owner, Complexity.MEDIUM)
    approve(deps, bob, run_id)
    give(deps, owner, bob, Discipline.SECURITY)
    assert gate(deps, eve, run_id).missing == ("an approval from security (Bob, Eve)",)


def give(deps: Deps, owner: Actor, member: Actor, *disciplines: Discipline) -> None:
    assert member.user_id
    teams.change_member(deps, owner, user_id=member.user_id, role=Role.MEMBER, disciplines=disciplines, is_active=True)


def test_a_criterion_of_the_policy_keeps_the_gate_shut_until_it_holds(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    run_id = a_waiting_run(deps, owner)
    for _ in range(2):
        approve(deps, bob, run_id)
        work(deps, run_id)
    set_policy(deps, owner, phase=3, approvals=1, criteria=("test_coverage",))
    approve(deps, bob, run_id)
    assert phase_of(deps, run_id) == (3, "waiting")
    with pytest.raises(NotAllowed, match="the criterion test coverage, which is not measured"):
        say_open(deps, eve, run_id)
    waiver = ask_for_waiver(deps, bob, run_id=run_id, criterion="test_coverage", reason="A prototype.", days=3)
    decide_waiver(deps, eve, run_id=run_id, waiver_id=waiver, grants=True)
    assert phase_of(deps, run_id) == (3, "waiting")  # nothing opens by itself
    say_open(deps, eve, run_id)
    assert phase_of(deps, run_id) == (4, "running")
    assert explain_gates(deps, owner, run_id=run_id)[2].sentence == (
        "Gate 3 stands on the approval of Bob; opened by Eve."
    )


def test_a_viewer_opens_nothing(deps: Deps) -> None:
    owner = a_team(deps)
    [bob] = people(deps, owner, "bob")
    run_id = a_waiting_run(deps, owner)
    shown = gate(deps, bob, run_id)
    assert not shown.may_open
    with pytest.raises(NotAllowed):
        say_open(deps, bob, run_id)


def test_a_decision_is_no_decision_on_another_revision_or_run(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    first, second = a_waiting_run(deps, owner), a_waiting_run(deps, owner)
    old = gate(deps, bob, first).shown_hash
    with pytest.raises(Conflict):
        approve_phase(deps, bob, run_id=second, shown_hash=old)
    ask(deps, eve, first, risk="More.")
    work(deps, first, new_content)
    with pytest.raises(Conflict):
        approve_phase(deps, bob, run_id=first, shown_hash=old)
    assert decisions(deps, second) == []


def test_what_is_asked_at_an_earlier_gate_and_changes_nothing_carries_the_run_on(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve, mia = people(deps, owner, "bob", "eve", "mia")
    run_id = a_waiting_run(deps, owner)
    for _ in range(2):
        approve(deps, bob, run_id)
        work(deps, run_id)
    ask(deps, eve, run_id, business="More.")
    assert phase_of(deps, run_id) == (1, "running")
    work(deps, run_id)
    is_the_same_again(deps, run_id)
    say_open(deps, mia, run_id)  # what Bob approved at gate 1 is what is there
    carried = [e for e in entries(deps, owner) if e.act == "carry_over"]
    assert [e.payload["phase"] for e in carried] == [2]
    assert carried[0].payload["opens"]["stands_on"] == [
        e.payload["decision"] for e in entries(deps, owner) if e.act == "approve" and e.payload["phase"] == 2
    ]
    assert phase_of(deps, run_id) == (3, "running")
    assert [e.is_explained for e in explain_gates(deps, owner, run_id=run_id)] == [True, True]


def test_a_later_gate_is_asked_again_when_what_it_was_about_changed(deps: Deps) -> None:
    owner = a_team(deps)
    bob, eve = people(deps, owner, "bob", "eve")
    run_id = a_waiting_run(deps, owner)
    for _ in range(2):
        approve(deps, bob, run_id)
        work(deps, run_id)
    ask(deps, eve, run_id, business="More.")
    work(deps, run_id, new_content)
    is_the_same_again(deps, run_id)
    approve(deps, bob, run_id)
    assert phase_of(deps, run_id) == (2, "running")
    work(deps, run_id)
    assert "it is revision 2 now" in gate(deps, bob, run_id).approvals[0].note


def test_a_gate_that_nobody_here_can_open_any_more_is_named(deps: Deps) -> None:
    owner = a_team(deps)
    _bob, eve = people(deps, owner, "bob", "eve", eve="security")
    set_policy(deps, owner, phase=1, approvals=1, disciplines=(Discipline.SECURITY,))
    run_id = a_waiting_run(deps, owner)
    give(deps, owner, eve)
    assert gate(deps, owner, run_id).problem == (
        "Gate 1 asks for security, and nobody who may decide holds it. An owner changes the policy or the members on the "
        "page Team."
    )


def test_an_entry_names_the_sign_in_and_what_was_shown(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_waiting_run(deps, owner)
    sid = sign_in.open_browser(deps, username=f"owner-{owner.team_id.hex[:6]}")
    actor = sign_in.actor_in_browser(deps, sid)
    assert actor is not None
    shown = gate(deps, actor, run_id).shown_hash
    approve(deps, actor, run_id)
    [entry] = entries(deps, owner)
    assert (entry.sign_in, entry.shown_hash) == (actor.sign_in, shown)
    assert len(actor.sign_in) == 16
    assert actor.sign_in not in sid


def test_a_gate_that_was_moved_past_the_services_is_not_explained(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_waiting_run(deps, owner)
    approve(deps, owner, run_id)
    with deps.session() as session:
        run = session.get_one(Run, run_id)
        run.phase = 3
        session.add(run)
        session.commit()
    assert [e.is_explained for e in explain_gates(deps, owner, run_id=run_id)] == [True, False]


def test_thirty_people_at_once_on_one_run(deps: Deps) -> None:
    owner = a_team(deps)
    everybody = people(deps, owner, *[f"p{n}" for n in range(30)])
    set_policy(deps, owner, phase=1, approvals=30)
    run_id = a_waiting_run(deps, owner)
    shown = gate(deps, owner, run_id).shown_hash

    def act(who: Actor) -> None:
        approve_phase(deps, who, run_id=run_id, shown_hash=shown)
        with pytest.raises(GreenlightError):  # a second click of the same person
            approve_phase(deps, who, run_id=run_id, shown_hash=shown)

    assert at_once(*[lambda who=who: act(who) for who in everybody]) == [None] * 30
    assert decisions(deps, run_id) == sorted(("approve", 1, who.name) for who in everybody)
    assert (phase_of(deps, run_id), len(rows(deps, Outbox, run_id))) == ((2, "running"), 2)
    report = ledger.verify(deps, owner)
    assert (report.is_whole, report.entries) == (True, 31)
    assert explain_gates(deps, owner, run_id=run_id)[0].is_explained
