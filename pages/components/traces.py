"""From requirement to rollback as a table and a drawing, gaps first; and risks on their map."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import streamlit as st

from pages.components.frame import plain
from services.criteria.traceability import Line, Threat, Traceability

_STEPS: tuple[tuple[str, Callable[[Line], tuple[str, ...]]], ...] = (
    ("Story", lambda line: (line.story or "all stories",)),
    ("Criterion", lambda line: (line.criterion,)),
    ("Operation", lambda line: line.operations),
    ("Outcome", lambda line: (line.outcome.replace("_", " "),)),
    ("Event", lambda line: line.events),
    ("Metric", lambda line: line.metrics),
)
# By place; an outcome that is no proof stands out.
_COLOURS = ("#5b7db1", "#7a6fb0", "#3f9aa6", "#2e9d5b", "#b07a4f", "#8b95a5")
_UNPROVEN = {
    "failing": "#d64545",
    "not covered": "#d64545",
    "not measured yet": "#8b95a5",
    "a person decides": "#8b95a5",
}


def draw_traceability(found: Traceability) -> None:
    gaps = [line for line in found.lines if line.gaps]
    st.markdown(
        f"{len(found.lines) - len(gaps)} of {len(found.lines)} criteria can be followed without a gap; "
        f"{len(found.orphans)} things are there that no criterion asks for."
    )
    for line in gaps:
        st.warning(f"{line.criterion}: {plain('; '.join(line.gaps))}. {plain(line.text)}")
    if found.orphans:
        rows = [{"What": kind, "Id": id_, "Why": why} for kind, id_, why in found.orphans]
        st.dataframe(rows, hide_index=True, alt="What no criterion asks for")
    _draw_flow(found.lines)
    st.dataframe(
        [_row(line) for line in sorted(found.lines, key=lambda line: not line.gaps)],
        hide_index=True,
        alt="Every acceptance criterion from its story to its rollback",
    )


def _row(line: Line) -> dict[str, str]:
    return {
        "Story": line.story or "all",
        "Criterion": line.criterion,
        "Text": line.text,
        "Operations": ", ".join(line.operations),
        "Code": ", ".join(line.code),
        "Tests": ", ".join(line.tests),
        "Outcome": line.outcome.replace("_", " "),
        "Events": ", ".join(line.events),
        "Metrics": ", ".join(line.metrics),
        "Alerts": ", ".join(line.alerts),
        "Runbooks": ", ".join(line.runbooks),
        "Rollback": ", ".join(line.rollback),
        "Gaps": "; ".join(line.gaps),
    }


def _draw_flow(lines: tuple[Line, ...]) -> None:
    """Stories at the left, metrics at the right; a line that ends early has nothing further."""
    import plotly.graph_objects as go

    nodes: dict[tuple[int, str], int] = {}
    flows: Counter[tuple[int, int]] = Counter()
    for line in lines:
        for place, ((_, here), (_, there)) in enumerate(pairwise(_STEPS)):
            for a in here(line):
                for b in there(line):
                    one, other = (nodes.setdefault(key, len(nodes)) for key in ((place, a), (place + 1, b)))
                    flows[one, other] += 1
    if not flows:
        return
    figure = go.Figure(
        go.Sankey(
            node={
                "label": [label for _, label in nodes],
                "color": [_UNPROVEN.get(label, _COLOURS[place]) for place, label in nodes],
                "align": "left",
                "pad": 12,
                "thickness": 14,
            },
            link={
                "source": [one for one, _ in flows],
                "target": [other for _, other in flows],
                "value": list(flows.values()),
                "color": "rgba(125, 145, 165, 0.35)",
            },
        )
    )
    height = 160 + 26 * max(Counter(place for place, _ in nodes).values())
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 30, "b": 10})
    st.plotly_chart(figure, alt="From stories over criteria, operations and outcomes to events and metrics")


def draw_risks(threats: tuple[Threat, ...]) -> None:
    import plotly.graph_objects as go

    if not threats:
        st.markdown("No risk has been recorded yet; steps 1 and 3 do.")
        return
    at: dict[tuple[int, int], list[Threat]] = {}
    for threat in threats:
        at.setdefault((threat.likelihood, threat.impact), []).append(threat)
    levels = range(1, 6)
    figure = go.Figure(
        go.Heatmap(
            x=[str(n) for n in levels],
            y=[str(n) for n in levels],
            z=[[likelihood * impact for impact in levels] for likelihood in levels],
            text=[["<br>".join(_ids(at.get((li, im), []))) for im in levels] for li in levels],
            texttemplate="%{text}",
            colorscale=[[0, "#dff0e4"], [0.4, "#f6e3b4"], [1, "#eba6a0"]],
            showscale=False,
            hovertemplate="likelihood %{y}, impact %{x}<br>%{text}<extra></extra>",
            textfont={"color": "#1f2733"},
        )
    )
    figure.update_layout(
        height=420, xaxis_title="impact", yaxis_title="likelihood", margin={"l": 10, "r": 10, "t": 10, "b": 40}
    )
    st.plotly_chart(figure, alt="Risks by likelihood and impact", config={"displayModeBar": False})
    st.dataframe(
        [
            {
                "Id": t.id,
                "Score": t.likelihood * t.impact,
                "Risk": t.what,
                "Mitigation": t.mitigation,
                "Owner": t.owner,
            }
            for t in sorted(threats, key=lambda t: -t.likelihood * t.impact)
        ],
        hide_index=True,
        alt="Every risk with its score and what is done about it",
    )


def _ids(threats: list[Threat]) -> list[str]:
    """Three to a line, so that they stay within their field."""
    names = [threat.id for threat in threats]
    return [" ".join(names[n : n + 3]) for n in range(0, len(names), 3)]
