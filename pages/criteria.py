"""The ten success criteria of a run: verdict, rule, reason and the evidence under it."""

from collections import Counter

import streamlit as st

from pages.components import badges, findings, gate, times
from pages.components.frame import plain
from pages.components.session import signed_in
from services.criteria.views import list_acceptance, list_criteria
from services.errors import UserError
from services.evidence import optimisations
from services.runs.views import EvidenceView, list_evidence, list_runs

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


def draw_evidence(evidence: EvidenceView) -> None:
    st.markdown(
        f"{badges.badge(evidence.outcome)} **{plain(evidence.check.replace('_', ' '))}**: {plain(evidence.reason)}"
    )
    st.markdown(
        f":small[:gray[{plain(evidence.tool)} {plain(evidence.tool_version)} · isolation {evidence.isolation} · "
        f"phase {evidence.phase} · {evidence.started_at:%Y-%m-%d %H:%M:%S} UTC · {times.duration(evidence.duration_seconds)} · "
        f"tree {evidence.tree[:12]}]]"
    )
    findings.draw_findings(evidence.findings, key=f"criteria_found_{evidence.id}")
    if evidence.enforced:
        st.text("\n".join(f"{part}: {how}" for part, how in evidence.enforced.items()))
    if evidence.log:
        st.code(evidence.log, language=None, height=240)


def draw_coverage(evidence: EvidenceView) -> None:
    import plotly.express as px

    by_file = evidence.figures.get("coverage_by_file") or {}
    if not by_file:
        return
    paths = sorted(by_file)
    figure = px.bar(
        x=[by_file[p] for p in paths],
        y=paths,
        orientation="h",
        labels={"x": "percent covered", "y": ""},
        range_x=[0, 100],
    )
    figure.add_vline(x=evidence.figures["coverage_minimum"], line_dash="dash")
    figure.update_layout(height=60 + 24 * len(paths), margin={"l": 10, "r": 10, "t": 10, "b": 40})
    st.markdown("##### Coverage by file")
    st.plotly_chart(figure, alt="Coverage of each file, with the minimum as a line", config={"displayModeBar": False})


def draw_optimisation(evidence: EvidenceView) -> None:
    rows = evidence.figures.get("requests") or []
    if not rows:
        return
    st.markdown("##### Before and after step 9")
    st.dataframe(
        [
            {
                "Request": row["name"],
                **{
                    what.capitalize(): f"{row['before'][figure]:,} → {row['after'][figure]:,}"
                    for figure, what in optimisations.TOLD.items()
                },
            }
            for row in rows
        ],
        hide_index=True,
        alt="What each kind of request costs without and with the changes of step 9",
    )


try:
    criteria = list_criteria(deps, actor, run_id=run_id)
    evidence = list_evidence(deps, actor, run_id=run_id)
except UserError as error:
    st.warning(str(error))
    st.stop()
by_id = {str(e.id): e for e in evidence}
counts = Counter(criterion.outcome.value for criterion in criteria)
st.markdown(" ".join(f"{badges.badge(outcome)} {count}" for outcome, count in counts.most_common()))
for criterion in criteria:
    with st.container(border=True):
        st.markdown(f"**{criterion.title}** {badges.badge(criterion.outcome.value)}  \n{plain(criterion.reason)}")
        st.markdown(f":small[:gray[{criterion.rule}]]")
        found = [by_id[id_] for id_ in criterion.evidence if id_ in by_id]
        if found:
            with st.expander("Evidence"):
                for item in found:
                    draw_evidence(item)

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
        for a in list_acceptance(deps, actor, run_id=run_id)
    ],
    hide_index=True,
    alt="Acceptance criteria and their tests",
)
for check, draw in (("tests", draw_coverage), (optimisations.CHECK, draw_optimisation)):
    newest = next((e for e in evidence if e.check == check and e.outcome != "not_measured"), None)
    if newest:
        draw(newest)
