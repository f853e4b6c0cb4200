"""What remarks at a gate will do, said before they are sent: which lines correct the understanding, and what runs again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from db.queries.runs import find_run
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.features.asked import asked_of
from services.features.corrections import lines_of
from services.features.understanding import Correction
from services.people.permissions import Action, require
from services.reviews.chosen import chosen_threads, with_threads


@dataclass(frozen=True)
class RemarkEffect:
    """`corrections`: every line of the remarks; those that are applied change what was understood."""

    corrections: tuple[Correction, ...]
    reruns_everything: bool


def preview_remarks(
    deps: Deps, actor: Actor, *, run_id: UUID, remarks: Mapping[str, str], threads: Mapping[UUID, str] | None = None
) -> RemarkEffect:
    """Nothing is written. `threads` as in `request_changes`. Raises: Conflict, InvalidInput, NotFound."""
    require(actor, Action.DECIDE)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        asked = asked_of(session, run)
        said = with_threads(remarks, chosen_threads(session, run_id, threads or {}))
    wanted = {key: text.strip() for key, text in said.items() if text.strip()}
    lines = {line for text in wanted.values() for line in lines_of(text)}
    told = asked.corrected(wanted).understanding.corrections if lines else ()
    return RemarkEffect(
        corrections=tuple(c for c in told if c.line in lines),
        reruns_everything=bool(lines) and asked.is_changed_by(wanted),
    )
