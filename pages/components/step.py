"""The steps of a phase: live text while one works, then report, records, files and revisions."""

import streamlit as st

from pages.components import (
    address,
    badges,
    differences,
    findings,
    house_rules,
    passages,
    questions,
    step_acts,
    times,
)
from pages.components.frame import plain
from pages.components.passages import Reading
from services.actors import Actor
from services.deps import Deps
from services.reviews.anchors import AnchorKind
from services.reviews.discussions import count_open, list_threads
from services.runs.prompts import read_prompts
from services.runs.views import (
    PhaseView,
    RevisionView,
    RunView,
    TaskView,
    get_revision,
    list_revisions,
    live_text,
)

_LIVE_LINES = 14
_TABS = ("Report", "Records", "Files", "Revisions")
_KINDS = {"Report": AnchorKind.PARAGRAPH, "Records": AnchorKind.RECORD, "Files": AnchorKind.LINES}


def draw_live(deps: Deps, actor: Actor, run: RunView) -> None:
    """What the agents at work say at this moment."""
    for phase in run.phases:
        for task in phase.tasks:
            if task.status == "running":
                with st.container(border=True):
                    st.markdown(f"{badges.icon('running')} **{plain(task.title)}** :small[:gray[{plain(task.agent)}]]")
                    wrote = live_text(deps, actor, run_id=run.id, task_key=task.key, newest=_LIVE_LINES)
                    said = "\n".join(wrote).splitlines()
                    st.text("\n".join(said[-_LIVE_LINES:]) or "Starting.")


def draw_steps(deps: Deps, actor: Actor, run: RunView, phase: PhaseView) -> None:
    wanted = st.query_params.get("step")
    with st.container():
        if wanted and run.task(wanted) is None:
            st.warning("This run has no such step.")
    keys = [task.key for task in phase.tasks]
    talked = count_open(deps, actor, run_id=run.id)
    titles = {
        t.key: f"{badges.icon(t.status.value)} {t.step} {plain(t.title)}{_talk_mark(talked.get(t.key, 0))}"
        for t in phase.tasks
    }
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
        _draw_step(deps, actor, run, task, talked.get(task.key, 0))


def _talk_mark(count: int) -> str:
    return f" :orange[:material/chat: {count}]" if count else ""


def _draw_step(deps: Deps, actor: Actor, run: RunView, task: TaskView, talked: int) -> None:
    took = "" if task.duration_seconds is None else f" · {times.duration(task.duration_seconds)}"
    by = f" · by {plain(task.engine)}" if len(run.engines) > 1 else ""
    talk = f" :orange-badge[:material/chat: {talked} open thread{'s' if talked > 1 else ''}]" if talked else ""
    revisions = list_revisions(deps, actor, run_id=run.id, task_key=task.key)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(
            f"##### {plain(task.title)}\n:small[:gray[{plain(task.agent)} · {badges.words(task.status.value)}"
            f"{took}{by} · reads {plain(', '.join(task.reads)) or 'the feature'}]]{talk}",
            width="content",
        )
        step_acts.draw_menu(deps, actor, run, task, revisions[0] if revisions else None)
    with st.container():  # whatever is typed further down keeps its place
        if task.error:
            badges.draw_reason(task.status.value, task.error)
        for remark in task.remarks:
            st.markdown(":small[:gray[Remark:]]")
            st.text(remark)
        questions.draw_of_step(deps, actor, run, task.key)
        if revisions and revisions[0].findings:
            st.markdown(":small[:gray[Made again to mend what checks found:]]")
            findings.draw_findings(revisions[0].findings, key=f"run_mended_{run.id}_{task.key}")
    if not revisions:
        st.markdown("Nothing has been made yet.")
        return
    if step_acts.draw_editor(deps, actor, run, task, revisions[0]):
        return
    with st.container():
        number = _chosen_number([r.number for r in revisions], f"{run.id}_{task.key}")
    revision = get_revision(deps, actor, run_id=run.id, task_key=task.key, number=number)
    threads = list_threads(deps, actor, run_id=run.id, task_key=task.key, number=number)
    reading = Reading(deps, actor, run, revision, threads)
    marks = {name: _talk_mark(passages.open_of(reading, kind)) for name, kind in _KINDS.items()}
    tab = st.segmented_control(
        "Show",
        _TABS,
        default=address.asked_part(_TABS),
        required=True,
        key=f"run_tab_{run.id}_{task.key}",
        format_func=lambda name: f"{name}{marks.get(name, '')}",
        label_visibility="collapsed",
    )
    if tab == "Report":
        passages.draw_report_of(reading, task.title)
    elif tab == "Records":
        passages.draw_records_of(reading)
    elif tab == "Files":
        passages.draw_files_of(reading)
    else:
        _draw_revisions(revisions)
        if revision.prompt_hash:
            _draw_prompts(deps, actor, run, revision)
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


def _draw_prompts(deps: Deps, actor: Actor, run: RunView, revision: RevisionView) -> None:
    """Read from the database only when somebody asks."""
    rules = f", house rules in revision {revision.house_rules}" if revision.house_rules else ""
    st.markdown(f":small[:gray[Prompt of revision {revision.number}: hash {revision.prompt_hash[:16]}{rules}.]]")
    key = f"run_prompts_{revision.id}"
    if not st.toggle("Show what its agent was sent", key=key):
        return
    sent = read_prompts(deps, actor, run_id=run.id, task_key=revision.task_key, number=revision.number)
    if not sent:
        st.markdown("It was made before prompts were kept.")
    for prompt in sent:
        with st.expander(house_rules.title(prompt)):
            house_rules.draw_prompt(prompt, key=key)
