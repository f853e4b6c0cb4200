"""What a run has cost, and its limit: shown to everybody, changed by whoever may start runs."""

import streamlit as st

from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.runs import budgets, control
from services.runs.views import RunView


def amount(run: RunView) -> str:
    """In words, with the limit where there is one."""
    cost = "cost unknown" if run.cost_usd is None else f"{run.cost_usd:.2f} USD"
    return cost if run.cost_limit_usd is None else f"{cost} of at most {run.cost_limit_usd:.2f} USD"


def who_works(run: RunView) -> str:
    """Which engines, and for which steps another than for the run."""
    if run.engines == ("blueprint",):
        return "blueprint engine, no model was called"
    others = {
        engine: [task.title.lower() for phase in run.phases for task in phase.tasks if task.engine == engine]
        for engine in run.engines[1:]
    }
    return "; ".join([plain(run.engine), *(f"{plain(engine)} for {', '.join(of)}" for engine, of in others.items())])


def draw_limit(deps: Deps, actor: Actor, run: RunView) -> None:
    """Only for runs that can still cost something."""
    if run.engines == ("blueprint",) or run.status in ("finished", "cancelled") or not may(actor, Action.START_RUN):
        return
    is_parked = run.status == "parked"
    with st.expander("Spending limit", expanded=is_parked):
        limit = st.number_input(
            "At most, in USD; 0 for no limit", 0.0, value=run.cost_limit_usd or 0.0, step=1.0, key=f"run_limit_{run.id}"
        )
        if st.button("Set limit and retry" if is_parked else "Set limit", key="run_limit_set"):
            try:
                budgets.set_cost_limit(deps, actor, run_id=run.id, limit_usd=limit or None)
                if is_parked:
                    control.retry_run(deps, actor, run_id=run.id)
            except UserError as error:
                st.error(str(error))
            else:
                st.rerun()
