"""A report as people read it: Markdown without images, its diagrams drawn."""

import re

import streamlit as st

_FENCE = re.compile(r"```mermaid\n(.*?)\n```", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")


def draw_report(text: str, name: str) -> None:
    """Images are taken out: an address in one would tell its server who reads."""
    for position, part in enumerate(_FENCE.split(_IMAGE.sub("", text))):
        if position % 2:
            st.mermaid_chart(part, alt=f"Diagram of {name}")
        elif part.strip():
            st.markdown(part)
