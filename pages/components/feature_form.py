"""The feature form: fields, what each option changes, problems at their field.

A field gets what it shows as its value and never through the session's state: that arrives in the browser one step later,
and whoever presses a button before that would send an empty field, which is then saved over what was typed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.components.frame import plain
from services.errors import InvalidInput
from services.features.instructions import with_line
from services.features.validation import OPTIONS, to_request
from services.workflow.options import EngineName, effect_of
from services.workflow.tasks import BY_KEY, STEP_KEYS

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
    "cost_limit_usd": "Spending limit (USD)",
    "corrections": "Corrections",
}
_GROUPS = (
    ("How it is built", ("methodology", "complexity", "test_coverage_min", "performance_budget")),
    ("How it goes live", ("deployment_strategy", "rollout_percentage", "feature_flag_service")),
    ("How it is watched", ("analytics_platform", "monitoring_stack")),
    ("Who does the work", ("engine", "cost_limit_usd")),
)
# Without a model there is nothing to spend.
_ONLY_WITH_A_MODEL = "cost_limit_usd"
_HELP = {
    "test_coverage_min": "A whole number from 1 to 100. Measured over lines and branches in the sandbox.",
    "performance_budget": "For example: p95 < 200 ms. Leave it empty for none.",
    "cost_limit_usd": "At most this much for the whole run. At the limit it parks with everything kept, and goes on when the limit is raised. Empty for none.",
    "rollout_percentage": "A whole number from 1 to 100: of requests for canary, of people for feature-flag and a-b-test. Direct and blue-green do not use it.",
}


def draw(
    key: str,
    start: Mapping[str, Any],
    problems: Mapping[str, str],
    on_change: Callable[[], None],
    engines: Sequence[str],
) -> None:
    """Draws every field; a change is saved by `on_change` before anything else happens. `engines`: those offered here."""
    _text(key, "title", start, problems, on_change, placeholder="Expense approvals")
    words = "Who does what with which things, and what must hold?"
    _text(key, "description", start, problems, on_change, height=220, placeholder=words)
    for heading, names in _GROUPS:
        with st.container(border=True):
            st.markdown(f"##### {heading}")
            for name in names:
                if name in OPTIONS:
                    values = engines if name == "engine" else [option.value for option in OPTIONS[name]]
                    _option(key, name, values, start, problems, on_change)
                    if name == "engine" and len(engines) > 1:
                        _draw_steps(key, start, on_change, engines)
                elif name != _ONLY_WITH_A_MODEL or len(engines) > 1:
                    _text(key, name, start, problems, on_change)
    unknown = [sentence for field, sentence in problems.items() if field not in TITLES]
    for sentence in unknown:
        st.error(sentence)


def read(key: str, start: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it stands on the screen."""
    form = {name: st.session_state.get(f"{key}_{name}", start.get(name)) for name in TITLES}
    steps = [choice for choice in _step_engines(key, start) if choice["engine"] != form["engine"]]
    return {**form, "step_engines": steps, "corrections": corrections_of(key, start)}


def _draw_steps(key: str, start: Mapping[str, Any], on_change: Callable[[], None], engines: Sequence[str]) -> None:
    """For each engine that is not the run's: which steps it does."""
    chosen = _step_engines(key, start)
    others = [engine for engine in engines if engine != st.session_state.get(f"{key}_engine", start.get("engine"))]
    with st.expander("Another engine for single steps"):
        for engine in others:
            st.multiselect(
                f"Steps that {engine} does",
                STEP_KEYS,
                [choice["step"] for choice in chosen if choice["engine"] == engine],
                key=f"{key}_steps_{engine}",
                format_func=lambda key: BY_KEY[key].heading,
                placeholder="None",
                on_change=on_change,
            )
        st.markdown(":small[:gray[They read each other's results. Each revision says which engine made it.]]")


def _step_engines(key: str, start: Mapping[str, Any]) -> list[dict[str, str]]:
    """Step and engine, in the order of the steps; what is not on the screen is as it was kept."""
    kept = {choice["step"]: choice["engine"] for choice in start.get("step_engines") or ()}
    for engine in EngineName:
        steps = st.session_state.get(f"{key}_steps_{engine.value}")
        if steps is not None:
            kept = {step: of for step, of in kept.items() if of != engine} | dict.fromkeys(steps, engine.value)
    return [{"step": step, "engine": kept[step]} for step in STEP_KEYS if step in kept]


def generation(key: str) -> int:
    """Counts the lines that buttons have written: each makes a new text area, which begins with the longer text."""
    return int(st.session_state.get(f"{key}_generation", 0))


def corrections_key(key: str) -> str:
    return f"{key}_corrections_{generation(key)}"


def corrections_of(key: str, start: Mapping[str, Any]) -> str:
    written = st.session_state.get(f"{key}_written")
    return str(
        st.session_state.get(corrections_key(key), written if written is not None else start.get("corrections")) or ""
    )


def add_correction(key: str, start: Mapping[str, Any], line: str) -> None:
    """For a button's on_click: one more line, after whatever was typed."""
    text = with_line(corrections_of(key, start), line)
    st.session_state[f"{key}_written"], st.session_state[f"{key}_generation"] = text, generation(key) + 1


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
    typed = st.session_state.get(widget, start.get(name))
    value = "" if typed is None else str(typed)
    with st.container():  # a place of its own: what appears below a field moves no other away from under a finger
        if height:
            st.text_area(TITLES[name], value, key=widget, height=height, placeholder=placeholder, on_change=on_change)
        else:
            st.text_input(
                TITLES[name], value, key=widget, placeholder=placeholder, help=_HELP.get(name), on_change=on_change
            )
        _problem(problems.get(name))


def _option(
    key: str,
    name: str,
    values: Sequence[str],
    start: Mapping[str, Any],
    problems: Mapping[str, str],
    on_change: Callable[[], None],
) -> None:
    widget = f"{key}_{name}"
    begun = st.session_state.get(widget, start.get(name))
    default = begun if begun in values else None
    with st.container():
        chosen = st.segmented_control(TITLES[name], values, default=default, key=widget, on_change=on_change)
        if chosen:
            st.markdown(f":small[:gray[{effect_of(OPTIONS[name](chosen))}]]")
        _problem(problems.get(name))


def _problem(sentence: str | None) -> None:
    if sentence:
        st.markdown(f":red[:material/error: {plain(sentence)}]")
