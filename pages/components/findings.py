"""What a check found wrong, worst first: where, what, and what to do, with a way to make it a remark."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.components import badges
from pages.components.frame import plain

_FIRST = 20


def draw_findings(
    found: Sequence[Mapping[str, str]], *, key: str, ask: Callable[[Mapping[str, str]], None] | None = None
) -> None:
    """`ask`: makes a finding a remark; without it there is no button."""
    if not found:
        return
    with st.expander(f"{len(found)} finding{'s' if len(found) > 1 else ''}"):
        for number, finding in enumerate(found[:_FIRST]):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{badges.badge(finding['severity'])} `{plain(finding['place'])}` {plain(finding['message'])}  \n"
                    f":small[:gray[{plain(finding['advice'])} Rule {plain(finding['rule'])}.]]"
                )
                if ask:
                    st.button("Make it a remark", key=f"{key}_{number}", on_click=ask, args=(finding,))
        if len(found) > _FIRST:
            st.markdown(f":small[:gray[{len(found) - _FIRST} more are in the evidence that the export holds.]]")
