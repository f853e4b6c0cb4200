"""Whose approval counts: pure rules over who asked and who decides.

Source: the review rules of code hosts that people know: whoever asked for a change does not approve it.
"""

from dataclasses import dataclass

from services.actors import Actor, ActorKind, UserId
from services.people.permissions import Action, may


@dataclass(frozen=True)
class Policy:
    """`deciders`: active members of the team who may decide. One approval closes a gate."""

    requester_id: UserId | None
    deciders: frozenset[UserId]

    @property
    def is_team_of_one(self) -> bool:
        return len(self.deciders) == 1

    def as_data(self) -> dict[str, object]:
        return {"approvals": 1, "deciders": len(self.deciders), "own_approval_counts": self.is_team_of_one}


def why_not(policy: Policy, actor: Actor) -> str | None:
    """None when the actor's approval counts, else one sentence that says why not."""
    if not may(actor, Action.DECIDE):
        return "Your role may look, not decide. A member or an owner can."
    if actor.kind not in (ActorKind.PERSON, ActorKind.COMMAND_LINE) or actor.user_id not in policy.deciders:
        return "Only people of this team decide."
    if actor.kind is ActorKind.COMMAND_LINE and not policy.is_team_of_one:
        return "A decision by command line is not signed in; it counts only in a team of one. Decide in the browser."
    if actor.user_id == policy.requester_id and not policy.is_team_of_one:
        return "You asked for this run, so your own approval does not count. A teammate has to approve it."
    return None


def problem_before_start(policy: Policy) -> str | None:
    """A sentence when nobody in the team could ever approve."""
    if not policy.deciders:
        return "Nobody in this team may decide at gates; an owner has to give somebody the role member."
    return None
