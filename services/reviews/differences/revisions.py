"""The difference between any two revisions of a task, within limits of time and size."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import find_revision, find_run
from db.tables import Revision
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import Action, require
from services.reviews.differences.files import BYTES_MAX, FileDifference, compare_files
from services.reviews.differences.records import RecordDifference, compare_records
from services.reviews.differences.reports import ReportDifference, compare_reports
from services.reviews.differences.sequences import Budget, Change
from services.workspaces.trees import list_blobs, read_blobs, sizes_of

FILES_MAX = 200
LINES_MAX = 6_000  # that are shown of all files together


@dataclass(frozen=True)
class RevisionDifference:
    """`files`: those that are not the same on both sides; `unchanged_files` and `files_left_out` are counts."""

    task_key: str
    before: int
    after: int
    report: ReportDifference
    records: RecordDifference
    files: tuple[FileDifference, ...]
    unchanged_files: int
    files_left_out: int

    @property
    def is_same(self) -> bool:
        return self.report.is_same and not self.records.changes and not self.files


def compare_revisions(
    deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, before: int, after: int
) -> RevisionDifference:
    """`before`, `after`: numbers of revisions, in any order. Raises: NotFound, also for another team's run."""
    require(actor, Action.VIEW)
    budget = Budget()
    with deps.reading() as session:
        if find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        old, new = (_found(session, run_id, task_key, number) for number in (before, after))
        report, records = compare_reports(old.report, new.report, budget), compare_records(old.records, new.records)
        was, now = list_blobs(session, old.tree), list_blobs(session, new.tree)
        paths = sorted(path for path in was.keys() | now.keys() if was.get(path) != now.get(path))
        files = tuple(_compared(session, paths[:FILES_MAX], was, now, budget))
    return RevisionDifference(
        task_key=task_key,
        before=before,
        after=after,
        report=report,
        records=records,
        files=files,
        unchanged_files=len(was.keys() | now.keys()) - len(paths),
        files_left_out=max(0, len(paths) - FILES_MAX),
    )


def _compared(
    session: Session, paths: list[str], was: dict[str, str], now: dict[str, str], budget: Budget
) -> Iterator[FileDifference]:
    """One pair at a time, and nothing that is too large is read at all."""
    sizes = sizes_of(session, [side[path] for path in paths for side in (was, now) if path in side])
    shown = 0
    for path in paths:
        ids = [side.get(path) for side in (was, now)]
        largest = max(sizes[id_] for id_ in ids if id_)
        if largest > BYTES_MAX or shown > LINES_MAX:
            kind = Change.ADDED if ids[0] is None else Change.REMOVED if ids[1] is None else Change.CHANGED
            too_large = f"It is too large to compare: {largest:,} bytes."
            too_long = f"Not shown: the files before it have {shown:,} lines of difference already."
            yield FileDifference(path, kind, said=too_large if largest > BYTES_MAX else too_long)
            continue
        contents = read_blobs(session, [id_ for id_ in ids if id_])
        before, after = (contents[id_] if id_ else None for id_ in ids)
        found = compare_files(path, before, after, budget)
        shown += sum(len(hunk.lines) for hunk in found.hunks)
        yield found


def _found(session: Session, run_id: UUID, task_key: str, number: int) -> Revision:
    revision = find_revision(session, run_id, task_key, number)
    if revision is None:
        raise NotFound("This step has no such revision.")
    return revision
