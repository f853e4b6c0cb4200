"""Who may do what: one table, one function that reads it."""

from enum import StrEnum

from services.actors import Actor, ActorKind, Role
from services.errors import NotAllowed


class Action(StrEnum):
    VIEW = "look at the team's work"
    EXPORT = "export"
    EDIT_FEATURE = "write features"
    START_RUN = "start runs"
    CANCEL_RUN = "cancel or retry runs"
    ANSWER = "answer questions of agents"
    COMMENT = "write in threads"
    DECIDE = "decide at gates"
    ARCHIVE = "archive"
    DELETE = "delete"
    MANAGE_TEAM = "manage the team"


_VIEWER = frozenset({Action.VIEW, Action.EXPORT})
_MEMBER = _VIEWER | {
    Action.EDIT_FEATURE,
    Action.START_RUN,
    Action.CANCEL_RUN,
    Action.ANSWER,
    Action.COMMENT,
    Action.DECIDE,
    Action.ARCHIVE,
}

ACTIONS: dict[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(Action),
    Role.MEMBER: frozenset(_MEMBER),
    Role.VIEWER: _VIEWER,
}

# Actors without a role act for the product or for an agent: they may look, never decide.
_WITHOUT_ROLE: dict[ActorKind, frozenset[Action]] = {
    ActorKind.SYSTEM: frozenset({Action.VIEW, Action.CANCEL_RUN}),
    ActorKind.AGENT: frozenset({Action.VIEW}),
}


def may(actor: Actor, action: Action) -> bool:
    if actor.role is None:
        return action in _WITHOUT_ROLE.get(actor.kind, frozenset())
    return action in ACTIONS[actor.role]


def require(actor: Actor, action: Action) -> None:
    """Raises: NotAllowed, with a sentence that says who may."""
    if may(actor, action):
        return
    roles = [role.value for role in Role if action in ACTIONS[role]]
    raise NotAllowed(f"You may not {action.value} in this team; that takes the role {' or '.join(roles)}.")
