"""What agents ask: a form for whoever may answer, and what was answered, with the step that asked."""

from uuid import UUID

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.runs.questions import ANSWER_MAX, QuestionView, answer_question, list_questions
from services.runs.views import RunView


def draw_waiting(deps: Deps, actor: Actor, run: RunView) -> None:
    """Every question that waits, and what went wrong with the last answer of this person."""
    with st.container():
        _draw_refusal(run)
    for question in list_questions(deps, actor, run_id=run.id):
        # An answered one keeps an empty place, so that what is typed below the next one does not move.
        with st.container(border=question.is_waiting):
            if question.is_waiting:
                _draw_question(deps, actor, run, question)


def draw_of_step(deps: Deps, actor: Actor, run: RunView, task_key: str) -> None:
    """What the step has asked and was answered."""
    for question in list_questions(deps, actor, run_id=run.id):
        if question.task_key == task_key and question.answered_at is not None:
            st.markdown(f":small[:gray[Question {question.number}, asked for revision {question.revision}:]]")
            st.text(question.text)
            by = f"{plain(question.answered_by)}, {question.answered_at:%Y-%m-%d %H:%M} UTC"
            st.markdown(f":small[:gray[Answered by {by}:]]")
            st.text(question.answer)


def _draw_question(deps: Deps, actor: Actor, run: RunView, question: QuestionView) -> None:
    task = run.task(question.task_key)
    step = plain(task.title).lower() if task else ""
    st.markdown(
        f":orange-badge[:material/help: Question {question.number}] **{plain(question.agent)} asks** "
        f":small[:gray[about {step} · {times.ago(question.asked_at)}]]"
    )
    st.text(question.text)
    if not may(actor, Action.ANSWER):
        st.markdown(":small[:gray[The step waits until a member of the team answers.]]")
        return
    choice, words = f"run_answer_choice_{question.id}", f"run_answer_words_{question.id}"
    with st.form(f"run_answer_{question.id}", border=False):
        if question.choices:
            st.radio("Choose", question.choices, index=None, format_func=plain, key=choice)
        label = "In your own words, or what should be added" if question.choices else "Your answer"
        st.text_area(label, key=words, height=76, max_chars=ANSWER_MAX)
        st.markdown(
            ":small[:gray[The first answer counts. The agent goes on with it, and it is kept with the revision.]]"
        )
        # Before the page is drawn, because whoever is second must be told although the form is gone by then.
        st.form_submit_button(
            "Answer", type="primary", key=f"run_answer_send_{question.id}",
            on_click=_answer, args=(deps, actor, run, question.id, choice, words),
        )  # fmt: skip


def _answer(deps: Deps, actor: Actor, run: RunView, question_id: UUID, choice: str, words: str) -> None:
    said = [st.session_state.get(choice) or "", (st.session_state.get(words) or "").strip()]
    try:
        answer_question(deps, actor, question_id=question_id, text="\n".join(filter(None, said)))
    except UserError as error:
        st.session_state[_refusal_key(run)] = str(error)
    else:
        st.session_state.pop(_refusal_key(run), None)


def _draw_refusal(run: RunView) -> None:
    refusal = st.session_state.get(_refusal_key(run))
    if refusal:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(plain(refusal))
            if st.button("Close", key=f"run_answer_close_{run.id}"):
                del st.session_state[_refusal_key(run)]
                st.rerun()


def _refusal_key(run: RunView) -> str:
    return f"run_answer_refused_{run.id}"
