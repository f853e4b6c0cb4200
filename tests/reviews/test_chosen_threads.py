"""Threads that are chosen for a change request: their words are the remark, the revision answers in each of them."""

from dataclasses import replace
from uuid import UUID

import pytest

from db.tables import Decision, LedgerEntry, Revision, Task
from services.actors import Actor
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Remark, Work
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.reviews import threads
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.changes import request_changes
from services.reviews.chosen import REMARK_MAX
from services.reviews.discussions import LineAnswer, ThreadView, list_threads
from services.reviews.passages import paragraphs_of
from services.reviews.remarks import preview_remarks
from tests.builders import a_member, a_team
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import (
    WRITTEN_BY_A_DECISION,
    a_run_at_gate,
    counts,
    gate,
    go_on_to_gate,
    newest_todo,
    rows,
    the_run,
    work_off,
)

RULE = Anchor(AnchorKind.PARAGRAPH, "", 7, 7)


def start(deps: Deps, actor: Actor, run_id: UUID, text: str, *, task: str = "risk") -> UUID:
    return threads.start_thread(deps, actor, run_id=run_id, task_key=task, revision=1, anchor=RULE, text=text)


def choose(deps: Deps, actor: Actor, run_id: UUID, *ids: UUID, **remarks: str) -> None:
    chosen = {id_: found(deps, actor, run_id, id_).words for id_ in ids}
    shown = gate(deps, actor, run_id).shown_hash
    request_changes(deps, actor, run_id=run_id, shown_hash=shown, remarks=remarks, threads=chosen)


def found(deps: Deps, actor: Actor, run_id: UUID, thread_id: UUID) -> ThreadView:
    return next(t for t in list_threads(deps, actor, run_id=run_id) if t.id == thread_id)


def test_only_the_step_of_a_chosen_thread_works_again_and_the_decision_names_it(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id, _ = start(deps, actor, run_id, "Name the owner."), start(deps, actor, run_id, "Not this one.")
    choose(deps, actor, run_id, thread_id)
    assert newest_todo(deps, run_id) == {"risk": [2, 1]}
    [decision] = rows(deps, Decision, run_id)
    assert (decision.remarks, decision.threads) == ({"risk": "Name the owner."}, [str(thread_id)])
    with deps.reading() as session:
        entry = session.get(LedgerEntry, (actor.team_id, 1))
        assert entry is not None
        assert entry.payload["threads"] == [str(thread_id)]


def test_the_agent_reads_the_words_and_beside_them_what_they_are_about(deps: Deps) -> None:
    actor, engine = a_team(deps), ScriptedEngine()
    ben = a_member(deps, actor.team_id, username="ben")
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, "Name the owner.")
    threads.reply(deps, ben, run_id=run_id, thread_id=thread_id, text="And the date.")
    choose(deps, actor, run_id, thread_id, risk="Shorter.")
    work_off(deps, run_id, engine=engine)
    [brief] = engine.briefs
    quote = found(deps, actor, run_id, thread_id).quote
    words = "Name the owner.\nAnd the date."
    assert brief.remarks == (Remark("Shorter."), Remark(words, str(thread_id), "the report", quote))
    [made] = [r for r in rows(deps, Revision, run_id) if (r.task_key, r.number) == ("risk", 2)]
    assert made.remarks == ["Shorter.", words]


def test_what_is_quoted_is_not_read_as_an_instruction(deps: Deps) -> None:
    """The paragraph holds "must not be changed"; a remark of these words would be one more rule."""
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    rule = next(n for n in range(1, 60) if "must not be changed" in _paragraph(deps, actor, run_id, n))
    anchor = Anchor(AnchorKind.PARAGRAPH, "", rule, rule)
    thread_id = threads.start_thread(
        deps, actor, run_id=run_id, task_key="business", revision=1, anchor=anchor, text="Say it in other words."
    )
    words = {thread_id: "Say it in other words."}
    assert not preview_remarks(deps, actor, run_id=run_id, remarks={}, threads=words).changes_understanding
    choose(deps, actor, run_id, thread_id)
    work_off(deps, run_id)
    answer = found(deps, actor, run_id, thread_id).comments[-1]
    assert [(a.line, a.is_applied) for a in answer.answers] == [("Say it in other words.", False)]


def _paragraph(deps: Deps, actor: Actor, run_id: UUID, number: int) -> str:
    [revision] = [r for r in rows(deps, Revision, run_id) if r.task_key == "business"]
    return paragraphs_of(revision.report)[number - 1].text


