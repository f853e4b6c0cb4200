"""Short ways to a team, an actor, a feature: built as rows, so that a test needs no other service."""

from dataclasses import replace
from uuid import uuid4

from db.tables import Feature, Membership, Team, User
from services.actors import Actor, ActorKind, Discipline, Role, TeamId, UserId
from services.deps import Deps
from services.features.request import FeatureRequest
from services.workflow.options import Complexity, Methodology

REQUEST = FeatureRequest(
    title="Expense approvals",
    description=(
        "Employees submit expenses with an amount, a category and a receipt link. Managers approve or reject an expense. "
        "An approved expense must not be changed. Amounts above 500 EUR need a comment."
    ),
    methodology=Methodology.TRADITIONAL,
    complexity=Complexity.SIMPLE,
)


def a_team(deps: Deps, name: str = "Payments") -> Actor:
    """A new team and its owner, acting from a browser."""
    team = Team(id=uuid4(), name=name, defaults={}, created_at=deps.now())
    with deps.session() as session:
        session.add(team)
        session.commit()
    return a_member(deps, TeamId(team.id), username=f"owner-{team.id.hex[:6]}", role=Role.OWNER)


def a_member(
    deps: Deps,
    team_id: TeamId,
    *,
    username: str,
    role: Role = Role.MEMBER,
    disciplines: frozenset[Discipline] = frozenset(),
) -> Actor:
    user = User(id=uuid4(), username=username, name=username.title(), created_at=deps.now())
    with deps.session() as session:
        session.add(user)
        session.flush()
        session.add(
            Membership(
                team_id=team_id,
                user_id=user.id,
                role=role.value,
                disciplines=sorted(disciplines),
                created_at=deps.now(),
            )
        )
        session.commit()
    return Actor(ActorKind.PERSON, team_id, user.name, "browser", UserId(user.id), role, disciplines)


def a_feature(deps: Deps, actor: Actor, request: FeatureRequest = REQUEST) -> Feature:
    """A saved, submitted feature of the actor's team."""
    feature = Feature(
        id=uuid4(),
        team_id=actor.team_id,
        author_id=actor.user_id,
        title=request.title,
        request=request.model_dump(mode="json"),
        created_at=deps.now(),
        changed_at=deps.now(),
        submitted_at=deps.now(),
    )
    with deps.session() as session:
        session.add(feature)
        session.commit()
    return feature


def in_role(actor: Actor, role: Role) -> Actor:
    return replace(actor, role=role)
