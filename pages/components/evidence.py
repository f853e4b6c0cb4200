"""Evidence as people read it: what was measured, over what, by what, what it found, and its plots."""

from collections.abc import Callable

import streamlit as st

from pages.components import badges, findings, times
from pages.components.frame import plain
from services.evidence import optimisations
from services.runs.views import EvidenceView


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


def draw_plot(evidence: EvidenceView) -> None:
    """The figures of a check that has something to draw."""
    draw = _PLOTS.get(evidence.check)
    if draw and evidence.outcome != "not_measured":
        draw(evidence)


def _draw_coverage(evidence: EvidenceView) -> None:
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


def _draw_optimisation(evidence: EvidenceView) -> None:
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


_PLOTS: dict[str, Callable[[EvidenceView], None]] = {
    "tests": _draw_coverage,
    optimisations.CHECK: _draw_optimisation,
}
