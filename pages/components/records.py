"""Records of any deliverable as tables, and as a chart where one helps."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st


def draw_records(records: Mapping[str, Any], below: Callable[[str], None] = lambda name: None) -> None:
    """`below` draws what belongs to the field of that name."""
    st.text(records.get("summary", ""))
    below("summary")
    for name, value in records.items():
        title = name.replace("_", " ").capitalize()
        if name in ("summary", "schema_version") or value in (None, "", [], {}):
            continue
        st.markdown(f"##### {title}")
        if isinstance(value, list) and isinstance(value[0], dict):
            if {"likelihood", "impact"} <= set(value[0]):
                _draw_matrix(value, title)
            st.dataframe([_flat(row) for row in value], hide_index=True, alt=title)
        elif isinstance(value, list):
            for item in value:
                st.text(f"• {item}")
        elif isinstance(value, dict):
            st.dataframe([_flat(value)], hide_index=True, alt=title)
        else:
            st.text(str(value))
        below(name)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.replace("_", " ").capitalize(): ", ".join(
            " → ".join(map(str, v)) if isinstance(v, list) else str(v) for v in value
        )
        if isinstance(value, list)
        else str(value)
        if isinstance(value, dict)
        else value
        for key, value in row.items()
    }


def _draw_matrix(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    import plotly.graph_objects as go

    cells = [
        [[r["id"] for r in rows if (r["likelihood"], r["impact"]) == (p, i)] for i in range(1, 6)] for p in range(1, 6)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[[p * i for i in range(1, 6)] for p in range(1, 6)],
            text=[[" ".join(ids) for ids in line] for line in cells],
            x=list(range(1, 6)),
            y=list(range(1, 6)),
            texttemplate="%{text}",
            colorscale=[[0, "#d1fae5"], [0.4, "#fde68a"], [1, "#fca5a5"]],
            showscale=False,
            hoverinfo="text",
        )
    )
    figure.update_layout(
        height=260, margin={"l": 40, "r": 10, "t": 10, "b": 40}, xaxis_title="impact", yaxis_title="likelihood"
    )
    st.plotly_chart(figure, alt=f"{title} by likelihood and impact", config={"displayModeBar": False})
