"""A policy is set by an owner, stands in the ledger, and is refused where nobody could satisfy it."""

import pytest

from services import ledger
from services.actors import Discipline, Role
from services.deps import Deps
from services.errors import InvalidInput, NotAllowed
from services.people import teams
from services.reviews.team_policies import list_policies, set_policy, use_default
from services.reviews.views import start_problem
from services.workflow.gates import GatePolicy
from tests.builders import a_member, a_team, in_role
from tests.reviews.gates import entries, people


def test_without_a_row_the_default_holds(deps: Deps) -> None:
    assert [view.policy for view in list_policies(deps, a_team(deps))] == [None] * 4


def test_a_policy_is_kept_and_stands_in_the_ledger(deps: Deps) -> None:
    owner = a_team(deps)
    people(deps, owner, "bob", "eve", eve="security")
    said = set_policy(
        deps, owner, phase=3, approvals=2, disciplines=(Discipline.SECURITY,), criteria=("security_scan",)
    )
    view = list_policies(deps, owner)[2]
    assert view.policy == GatePolicy(2, (Discipline.SECURITY,), ("security_scan",))
    assert (view.set_by, view.problems) == (owner.name, ())
    assert said == view.warnings == ("Only Eve holds security: every run waits for Eve at this gate.",)
    use_default(deps, owner, phase=3)
    assert list_policies(deps, owner)[2].policy is None
    before_and_after = [(e.act, e.payload["before"], e.payload["after"]) for e in entries(deps, owner)]
    asked = {"approvals": 2, "disciplines": ["security"], "criteria": ["security_scan"]}
    assert before_and_after == [("set_policy", None, asked), ("set_policy", asked, None)]
    assert ledger.verify(deps, owner).is_whole


def test_the_default_once_more_is_no_act(deps: Deps) -> None:
    owner = a_team(deps)
    use_default(deps, owner, phase=1)
    assert entries(deps, owner) == []


@pytest.mark.parametrize(
    ("phase", "approvals", "disciplines", "criteria", "said"),
    [
        (1, 0, (), (), "at least one approval"),
        (1, 2, (), (), "2 approvals take 3 people"),
        (1, 1, (Discipline.SECURITY,), (), "Nobody who may decide holds security"),
        (1, 1, (), ("monitoring",), "measured from phase 4 on"),
        (5, 1, (), (), "There is no phase 5"),
    ],
)
def test_what_nobody_can_satisfy_is_refused(
    deps: Deps,
    phase: int,
    approvals: int,
    disciplines: tuple[Discipline, ...],
    criteria: tuple[str, ...],
    said: str,
) -> None:
    owner = a_team(deps)
    people(deps, owner, "bob")
    with pytest.raises(InvalidInput, match=said):
        set_policy(deps, owner, phase=phase, approvals=approvals, disciplines=disciplines, criteria=criteria)
    assert entries(deps, owner) == []


def test_a_viewer_who_holds_a_discipline_satisfies_nothing(deps: Deps) -> None:
    owner = a_team(deps)
    a_member(deps, owner.team_id, username="vera", role=Role.VIEWER, disciplines=frozenset({Discipline.SECURITY}))
    with pytest.raises(InvalidInput, match="holds security"):
        set_policy(deps, owner, phase=1, approvals=1, disciplines=(Discipline.SECURITY,))


def test_only_an_owner_sets_it(deps: Deps) -> None:
    owner = a_team(deps)
    for role in (Role.MEMBER, Role.VIEWER):
        with pytest.raises(NotAllowed):
            set_policy(deps, in_role(owner, role), phase=1, approvals=1)
        with pytest.raises(NotAllowed):
            use_default(deps, in_role(owner, role), phase=1)


def test_a_policy_that_stopped_working_is_named_on_the_page_and_before_a_start(deps: Deps) -> None:
    owner = a_team(deps)
    bob, _eve = people(deps, owner, "bob", "eve", bob="security")
    set_policy(deps, owner, phase=1, approvals=1, disciplines=(Discipline.SECURITY,))
    assert start_problem(deps, owner) is None
    assert bob.user_id
    teams.change_member(deps, owner, user_id=bob.user_id, role=Role.MEMBER, disciplines=(), is_active=True)
    assert "holds security" in list_policies(deps, owner)[0].problems[0]
    assert "Gate 1 asks for security, and nobody who may decide holds it." in (start_problem(deps, owner) or "")
