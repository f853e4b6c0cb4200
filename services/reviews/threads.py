"""Threads on a place of a revision: begun, answered, resolved, opened again. They decide nothing by themselves."""

from uuid import UUID

from sqlmodel import Session

from db.queries.people import active_members
from db.queries.runs import find_revision, find_run
from db.queries.threads import count_comments, count_threads, find_thread
from db.tables import Run, Thread, ThreadComment
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge, legible
from services.notifications.kinds import Kind
from services.notifications.telling import Notice, link_to, notify
from services.people.permissions import Action, require
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.discussions import Texts, about, anchor_of, quoted, range_of
from services.reviews.mentions import mentioned
from services.runs.events import record

COMMENT_MAX = 5_000
COMMENTS_MAX = 100  # in one thread
THREADS_MAX = 500  # in one run
LINES_MAX = 100  # that one thread is about
# Where a step shows what a thread is about.
_PARTS = {AnchorKind.PARAGRAPH: "report", AnchorKind.RECORD: "records", AnchorKind.LINES: "files"}


def start_thread(
    deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, revision: int, anchor: Anchor, text: str
) -> UUID:
    """A thread about a place of a revision, with its first comment. Raises: InvalidInput, NotAllowed, NotFound, TooLarge."""
    said = _said(text)
    with deps.session() as session:
        run = _run(session, actor, run_id)
        number = count_threads(session, run_id) + 1
        if number > THREADS_MAX:
            raise TooLarge(f"A run may have {THREADS_MAX} threads. Write in one that is there.")
        thread = Thread(
            id=deps.new_id(),
            run_id=run_id,
            number=number,
            task_key=task_key,
            revision=revision,
            kind=anchor.kind.value,
            place=anchor.place,
            first=anchor.first,
            last=anchor.last,
            quote=_quote(session, run_id, task_key, revision, anchor),
            created_at=deps.now(),
        )
        session.add(thread)
        session.flush()
        _add(session, deps, actor, run, thread, said, number=1)
        _tell(session, deps, actor, run, thread, "thread.started")
        session.commit()
        return thread.id


def reply(deps: Deps, actor: Actor, *, run_id: UUID, thread_id: UUID, text: str) -> None:
    """Raises: InvalidInput, NotAllowed, NotFound, TooLarge."""
    said = _said(text)
    with deps.session() as session:
        run, thread = _thread(session, actor, run_id, thread_id)
        number = count_comments(session, thread_id) + 1
        if number > COMMENTS_MAX:
            raise TooLarge(f"A thread may have {COMMENTS_MAX} comments. Resolve it and begin another one.")
        _add(session, deps, actor, run, thread, said, number=number)
        _tell(session, deps, actor, run, thread, "thread.replied")
        session.commit()


def edit_comment(deps: Deps, actor: Actor, *, run_id: UUID, comment_id: UUID, text: str) -> None:
    """Only one's own. Raises: InvalidInput, NotAllowed, NotFound."""
    said = _said(text)
    with deps.session() as session:
        run = _run(session, actor, run_id)
        comment = session.get(ThreadComment, comment_id)
        thread = find_thread(session, run_id, comment.thread_id) if comment else None
        if comment is None or thread is None:
            raise NotFound("This comment does not exist in your team.")
        if comment.author_id != actor.user_id:
            raise NotAllowed("Only whoever wrote a comment may change it.")
        comment.text, comment.edited_at = said, deps.now()
        comment.mentions = _mentions(session, actor, said)
        session.add(comment)
        _tell_mentioned(session, deps, actor, run, thread, comment)
        _tell(session, deps, actor, run, thread, "thread.edited")
        session.commit()


def resolve(deps: Deps, actor: Actor, *, run_id: UUID, thread_id: UUID) -> None:
    """Raises: Conflict when it is resolved already, NotAllowed, NotFound."""
    with deps.session() as session:
        run, thread = _thread(session, actor, run_id, thread_id)
        if thread.resolved_at is not None:
            raise Conflict(f"{thread.resolved_name} has resolved this thread already.")
        thread.resolved_at, thread.resolved_id, thread.resolved_name = deps.now(), actor.user_id, actor.name
        session.add(thread)
        _tell(session, deps, actor, run, thread, "thread.resolved")
        session.commit()


