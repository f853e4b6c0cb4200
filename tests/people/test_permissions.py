"""Who may do what: the table itself, and that every service function reads it."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from services.actors import Actor, ActorKind, Role, TeamId, UserId, system_actor
from services.deps import Deps
from services.errors import NotAllowed
from services.metrics.costs import calls_csv, list_calls
from services.metrics.expected import expect
from services.metrics.frames import team_metrics
from services.people.permissions import Action, may, require
from tests.builders import a_member
from tests.people.acts import ACTS, TEAM_ACTS, Act
from tests.people.worlds import a_world

EVERYBODY = {Role.OWNER, Role.MEMBER, Role.VIEWER}
WORKERS = {Role.OWNER, Role.MEMBER}
RULES: dict[Action, set[Role]] = {
    Action.VIEW: EVERYBODY,
    Action.EXPORT: EVERYBODY,
    Action.EDIT_FEATURE: WORKERS,
    Action.START_RUN: WORKERS,
    Action.CANCEL_RUN: WORKERS,
    Action.ANSWER: WORKERS,
    Action.COMMENT: WORKERS,
    Action.DECIDE: WORKERS,
    Action.ARCHIVE: WORKERS,
    Action.DELETE: {Role.OWNER},
    Action.MANAGE_TEAM: {Role.OWNER},
}
METRICS = (
    Act(team_metrics, Action.VIEW, lambda deps, actor, _world: team_metrics(deps, actor)),
    Act(expect, Action.VIEW, lambda deps, actor, _world: expect(deps, actor, engine="claude", complexity=None)),
    Act(list_calls, Action.VIEW, lambda deps, actor, _world: list_calls(deps, actor)),
    Act(calls_csv, Action.EXPORT, lambda deps, actor, _world: calls_csv(deps, actor)),
)
GUARDED = [act for act in (*ACTS, *TEAM_ACTS, *METRICS) if act.action]


def somebody(role: Role | None, kind: ActorKind = ActorKind.PERSON) -> Actor:
    return Actor(kind, TeamId(UUID(int=1)), "Somebody", "browser", UserId(UUID(int=2)), role)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_the_table_says(role: Role, action: Action) -> None:
    assert may(somebody(role), action) is (role in RULES[action])


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (system_actor(somebody(None).team_id), {Action.VIEW, Action.CANCEL_RUN}),
        (somebody(None, ActorKind.AGENT), {Action.VIEW}),
        (somebody(None, ActorKind.PERSON), set[Action]()),
        (somebody(None, ActorKind.COMMAND_LINE), set[Action]()),
    ],
    ids=["system", "agent", "person", "command line"],
)
def test_without_a_role_nobody_decides_or_writes(actor: Actor, allowed: set[Action], action: Action) -> None:
    assert may(actor, action) is (action in allowed)


@pytest.mark.parametrize(
    ("role", "action", "sentence"),
    [
        (Role.VIEWER, Action.DECIDE, "You may not decide at gates in this team; that takes the role owner or member."),
        (Role.MEMBER, Action.DELETE, "You may not delete in this team; that takes the role owner."),
        (None, Action.VIEW, "that takes the role owner or member or viewer."),
    ],
)
def test_a_refusal_says_which_role_it_takes(role: Role | None, action: Action, sentence: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        require(somebody(role), action)
    assert sentence in str(refused.value)


def test_every_action_is_claimed_by_a_service_function() -> None:
    assert {act.action for act in GUARDED} == set(Action)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", GUARDED, ids=lambda act: act.name)
def test_a_service_function_asks_for_the_role(deps: Deps, tmp_path: Path, act: Act, role: Role) -> None:
    world = a_world(deps, "Payments", tmp_path, act.status)
    actor = a_member(deps, world.owner.team_id, username="grace", role=role)
    assert act.action
    if role in RULES[act.action]:
        act.call(deps, actor, world)
        return
    with pytest.raises(NotAllowed):
        act.call(deps, actor, world)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", GUARDED, ids=lambda act: act.name)
def test_without_a_role_every_service_function_refuses(deps: Deps, tmp_path: Path, act: Act) -> None:
    world = a_world(deps, "Payments", tmp_path, act.status)
    with pytest.raises(NotAllowed):
        act.call(deps, replace(world.owner, role=None), world)
    agent = Actor(ActorKind.AGENT, world.owner.team_id, "backend-architect", "worker")
    if act.action is Action.VIEW:
        act.call(deps, agent, world)
        return
    with pytest.raises(NotAllowed):
        act.call(deps, agent, world)
