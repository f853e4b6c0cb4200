"""What a member may do to one step: run it again, or put its report into own words."""

from collections.abc import Callable

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.reviews.changes import REPORT_MAX, edit_report, rerun_step
from services.reviews.forecasts import Forecast, forecast_rerun
from services.runs.views import RevisionView, RunView, TaskView

_STANDING = ("waiting", "failed", "parked")


def draw_menu(deps: Deps, actor: Actor, run: RunView, task: TaskView, newest: RevisionView | None) -> None:
    """Nothing for whoever may only look, and while the run moves or has ended."""
    is_reached = any(phase.number <= run.phase for phase in run.phases for t in phase.tasks if t.key == task.key)
    if run.status.value not in _STANDING or not is_reached:
        return
    may_edit = may(actor, Action.DECIDE) and newest is not None and task.status.value == "done"
    if not may_edit and not may(actor, Action.CANCEL_RUN):
        return
    with st.popover("Change", icon=":material/more_vert:", key=f"run_acts_{run.id}_{task.key}"):
        if may(actor, Action.CANCEL_RUN) and st.button(
            "Run again", icon=":material/replay:", key=f"run_again_{run.id}_{task.key}", width="stretch"
        ):
            _confirm_rerun(deps, actor, run, task)
        if may_edit and newest is not None:
            st.button(
                "Edit report",
                icon=":material/edit:",
                key=f"run_edit_{run.id}_{task.key}",
                width="stretch",
                on_click=_open,
                args=(_draft_key(run, task), newest),
            )


def draw_forecast(forecast: Forecast) -> None:
    """Which steps, how long, how dear: two lines."""
    st.markdown(f"Runs again: **{plain(', '.join(forecast.certain))}**.")
    said = f"May run, if what they read changes: {plain(', '.join(forecast.possible))}. " if forecast.possible else ""
    st.markdown(
        f":small[:gray[{said}{_range(forecast.low_seconds, forecast.high_seconds, times.about, 'Time of the steps')} "
        f"{_range(forecast.low_cost_usd, forecast.high_cost_usd, '{:.2f} USD'.format, 'Cost')} "
        f"The run goes back to the gate of phase {forecast.phase}.]]"
    )


def _range(low: float | None, high: float | None, say: Callable[[float], str], what: str) -> str:
    if low is None:
        return f"{what}: unknown."
    if high is None:
        return f"{what}: {say(low)}, with the others unknown."
    return f"{what}: {say(low)}." if say(low) == say(high) else f"{what}: {say(low)}, at most {say(high)}."


@st.dialog("Run this step again?")
def _confirm_rerun(deps: Deps, actor: Actor, run: RunView, task: TaskView) -> None:
    st.markdown(f"**{plain(task.title)}** gets a new revision; the one before stays readable.")
    engine = None
    if len(deps.engines) > 1:
        engine = st.selectbox("Engine", deps.engines, index=None, placeholder="As before", key="run_again_engine")
    draw_forecast(forecast_rerun(deps, actor, run_id=run.id, task_key=task.key, engine=engine))
    if st.button("Run again", type="primary", key="run_again_yes"):
        try:
            rerun_step(deps, actor, run_id=run.id, task_key=task.key, engine=engine)
        except UserError as error:
            st.error(plain(error))
        else:
            st.rerun()


def _draft_key(run: RunView, task: TaskView) -> str:
    return f"run_draft_{run.id}_{task.key}"


def _open(key: str, newest: RevisionView) -> None:
    """A draft is no widget's value: it outlives another step, another page and a refused save."""
    st.session_state.setdefault(key, {"number": newest.number, "text": newest.report})


def draw_editor(deps: Deps, actor: Actor, run: RunView, task: TaskView, newest: RevisionView) -> bool:
    """Whether a report is being edited; then the editor has been drawn."""
    key = _draft_key(run, task)
    draft = st.session_state.get(key)
    if draft is None or not may(actor, Action.DECIDE):
        return False
    text_key = f"{key}_text"

    def keep() -> None:
        draft["text"] = st.session_state[text_key]

    if text_key not in st.session_state:
        st.session_state[text_key] = draft["text"]
    st.text_area(
        "Report, in Markdown", key=text_key, height=420, max_chars=REPORT_MAX, on_change=keep,
        help="Records and files stay as they are. Later steps that read this report run again; the others do not.",
    )  # fmt: skip
    if draft["number"] != newest.number:
        st.warning(f"Revision {newest.number} came while you wrote; your text is about revision {draft['number']}.")
        if st.button(f"Put it over revision {newest.number}", key=f"{key}_over"):
            draft["number"] = newest.number
            st.rerun()
    with st.container(horizontal=True):
        if st.button("Save report", type="primary", key=f"{key}_save"):
            _save(deps, actor, run, task, key)
        if st.button("Discard", key=f"{key}_discard"):
            _close(key)
            st.rerun()
    return True


def _save(deps: Deps, actor: Actor, run: RunView, task: TaskView, key: str) -> None:
    draft = st.session_state[key]
    try:
        edit_report(
            deps,
            actor,
            run_id=run.id,
            task_key=task.key,
            number=draft["number"],
            report=st.session_state[f"{key}_text"],
        )
    except UserError as error:
        st.error(plain(error))
    else:
        _close(key)
        st.rerun()


def _close(key: str) -> None:
    del st.session_state[key]
