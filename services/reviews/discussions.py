"""Threads as people see them: what each is about, where that stands in the revision they look at, and what was said."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import current_revisions, find_run, revisions_of
from db.queries.threads import comments_in, threads_of
from db.tables import Revision, Thread, ThreadComment
from services.actors import Actor, ActorKind
from services.deps import Deps
from services.errors import NotFound, legible
from services.people.permissions import Action, require
from services.reviews.anchors import Anchor, AnchorKind, follow
from services.reviews.passages import Piece, lines_of_file, paragraphs_of, records_of
from services.workspaces.trees import list_files, read_file

QUOTE_MAX = 2_000


@dataclass(frozen=True)
class LineAnswer:
    """What became of one line that an agent was asked for."""

    line: str
    is_applied: bool
    text: str


@dataclass(frozen=True)
class CommentView:
    """`revision` and `answers`: of an agent, the revision that answers and what became of each line."""

    id: UUID
    author_name: str
    author_kind: str
    text: str
    at: datetime
    is_edited: bool
    is_mine: bool
    revision: int | None
    answers: tuple[LineAnswer, ...]


@dataclass(frozen=True)
class ThreadView:
    """`about` and `quote`: the place and its text in revision `revision`, where the thread began.

    `now`: the same place in the revision that is looked at, None when the thread is outdated there. `text_now`: what stands
    there, empty when outdated. `words`: what an agent will read when the thread is chosen for a change request.
    """

    id: UUID
    number: int
    task_key: str
    revision: int
    anchor: Anchor
    about: str
    quote: str
    now: Anchor | None
    text_now: str
    comments: tuple[CommentView, ...]
    words: str
    resolved_at: datetime | None
    resolved_name: str | None

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def is_changed(self) -> bool:
        """Whether the text is there, and other than it was."""
        return self.now is not None and self.text_now != self.quote


def list_threads(
    deps: Deps, actor: Actor, *, run_id: UUID, task_key: str | None = None, number: int | None = None
) -> tuple[ThreadView, ...]:
    """Oldest first, of the run or of one task; each as it stands in the newest revision, or in revision `number` of the task.

    Raises: NotFound.
    """
    require(actor, Action.VIEW)
    with deps.reading() as session:
        if find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        threads = [t for t in threads_of(session, run_id) if task_key in (None, t.task_key)]
        if not threads:
            return ()
        made = {(r.task_key, r.number): r for r in revisions_of(session, run_id, task_key)}
        looked_at = {key: r.number for key, r in current_revisions(session, run_id).items()}
        if task_key is not None and number is not None:
            looked_at[task_key] = number
        said = comments_in(session, [thread.id for thread in threads])
        texts = Texts(session)
        return tuple(
            _view(thread, said[thread.id], made, looked_at[thread.task_key], texts, actor) for thread in threads
        )


def count_open(deps: Deps, actor: Actor, *, run_id: UUID) -> dict[str, int]:
    """Task key -> open threads, where there are some. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        if find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        return dict(Counter(t.task_key for t in threads_of(session, run_id) if t.resolved_at is None))


