"""Who is asked by name to review a gate, until when, and the act of asking."""

from collections.abc import Callable, Iterable

import streamlit as st

from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.reviews import reviewers
from services.reviews.reviewers import ReviewerView
from services.runs.states import ENDED
from services.runs.views import RunView


def draw_reviewers(deps: Deps, actor: Actor, run: RunView, phase: int) -> None:
    """For a gate that is not passed yet: who was asked, and a form to ask somebody."""
    if run.status in ENDED or phase < run.phase:
        return
    asked = [view for view in reviewers.list_reviewers(deps, actor, run_id=run.id) if view.phase in (None, phase)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if asked:
            st.markdown(f":small[:gray[Asked to review gate {phase}:] {in_words(asked)}]", width="content")
        if may(actor, Action.DECIDE):
            with st.popover("Ask for reviews", icon=":material/person_add:"):
                _draw_form(deps, actor, run, phase)
                for view in asked:
                    _draw_asked(deps, actor, run, view)


def in_words(asked: Iterable[ReviewerView]) -> str:
    """As Markdown: names with their dates."""
    return ", ".join(f"{plain(view.name)}{_until(view)}" for view in asked)


def _until(view: ReviewerView) -> str:
    if view.due_on is None:
        return ""
    return f" :red[overdue since {view.due_on:%Y-%m-%d}]" if view.is_overdue else f" by {view.due_on:%Y-%m-%d}"


def _draw_form(deps: Deps, actor: Actor, run: RunView, phase: int) -> None:
    names = {c.user_id: c.name for c in reviewers.list_candidates(deps, actor, run_id=run.id)}
    if not names:
        st.markdown("Nobody in this team could approve this run; an owner can change that on the page Team.")
        return
    with st.form(f"run_reviewers_{run.id}_{phase}", border=False):
        chosen = st.multiselect("Who", list(names), format_func=lambda id_: names[id_], key=f"run_who_{run.id}_{phase}")
        due = st.date_input("Until", None, key=f"run_until_{run.id}_{phase}", help="Reminded once a day afterwards")
        every = st.checkbox("For every gate of this run", key=f"run_every_{run.id}_{phase}")
        if st.form_submit_button("Ask", type="primary"):
            _act(
                lambda: reviewers.assign_reviewers(
                    deps,
                    actor,
                    run_id=run.id,
                    user_ids=tuple(chosen),
                    due_on=due or None,
                    phase=None if every else phase,
                )
            )


def _draw_asked(deps: Deps, actor: Actor, run: RunView, view: ReviewerView) -> None:
    every = " at every gate" if view.phase is None else ""
    if st.button(f"No longer ask {plain(view.name)}{every}", key=f"run_unask_{run.id}_{view.phase}_{view.user_id}"):
        _act(lambda: reviewers.unassign_reviewer(deps, actor, run_id=run.id, user_id=view.user_id, phase=view.phase))


def _act(do: Callable[[], object]) -> None:
    try:
        do()
    except UserError as error:
        st.error(str(error))
    else:
        st.rerun()
