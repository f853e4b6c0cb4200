"""Evidence as people read it: what was measured, over what, by what, what it found, and its plots."""

from collections.abc import Callable

import streamlit as st

from pages.components import badges, findings, times
from pages.components.frame import plain
from services.evidence import loads, optimisations, service_security
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
    """Each file as a field; below the minimum it turns red."""
    import plotly.express as px

    by_file = evidence.figures.get("coverage_by_file") or {}
    if not by_file:
        return
    minimum = float(evidence.figures["coverage_minimum"])
    rows = [
        {
            "folder": path.rpartition("/")[0] or "/",
            "file": f"{path.rpartition('/')[2]}<br>{share:.1f} %",
            "covered": share,
            "size": 1,
        }
        for path, share in sorted(by_file.items())
    ]
    figure = px.treemap(
        rows,
        path=["folder", "file"],
        values="size",
        color="covered",
        range_color=[max(0.0, min(2 * minimum - 100, 90.0)), 100],
        color_continuous_scale=["#d64545", "#e0a030", "#2e9d5b"],
    )
    figure.update_traces(hoverinfo="skip", hovertemplate=None, root_color="rgba(0, 0, 0, 0)")
    figure.update_layout(height=420, margin={"l": 10, "r": 10, "t": 10, "b": 10}, coloraxis_showscale=False)
    st.markdown(f"##### Coverage by file, in percent; {minimum:g} % asked for")
    st.plotly_chart(figure, alt="Coverage of each file as a field by folder", config={"displayModeBar": False})


def _draw_performance(evidence: EvidenceView) -> None:
    import plotly.express as px

    figures = evidence.figures
    st.markdown(
        f":small[:gray[{plain(str(figures.get('machine_told', '')))} · {figures.get('rate', 0):g} reads a second by two clients]]"
    )
    if figures.get("budgets"):
        names = {"budget": "Budget", "source": "Asked for by", "measured": "Measured", "verdict": "Verdict"}
        rows = [{title: row[name] for name, title in names.items()} for row in figures["budgets"]]
        st.dataframe(rows, hide_index=True, alt="Every budget with what was measured")
    rows = [
        {"Operation": name, **{p: f"{ms:g} ms" for p, ms in row.items()}}
        for name, row in figures.get("operations", {}).items()
    ]
    st.dataframe(rows, hide_index=True, alt="How long each operation takes")
    counts = figures.get("histogram") or {}
    if counts:
        labels = [f"up to {end} ms" if end != "more" else "more" for end in counts]
        figure = px.bar(x=labels, y=list(counts.values()), labels={"x": "", "y": "answers"})
        figure.update_layout(height=280, margin={"l": 10, "r": 10, "t": 10, "b": 40})
        st.plotly_chart(figure, alt="How many answers took how long", config={"displayModeBar": False})


def _draw_matrix(evidence: EvidenceView) -> None:
    """A row per operation, a column per role."""
    table: dict[str, dict[str, str]] = {}
    for row in evidence.figures.get("matrix") or []:
        got = ", ".join(str(status) for status in dict.fromkeys(row["got"]))
        table.setdefault(row["operation"], {"Operation": row["operation"]})[row["role"]] = f"{row['expected']}: {got}"
    if table:
        st.markdown("##### Who may do what, and what the service answered")
        st.dataframe(list(table.values()), hide_index=True, alt="Each role on each operation with the status that came")


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
    loads.CHECK: _draw_performance,
    service_security.CHECK: _draw_matrix,
}
