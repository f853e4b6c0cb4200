"""Who has approved a gate, what it asks for and what is missing; and why one is open that was passed."""

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.reviews.explanations import explain_gates
from services.reviews.views import GateView
from services.runs.views import PhaseView, RunView


def draw_approvals(gate: GateView) -> None:
    st.markdown(f"**Asks for** {plain(gate.policy)}")
    for given in gate.approvals:
        signed = f" for {' and '.join(given.disciplines)}" if given.disciplines and not given.note else ""
        if given.note:
            st.markdown(f":gray[:material/history:] {plain(given.name)} {plain(given.note)}.")
        else:
            st.markdown(
                f":green[:material/check_circle:] {plain(given.name)} approved{signed} :small[:gray[{times.ago(given.at)}]]"
            )
    if gate.missing:
        st.markdown(f":gray[:material/pending:] **Missing:** {plain('; '.join(gate.missing))}")
    for note in gate.notes:
        st.markdown(f":small[:gray[{plain(note)}]]")
    if gate.problem:
        st.warning(plain(gate.problem))


def draw_explanation(deps: Deps, actor: Actor, run: RunView, phase: PhaseView) -> None:
    """Of a gate that the run has passed, from the ledger; the whole of it is read, so only when somebody asks."""
    if phase.number >= run.phase and run.status != "finished":
        return
    with st.expander("Why this gate is open", key=f"run_why_{run.id}_{phase.number}", on_change="rerun") as expander:
        if not expander.open:
            return
        told = next((f for f in explain_gates(deps, actor, run_id=run.id) if f.phase == phase.number), None)
        if told is None:  # the run went back a moment ago; the page is drawn again
            return
        if told.is_explained:
            numbers = ", ".join(map(str, told.entries))
            st.markdown(f":green[:material/verified:] {plain(told.sentence)} :small[:gray[Ledger {numbers}]]")
        for problem in told.problems:
            st.error(plain(problem))
