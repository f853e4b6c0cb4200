"""The gate: what is decided, on what evidence, and the two acts. What was shown is what is signed."""

from collections.abc import Callable, Mapping
from uuid import UUID

import streamlit as st

from pages.components import approvals, badges, brief, findings, quick_corrections, repairs, step_acts
from pages.components.choosing import draw_choice
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, UserError
from services.reviews import changes, decisions
from services.reviews.discussions import list_threads
from services.reviews.remarks import preview_remarks
from services.reviews.views import GateView, get_gate
from services.runs.views import PhaseView, RunView
from services.workflow.criteria import CRITERIA

_CRITERIA = {criterion.id: criterion.title for criterion in CRITERIA}


def draw_gate(deps: Deps, actor: Actor, run: RunView, phase: PhaseView) -> None:
    gate = get_gate(deps, actor, run_id=run.id)
    if gate is None or gate.phase != phase.number:
        return
    with st.container(border=True, key="run_gate"):
        st.markdown(f"##### Gate {gate.phase}: {gate.question}")
        with st.container():  # each part keeps its place, so that no button moves away from under a finger
            brief.draw_brief(deps, actor, run)
        with st.container():
            _draw_basis(run, gate, phase)
        with st.container():
            repairs.draw_repairs(deps, actor, run)
        with st.container():
            approvals.draw_approvals(gate)
        with st.container():
            if gate.why_not and not gate.may_open:
                st.info(gate.why_not)
        if not gate.may_request_changes:
            return
        asks = st.toggle("Ask for changes instead", key=_asks_key(gate, run))
        if asks:
            _draw_changes(deps, actor, run, gate)
        elif gate.may_open:
            _draw_opening(deps, actor, run, gate)
        elif gate.why_not is None and st.button(
            "Approve phase", type="primary", icon=":material/check:", key="run_approve"
        ):
            _act(lambda: decisions.approve_phase(deps, actor, run_id=run.id, shown_hash=gate.shown_hash))


def _draw_opening(deps: Deps, actor: Actor, run: RunView, gate: GateView) -> None:
    """The approvals suffice by now; nothing goes on before somebody says so."""
    st.markdown("Nothing is missing any more.")
    if st.button("Open the gate", type="primary", icon=":material/check:", key="run_open_gate"):
        _act(lambda: decisions.open_gate(deps, actor, run_id=run.id, shown_hash=gate.shown_hash))


def _draw_basis(run: RunView, gate: GateView, phase: PhaseView) -> None:
    by_key = {shown.task_key: shown for shown in gate.shown}
    for task in phase.tasks:
        if shown := by_key.get(task.key):
            st.markdown(f"**{plain(task.title)}**, revision {shown.revision}: {plain(shown.summary)}")
    for check in gate.checks:
        st.markdown(
            f"{badges.badge(check.outcome)} {plain(badges.words(check.check)).capitalize()}: {plain(check.reason)}"
        )
        findings.draw_findings(check.findings, key=f"run_found_{run.id}_{check.check}", ask=_asking(gate, run, phase))
    for criterion, outcome, reason in gate.verdicts:
        if outcome in ("met", "not_met"):
            st.markdown(f"{badges.badge(outcome)} {_CRITERIA.get(criterion, criterion)}: {plain(reason)}")
    rest = sum(outcome == "not_measured" for _, outcome, _ in gate.verdicts)
    if rest:
        st.markdown(f":small[:gray[{rest} criteria are not measured yet; the page Success criteria says why.]]")


def _asking(gate: GateView, run: RunView, phase: PhaseView) -> Callable[[Mapping[str, str]], None] | None:
    """Makes a finding a remark on the step that owns its place; None for whoever may not ask for changes."""
    if not gate.may_request_changes:
        return None

    def ask(finding: Mapping[str, str]) -> None:
        task = finding["task"] if run.task(finding["task"]) else phase.tasks[-1].key
        key = _remark_key(run, task)
        line = f"{finding['place']}: {finding['message']} {finding['advice']}"
        st.session_state[_asks_key(gate, run)] = True
        st.session_state[key] = "\n".join(filter(None, [st.session_state.get(key, ""), line]))

    return ask


def _asks_key(gate: GateView, run: RunView) -> str:
    return f"run_asks_{gate.phase}_{run.segment}"


def _remark_key(run: RunView, task: str) -> str:
    return f"run_remark_{run.id}_{task}"


def _draw_changes(deps: Deps, actor: Actor, run: RunView, gate: GateView) -> None:
    tasks = [task for phase in run.phases for task in phase.tasks if phase.number <= gate.phase]
    st.markdown(
        ":small[:gray[A remark makes a new revision of its step. Later steps run again only if what they read has changed. "
        "A remark that corrects what was understood, for example *rename order to purchase*, reaches every step that reads it.]]"
    )
    remarks = {
        task.key: st.text_area(f"Remark on {task.title.lower()}", key=_remark_key(run, task.key), height=76)
        for task in tasks
    }
    chosen = draw_choice(run, list_threads(deps, actor, run_id=run.id), {task.key for task in tasks})
    _draw_effect(deps, actor, run, remarks, chosen)
    if st.button("Request changes", type="primary", key="run_request_changes"):
        _act(
            lambda: changes.request_changes(
                deps, actor, run_id=run.id, shown_hash=gate.shown_hash, remarks=remarks, threads=chosen
            )
        )


def _draw_effect(deps: Deps, actor: Actor, run: RunView, remarks: dict[str, str], chosen: dict[UUID, str]) -> None:
    """Which lines are read as corrections and what runs again, before they are sent."""
    if not chosen and not any(text.strip() for text in remarks.values()):
        return
    try:
        effect = preview_remarks(deps, actor, run_id=run.id, remarks=remarks, threads=chosen)
    except UserError as error:
        st.warning(str(error))
        return
    applied = [told for told in effect.corrections if told.is_applied]
    if applied:
        st.markdown("Read as corrections of what was understood:")
        quick_corrections.draw_answers(applied)
    if effect.changes_understanding:
        st.warning("This changes what was understood, so every step that reads it runs again.")
    elif applied:
        st.markdown(":small[:gray[They change nothing that was understood.]]")
    else:
        st.markdown(":small[:gray[Nothing in it is read as a correction; it goes to the agents as it is written.]]")
    if effect.forecast:
        step_acts.draw_forecast(effect.forecast)


def _act(decide: Callable[[], None]) -> None:
    try:
        decide()
    except Conflict as error:
        st.warning(str(error))
        if st.button("Show it as it is now", key="run_look_again"):
            st.rerun()
    except UserError as error:
        st.error(str(error))
    else:
        st.rerun()


NO_RUN = "This run does not exist in your team."


def run_id_from_address(text: str | None) -> UUID | None:
    """None where the address names no run that could be one; it is said then."""
    try:
        return UUID(text) if text else None
    except ValueError:
        st.warning(NO_RUN)
        return None
