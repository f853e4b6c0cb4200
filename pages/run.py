"""One run: its phases and steps while they work and afterwards, its files and revisions, and the gate."""

from typing import Any

import streamlit as st

from pages.components import activity, approvals, badges, documents, gate, money, questions, reviewers, step, times
from pages.components.frame import plain
from pages.components.session import signed_in
from services.errors import UserError
from services.exports import zip_run, zip_workspace
from services.people.permissions import Action, may
from services.runs import control
from services.runs.views import RunView, get_run, list_runs, page_picture, run_version

deps, actor = signed_in()


def chosen_run() -> RunView | None:
    """The run of the address; the newest one where the address names none."""
    wanted = gate.run_id_from_address(st.query_params.get("run"))
    if wanted is None and "run" not in st.query_params:
        newest = list_runs(deps, actor)[:1]
        wanted = newest[0].id if newest else None
    try:
        return get_run(deps, actor, run_id=wanted) if wanted else None
    except UserError as error:
        st.warning(str(error))
        return None


def draw_head(run: RunView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap="xxsmall", width="content"):
            st.title(plain(run.title), anchor=False)
            engine = money.who_works(run)
            st.markdown(
                f"{badges.badge(run.status.value)} :small[:gray[Run {run.number} · {engine} · {money.amount(run)} · "
                f"asked by {plain(run.requester_name)} · {times.ago(run.created_at)}]]"
            )
        with st.container(horizontal=True, width="content", gap="xsmall"):
            draw_acts(run)


def draw_acts(run: RunView) -> None:
    if may(actor, Action.CANCEL_RUN) and run.status in ("failed", "parked") and st.button("Retry", key="run_retry"):
        act(lambda: control.retry_run(deps, actor, run_id=run.id))
    can_cancel = may(actor, Action.CANCEL_RUN) and run.status not in ("finished", "cancelled")
    if can_cancel and st.button("Cancel run", key="run_cancel"):
        confirm_cancel(run)
    if may(actor, Action.EXPORT) and any(t.status == "done" for p in run.phases for t in p.tasks):
        name = f"run-{run.number}"
        st.download_button(
            "Everything as zip",
            data=lambda: zip_run(deps, actor, run_id=run.id),
            file_name=f"{name}.zip",
            on_click="ignore",
        )
        st.download_button(
            "Service as zip",
            data=lambda: zip_workspace(deps, actor, run_id=run.id),
            file_name=f"{name}-service.zip",
            on_click="ignore",
        )


@st.dialog("Cancel this run?")
def confirm_cancel(run: RunView) -> None:
    st.markdown("The agents stop. What was made stays readable; the run cannot go on afterwards.")
    if st.button("Cancel the run", type="primary", key="run_cancel_yes"):
        act(lambda: control.cancel_run(deps, actor, run_id=run.id))


def act(do: Any) -> None:
    try:
        do()
        st.rerun()
    except UserError as error:
        st.error(str(error))


def draw_phases(run: RunView) -> int:
    numbers = [phase.number for phase in run.phases]
    titles = {phase.number: f"{badges.icon(phase.status)} {phase.title}" for phase in run.phases}
    seen = st.session_state.setdefault(f"run_seen_{run.id}", run.phase)
    if seen != run.phase:  # the run went on, and so does whoever looks at it
        st.session_state[f"run_seen_{run.id}"] = run.phase
        st.query_params.pop("step", None)
        st.query_params.pop("revision", None)
    asked = next(
        (p.number for p in run.phases if any(t.key == st.query_params.get("step") for t in p.tasks)), run.phase
    )
    chosen = st.segmented_control(
        "Phase",
        numbers,
        default=asked,
        required=True,
        key=f"run_phase_{run.id}_{run.phase}",
        format_func=lambda number: titles[number],
        label_visibility="collapsed",
        width="stretch",
        wrap=False,
    )
    return int(chosen or run.phase)


def draw_service(run: RunView) -> None:
    """How to start what was built, and what its page looks like."""
    backend = run.task("backend")
    if backend is None or backend.finished_at is None:
        return
    with st.expander("The generated service"):
        picture, said = page_picture(deps, actor, run_id=run.id)
        if picture:
            st.image(picture, caption="Its page, drawn in the sandbox with an example of each record", width="stretch")
        else:
            st.markdown(f":small[:gray[{plain(said)}]]")
        st.markdown("To start it, download the service as zip, then:")
        st.code(f"unzip run-{run.number}-service.zip -d service\ncd service\nmake run", language="bash")
        st.markdown(
            "It listens on port 8000 of your machine; its page and its API are there. `make test` runs its tests."
        )


run = chosen_run()
if run is None:
    st.title("Run", anchor=False)
    if "run" in st.query_params:
        st.page_link("pages/home.py", label="To the runs of your team", icon=":material/home:")
    else:
        st.markdown("There is no run yet.")
        if may(actor, Action.EDIT_FEATURE) and st.button("Describe a feature", type="primary"):
            st.switch_page("pages/configure.py")
    st.stop()

# Seconds between two questions; people talk about a run also when nothing works on it.
INTERVALS = {"running": 1.0, "waiting": 1.0, "failed": 2.0, "parked": 2.0, "finished": 2.0}
WRITING = 0.5  # what an agent writes is to be seen within a second of its first byte
is_writing = any(task.status == "running" for phase in run.phases for task in phase.tasks)


@st.fragment(run_every=WRITING if is_writing else INTERVALS.get(run.status.value))
def watch(run: RunView = run) -> None:
    """Asks one cheap question; the page is drawn again when somebody or something moved."""
    try:
        moved = run_version(deps, actor, run_id=run.id) != run.version
    except UserError:
        moved = True
    if moved:
        st.rerun()
    step.draw_live(deps, actor, run)


st.query_params["run"] = str(run.id)
draw_head(run)
with st.container():  # each part keeps its place, so that nothing is lost that somebody is typing below it
    if run.reason:
        badges.draw_reason(run.status.value, run.reason)
with st.container():
    questions.draw_waiting(deps, actor, run)
with st.container():
    money.draw_limit(deps, actor, run)
shown = draw_phases(run)
phase = run.phases[shown - 1]
watch()
with st.container():
    reviewers.draw_reviewers(deps, actor, run, phase.number)
with st.container():
    gate.draw_gate(deps, actor, run, phase)
with st.container():
    for decision in phase.decisions:
        said = "approved" if decision.kind == "approve" else "asked for changes"
        note = " by command line, not signed in" if decision.channel == "command line" else ""
        st.markdown(f":small[:gray[{plain(decision.actor_name)} {said}{note}, {decision.at:%Y-%m-%d %H:%M} UTC]]")
    approvals.draw_explanation(deps, actor, run, phase)
step.draw_steps(deps, actor, run, phase)
documents.draw_run_documents(deps, actor, run)
draw_service(run)
with st.expander("What happened"):
    activity.draw_activity(deps, actor, key=f"run_activity_{run.id}", run_id=run.id)
