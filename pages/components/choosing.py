"""The open threads of a run at its gate, each with a box that makes it a remark."""

from collections.abc import Collection, Sequence
from uuid import UUID

import streamlit as st

from pages.components.frame import plain
from services.reviews.discussions import ThreadView
from services.reviews.passages import title_of
from services.runs.views import RunView


def draw_choice(run: RunView, threads: Sequence[ThreadView], tasks: Collection[str]) -> dict[UUID, str]:
    """What is chosen: thread -> its words as they are shown here. `tasks`: keys of the steps that can be asked."""
    offered = [thread for thread in threads if thread.is_open and thread.task_key in tasks]
    if not offered:
        return {}
    st.markdown("**Open threads** :small[:gray[What you choose is asked of its step; the new revision answers in it.]]")
    return {thread.id: thread.words for thread in offered if _draw_box(run, thread)}


def _draw_box(run: RunView, thread: ThreadView) -> bool:
    task = run.task(thread.task_key)
    where = f"{plain(task.title if task else thread.task_key)}, {plain(thread.about)}"
    outdated = "" if thread.now else " · outdated"
    with st.container(border=True, gap="xsmall"):
        is_chosen = st.checkbox(
            f"**Thread {thread.number}** :small[:gray[{where}{outdated}]]", key=f"run_chosen_{thread.id}"
        )
        st.markdown(f":small[:gray[About “{plain(title_of(thread.quote, 160))}”]]")
        st.text(thread.words)
    return is_chosen
