"""States as badges: one table of colours, icons and words."""

import streamlit as st

from pages.components.frame import plain

STATES: dict[str, tuple[str, str, str]] = {
    "pending": ("gray", "schedule", "waits for its turn"),
    "queued": ("gray", "schedule", "queued"),
    "running": ("blue", "progress_activity", "working"),
    "waiting": ("orange", "rate_review", "at the gate"),
    "parked": ("orange", "pause_circle", "parked"),
    "failed": ("red", "error", "failed"),
    "cancelled": ("gray", "cancel", "cancelled"),
    "done": ("green", "check_circle", "done"),
    "approved": ("green", "check_circle", "approved"),
    "finished": ("green", "check_circle", "finished"),
    "draft": ("gray", "edit_note", "draft"),
    "met": ("green", "check_circle", "met"),
    "not_met": ("red", "cancel", "not met"),
    "not_measured": ("gray", "help", "not measured"),
    "not_applicable": ("gray", "remove", "not applicable"),
    "waived": ("orange", "gavel", "waived"),
    "critical": ("red", "gpp_bad", "critical"),
    "high": ("red", "error", "high"),
    "medium": ("orange", "warning", "medium"),
    "low": ("gray", "info", "low"),
    "passed": ("green", "check_circle", "passed"),
}

# Bars of a chart, by outcome; the same in the light and in the dark scheme.
OUTCOME_COLOURS = {
    "met": "#2e9d5b",
    "not_met": "#d64545",
    "not_measured": "#8b95a5",
    "not_applicable": "#b9c1cc",
    "waived": "#e0a030",
}


def words(state: str) -> str:
    return STATES.get(state, ("", "", state.replace("_", " ")))[2]


def badge(state: str) -> str:
    colour, icon, words = STATES.get(state, ("gray", "help", state.replace("_", " ")))
    return f":{colour}-badge[:material/{icon}: {words}]"


def icon(state: str) -> str:
    colour, name, _ = STATES.get(state, ("gray", "help", ""))
    return f":{colour}[:material/{name}:]"


def draw_reason(state: str, reason: str) -> None:
    """Why something does not go on. Only what has failed is red; what is parked waits for somebody or for something."""
    (st.error if state == "failed" else st.warning)(plain(reason))