def test_the_new_revision_answers_each_thread_for_itself(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    done = start(deps, actor, run_id, "Rename expense to claim. Make it nicer.", task="architecture")
    open_ = start(deps, actor, run_id, "Who pays for this?")
    left = start(deps, actor, run_id, "Later.")
    choose(deps, actor, run_id, done, open_, business="Drop story US-3.")
    work_off(deps, run_id)
    answers = {id_: found(deps, actor, run_id, id_).comments[-1] for id_ in (done, open_, left)}
    assert [(a.line, a.is_applied) for a in answers[done].answers] == [
        ("Rename expense to claim.", True),
        ("Make it nicer.", False),
    ]
    assert (answers[done].author_kind, answers[done].author_name, answers[done].revision) == (
        "agent",
        "architect-review",
        2,
    )
    [unread] = answers[open_].answers
    assert isinstance(unread, LineAnswer)
    assert (unread.is_applied, answers[open_].author_name) == (False, "security-auditor")
    assert unread.text
    assert answers[left].author_kind == "person"
    assert all(found(deps, actor, run_id, id_).is_open for id_ in (done, open_))


def test_an_engine_that_says_nothing_is_quoted_with_nothing(deps: Deps) -> None:
    def silent(brief: Brief, work: Work) -> Draft:
        return replace(BlueprintEngine().produce(brief, work), answers=())

    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, "Name the owner.")
    choose(deps, actor, run_id, thread_id)
    work_off(deps, run_id, engine=ScriptedEngine({"risk": silent}))
    answer = found(deps, actor, run_id, thread_id).comments[-1]
    assert answer.answers == ()
    assert answer.text == "Not answered by the agent: this revision does not say what became of it."


def test_after_an_answer_only_what_was_said_since_is_asked(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, "Name the owner.")
    choose(deps, actor, run_id, thread_id)
    work_off(deps, run_id)
    assert found(deps, actor, run_id, thread_id).words == "Name the owner."
    threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="Then at least the team.")
    assert found(deps, actor, run_id, thread_id).words == "Then at least the team."


def test_a_later_change_of_another_step_asks_the_thread_no_second_time(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, "Name the owner.")
    choose(deps, actor, run_id, thread_id)
    work_off(deps, run_id)
    choose(deps, actor, run_id, architecture="More.")
    work_off(deps, run_id)
    assert [c.author_kind for c in found(deps, actor, run_id, thread_id).comments] == ["person", "agent"]


def test_a_thread_waits_with_its_step_until_its_phase_comes(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2)
    thread_id = start(deps, actor, run_id, "Smaller functions.", task="backend")
    choose(deps, actor, run_id, thread_id, risk="More.")
    work_off(deps, run_id)
    assert [c.author_kind for c in found(deps, actor, run_id, thread_id).comments] == ["person"]
    go_on_to_gate(deps, actor, run_id, 2)
    assert [c.revision for c in found(deps, actor, run_id, thread_id).comments] == [None, 2]


def test_what_somebody_wrote_after_it_was_shown_is_not_signed(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, "Name the owner.")
    shown, before = gate(deps, actor, run_id).shown_hash, counts(deps, WRITTEN_BY_A_DECISION[:3])
    threads.reply(deps, actor, run_id=run_id, thread_id=thread_id, text="And drop story US-1.")
    with pytest.raises(Conflict, match="Thread 1 has moved"):
        request_changes(
            deps, actor, run_id=run_id, shown_hash=shown, remarks={}, threads={thread_id: "Name the owner."}
        )
    assert counts(deps, WRITTEN_BY_A_DECISION[:3]) == before


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_threads_that_cannot_be_chosen_are_refused_and_nothing_is_written(deps: Deps) -> None:
    actor = a_team(deps)
    other, run_id = a_run_at_gate(deps, actor), a_run_at_gate(deps, actor)
    foreign, resolved = start(deps, actor, other, "Elsewhere."), start(deps, actor, run_id, "Done.")
    threads.resolve(deps, actor, run_id=run_id, thread_id=resolved)
    long = start(deps, actor, run_id, "x" * REMARK_MAX)
    for chosen, remarks, error in (
        ({foreign: "Elsewhere."}, {}, NotFound),
        ({resolved: "Done."}, {}, Conflict),
        ({long: "x" * REMARK_MAX}, {"risk": "More."}, InvalidInput),
        ({}, {}, InvalidInput),
    ):
        shown = gate(deps, actor, run_id).shown_hash
        with pytest.raises(error):
            request_changes(deps, actor, run_id=run_id, shown_hash=shown, remarks=remarks, threads=chosen)
    assert rows(deps, Decision, run_id) == []
    assert the_run(deps, run_id).status == "waiting"
    assert all(task.threads == [] for task in rows(deps, Task, run_id))


def test_before_it_is_sent_it_says_what_a_thread_will_do(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    thread_id = start(deps, actor, run_id, "Rename expense to claim.")
    effect = preview_remarks(
        deps, actor, run_id=run_id, remarks={"risk": "Shorter."}, threads={thread_id: "Rename expense to claim."}
    )
    assert [(c.line, c.is_applied) for c in effect.corrections] == [
        ("Shorter.", False),
        ("Rename expense to claim.", True),
    ]
    assert effect.changes_understanding
