"""The feature form: fields, what each option changes, problems at their field, what is understood so far."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.components.frame import plain
from services.errors import InvalidInput
from services.features.clashes import clashes
from services.features.extract import understand
from services.features.validation import OPTIONS, to_request
from services.workflow.options import effect_of

TITLES = {
    "title": "Title",
    "description": "Description",
    "methodology": "Methodology",
    "complexity": "Complexity",
    "deployment_strategy": "Deployment strategy",
    "test_coverage_min": "Minimum test coverage (percent)",
    "performance_budget": "Performance budget",
    "rollout_percentage": "Rollout percentage of the first stage",
    "feature_flag_service": "Feature flag service",
    "analytics_platform": "Analytics platform",
    "monitoring_stack": "Monitoring stack",
    "engine": "Engine",
}
_GROUPS = (
    ("How it is built", ("methodology", "complexity", "test_coverage_min", "performance_budget")),
    ("How it goes live", ("deployment_strategy", "rollout_percentage", "feature_flag_service")),
    ("How it is watched", ("analytics_platform", "monitoring_stack", "engine")),
)
_HELP = {
    "test_coverage_min": "A whole number from 1 to 100. Measured over lines and branches in the sandbox.",
    "performance_budget": "For example: p95 < 200 ms. Leave it empty for none.",
    "rollout_percentage": "A whole number from 1 to 100.",
}


def draw(key: str, start: Mapping[str, Any], problems: Mapping[str, str], on_change: Callable[[], None]) -> None:
    """Draws every field; a change is saved by `on_change` before anything else happens."""
    _text(key, "title", start, problems, on_change, placeholder="Expense approvals")
    _text(
        key,
        "description",
        start,
        problems,
        on_change,
        height=220,
        placeholder="Who does what with which things, and what must hold?",
    )
    for heading, names in _GROUPS:
        with st.container(border=True):
            st.markdown(f"##### {heading}")
            for name in names:
                if name in OPTIONS:
                    _option(key, name, start, problems, on_change)
                else:
                    _text(key, name, start, problems, on_change)
    unknown = [sentence for field, sentence in problems.items() if field not in TITLES]
    for sentence in unknown:
        st.error(sentence)


def read(key: str, start: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it stands on the screen."""
    return {name: st.session_state.get(f"{key}_{name}", start.get(name)) for name in TITLES}


def problems_of(form: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what to change; empty when the form is complete."""
    try:
        to_request(form)
    except InvalidInput as error:
        return error.problems
    return {}


def _text(
    key: str,
    name: str,
    start: Mapping[str, Any],
    problems: Mapping[str, str],
    on_change: Callable[[], None],
    *,
    height: int | None = None,
    placeholder: str = "",
) -> None:
    widget = f"{key}_{name}"
    st.session_state.setdefault(widget, str(start.get(name) if start.get(name) is not None else ""))
    if height:
        st.text_area(TITLES[name], key=widget, height=height, placeholder=placeholder, on_change=on_change)
    else:
        st.text_input(TITLES[name], key=widget, placeholder=placeholder, help=_HELP.get(name), on_change=on_change)
    _problem(problems.get(name))


def _option(
    key: str, name: str, start: Mapping[str, Any], problems: Mapping[str, str], on_change: Callable[[], None]
) -> None:
    widget, values = f"{key}_{name}", [option.value for option in OPTIONS[name]]
    if st.session_state.get(widget) not in (*values, None):
        st.session_state.pop(widget)
    st.session_state.setdefault(widget, start.get(name) if start.get(name) in values else None)
    chosen = st.segmented_control(TITLES[name], values, key=widget, on_change=on_change)
    if chosen:
        st.markdown(f":small[:gray[{effect_of(OPTIONS[name](chosen))}]]")
    _problem(problems.get(name))


def _problem(sentence: str | None) -> None:
    if sentence:
        st.markdown(f":red[:material/error: {plain(sentence)}]")


def draw_understanding(form: Mapping[str, Any]) -> None:
    """What the text says to the engine, small; and choices that contradict each other."""
    with st.container(border=True):
        st.markdown("##### Understood so far")
        try:
            request = to_request(form)
        except InvalidInput as error:
            missing = [TITLES.get(field, field).lower() for field in error.problems]
            st.markdown(f":small[:gray[Still needed or to be mended: {plain(', '.join(missing))}.]]")
            return
        understood = understand(request)
        st.text(f"People: {', '.join(understood.actors)}")
        for resource in understood.resources:
            st.text(f"{resource.label}: {', '.join(f.name.replace('_', ' ') for f in resource.fields)}")
        provable = sum(bool(c.rules) for c in understood.criteria)
        st.text(f"{len(understood.criteria)} acceptance criteria, {provable} of them provable by a test")
        for clash in clashes(request):
            st.warning(clash.sentence)
