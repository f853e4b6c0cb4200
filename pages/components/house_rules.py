"""What a team tells its agents besides their prompts, and every prompt as a model reads it."""

import streamlit as st

from pages.components.frame import plain
from services.actors import Actor
from services.agents.definitions import load_definitions
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.runs.house_rules import LONGEST, HouseRulesView, list_house_rules, set_house_rules
from services.runs.prompts import SentPrompt, next_prompt
from services.workflow.tasks import BY_KEY

_NAMES = {"1-task": "The task", "2-records": "Records of the report", "3-records-mended": "Records, once more"}


def draw(deps: Deps, actor: Actor) -> None:
    st.markdown("##### House rules")
    st.markdown(
        ":small[:gray[What your team wants an agent to do besides its prompt, in Markdown. A model follows them within the shared "
        "rules: they change no tools, folders, gates or criteria. Attempts that begin from now on get them.]]"
    )
    agent = st.selectbox("Agent", list(load_definitions()), index=None, key="agents_house")
    if agent:
        _draw_agent(deps, actor, agent)


def draw_next(deps: Deps, actor: Actor) -> None:
    st.markdown("##### A prompt as it is sent")
    key = st.selectbox(
        "Step", list(BY_KEY), index=None, format_func=lambda key: BY_KEY[key].heading, key="agents_prompt"
    )
    if not key:
        return
    st.markdown(
        ":small[:gray[With your team's defaults of the form, without a feature. What was really sent is with each revision of a "
        "run, under *Revisions*.]]"
    )
    draw_prompt(next_prompt(deps, actor, task_key=key), key=f"agents_prompt_{key}")


def draw_prompt(prompt: SentPrompt, *, key: str) -> None:
    """In the order in which the model reads it."""
    for heading, text in prompt.parts:
        st.markdown(f":small[:gray[{heading}]]")
        st.code(text, language="markdown", wrap_lines=True, height=360 if len(text) > 2_000 else "content")
    name = f"{prompt.name}.json"
    st.download_button("As JSON", prompt.data, name, "application/json", on_click="ignore", key=f"{key}_{prompt.name}")


def title(prompt: SentPrompt) -> str:
    return f"{_NAMES.get(prompt.name, prompt.name)}, to {plain(prompt.model)}"


def _draw_agent(deps: Deps, actor: Actor, agent: str) -> None:
    kept = list_house_rules(deps, actor, agent=agent)
    newest = kept[0] if kept else HouseRulesView(0, "", "", None)
    if may(actor, Action.MANAGE_TEAM):
        _draw_form(deps, actor, agent, newest)
    elif newest.text:
        st.code(newest.text, language="markdown", wrap_lines=True)
    else:
        st.markdown("Your team has none for this agent.")
    if kept:
        with st.expander(f"Revisions: {len(kept)}"):
            for rules in kept:
                st.markdown(
                    f":small[Revision {rules.number}, {plain(rules.author_name)}, {rules.created_at:%Y-%m-%d %H:%M} UTC]"
                )
                st.code(rules.text or "(taken back)", language="markdown", wrap_lines=True)


def _draw_form(deps: Deps, actor: Actor, agent: str, newest: HouseRulesView) -> None:
    with st.form(f"agents_house_{agent}_{newest.number}", border=False):
        text = st.text_area(
            f"House rules of {agent}",
            newest.text,
            height=180,
            max_chars=LONGEST,
            placeholder="For example: Money is kept as integers of cents. Name the owner of each table.",
            key=f"agents_house_text_{agent}_{newest.number}",
        )
        if not st.form_submit_button("Save house rules"):
            return
    try:
        set_house_rules(deps, actor, agent=agent, text=text, number=newest.number)
    except UserError as error:
        st.error(str(error))
    else:
        st.rerun()