class Texts:
    """The pieces of revisions, each read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[UUID, AnchorKind, str], tuple[Piece, ...]] = {}

    def pieces(self, revision: Revision, anchor: Anchor) -> tuple[Piece, ...]:
        """What the anchor is one or several pieces of; empty where the revision has no such file or list of records."""
        part = anchor.place.partition("[")[0] if anchor.kind is AnchorKind.RECORD else anchor.place
        key = (revision.id, anchor.kind, part)
        if key not in self._known:
            self._known[key] = self._read(revision, anchor.kind, part)
        return self._known[key]

    def _read(self, revision: Revision, kind: AnchorKind, part: str) -> tuple[Piece, ...]:
        if kind is AnchorKind.PARAGRAPH:
            return paragraphs_of(revision.report)
        if kind is AnchorKind.RECORD:
            return records_of({part: revision.records.get(part)})
        paths = {file.path for file in list_files(self._session, revision.tree)}
        return lines_of_file(read_file(self._session, revision.tree, part)) if part in paths else ()


def range_of(anchor: Anchor, pieces: Sequence[Piece]) -> tuple[int, int] | None:
    """First and last index of what the anchor names; None where it is not there."""
    if anchor.kind is AnchorKind.RECORD:
        return next(((n, n) for n, piece in enumerate(pieces) if piece.place == anchor.place), None)
    is_there = 1 <= anchor.first <= anchor.last <= len(pieces)
    return (anchor.first - 1, anchor.last - 1) if is_there else None


def quoted(pieces: Sequence[Piece], first: int, last: int) -> str:
    """The text of a range as it can be shown and kept, cut where it is very long."""
    text = legible("\n".join(piece.text for piece in pieces[first : last + 1]).expandtabs(4))
    return text if len(text) <= QUOTE_MAX else text[: QUOTE_MAX - 1] + "…"


def about(anchor: Anchor) -> str:
    """The place in words."""
    if anchor.kind is AnchorKind.PARAGRAPH:
        return "the report"
    if anchor.kind is AnchorKind.RECORD:
        return anchor.place
    lines = f"line {anchor.first}" if anchor.first == anchor.last else f"lines {anchor.first} to {anchor.last}"
    return f"{anchor.place}, {lines}"


def anchor_of(thread: Thread) -> Anchor:
    return Anchor(AnchorKind(thread.kind), thread.place, thread.first, thread.last)


def words_of(comments: Sequence[ThreadComment]) -> str:
    """What people have said since an agent answered, or everything where they have said nothing since."""
    since: list[str] = []
    everything: list[str] = []
    for comment in comments:
        if comment.author_kind == ActorKind.AGENT.value:
            since = []
        else:
            since.append(comment.text)
            everything.append(comment.text)
    return "\n".join(since or everything)


def _view(
    thread: Thread,
    comments: Sequence[ThreadComment],
    made: dict[tuple[str, int], Revision],
    looked_at: int,
    texts: Texts,
    actor: Actor,
) -> ThreadView:
    anchor = anchor_of(thread)
    now, text_now = _standing(
        anchor, made[thread.task_key, thread.revision], made.get((thread.task_key, looked_at)), texts
    )
    return ThreadView(
        id=thread.id,
        number=thread.number,
        task_key=thread.task_key,
        revision=thread.revision,
        anchor=anchor,
        about=about(anchor),
        quote=thread.quote,
        now=now,
        text_now=text_now,
        comments=tuple(_comment(comment, actor) for comment in comments),
        words=words_of(comments),
        resolved_at=thread.resolved_at,
        resolved_name=thread.resolved_name,
    )


def _standing(anchor: Anchor, began: Revision, looked_at: Revision | None, texts: Texts) -> tuple[Anchor | None, str]:
    if looked_at is None:
        return None, ""
    old, new = texts.pieces(began, anchor), texts.pieces(looked_at, anchor)
    here = range_of(anchor, old)
    if here is None:
        return None, ""
    there = here if looked_at.id == began.id else follow([p.text for p in old], [p.text for p in new], *here)
    if there is None:
        return None, ""
    first, last = there
    if anchor.kind is AnchorKind.RECORD:
        return Anchor(anchor.kind, new[first].place), quoted(new, first, last)
    return Anchor(anchor.kind, anchor.place, first + 1, last + 1), quoted(new, first, last)


def _comment(row: ThreadComment, actor: Actor) -> CommentView:
    return CommentView(
        id=row.id,
        author_name=row.author_name,
        author_kind=row.author_kind,
        text=row.text,
        at=row.at,
        is_edited=row.edited_at is not None,
        is_mine=row.author_id is not None and row.author_id == actor.user_id,
        revision=row.revision,
        answers=tuple(LineAnswer(a["line"], a["is_applied"], a["text"]) for a in row.answers),
    )
