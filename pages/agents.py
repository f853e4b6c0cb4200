"""Who the agents are, what they read and own, and what their prompts say."""

import streamlit as st

from pages.components.frame import plain
from pages.components.session import signed_in
from services.agents.definitions import load_definitions
from services.workflow.options import EngineName, effect_of
from services.workflow.tasks import TASKS, TESTS_RED

deps, actor = signed_in()

st.title("Agents", anchor=False)
for engine in EngineName:
    st.markdown(f"Engine **{engine.value}**: {effect_of(engine)}")
steps = (*TASKS, TESTS_RED)
for name, agent in load_definitions().items():
    with st.expander(f"{name} · {plain(agent.description)}"):
        for task in steps:
            if task.agent == name:
                reads, owns = ", ".join(task.reads) or "the feature", ", ".join(task.owns) or "no files"
                may_change = f"; may change {', '.join(task.changes)}" if task.changes else ""
                st.text(f"Step {task.step}, {task.title}: reads {reads}; owns {owns}{may_change}")
        st.markdown(f":small[:gray[Prompt, hash {agent.prompt_hash[:16]}. The blueprint engine uses no prompt.]]")
        st.code(agent.prompt, language="markdown", wrap_lines=True)
