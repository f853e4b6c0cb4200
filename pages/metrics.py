"""How the team is doing: lead time, waiting, duration by step, criteria over time, and what models have cost."""

from typing import Any

import streamlit as st

from pages.components import badges, costs, times
from pages.components.session import signed_in
from services.metrics.definitions import DEFINITIONS
from services.metrics.frames import TeamMetrics, team_metrics
from services.workflow.tasks import BY_KEY

deps, actor = signed_in()


def share(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0%}"


def draw_figures(found: TeamMetrics) -> None:
    lead = "n/a" if found.lead_time_seconds is None else times.duration(found.lead_time_seconds)
    figures = (
        ("Runs", f"{found.runs}, {found.finished} finished", None),
        ("Lead time", lead, "lead_time"),
        ("Waiting", share(found.wait_share), "wait_share"),
        ("First pass", share(found.first_pass_share), "first_pass"),
        ("Rework", share(found.rework_share), "rework_share"),
        ("Cost", costs.usd(found.cost_usd), "cost"),
    )
    columns = st.columns(len(figures))
    for column, (label, value, key) in zip(columns, figures, strict=True):
        column.metric(label, value, border=True, help=DEFINITIONS.get(key or ""))


def draw_chart(title: str, help_text: str, figure: Any) -> None:
    st.subheader(title, anchor=False, help=help_text)
    figure.update_layout(height=320, margin={"l": 10, "r": 10, "t": 10, "b": 40}, legend_title_text="")
    st.plotly_chart(figure, alt=title, config={"displayModeBar": False})


def draw_charts(found: TeamMetrics) -> None:
    import pandas as pd
    import plotly.express as px

    steps = pd.DataFrame([vars(row) for row in found.steps])
    by_step = steps.groupby(["step", "task_key", "phase"], as_index=False).agg(seconds=("seconds", "median"))
    by_step["label"] = by_step["task_key"].map(lambda key: BY_KEY[key].heading)
    by_step["phase"] = "phase " + by_step["phase"].astype(str)
    names = {"label": "", "seconds": "seconds", "phase": "phase"}
    draw_chart(
        "Duration by step",
        DEFINITIONS["duration"],
        px.bar(by_step, x="label", y="seconds", color="phase", labels=names),
    )
    if found.waits:
        waits = pd.DataFrame([vars(row) for row in found.waits])
        waits["phase"] = "gate " + waits["phase"].astype(str)
        figure = px.bar(
            waits,
            x="run_number",
            y="seconds",
            color="phase",
            labels={"run_number": "run", "seconds": "seconds at the gate"},
        )
        draw_chart("Waiting at gates", DEFINITIONS["wait_share"], figure)
    if found.criteria:
        rows = pd.DataFrame([vars(row) for row in found.criteria])
        rows["when"] = "run " + rows["run_number"].astype(str) + ", gate " + rows["phase"].astype(str)
        rows["outcome"] = rows["outcome"].map(badges.words)
        figure = px.bar(
            rows, x="when", y="count", color="outcome", labels={"when": "", "count": "criteria"},
            color_discrete_map={badges.words(outcome): colour for outcome, colour in badges.OUTCOME_COLOURS.items()},
        )  # fmt: skip
        draw_chart("Criteria over time", "The ten criteria, as they were judged at each gate.", figure)


st.title("Metrics", anchor=False)
found = team_metrics(deps, actor)
if not found.runs:
    st.markdown("There is no run yet. Figures appear with the first one.")
else:
    draw_figures(found)
    if found.steps:
        draw_charts(found)
costs.draw_costs(deps, actor)
