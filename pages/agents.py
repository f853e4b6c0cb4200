"""Who the agents are, what they read and own, and what their prompts say."""

import streamlit as st

from pages.components import house_rules
from pages.components.frame import plain
from pages.components.session import signed_in
from services.agents.definitions import load_definitions
from services.errors import UserError
from services.features.engines import offered_engines
from services.people.permissions import Action, may
from services.runs import connections
from services.workflow.options import effect_of
from services.workflow.tasks import ALL_TASKS

deps, actor = signed_in()


def draw_connection(found: connections.Connection) -> None:
    """Who answers for the models; a button tries them."""
    uses = {model: [use for use, used in found.models.items() if used == model] for model in found.models.values()}
    models = "; ".join(f"{plain(model)} for {', '.join(of)}" for model, of in uses.items())
    st.markdown(f":small[:gray[Models: {models}, at {plain(found.address)}.]]")
    for away in found.away:
        st.warning(
            f"{plain(away.sentence)} Runs that need it are parked and go on by themselves.",
            icon=":material/pause_circle:",
        )
    if not may(actor, Action.START_RUN) or not st.button("Test the connection", key="agents_try"):
        return
    try:
        with st.spinner("One tiny call to each model"):
            trials = connections.try_connection(deps, actor)
    except UserError as error:
        st.error(str(error))
        return
    for trial in trials:
        (st.success if trial.is_working else st.error)(plain(trial.sentence))


st.title("Agents", anchor=False)
for engine in offered_engines(deps.settings):
    st.markdown(f"Engine **{engine.value}**: {effect_of(engine)}")
connection = connections.find_connection(deps, actor)
if connection:
    draw_connection(connection)
for name, agent in load_definitions().items():
    with st.expander(f"{name} · {plain(agent.description)}"):
        for task in ALL_TASKS:
            if task.agent == name:
                reads, owns = ", ".join(task.reads) or "the feature", ", ".join(task.owns) or "no files"
                may_change = f"; may change {', '.join(task.changes)}" if task.changes else ""
                st.text(f"Step {task.step}, {task.title}: reads {reads}; owns {owns}{may_change}")
        st.markdown(f":small[:gray[Prompt, hash {agent.prompt_hash[:16]}. The blueprint engine uses no prompt.]]")
        st.code(agent.prompt, language="markdown", wrap_lines=True)
house_rules.draw(deps, actor)
house_rules.draw_next(deps, actor)
