"""The steps of a phase: live text while one works, then report, records, files and revisions."""

import difflib

import streamlit as st

from pages.components import badges, times
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
    read_revision_files,
)

_LANGUAGES = {"py": "python", "json": "json", "md": "markdown", "yml": "yaml", "yaml": "yaml", "html": "html", "js": "javascript",
              "css": "css", "sql": "sql", "toml": "toml", "sh": "bash", "feature": "gherkin"}  # fmt: skip
_LIVE_LINES = 14
_TABS = ("Report", "Records", "Files", "Revisions")


def draw_live(deps: Deps, actor: Actor, run: RunView) -> None:
    """What the agents at work say at this moment."""
    for phase in run.phases:
        for task in phase.tasks:
            if task.status == "running":
                with st.container(border=True):
                    st.markdown(f"{badges.icon('running')} **{plain(task.title)}** :small[:gray[{plain(task.agent)}]]")
                    said = "\n".join(live_text(deps, actor, run_id=run.id, task_key=task.key)).splitlines()
                    st.text("\n".join(said[-_LIVE_LINES:]) or "Starting.")


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
        st.query_params.pop("revision", None)
    with st.container(border=True):
        _draw_step(deps, actor, run, task)


def _draw_step(deps: Deps, actor: Actor, run: RunView, task: TaskView) -> None:
    took = "" if task.duration_seconds is None else f" · {times.duration(task.duration_seconds)}"
    st.markdown(
        f"##### {plain(task.title)}\n:small[:gray[{plain(task.agent)} · {badges.words(task.status.value)}"
        f"{took} · reads {plain(', '.join(task.reads)) or 'the feature'}]]"
    )
    if task.error:
        st.error(plain(task.error))
    for remark in task.remarks:
        st.markdown(":small[:gray[Remark:]]")
        st.text(remark)
    revisions = list_revisions(deps, actor, run_id=run.id, task_key=task.key)
    if not revisions:
        st.markdown("Nothing has been made yet.")
        return
    number = _chosen_number([r.number for r in revisions], f"{run.id}_{task.key}")
    revision = get_revision(deps, actor, run_id=run.id, task_key=task.key, number=number)
    tab = st.segmented_control(
        "Show", _TABS, default=_TABS[0], required=True, key=f"run_tab_{run.id}_{task.key}", label_visibility="collapsed"
    )
    if tab == "Report":
        draw_report(revision.report, task.title)
    elif tab == "Records":
        draw_records(revision.records)
    elif tab == "Files":
        _draw_files(deps, actor, run, revision)
    else:
        _draw_revisions(deps, actor, run, revisions)


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
        format_func=lambda p: f"{p} ({sizes[p]:,} bytes)",
        key=f"run_file_{run.id}_{revision.task_key}",
    )
    data = read_revision_file(deps, actor, run_id=run.id, task_key=revision.task_key, path=path, number=revision.number)
    language = _LANGUAGES.get(path.rsplit(".", 1)[-1])
    st.code(data.decode("utf-8", "replace"), language=language, line_numbers=True, height=480)


def _draw_revisions(deps: Deps, actor: Actor, run: RunView, revisions: tuple[RevisionView, ...]) -> None:
    st.dataframe(
        [
            {
                "Revision": r.number,
                "Made by": r.author_name,
                "Engine": f"{r.engine} {r.engine_version}",
                "Because of": r.cause.replace("_", " "),
                "Read": ", ".join(sorted(r.inputs)),
                "Made at (UTC)": f"{r.created_at:%Y-%m-%d %H:%M:%S}",
                "Output hash": r.output_hash[:16],
            }
            for r in revisions
        ],
        hide_index=True,
        alt="Revisions of this step",
    )
    if len(revisions) > 1:
        st.markdown("##### Changed since the revision before")
        st.code(_difference(deps, actor, run, revisions[0], revisions[1]) or "Nothing.", language="diff", height=400)


def _difference(deps: Deps, actor: Actor, run: RunView, new: RevisionView, old: RevisionView) -> str:
    def contents(r: RevisionView) -> dict[str, bytes]:
        files = read_revision_files(deps, actor, run_id=run.id, task_key=r.task_key, number=r.number)
        return {"report": r.report.encode(), **files}

    before, after = contents(old), contents(new)
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        a, b = (side.get(path, b"").decode("utf-8", "replace").splitlines() for side in (before, after))
        lines += difflib.unified_diff(
            a, b, f"{path} (revision {old.number})", f"{path} (revision {new.number})", lineterm=""
        )
    return "\n".join(lines)
