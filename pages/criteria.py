"""The ten success criteria of a run: a checklist that a team works with, its evidence, its lines from story to rollback, its risks."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import streamlit as st

from pages.components import badges, criterion, evidence, gate, traces
from pages.components.session import signed_in
from services.criteria.bringing import bring_evidence
from services.criteria.checklist import checklist_csv
from services.criteria.traceability import trace_run
from services.criteria.views import list_acceptance, list_criteria
from services.errors import UserError
from services.evidence.outside.reading import FILE_MAX_BYTES, FORMATS
from services.people.permissions import Action, may
from services.people.teams import list_members
from services.runs.views import list_evidence, list_runs

deps, actor = signed_in()


def draw_checklist(run_id: UUID) -> None:
    criteria = list_criteria(deps, actor, run_id=run_id)
    by_id = {str(e.id): e for e in list_evidence(deps, actor, run_id=run_id)}
    people = {member.user_id: member.name for member in list_members(deps, actor) if member.is_active}
    counts = Counter(view.outcome.value for view in criteria)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        shown = st.pills(
            "Show",
            [*counts, "mine"],
            selection_mode="multi",
            format_func=lambda name: "seen to by me" if name == "mine" else f"{badges.words(name)} {counts[name]}",
            key=f"criteria_shown_{run_id}",
            label_visibility="collapsed",
            width="content",
        )
        if may(actor, Action.EXPORT):
            st.download_button(
                "As CSV",
                data=lambda: checklist_csv(deps, actor, run_id=run_id),
                file_name="criteria.csv",
                on_click="ignore",
            )
    for view in criteria:
        is_mine = view.owner_id is not None and view.owner_id == actor.user_id
        if not shown or view.outcome.value in shown or ("mine" in shown and is_mine):
            criterion.draw_criterion(deps, actor, run_id, view, by_id, people)
    draw_acceptance(run_id, criteria[0].basis, is_judged=bool(criteria[0].history))


def draw_acceptance(run_id: UUID, basis: str, *, is_judged: bool) -> None:
    acceptance = list_acceptance(deps, actor, run_id=run_id)
    st.subheader("Acceptance criteria", anchor=False)
    st.dataframe(
        [
            {
                "Id": a.id,
                "Story": a.story or "all",
                "Criterion": a.text,
                "Stated": "in the request" if a.stated else "derived",
                "Outcome": a.outcome.replace("_", " "),
                "Why": a.reason,
                "Tests": ", ".join(a.tests),
            }
            for a in acceptance
        ],
        hide_index=True,
        alt="Acceptance criteria and their tests",
    )
    if is_judged and any(a.is_for_people for a in acceptance):
        st.markdown("##### What no test can decide")
        criterion.draw_open_words(deps, actor, run_id, basis, acceptance)


def draw_bringing(run_id: UUID) -> None:
    """A file from another machine; what it is bound to is said once it is read."""
    with st.expander("Bring evidence from another machine"), st.form(f"criteria_bring_{run_id}", border=False):
        file = st.file_uploader(f"{FORMATS}, at most {FILE_MAX_BYTES // 1_000_000} MB", key=f"criteria_file_{run_id}")
        st.markdown(
            ":small[:gray[It decides something only where it is bound to these files: it names their tree, or, for an audit of "
            "dependencies, every pinned package. Your name goes into the ledger.]]"
        )
        if st.form_submit_button("Bring it") and file is not None:
            criterion.act(lambda: bring_evidence(deps, actor, run_id=run_id, name=file.name, data=file.getvalue()))


def draw_evidence(run_id: UUID) -> None:
    if may(actor, Action.DECIDE):
        draw_bringing(run_id)
    found = list_evidence(deps, actor, run_id=run_id)
    names = list(dict.fromkeys(e.check for e in reversed(found)))
    if not names:
        st.markdown("Nothing has been measured yet.")
        return
    check = st.selectbox(
        "Check", names, format_func=lambda name: name.replace("_", " "), key=f"criteria_check_{run_id}"
    )
    newest, *older = [e for e in found if e.check == check]
    evidence.draw_evidence(newest)
    evidence.draw_plot(newest)
    if older:
        with st.expander(f"Measured {len(older)} times before"):
            for one in older:
                evidence.draw_evidence(one)


VIEWS: dict[str, Callable[[UUID], None]] = {
    "Checklist": draw_checklist,
    "Evidence": draw_evidence,
    "Traceability": lambda run_id: traces.draw_traceability(trace_run(deps, actor, run_id=run_id)),
    "Risks": lambda run_id: traces.draw_risks(trace_run(deps, actor, run_id=run_id).threats),
}

st.title("Success criteria", anchor=False)
runs = list_runs(deps, actor)
if not runs:
    st.markdown("There is no run yet, so there is nothing to judge.")
    st.stop()
titles = {run.id: f"Run {run.number}: {run.title}" for run in runs}
asked = gate.run_id_from_address(st.query_params.get("run"))
if asked is not None and asked not in titles:
    st.warning(gate.NO_RUN)
chosen = st.selectbox(
    "Run",
    list(titles),
    index=list(titles).index(asked) if asked in titles else 0,
    format_func=lambda id_: titles[id_],
    key="criteria_run",
)
st.query_params["run"] = str(chosen)
wanted = st.query_params.get("view", "").capitalize()
view = st.segmented_control(
    "View",
    list(VIEWS),
    default=wanted if wanted in VIEWS else "Checklist",
    required=True,
    key="criteria_view",
    label_visibility="collapsed",
    width="stretch",
)
st.query_params["view"] = str(view).lower()
try:
    VIEWS[str(view)](chosen)
except UserError as error:
    st.warning(str(error))
