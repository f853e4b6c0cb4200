"""The ten success criteria of a run, as a checklist that a team works with."""

from collections import Counter

import streamlit as st

from pages.components import badges, criterion, gate
from pages.components.evidence import draw_plots
from pages.components.session import signed_in
from services.criteria.checklist import checklist_csv
from services.criteria.views import list_acceptance, list_criteria
from services.errors import UserError
from services.people.permissions import Action, may
from services.people.teams import list_members
from services.runs.views import list_evidence, list_runs

deps, actor = signed_in()

st.title("Success criteria", anchor=False)
runs = list_runs(deps, actor)
if not runs:
    st.markdown("There is no run yet, so there is nothing to judge.")
    st.stop()
titles = {run.id: f"Run {run.number}: {run.title}" for run in runs}
asked = gate.run_id_from_address(st.query_params.get("run"))
if asked is not None and asked not in titles:
    st.warning(gate.NO_RUN)
run_id = st.selectbox(
    "Run",
    list(titles),
    index=list(titles).index(asked) if asked in titles else 0,
    format_func=lambda id_: titles[id_],
    key="criteria_run",
)
st.query_params["run"] = str(run_id)


try:
    criteria = list_criteria(deps, actor, run_id=run_id)
    acceptance = list_acceptance(deps, actor, run_id=run_id)
    evidence = list_evidence(deps, actor, run_id=run_id)
except UserError as error:
    st.warning(str(error))
    st.stop()
people = {member.user_id: member.name for member in list_members(deps, actor) if member.is_active}
counts = Counter(criterion.outcome.value for criterion in criteria)
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    shown = st.pills(
        "Show",
        [*counts, "mine"],
        selection_mode="multi",
        format_func=lambda name: "seen to by me" if name == "mine" else f"{badges.words(name)} {counts[name]}",
        key=f"criteria_shown_{run_id}",
        label_visibility="collapsed",
    )
    if may(actor, Action.EXPORT):
        st.download_button(
            "As CSV",
            data=lambda: checklist_csv(deps, actor, run_id=run_id),
            file_name="criteria.csv",
            on_click="ignore",
        )
by_id = {str(e.id): e for e in evidence}
for view in criteria:
    is_mine = view.owner_id is not None and view.owner_id == actor.user_id
    if not shown or view.outcome.value in shown or ("mine" in shown and is_mine):
        criterion.draw_criterion(deps, actor, run_id, view, by_id, people)

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
if any(a.is_for_people for a in acceptance) and criteria[0].history:
    st.markdown("##### What no test can decide")
    criterion.draw_open_words(deps, actor, run_id, criteria[0].basis, acceptance)
draw_plots(evidence)
