"""What remarks at a gate will do, said before they are sent: which lines correct the understanding, and what runs again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from db.queries.runs import find_run, tasks_of
from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput, NotFound
from services.features.asked import asked_of
from services.features.corrections import lines_of
from services.features.understanding import Correction
from services.people.permissions import Action, require
from services.reviews.changes import checked_remarks
from services.reviews.chosen import chosen_threads, with_threads
from services.reviews.forecasts import Forecast, forecast


@dataclass(frozen=True)
class RemarkEffect:
    """`corrections`: every line of the remarks; those that are applied change what was understood.

    `forecast` is None while the remarks are none that can be sent.
    """

    corrections: tuple[Correction, ...]
    changes_understanding: bool
    forecast: Forecast | None


def preview_remarks(
    deps: Deps, actor: Actor, *, run_id: UUID, remarks: Mapping[str, str], threads: Mapping[UUID, str] | None = None
) -> RemarkEffect:
    """Nothing is written. `threads` as in `request_changes`. Raises: Conflict, NotFound."""
    require(actor, Action.DECIDE)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        try:
            said = with_threads(remarks, chosen_threads(session, run_id, threads or {}))
            wanted = checked_remarks(said, tasks_of(session, run_id), run.phase)
        except InvalidInput:
            return RemarkEffect((), changes_understanding=False, forecast=None)
        asked = asked_of(session, run)
        corrected = asked.corrected(wanted)
        changes = asked.is_changed_by(wanted)
        expected = forecast(session, run, set(wanted), corrected=corrected if changes else None)
    lines = {line for text in wanted.values() for line in lines_of(text)}
    told = corrected.understanding.corrections if lines else ()
    return RemarkEffect(tuple(c for c in told if c.line in lines), changes_understanding=changes, forecast=expected)
