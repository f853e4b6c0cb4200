"""The brief at the top of a gate: what is critical first, each line with a way to its source."""

from uuid import UUID

import streamlit as st

from pages.components.address import address_of
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.reviews.briefs.fitting import Brief, Item, Line
from services.reviews.briefs.gates import get_brief, newest_approval
from services.runs.views import RunView


def draw_brief(deps: Deps, actor: Actor, run: RunView) -> None:
    since = newest_approval(deps, actor, run_id=run.id)
    brief = _brief(deps, actor, run.id, state=(str(actor.team_id), run.version, run.segment, since and str(since)))
    if brief is None:
        return
    with st.container(border=True, key="run_brief", gap="xsmall"):
        st.markdown(f"**{plain(brief.lead)}** :small[:gray[Reading this takes {brief.reading_time}.]]")
        _draw_lines(run, brief.steps)
        for section in brief.sections:
            st.markdown(f"**{plain(section.heading)}**")
            _draw_lines(run, section.lines)


@st.cache_data(show_spinner=False, max_entries=200)
def _brief(_deps: Deps, _actor: Actor, run_id: UUID, *, state: tuple[object, ...]) -> Brief | None:
    """Made once for each state of the run and for all who have approved the same, not at every click."""
    return get_brief(_deps, _actor, run_id=run_id)


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