def reopen(deps: Deps, actor: Actor, *, run_id: UUID, thread_id: UUID) -> None:
    """Raises: Conflict when it is open, NotAllowed, NotFound."""
    with deps.session() as session:
        run, thread = _thread(session, actor, run_id, thread_id)
        if thread.resolved_at is None:
            raise Conflict("This thread is open already.")
        thread.resolved_at, thread.resolved_id, thread.resolved_name = None, None, None
        session.add(thread)
        _tell(session, deps, actor, run, thread, "thread.reopened")
        session.commit()


def _run(session: Session, actor: Actor, run_id: UUID) -> Run:
    """The run, kept from other writers, so that numbers are given once."""
    require(actor, Action.COMMENT)
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    if actor.user_id is None:
        raise NotAllowed("Only people write in threads.")
    if run.archived_at is not None:
        raise Conflict("This run is in the archive, so its threads can only be read. Take it out of the archive first.")
    return run


def _thread(session: Session, actor: Actor, run_id: UUID, thread_id: UUID) -> tuple[Run, Thread]:
    run = _run(session, actor, run_id)
    thread = find_thread(session, run_id, thread_id)
    if thread is None:
        raise NotFound("This thread does not exist in your team.")
    return run, thread


def _said(text: str) -> str:
    said = legible(text.expandtabs(4).strip())
    if not said or len(said) > COMMENT_MAX:
        raise InvalidInput({"text": f"A comment has 1 to {COMMENT_MAX:,} characters; this one has {len(said):,}."})
    return said


def _quote(session: Session, run_id: UUID, task_key: str, number: int, anchor: Anchor) -> str:
    revision = find_revision(session, run_id, task_key, number)
    if revision is None:
        raise NotFound("This step has no such revision.")
    pieces = Texts(session).pieces(revision, anchor)
    found = range_of(anchor, pieces)
    if found is None:
        raise InvalidInput(
            {"anchor": f"Revision {number} of this step has no {_sought(anchor)}. Choose another place."}
        )
    first, last = found
    if last - first >= (LINES_MAX if anchor.kind is AnchorKind.LINES else 1):
        raise InvalidInput({"anchor": f"A thread is about at most {LINES_MAX} lines, or one paragraph or record."})
    quote = quoted(pieces, first, last)
    if not quote.strip():
        raise InvalidInput({"anchor": "There is no text on these lines. Choose others."})
    return quote


def _sought(anchor: Anchor) -> str:
    return f"paragraph {anchor.first}" if anchor.kind is AnchorKind.PARAGRAPH else about(anchor)[:200]


def _mentions(session: Session, actor: Actor, text: str) -> list[str]:
    members = {user.username: user.id for _, user in active_members(session, actor.team_id)}
    return [str(user_id) for user_id in mentioned(text, members)]


def _add(session: Session, deps: Deps, actor: Actor, run: Run, thread: Thread, text: str, *, number: int) -> None:
    comment = ThreadComment(
        id=deps.new_id(),
        thread_id=thread.id,
        number=number,
        author_kind=actor.kind.value,
        author_id=actor.user_id,
        author_name=actor.name,
        text=text,
        mentions=_mentions(session, actor, text),
        at=deps.now(),
    )
    session.add(comment)
    _tell_mentioned(session, deps, actor, run, thread, comment)


def _tell_mentioned(
    session: Session, deps: Deps, actor: Actor, run: Run, thread: Thread, comment: ThreadComment
) -> None:
    """Each once per comment, also when it is changed; nobody is told of what they wrote themselves."""
    for person_id in (UUID(id_) for id_ in comment.mentions):
        if person_id != actor.user_id:
            notice = Notice(
                kind=Kind.MENTION,
                team_id=run.team_id,
                person_id=person_id,
                run_id=run.id,
                text=f"{actor.name} mentions you in run {run.number}, {run.request['title']}: {comment.text}",
                link=link_to(
                    "run",
                    run=run.id,
                    step=thread.task_key,
                    revision=thread.revision,
                    show=_PARTS[AnchorKind(thread.kind)],
                ),
                once=f"mention:{comment.id}",
            )
            notify(session, deps, notice)


def _tell(session: Session, deps: Deps, actor: Actor, run: Run, thread: Thread, kind: str) -> None:
    data = {"thread": str(thread.id), "number": thread.number, "about": about(anchor_of(thread))}
    record(session, deps, actor, run, kind, task_key=thread.task_key, **data)
