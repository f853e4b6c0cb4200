"""Who has approved a gate, what it asks for and what is missing."""

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.reviews.views import GateView


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
