"""The criteria of a run as a table that leaves the product."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from services.actors import Actor
from services.criteria.views import list_acceptance, list_criteria
from services.deps import Deps
from services.people.permissions import Action, require

_COLUMNS = ("id", "title", "outcome", "reason", "rule", "owner", "due", "word of a person", "judged at (UTC)")
# A spreadsheet takes what begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def checklist_csv(deps: Deps, actor: Actor, *, run_id: UUID) -> bytes:
    """The ten and then every acceptance criterion, as `as_csv` writes it.

    Raises: NotFound, NotAllowed.
    """
    require(actor, Action.EXPORT)
    return as_csv(_COLUMNS, _rows(deps, actor, run_id))


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table for spreadsheets: UTF-8 with a byte order mark, which they ask for, and no cell that they run."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _rows(deps: Deps, actor: Actor, run_id: UUID) -> Iterator[Sequence[str]]:
    for view in list_criteria(deps, actor, run_id=run_id):
        due = view.due_on.isoformat() if view.due_on else ""
        at = f"{view.at:%Y-%m-%d %H:%M:%S}" if view.at else ""
        yield view.id, view.title, view.outcome.value, view.reason, view.rule, view.owner, due, view.word, at
    for one in list_acceptance(deps, actor, run_id=run_id):
        yield one.id, one.text, one.outcome, one.reason, ", ".join(one.tests), "", "", one.word, ""


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
