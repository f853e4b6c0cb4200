"""What a run has cost, and its limit: shown to everybody, changed by whoever may start runs; the team's, by its owners."""

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.runs import budgets, control, team_limits
from services.runs.team_limits import TeamLimits
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


def draw_team_limits(deps: Deps, actor: Actor, *, manages: bool) -> None:
    found = team_limits.team_limits(deps, actor)
    st.subheader("Spending", anchor=False)
    st.markdown(
        ":small[:gray[What models may cost. At the cap of a month, over all runs and by the calendar in UTC, runs park with "
        "everything kept and go on when an owner raises it. A run whose form names no limit begins with that of new runs.]]"
    )
    st.markdown(f"**{found.month.name}**: {_of_the_month(found)}")
    if found.parked:
        one = found.parked == 1
        st.warning(f"{found.parked} {'run waits' if one else 'runs wait'} until the cap of the month is raised.")
    if manages:
        _draw_team_form(deps, actor, found)
    elif found.run_usd is not None:
        st.markdown(f"New runs begin with a limit of {found.run_usd:.2f} USD.")
    if found.set_at is not None:
        st.markdown(f":small[:gray[Set by {plain(found.set_by)} {times.ago(found.set_at)}]]")


def _of_the_month(found: TeamLimits) -> str:
    spent = "cost unknown" if found.spent_usd is None else f"{found.spent_usd:.2f} USD spent or held"
    return f"{spent}, no cap" if found.month_usd is None else f"{spent}, of at most {found.month_usd:.2f} USD"


def _draw_team_form(deps: Deps, actor: Actor, found: TeamLimits) -> None:
    with st.form("team_limits"), st.container(horizontal=True, vertical_alignment="bottom"):
        month = st.number_input(
            "Cap for a month, in USD", 0.0, value=found.month_usd, step=10.0, key="team_month_usd",
            placeholder="No cap", width=240,
        )  # fmt: skip
        run = st.number_input(
            "Limit of new runs, in USD", 0.0, value=found.run_usd, step=1.0, key="team_run_usd",
            placeholder="No limit", width=240,
        )  # fmt: skip
        if not st.form_submit_button("Save limits", key="team_limits_save"):
            return
    try:
        going = team_limits.set_team_limits(deps, actor, month_usd=month, run_usd=run)
    except UserError as error:
        st.error(plain(str(error)))
    else:
        if going:
            st.toast(f"{going} {'run goes' if going == 1 else 'runs go'} on.")
        st.rerun()
