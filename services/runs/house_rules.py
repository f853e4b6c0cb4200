"""What owners of a team tell an agent besides its prompt: bounded text, kept as revisions.

The newest text is given to each attempt that begins; an attempt that goes on after a crash keeps what it began with.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError

from db.queries.house_rules import house_rules_of
from db.tables import HouseRules
from services.actors import Actor
from services.agents.definitions import load_definitions
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.features.request import Text
from services.people.events import record_for_team
from services.people.permissions import Action, require

LONGEST = 8_000


@dataclass(frozen=True)
class HouseRulesView:
    """`number` 0 and no author: nobody has written any yet."""

    number: int
    text: str
    author_name: str
    created_at: datetime | None


def list_house_rules(deps: Deps, actor: Actor, *, agent: str) -> tuple[HouseRulesView, ...]:
    """Newest first. Raises: NotFound for an agent that there is not."""
    require(actor, Action.VIEW)
    _check_agent(agent)
    with deps.reading() as session:
        rows = house_rules_of(session, actor.team_id, agent)
    return tuple(HouseRulesView(row.number, row.text, row.author_name, row.created_at) for row in rows)


def set_house_rules(deps: Deps, actor: Actor, *, agent: str, text: str, number: int) -> None:
    """Another text for an agent; an empty one takes the rules back. `number`: of the text that was opened, 0 for none.

    Raises: NotAllowed, NotFound, InvalidInput, Conflict when somebody else was faster.
    """
    require(actor, Action.MANAGE_TEAM)
    _check_agent(agent)
    said = _checked(text)
    faster = Conflict("Somebody else has changed these rules; keep your text, look at theirs, then save again.")
    with deps.session() as session:
        newest = next(iter(house_rules_of(session, actor.team_id, agent)), None)
        if (newest.number if newest else 0) != number:
            raise faster
        if said == (newest.text if newest else ""):
            return
        session.add(
            HouseRules(
                team_id=actor.team_id,
                agent=agent,
                number=number + 1,
                text=said,
                author_id=actor.user_id,
                author_name=actor.name,
                created_at=deps.now(),
            )
        )
        record_for_team(session, deps, actor, "house_rules.set", agent=agent, number=number + 1, is_empty=not said)
        try:
            session.commit()
        except IntegrityError as error:
            raise faster from error


def _check_agent(agent: str) -> None:
    if agent not in load_definitions():
        raise NotFound("There is no agent of this name.")


def _checked(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if len(said) > LONGEST:
        raise InvalidInput({"text": f"These rules have {len(said):,} characters; at most {LONGEST:,} fit."})
    try:
        TypeAdapter(Text).validate_python(said)
    except ValidationError as error:
        raise InvalidInput({"text": f"This text {error.errors()[0]['msg'].removeprefix('Value error, ')}."}) from error
    return said
