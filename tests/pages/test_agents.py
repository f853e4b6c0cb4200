"""Who the agents are: every one with its steps, its prompt and the hash of it."""

import pytest

from services.agents.claude.prompting import rules
from services.agents.definitions import load_definitions
from services.workflow.tasks import ALL_TASKS
from tests.pages.homes import People
from tests.pages.screens import buttons, open_page, press, seen


@pytest.mark.parametrize("username", ["ada", "vera"])
def test_every_agent_is_there_with_its_prompt_and_hash(people: People, username: str) -> None:
    at = open_page(people.deps, username, "agents")
    definitions = load_definitions()
    assert len(definitions) == 11
    assert [expander.label.split(" ")[0] for expander in at.expander] == list(definitions)
    assert [code.value for code in at.code] == [agent.prompt.strip() for agent in definitions.values()]
    assert all(agent.prompt_hash[:16] in seen(at) for agent in definitions.values())


def test_every_task_is_told_once_by_its_agent(people: People) -> None:
    at = open_page(people.deps, "vera", "agents")
    told = [text.value for text in at.text if text.value.startswith("Step ")]
    assert len(told) == len(ALL_TASKS)
    for task in ALL_TASKS:
        assert sum(f"Step {task.step}, {task.title}: " in text for text in told) == 1


def test_the_page_says_that_the_embedded_engine_calls_no_model(people: People) -> None:
    assert "The blueprint engine uses no prompt." in seen(open_page(people.deps, "vera", "agents"))


def test_looking_offers_nothing_to_press(people: People) -> None:
    assert buttons(open_page(people.deps, "ada", "agents")) == {"Sign out"}


def test_an_owner_writes_house_rules_and_everybody_reads_them(people: People) -> None:
    at = open_page(people.deps, "ada", "agents")
    at = at.selectbox(key="agents_house").set_value("data-engineer").run()
    at.text_area[0].set_value("Events have **past tense** names.")
    at = press(at, "Save house rules")
    assert not at.exception
    for username, may_write in (("ada", True), ("vera", False)):
        at = open_page(people.deps, username, "agents")
        at = at.selectbox(key="agents_house").set_value("data-engineer").run()
        assert "Events have **past tense** names." in [code.value for code in at.code]
        assert any("Revision 1, Ada" in text for text in seen(at).splitlines())
        assert (len(at.text_area) == 1) is may_write


def test_the_prompt_of_a_step_can_be_read_as_it_is_sent(people: People) -> None:
    at = open_page(people.deps, "vera", "agents")
    at = at.selectbox(key="agents_prompt").set_value("backend").run()
    assert not at.exception
    texts = [code.value for code in at.code]
    assert rules() in texts
    assert any(text.startswith("# Your role") and "`backend`" in text for text in texts)
