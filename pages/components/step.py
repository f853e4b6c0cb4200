"""The steps of a phase: live text while one works, then report, records, files and revisions."""

import streamlit as st

from pages.components import address, badges, differences, step_acts, times
from pages.components.frame import plain
from pages.components.records import draw_records
from pages.components.report import draw_report
from services.actors import Actor
from services.deps import Deps
from services.runs.views import (
    PhaseView,
    RevisionView,
    RunView,
    TaskView,
    get_revision,
    list_revisions,
    live_text,
    read_revision_file,
)

_LANGUAGES = {"py": "python", "json": "json", "md": "markdown", "yml": "yaml", "yaml": "yaml", "html": "html", "js": "javascript",
              "css": "css", "sql": "sql", "toml": "toml", "sh": "bash", "feature": "gherkin"}  # fmt: skip
_TABS = ("Report", "Records", "Files", "Revisions")


def draw_live(deps: Deps, actor: Actor, run: RunView) -> None:
    """What the agents at work say at this moment."""
    for phase in run.phases:
        for task in phase.tasks:
            if task.status == "running":
                with st.container(border=True):
                    st.markdown(f"{badges.icon('running')} **{plain(task.title)}** :small[:gray[{plain(task.agent)}]]")
                    st.text("\n".join(live_text(deps, actor, run_id=run.id, task_key=task.key)[-12:]) or "Starting.")


def draw_steps(deps: Deps, actor: Actor, run: RunView, phase: PhaseView) -> None:
    wanted = st.query_params.get("step")
    if wanted and run.task(wanted) is None:
        st.warning("This run has no such step.")
    keys = [task.key for task in phase.tasks]
    titles = {t.key: f"{badges.icon(t.status.value)} {t.step} {plain(t.title)}" for t in phase.tasks}
    chosen = st.segmented_control(
        "Step",
        keys,
        default=wanted if wanted in keys else keys[0],
        required=True,
        key=f"run_step_{run.id}_{phase.number}",
        format_func=lambda key: titles[key],
        label_visibility="collapsed",
        width="stretch",
    )
    task = next(t for t in phase.tasks if t.key == chosen)
    if st.query_params.get("step") != task.key:
        st.query_params["step"] = task.key
        address.forget_part()
    with st.container(border=True):
        _draw_step(deps, actor, run, task)


def _draw_step(deps: Deps, actor: Actor, run: RunView, task: TaskView) -> None:
    took = "" if task.duration_seconds is None else f" · {times.duration(task.duration_seconds)}"
    revisions = list_revisions(deps, actor, run_id=run.id, task_key=task.key)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(
            f"##### {plain(task.title)}\n:small[:gray[{plain(task.agent)} · {badges.words(task.status.value)}"
            f"{took} · reads {plain(', '.join(task.reads)) or 'the feature'}]]",
            width="content",
        )
        step_acts.draw_menu(deps, actor, run, task, revisions[0] if revisions else None)
    if task.error:
        st.error(plain(task.error))
    for remark in task.remarks:
        st.markdown(":small[:gray[Remark:]]")
        st.text(remark)
    if not revisions:
        st.markdown("Nothing has been made yet.")
        return
    if step_acts.draw_editor(deps, actor, run, task, revisions[0]):
        return
    number = _chosen_number([r.number for r in revisions], f"{run.id}_{task.key}")
    revision = get_revision(deps, actor, run_id=run.id, task_key=task.key, number=number)
    tab = st.segmented_control(
        "Show",
        _TABS,
        default=address.asked_part(_TABS),
        required=True,
        key=f"run_tab_{run.id}_{task.key}",
        label_visibility="collapsed",
    )
    if tab == "Report":
        draw_report(revision.report, task.title)
    elif tab == "Records":
        draw_records(revision.records)
    elif tab == "Files":
        _draw_files(deps, actor, run, revision)
    else:
        _draw_revisions(revisions)
        differences.draw_comparison(deps, actor, run, revision.task_key, revision.number, [r.number for r in revisions])


def _chosen_number(numbers: list[int], key: str) -> int:
    """The revision of the address, else the newest; a choice goes into the address."""
    asked = st.query_params.get("revision", "")
    known = {str(number): number for number in numbers}
    if asked and asked not in known:
        st.warning("This step has no such revision; you see the newest one.")
    default = known.get(asked, numbers[0])
    if len(numbers) == 1:
        return default
    chosen = int(st.selectbox("Revision", numbers, index=numbers.index(default), key=f"run_revision_{key}"))
    st.query_params["revision"] = str(chosen)
    return chosen


def _draw_files(deps: Deps, actor: Actor, run: RunView, revision: RevisionView) -> None:
    if not revision.files:
        st.markdown("This step writes no files; its result is the report and the records.")
        return
    sizes = {file.path: file.size for file in revision.files}
    path = st.selectbox(
        f"{len(sizes)} files",
        list(sizes),
        index=address.asked_file(list(sizes)),
        format_func=lambda p: f"{p} ({sizes[p]:,} bytes)",
        key=f"run_file_{run.id}_{revision.task_key}",
    )
    data = read_revision_file(deps, actor, run_id=run.id, task_key=revision.task_key, path=path, number=revision.number)
    language = _LANGUAGES.get(path.rsplit(".", 1)[-1])
    st.code(data.decode("utf-8", "replace"), language=language, line_numbers=True, height=480)


def _draw_revisions(revisions: tuple[RevisionView, ...]) -> None:
    st.dataframe(
        [
            {
                "Revision": r.number,
                "Made by": r.author_name,
                "Engine": f"{r.engine} {r.engine_version}",
                "Because of": r.cause.replace("_", " "),
                "Read": ", ".join(sorted(r.inputs)) + ("" if r.reads is None else f" ({len(r.reads)} parts)"),
                "Made at (UTC)": f"{r.created_at:%Y-%m-%d %H:%M:%S}",
                "Output hash": r.output_hash[:16],
            }
            for r in revisions
        ],
        hide_index=True,
        alt="Revisions of this step",
    )
    if revisions[0].reads:
        with st.expander("What the newest revision read: only a change of these makes the step run again"):
            st.text("\n".join(revisions[0].reads))
