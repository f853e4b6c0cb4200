"""Who acts: every service function takes an actor, and every record names one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

TeamId = NewType("TeamId", UUID)
UserId = NewType("UserId", UUID)


class ActorKind(StrEnum):
    PERSON = "person"
    COMMAND_LINE = "command_line"
    SYSTEM = "system"
    AGENT = "agent"


class Role(StrEnum):
    OWNER = "owner"
    MEMBER = "member"
    VIEWER = "viewer"


class Discipline(StrEnum):
    PRODUCT = "product"
    ARCHITECTURE = "architecture"
    SECURITY = "security"
    ENGINEERING = "engineering"
    QUALITY = "quality"
    OPERATIONS = "operations"


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts, inside one team.

    `channel` says how the act arrived: "browser", "command line", "worker". `sign_in`: the first characters of the hash of
    the browser's secret, empty where nobody is signed in.
    """

    kind: ActorKind
    team_id: TeamId
    name: str
    channel: str
    user_id: UserId | None = None
    role: Role | None = None
    disciplines: frozenset[Discipline] = frozenset()
    sign_in: str = ""


def system_actor(team_id: TeamId) -> Actor:
    """The product itself, acting for a team: workers, migrations, timers."""
    return Actor(ActorKind.SYSTEM, team_id, "Greenlight", "worker")
