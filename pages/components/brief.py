"""The brief at the top of a gate: what is critical first, each line with a way to its source."""

import streamlit as st

from pages.components.address import address_of
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.reviews.briefs.fitting import Brief, Item, Line
from services.reviews.briefs.gates import get_brief
from services.runs.views import RunView


def draw_brief(deps: Deps, actor: Actor, run: RunView) -> None:
    """Made once for each state of the run, not at every click."""
    key = f"run_brief_{run.id}"
    state = (run.version, run.segment, actor.user_id)
    if st.session_state.get(key, (None,))[0] != state:
        st.session_state[key] = (state, get_brief(deps, actor, run_id=run.id))
    brief: Brief | None = st.session_state[key][1]
    if brief is None:
        return
    with st.container(border=True, key="run_brief", gap="xsmall"):
        st.markdown(f"**{plain(brief.lead)}** :small[:gray[Reading this takes {brief.reading_time}.]]")
        _draw_lines(run, brief.steps)
        for section in brief.sections:
            st.markdown(f"**{plain(section.heading)}**")
            _draw_lines(run, section.lines)


def _draw_lines(run: RunView, lines: tuple[Line, ...]) -> None:
    if lines:
        st.markdown("\n".join(f"- {_line(run, line)}" for line in lines))


def _line(run: RunView, line: Line) -> str:
    if not line.words:
        return "; ".join(f"{_link(run, item)}: {plain(item.said)}" for item in line.items)
    told = ", ".join(
        f"{_link(run, item)} ({plain(item.said)})" if item.said else _link(run, item) for item in line.items
    )
    return f"{plain(line.words)}: {told}{f' and {line.more} more' if line.more else ''}"


def _link(run: RunView, item: Item) -> str:
    return f"[{plain(item.name)}]({address_of(run, item.source)})"
