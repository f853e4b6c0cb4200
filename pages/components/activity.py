"""What happened, as sentences, newest first and a page at a time."""

from uuid import UUID

import streamlit as st

from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.runs.activity import ActivityView, list_activity


def draw_activity(deps: Deps, actor: Actor, *, key: str, run_id: UUID | None = None) -> None:
    """Of one run, or of the whole team; then each line leads to its run."""
    page = list_activity(deps, actor, run_id=run_id, page=st.session_state.get(key) or 1)
    if not page.rows:
        st.markdown("Nothing has happened yet.")
    st.markdown("\n".join(f"- {_line(row, names_run=run_id is None)}" for row in page.rows))
    if page.pages > 1:
        st.pagination(page.pages, key=key)


def _line(row: ActivityView, *, names_run: bool) -> str:
    run = f"[Run {row.run_number}](/run?run={row.run_id}): " if names_run and row.run_id else ""
    return f":small[:gray[{row.at:%Y-%m-%d %H:%M} UTC]] {run}{plain(row.sentence)}"
