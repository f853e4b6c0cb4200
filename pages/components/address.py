"""Addresses within a run: what a link leads to, and what the address of a visit asks for."""

import re
from urllib.parse import urlencode

import streamlit as st

from services.reviews.briefs.seen import Show, Source
from services.runs.views import RunView

_OF_A_STEP = ("revision", "show", "path", "against")


def address_of(run: RunView, source: Source) -> str:
    """Relative to the pages of the app; every name in it is quoted. It ends at the heading of the step, below the gate."""
    task = run.task(source.task)
    if source.show is Show.CRITERIA or task is None:
        return f"criteria?{urlencode({'run': run.id})}"
    asked = {
        "run": run.id,
        "step": source.task,
        "revision": source.revision,
        "show": source.show,
        "path": source.path,
        "against": source.against,
    }
    heading = re.sub(r"[\W_]+", "-", task.title.lower()).strip("-")
    return f"run?{urlencode({name: value for name, value in asked.items() if value})}#{heading}"


def asked_part(parts: tuple[str, ...]) -> str:
    """The part of a step that the address asks for, else the first."""
    wanted = st.query_params.get("show", "").capitalize()
    return wanted if wanted in parts else parts[0]


def asked_file(paths: list[str]) -> int:
    """The position of the file that the address asks for, else of the first."""
    wanted = st.query_params.get("path", "")
    return paths.index(wanted) if wanted in paths else 0


def asked_revision(numbers: list[int], otherwise: int) -> int:
    """The revision that the address asks to compare with."""
    known = {str(number): number for number in numbers}
    return known.get(st.query_params.get("against", ""), otherwise)


def forget_part() -> None:
    """Another step was chosen: what was asked of the one before is over."""
    for name in _OF_A_STEP:
        st.query_params.pop(name, None)
