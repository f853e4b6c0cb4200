"""What models have cost: sums by what one chooses, the single requests, and all of it as CSV. An unknown price is n/a."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from services.actors import Actor
from services.deps import Deps
from services.metrics.costs import GROUPS, CallCost, CostSum, calls_csv, list_calls, sums_by
from services.metrics.definitions import DEFINITIONS
from services.people.permissions import Action, may
from services.runs.team_limits import month_of

_MONTH, _ALL = "This month", "Since the beginning"
_NAME_WIDTH = 180  # pixels: the longest title of a step, with its number
_CALLS_SHOWN = 200


def usd(amount: float | None) -> str:
    """To the cent; to a hundredth of one where it would look like nothing."""
    if amount is None:
        return "n/a"
    return f"{amount:.2f} USD" if amount == 0 or amount >= 0.1 else f"{amount:.4f} USD"


@st.fragment
def draw_costs(deps: Deps, actor: Actor) -> None:
    """Nothing where no model was ever asked."""
    if not list_calls(deps, actor):
        return
    st.subheader("Cost of models", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = st.segmented_control("Period", [_MONTH, _ALL], default=_ALL, required=True, key="metrics_period")
        group = st.segmented_control(
            "Put together by", [*GROUPS, "request"], default="run", required=True, key="metrics_group"
        )
        since = month_of(deps.now()).since if period == _MONTH else None
        if may(actor, Action.EXPORT):
            _draw_export(deps, actor, since)
    calls = list_calls(deps, actor, since=since)
    if not calls:
        st.markdown(f"No model was asked in {month_of(deps.now()).name}.")
        return
    _draw_figures(sums_by("team", calls)[0])
    rows = [_of_call(call) for call in calls[:_CALLS_SHOWN]] if group == "request" else _of_sums(sums_by(group, calls))
    columns = {"of": st.column_config.TextColumn(width=_NAME_WIDTH)}
    st.dataframe(rows, hide_index=True, column_config=columns, alt=f"Cost of models by {group}")
    if group == "request" and len(calls) > _CALLS_SHOWN:
        st.markdown(f":small[:gray[The newest {_CALLS_SHOWN} of {len(calls):,}; the CSV has all.]]")


def _draw_export(deps: Deps, actor: Actor, since: datetime | None) -> None:
    st.download_button(
        "As CSV",
        data=lambda: calls_csv(deps, actor, since=since),
        file_name="costs.csv",
        on_click="ignore",
        help="A row for each request",
    )


def _draw_figures(whole: CostSum) -> None:
    figures = (
        ("Models", usd(whole.cost_usd), "cost"),
        ("From the cache", _share(whole.cached_share), "cached_share"),
        ("Wasted on retries", usd(whole.retry_usd), "retry_cost"),
        ("Wasted on rework", usd(whole.rework_usd), "rework_cost"),
    )
    for column, (label, value, key) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(label, value, border=True, help=DEFINITIONS[key])


def _of_sums(sums: Sequence[CostSum]) -> list[dict[str, Any]]:
    return [
        {
            "of": one.of,
            "requests": one.calls,
            "input tokens": one.input_tokens,
            "from the cache": _share(one.cached_share),
            "output tokens": one.output_tokens,
            "cost": usd(one.cost_usd),
            "retries": usd(one.retry_usd),
            "rework": usd(one.rework_usd),
        }
        for one in sums
    ]


def _of_call(call: CallCost) -> dict[str, Any]:
    return {
        "at (UTC)": f"{call.at:%Y-%m-%d %H:%M:%S}",
        "run": f"{call.run_number or 'deleted'}",
        "task": call.task_key,
        "revision": call.revision,
        "request": call.call,
        "model": call.model,
        "input tokens": call.input_tokens,
        "from the cache": _share(call.read_tokens / call.input_tokens if call.input_tokens else None),
        "output tokens": call.output_tokens,
        "cost": usd(call.cost_usd) if call.is_settled else f"{usd(call.cost_usd)}, held",
        "wasted on": call.waste or "",
    }


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0%}"
