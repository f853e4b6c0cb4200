"""Threads: who may write in them, what they are about, and where that stands after a new revision."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from db.queries.threads import comments_in
from db.tables import Event, Notification, Thread, ThreadComment
from services.actors import Actor, Role
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from services.notifications.kinds import Kind
from services.reviews import threads
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.discussions import ThreadView, list_threads
from services.runs import control
from services.runs.views import get_revision, run_version
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import a_run_at_gate, ask_for, at_once, counts, rows, work_off

PARAGRAPH = Anchor(AnchorKind.PARAGRAPH, "", 2, 2)
LINE = Anchor(AnchorKind.LINES, "design/openapi.json", 2, 3)
RECORD = Anchor(AnchorKind.RECORD, "operations[OP-createExpense]")


def start(deps: Deps, actor: Actor, run_id: UUID, anchor: Anchor = PARAGRAPH, text: str = "Why?") -> UUID:
    return threads.start_thread(
        deps, actor, run_id=run_id, task_key="architecture", revision=1, anchor=anchor, text=text
    )


def only(deps: Deps, actor: Actor, run_id: UUID) -> ThreadView:
    [thread] = list_threads(deps, actor, run_id=run_id)
    return thread


@pytest.mark.parametrize(
    ("anchor", "about", "quote"),
    [
        (PARAGRAPH, "the report", "One service"),
        (RECORD, "operations[OP-createExpense]", "id: OP-createExpense\nmethod: POST\npath: /expenses\n"),
        (LINE, "design/openapi.json, lines 2 to 3", '  "components": {'),
        (replace(LINE, last=2), "design/openapi.json, line 2", '  "components": {'),
    ],
)
def test_a_thread_keeps_what_it_is_about(deps: Deps, anchor: Anchor, about: str, quote: str) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    start(deps, actor, run_id, anchor)
    thread = only(deps, actor, run_id)
    assert (thread.about, thread.now, thread.is_changed, thread.is_open) == (about, anchor, False, True)
    assert quote in thread.quote
    assert [(c.author_name, c.text, c.is_mine) for c in thread.comments] == [(actor.name, "Why?", True)]


@pytest.mark.parametrize(
    "anchor",
    [
        replace(PARAGRAPH, first=0, last=0),
        replace(PARAGRAPH, first=9_999, last=9_999),
        replace(PARAGRAPH, last=3),
        Anchor(AnchorKind.RECORD, "operations[OP-none]"),
        Anchor(AnchorKind.RECORD, "schema_version"),
        Anchor(AnchorKind.RECORD, "../../etc/passwd"),
        Anchor(AnchorKind.LINES, "app/none.py", 1, 1),
        Anchor(AnchorKind.LINES, "../design/openapi.json", 1, 1),
        replace(LINE, first=3, last=2),
        replace(LINE, last=99_999),
        replace(LINE, first=1, last=threads.LINES_MAX + 1),
    ],
)
def test_a_place_that_is_not_there_is_refused(deps: Deps, anchor: Anchor) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(InvalidInput):
        start(deps, actor, run_id, anchor)
    assert rows(deps, Thread, run_id) == []


def test_a_revision_that_was_not_made_has_no_threads(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(NotFound):
        threads.start_thread(
            deps, actor, run_id=run_id, task_key="architecture", revision=2, anchor=PARAGRAPH, text="Why?"
        )


@pytest.mark.parametrize("text", ["", " \n\t", "x" * (threads.COMMENT_MAX + 1)])
def test_a_comment_has_some_words_and_not_too_many(deps: Deps, text: str) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, text="x" * threads.COMMENT_MAX)
    with pytest.raises(InvalidInput):
        threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text=text)


def test_people_answer_resolve_and_open_again_and_every_act_is_an_event(deps: Deps, clock: Clock) -> None:
    ada = a_team(deps)
    ben = a_member(deps, ada.team_id, username="ben")
    run_id = a_run_at_gate(deps, ada)
    thread_id = start(deps, ada, run_id)
    seen = {run_version(deps, ada, run_id=run_id)}
    clock.advance(minutes=1)
    acts: tuple[Callable[[], None], ...] = (
        lambda: threads.reply(deps, ben, run_id=run_id, thread_id=thread_id, text="Because\x00."),
        lambda: threads.resolve(deps, ben, run_id=run_id, thread_id=thread_id),
        lambda: threads.reopen(deps, ada, run_id=run_id, thread_id=thread_id),
        lambda: threads.edit_comment(
            deps, ada, run_id=run_id, comment_id=only(deps, ada, run_id).comments[0].id, text="How?"
        ),
    )
    for act in acts:
        act()
        seen.add(run_version(deps, ada, run_id=run_id))
    assert len(seen) == 5
    assert [(c.text, c.is_edited, c.is_mine) for c in only(deps, ada, run_id).comments] == [
        ("How?", True, True),
        ("Because\ufffd.", False, False),
    ]
    told = sorted(e.kind for e in rows(deps, Event, run_id) if e.kind.startswith("thread."))
    assert told == ["thread.edited", "thread.reopened", "thread.replied", "thread.resolved", "thread.started"]


def test_whoever_resolves_is_named_and_a_second_time_is_refused(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id)
    with pytest.raises(Conflict):
        threads.reopen(deps, actor, run_id=run_id, thread_id=thread_id)
    threads.resolve(deps, actor, run_id=run_id, thread_id=thread_id)
    thread = only(deps, actor, run_id)
    assert (thread.is_open, thread.resolved_name, thread.resolved_at) == (False, actor.name, deps.now())
    with pytest.raises(Conflict, match="already"):
        threads.resolve(deps, actor, run_id=run_id, thread_id=thread_id)


def test_nobody_changes_the_words_of_others(deps: Deps) -> None:
    ada = a_team(deps)
    ben = a_member(deps, ada.team_id, username="ben", role=Role.OWNER)
    run_id = a_run_at_gate(deps, ada)
    start(deps, ada, run_id)
    [comment] = only(deps, ada, run_id).comments
    with pytest.raises(NotAllowed):
        threads.edit_comment(deps, ben, run_id=run_id, comment_id=comment.id, text="I agree.")
    assert only(deps, ada, run_id).comments[0].text == "Why?"


def test_a_thread_is_reached_only_through_its_own_run(deps: Deps) -> None:
    actor = a_team(deps)
    run_id, other = a_run_at_gate(deps, actor), a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id)
    comment_id = only(deps, actor, run_id).comments[0].id
    acts: tuple[Callable[[], None], ...] = (
        lambda: threads.reply(deps, actor, run_id=other, thread_id=thread_id, text="So."),
        lambda: threads.resolve(deps, actor, run_id=other, thread_id=thread_id),
        lambda: threads.edit_comment(deps, actor, run_id=other, comment_id=comment_id, text="So."),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert list_threads(deps, actor, run_id=other) == ()


def test_mentions_are_kept_with_the_comment(deps: Deps) -> None:
    ada = a_team(deps)
    ben = a_member(deps, ada.team_id, username="ben")
    a_member(deps, a_team(deps, "Others").team_id, username="otto")
    run_id = a_run_at_gate(deps, ada)
    thread_id = start(deps, ada, run_id, text="@ben and @otto, look.")
    with deps.reading() as session:
        [comment] = comments_in(session, [thread_id])[thread_id]
    assert comment.mentions == [str(ben.user_id)]


def test_a_thread_is_limited(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "COMMENTS_MAX", 2)
    monkeypatch.setattr(threads, "THREADS_MAX", 1)
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id)
    threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="2")
    with pytest.raises(TooLarge):
        threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="3")
    with pytest.raises(TooLarge):
        start(deps, actor, run_id)


def test_what_is_said_at_the_same_moment_all_stays(deps: Deps) -> None:
    actor = a_team(deps)
    people = [a_member(deps, actor.team_id, username=f"person-{n}") for n in range(8)]
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id)
    done = at_once(
        *(lambda p=p: threads.reply(deps, p, run_id=run_id, thread_id=thread_id, text=p.name) for p in people),
        *(lambda p=p: start(deps, p, run_id, text=p.name) and None for p in people),
    )
    assert done == [None] * 16
    first, *others = list_threads(deps, actor, run_id=run_id)
    assert {c.text for c in first.comments} == {"Why?", *(p.name for p in people)}
    assert sorted(t.comments[0].text for t in others) == sorted(p.name for p in people)


def test_a_run_in_the_archive_is_only_read_and_a_deleted_one_takes_its_threads_along(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id)
    control.cancel_run(deps, actor, run_id=run_id)
    threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="What a pity.")
    control.set_archived(deps, actor, run_id=run_id, archived=True)
    with pytest.raises(Conflict, match="archive"):
        threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="So.")
    assert len(only(deps, actor, run_id).comments) == 2
    control.delete_run(deps, actor, run_id=run_id)
    assert counts(deps, (Thread, ThreadComment)) == {"thread": 0, "thread_comment": 0}
    with pytest.raises(NotFound):
        threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="So.")


def remade(report: str) -> ScriptedEngine:
    """An engine whose next architecture has another report."""

    def act(brief: Brief, work: Work) -> Draft:
        return replace(BlueprintEngine().produce(brief, work), report=report)

    return ScriptedEngine({"architecture": act})


def test_a_thread_follows_its_text_into_a_new_revision(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    start(deps, actor, run_id)
    before = get_revision(deps, actor, run_id=run_id, task_key="architecture").report
    ask_for(deps, actor, run_id, architecture="More.")
    work_off(deps, run_id, engine=remade(before.replace("\n\n", "\n\nA new paragraph before it.\n\n", 1)))
    thread = only(deps, actor, run_id)
    assert (thread.revision, thread.now, thread.is_changed) == (1, replace(PARAGRAPH, first=3, last=3), False)
    [as_it_was] = list_threads(deps, actor, run_id=run_id, task_key="architecture", number=1)
    assert as_it_was.now == PARAGRAPH
    assert list_threads(deps, actor, run_id=run_id, task_key="risk") == ()


def test_a_thread_whose_text_is_gone_says_so_and_keeps_the_old_one(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    start(deps, actor, run_id)
    quote = only(deps, actor, run_id).quote
    ask_for(deps, actor, run_id, architecture="More.")
    work_off(deps, run_id, engine=remade("# Another report\n\nIt is written anew.\n"))
    thread = only(deps, actor, run_id)
    assert (thread.now, thread.text_now, thread.quote) == (None, "", quote)


def test_a_record_and_a_line_follow_too(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    start(deps, actor, run_id, RECORD)
    start(deps, actor, run_id, LINE)
    ask_for(deps, actor, run_id, architecture="Rename expense to claim.")
    work_off(deps, run_id)
    record, line = list_threads(deps, actor, run_id=run_id)
    assert record.now == Anchor(AnchorKind.RECORD, "operations[OP-createClaim]")
    assert record.is_changed
    assert line.now is not None


def test_who_is_mentioned_is_told_once_with_the_place(deps: Deps) -> None:
    actor = a_team(deps)
    bob = a_member(deps, actor.team_id, username="bob")
    run_id = a_run_at_gate(deps, actor)
    start(deps, actor, run_id, LINE, text="@bob, is this right?")
    (told,) = [row for row in rows(deps, Notification, run_id) if row.kind == Kind.MENTION]
    assert (told.person_id, "is this right?" in told.text) == (bob.user_id, True)
    assert told.link == f"run?run={run_id}&step=architecture&revision=1&show=files"
    [comment] = only(deps, actor, run_id).comments
    threads.edit_comment(deps, actor, run_id=run_id, comment_id=comment.id, text="@bob, is this still right?")
    assert len([row for row in rows(deps, Notification, run_id) if row.kind == Kind.MENTION]) == 1


def test_nobody_is_told_of_what_they_wrote_themselves(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    start(deps, a_member(deps, actor.team_id, username="bob"), run_id, text="A note to @bob.")
    assert [row for row in rows(deps, Notification, run_id) if row.kind == Kind.MENTION] == []
