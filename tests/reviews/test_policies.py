"""Whose approval counts: a table; no database."""

from uuid import UUID

import pytest

from services.actors import Actor, ActorKind, Role, TeamId, UserId, system_actor
from services.reviews.policies import Policy, problem_before_start, why_not

TEAM = TeamId(UUID(int=9))
ADA, BOB, EVE = (UserId(UUID(int=n)) for n in (1, 2, 3))
TWO, ONE, NONE = frozenset({ADA, BOB}), frozenset({ADA}), frozenset[UserId]()


def person(user_id: UserId, role: Role = Role.MEMBER, kind: ActorKind = ActorKind.PERSON) -> Actor:
    channel = "command line" if kind is ActorKind.COMMAND_LINE else "browser"
    return Actor(kind, TEAM, "somebody", channel, user_id, role)


@pytest.mark.parametrize(
    ("policy", "actor"),
    [
        (Policy(ADA, TWO), person(BOB)),
        (Policy(ADA, TWO), person(BOB, Role.OWNER)),
        (Policy(None, TWO), person(ADA)),
        (Policy(EVE, ONE), person(ADA)),
        (Policy(ADA, ONE), person(ADA)),
        (Policy(ADA, ONE), person(ADA, kind=ActorKind.COMMAND_LINE)),
    ],
    ids=["a teammate", "an owner", "nobody asked", "asker left", "team of one", "team of one by command line"],
)
def test_an_approval_counts(policy: Policy, actor: Actor) -> None:
    assert why_not(policy, actor) is None


@pytest.mark.parametrize(
    ("policy", "actor", "said"),
    [
        (Policy(ADA, TWO), person(ADA), "your own approval does not count"),
        (Policy(ADA, TWO), person(ADA, Role.OWNER), "your own approval does not count"),
        (Policy(ADA, TWO), person(BOB, Role.VIEWER), "may look, not decide"),
        (Policy(ADA, ONE), person(ADA, Role.VIEWER), "may look, not decide"),
        (Policy(ADA, TWO), person(EVE), "Only people of this team"),
        (Policy(ADA, TWO), person(BOB, kind=ActorKind.COMMAND_LINE), "not signed in"),
        (Policy(ADA, TWO), person(BOB, kind=ActorKind.AGENT), "Only people of this team"),
        (Policy(ADA, TWO), system_actor(TEAM), "may look, not decide"),
    ],
    ids=["own", "own, as owner", "viewer", "viewer alone", "stranger", "command line", "agent", "system"],
)
def test_an_approval_does_not_count(policy: Policy, actor: Actor, said: str) -> None:
    assert said in (why_not(policy, actor) or "")


@pytest.mark.parametrize(("deciders", "has_problem"), [(NONE, True), (ONE, False), (TWO, False)])
def test_a_gate_that_nobody_could_pass_is_named_before_the_start(
    deciders: frozenset[UserId], has_problem: bool
) -> None:
    assert (problem_before_start(Policy(ADA, deciders)) is not None) is has_problem


@pytest.mark.parametrize(("deciders", "own_counts"), [(ONE, True), (TWO, False)])
def test_a_policy_says_what_it_is(deciders: frozenset[UserId], own_counts: bool) -> None:
    assert Policy(ADA, deciders).as_data() == {
        "approvals": 1,
        "deciders": len(deciders),
        "own_approval_counts": own_counts,
    }
