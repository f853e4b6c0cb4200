"""What belongs to another team does not exist: whoever guesses an id gets NotFound, and nothing is changed."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import SQLModel

import services
from db.tables import Membership
from services.actors import Actor, ActorKind, Role
from services.deps import Deps
from services.errors import NotAllowed, NotFound
from services.features import store
from services.ledger import verify
from services.metrics.frames import team_metrics
from services.notifications import inbox, webhooks
from services.people import sign_in, teams
from services.people.permissions import may
from services.reviews.reviewers import waiting_reviewers
from services.reviews.views import start_problem
from services.runs.activity import list_activity
from services.runs.control import own_run
from services.runs.views import list_runs
from tests.builders import a_member, a_team, in_role
from tests.conftest import RecordingDispatcher
from tests.people.acts import ACTS, Act
from tests.people.worlds import SECRET, World, a_world

IDS = {
    *("run_id", "feature_id", "document_id", "user_id", "team_id", "revision_id", "evidence_id", "decision_id"),
    *("notification_id", "webhook_id", "delivery_id"),
    *("thread_id", "comment_id", "question_id"),
}
# The command line is a screen: it calls the services for its own actor. Agents and checks know no people.
ELSEWHERE = ("services.commands", "services.__main__", "services.agents", "services.evidence")


@dataclass(frozen=True)
class Two:
    ours: World
    theirs: World


@pytest.fixture
def two(deps: Deps, tmp_path: Path) -> Two:
    return Two(a_world(deps, "Payments", tmp_path), a_world(deps, "Search", tmp_path))


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if not found.name.startswith(ELSEWHERE):
            yield importlib.import_module(found.name)


def acts_with_an_id() -> set[Callable[..., object]]:
    """Public functions that somebody calls in their own name with an id of theirs or not; one that is given an open
    session works for such a function."""
    return {
        function
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and {"deps", "actor"} <= set(inspect.signature(function).parameters)
        and "session" not in inspect.signature(function).parameters
        and IDS & set(inspect.signature(function).parameters)
    }


def test_every_act_with_an_id_has_a_row() -> None:
    found = acts_with_an_id()
    assert len(found) > 30
    assert {act.function for act in ACTS} == found


def everything(deps: Deps) -> dict[str, list[str]]:
    """Table -> its rows, as text."""
    with deps.engine.connect() as connection:
        return {
            table.name: sorted(str(tuple(row)) for row in connection.execute(table.select()))
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_whoever_guesses_an_id_of_another_team_finds_nothing(deps: Deps, tmp_path: Path, act: Act) -> None:
    ours, theirs = a_world(deps, "Payments", tmp_path), a_world(deps, "Search", tmp_path, act.status)
    before = everything(deps)
    for role in Role:
        us = in_role(ours.owner, role)
        allowed = act.action is None or may(us, act.action)
        with pytest.raises(NotFound if allowed else (NotFound, NotAllowed)) as refused:
            act.call(deps, us, theirs)
        assert SECRET not in str(refused.value)
    assert everything(deps) == before
    assert deps.dispatcher == RecordingDispatcher()
    assert not theirs.folder.exists()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_the_same_call_finds_what_is_ones_own(deps: Deps, tmp_path: Path, act: Act) -> None:
    """So that the test before is about teams, not about a call that never works."""
    ours = a_world(deps, "Payments", tmp_path, act.status)
    act.call(deps, ours.owner, ours)


# A new id names a new draft, and a browser is found by its own secret.
GUESSABLE = [a for a in ACTS if a.function not in (store.save_draft, store.submit_feature, sign_in.switch_team)]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", GUESSABLE, ids=lambda act: act.name)
def test_an_id_that_nobody_has_looks_the_same_as_one_of_another_team(deps: Deps, tmp_path: Path, act: Act) -> None:
    ours, theirs = a_world(deps, "Payments", tmp_path), a_world(deps, "Search", tmp_path, act.status)
    unknown_ids: dict[str, Any] = {name: uuid4() for name in vars(theirs) if name.endswith("_id")}
    guessed = replace(theirs, **unknown_ids)
    with pytest.raises(NotFound) as foreign:
        act.call(deps, ours.owner, theirs)
    with pytest.raises(NotFound) as unknown:
        act.call(deps, ours.owner, guessed)
    assert str(foreign.value) == str(unknown.value)


def test_the_command_line_of_one_team_reaches_no_other(deps: Deps, two: Two) -> None:
    us = replace(two.ours.owner, kind=ActorKind.COMMAND_LINE, channel="command line")
    for act in ACTS:
        with pytest.raises(NotFound):
            act.call(deps, us, two.theirs)


def test_a_document_is_not_reached_through_ones_own_feature(deps: Deps, two: Two) -> None:
    before = everything(deps)
    with pytest.raises(NotFound):
        store.remove_document(deps, two.ours.owner, feature_id=two.ours.feature_id, document_id=two.theirs.document_id)
    assert everything(deps) == before


def test_a_run_is_locked_only_for_its_own_team(deps: Deps, two: Two) -> None:
    with deps.session() as session, pytest.raises(NotFound):
        own_run(session, two.ours.owner, two.theirs.run_id)


def test_lists_hold_what_is_ones_own(deps: Deps, two: Two) -> None:
    us = two.ours.owner
    assert {f.id for f in store.list_features(deps, us)} == {two.ours.feature_id, two.ours.draft_id}
    assert [r.id for r in list_runs(deps, us)] == [two.ours.run_id]
    ours = {m.user_id for m in teams.list_members(deps, us)}
    assert ours > {us.user_id, two.ours.user_id}
    assert not ours & {m.user_id for m in teams.list_members(deps, two.theirs.owner)}
    assert [t.id for t in teams.my_teams(deps, us)] == [us.team_id]
    assert teams.current_team(deps, us).name == "Payments"


def test_what_was_told_and_what_happened_stays_in_the_team(deps: Deps, two: Two) -> None:
    us = two.ours.owner
    assert [n.id for n in inbox.list_inbox(deps, us).needs] == [two.ours.notification_id]
    inbox.mark_all_read(deps, us)
    assert [n.is_read for n in inbox.list_inbox(deps, two.theirs.owner).needs] == [False]
    assert [w.id for w in webhooks.list_webhooks(deps, us)] == [two.ours.webhook_id]
    assert [d.id for d in webhooks.list_given_up(deps, us)] == [two.ours.delivery_id]
    assert set(waiting_reviewers(deps, us)) == {two.ours.run_id}
    assert {row.run_id for row in list_activity(deps, us).rows} <= {two.ours.run_id, None}


def test_archived_lists_hold_nothing_of_others(deps: Deps, two: Two) -> None:
    them = two.theirs.owner
    store.set_archived(deps, them, feature_id=two.theirs.feature_id, archived=True)
    assert store.list_features(deps, two.ours.owner, archived=True) == ()
    assert list_runs(deps, two.ours.owner, archived=True) == ()


def test_figures_are_of_ones_own_team(deps: Deps, two: Two) -> None:
    alone = team_metrics(deps, a_stranger(deps))
    assert (alone.runs, alone.steps, alone.waits, alone.criteria) == (0, (), (), ())
    assert team_metrics(deps, two.ours.owner).runs == 1


def a_stranger(deps: Deps) -> Actor:
    return a_team(deps, "Strangers")


def test_defaults_of_one_team_are_not_those_of_another(deps: Deps, two: Two) -> None:
    store.save_defaults(deps, two.theirs.owner, form={"complexity": "epic", "rollout_percentage": 33})
    ours = store.form_defaults(deps, two.ours.owner)
    assert "complexity" not in ours
    assert ours["rollout_percentage"] == 5


def test_a_duplicate_belongs_to_whoever_made_it(deps: Deps, two: Two) -> None:
    copy = store.duplicate_feature(deps, two.ours.owner, feature_id=two.ours.feature_id)
    with pytest.raises(NotFound):
        store.get_feature(deps, two.theirs.owner, feature_id=copy)


def test_ledgers_are_apart(deps: Deps, two: Two) -> None:
    approve = next(act for act in ACTS if act.function.__name__ == "approve_phase")
    approve.call(deps, two.theirs.owner, two.theirs)
    assert verify(deps, two.theirs.owner).entries == 1
    assert verify(deps, two.ours.owner).entries == 0


def test_people_of_another_team_do_not_make_a_run_startable(deps: Deps, two: Two) -> None:
    lonely = a_stranger(deps)
    assert start_problem(deps, lonely) is None
    assert lonely.user_id
    viewer = a_member(deps, lonely.team_id, username="vera", role=Role.VIEWER)
    with deps.session() as session:
        membership = session.get_one(Membership, (lonely.team_id, lonely.user_id))
        membership.is_active = False
        session.add(membership)
        session.commit()
    assert start_problem(deps, viewer) is not None
