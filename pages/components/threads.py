"""Threads as they are drawn: what each is about, what was said, the agent's answers, and the acts of whoever may write.

Every thread keeps its place on the page, resolved or not, so that nobody loses what is being typed when the page is drawn
again.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.reviews import threads as acts
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.discussions import CommentView, ThreadView
from services.reviews.passages import title_of
from services.runs.views import RunView


def draw_threads(deps: Deps, actor: Actor, run: RunView, threads: Sequence[ThreadView]) -> None:
    """In a container of their own, which is there also when it is empty."""
    with st.container(gap="small"):
        for thread in threads:
            with st.container(border=True, gap="xsmall", key=f"run_thread_{thread.id}"):
                _draw_thread(deps, actor, run, thread)


@st.fragment
def _draw_thread(deps: Deps, actor: Actor, run: RunView, thread: ThreadView) -> None:
    state = (
        ":orange-badge[:material/chat: open]"
        if thread.is_open
        else f":green-badge[:material/check: resolved by {plain(thread.resolved_name)}]"
    )
    outdated = "" if thread.now else f" :gray-badge[outdated: this was said of revision {thread.revision}]"
    changed = " :gray-badge[the text has changed since]" if thread.is_changed else ""
    st.markdown(f"**Thread {thread.number}** :small[:gray[{plain(thread.about)}]] {state}{outdated}{changed}")
    with st.container(gap="xsmall"):  # what stands below it keeps its place when somebody writes
        if thread.is_open:
            _draw_talk(thread)
        else:
            with st.expander(
                f"{len(thread.comments)} comment{'s' if len(thread.comments) > 1 else ''}", type="compact"
            ):
                _draw_talk(thread)
    if may(actor, Action.COMMENT) and not run.archived:
        _draw_acts(deps, actor, run, thread)


def _draw_acts(deps: Deps, actor: Actor, run: RunView, thread: ThreadView) -> None:
    act, label, icon = (acts.resolve, "Resolve", "check") if thread.is_open else (acts.reopen, "Open again", "undo")
    if st.button(label, key=f"run_{act.__name__}_{thread.id}", icon=f":material/{icon}:"):
        try:
            act(deps, actor, run_id=run.id, thread_id=thread.id)
            st.rerun()
        except UserError as error:
            st.error(str(error))
    _draw_form(
        "Reply",
        f"run_reply_{thread.id}",
        lambda text, _: acts.reply(deps, actor, run_id=run.id, thread_id=thread.id, text=text),
    )
    mine = next((comment for comment in reversed(thread.comments) if comment.is_mine), None)
    if mine:  # the newest of one's own; what stands further up has been answered
        _draw_form(
            "Edit what you wrote last",
            f"run_edit_{mine.id}",
            lambda text, _: acts.edit_comment(deps, actor, run_id=run.id, comment_id=mine.id, text=text),
            text=mine.text,
        )


def _draw_talk(thread: ThreadView) -> None:
    if "\n" in thread.quote or thread.anchor.kind is AnchorKind.LINES:
        st.code(thread.quote, language=None, wrap_lines=True, height=_height(thread.quote))
    else:
        st.markdown(f":small[:gray[“{plain(title_of(thread.quote, 400))}”]]")
    for comment in thread.comments:
        _draw_comment(comment)


def _height(text: str) -> int | Literal["content"]:
    return 220 if text.count("\n") > 9 else "content"


def _draw_comment(comment: CommentView) -> None:
    answered = f", revision {comment.revision}" if comment.revision else ""
    edited = ", edited" if comment.is_edited else ""
    st.markdown(f":small[**{plain(comment.author_name)}**{answered} :gray[{times.ago(comment.at)}{edited}]]")
    if not comment.answers:
        st.text(comment.text)
    for answer in comment.answers:
        mark = ":green-badge[:material/check: applied]" if answer.is_applied else ":orange-badge[not applied]"
        st.markdown(f"{mark} {plain(answer.line)}  \n:small[:gray[{plain(answer.text)}]]")


def draw_new(
    deps: Deps,
    actor: Actor,
    run: RunView,
    *,
    revision: tuple[str, int],
    key: str,
    choose: Callable[[], Anchor],
) -> None:
    """A quiet button that opens a form. `revision`: task key and number; `choose` draws what it may be about, and tells it."""
    if not may(actor, Action.COMMENT) or run.archived:
        return
    task_key, number = revision

    def send(text: str, about: Anchor | None) -> None:
        if about is not None:
            acts.start_thread(deps, actor, run_id=run.id, task_key=task_key, revision=number, anchor=about, text=text)

    st.fragment(_draw_form)("Comment", key, send, choose=choose)


_ICONS = {"Comment": "add_comment", "Reply": "reply", "Edit what you wrote last": "edit"}


def _draw_form(
    label: str,
    key: str,
    send: Callable[[str, Anchor | None], object],
    *,
    choose: Callable[[], Anchor | None] = lambda: None,
    text: str = "",
) -> None:
    """What is typed stays when the form is closed or the page drawn again; what was sent leaves it empty and closed."""
    sent = st.session_state.setdefault(f"{key}_sent", 0)
    icon = f":material/{_ICONS[label]}:"
    with st.expander(label, key=f"{key}_{sent}", icon=icon, type="compact"):
        about = choose()
        words = st.text_area(
            "Your words",
            text,
            key=f"{key}_text_{sent}",
            max_chars=acts.COMMENT_MAX,
            height=110,
            placeholder="@ and a user name tells a teammate",
            persist_state="page",
        )
        if st.button("Save" if text else "Send", key=f"{key}_send", type="primary"):
            try:
                send(words or "", about)
            except UserError as error:
                st.error(str(error))
            else:
                st.session_state[f"{key}_sent"] = sent + 1
                st.rerun()
