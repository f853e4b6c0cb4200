"""Prompts are read strictly: what is wrong is named with file and line, and nothing starts."""

import hashlib
import re
from pathlib import Path

import pytest

from services.agents.definitions import TOOLS, load_definitions
from services.errors import StartError
from services.workflow.tasks import ALL_TASKS

GOOD = "---\nname: tester\ndescription: Tests things.\nmodel: standard\ntools: [read_file]\n---\nYou test.\n"


def written(folder: Path, text: str, name: str = "tester.md") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_every_agent_of_the_workflow_has_a_definition_and_no_other_is_there() -> None:
    assert set(load_definitions()) == {task.agent for task in ALL_TASKS}
    assert len(load_definitions()) == 11


@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: task.key)
def test_every_task_has_its_section_in_the_prompt_of_its_agent(task) -> None:  # type: ignore[no-untyped-def]
    prompt = load_definitions()[task.agent].prompt
    assert re.search(rf"^## Task `{task.key}`$", prompt, re.MULTILINE)
    owned = [prefix for prefix in task.owns if prefix.endswith("/") and f"`{prefix}`" not in prompt]
    assert owned == []


@pytest.mark.parametrize("name", sorted(load_definitions()))
def test_a_prompt_is_half_a_page_to_a_page_and_says_how_it_is_checked(name: str) -> None:
    found = load_definitions()[name]
    assert 300 <= len(found.prompt.split()) <= 600
    assert "You are checked by:" in found.prompt
    assert set(found.tools) <= set(TOOLS)


def test_a_definition_carries_what_its_file_says(tmp_path: Path) -> None:
    found = load_definitions(written(tmp_path, GOOD))["tester"]
    assert (found.description, found.model, found.tools) == ("Tests things.", "standard", ("read_file",))
    assert found.prompt == "You test."
    assert found.prompt_hash == hashlib.sha256(b"You test.").hexdigest()


def test_the_hash_changes_with_the_prompt_and_not_with_the_front_matter(tmp_path: Path) -> None:
    first = load_definitions(written(tmp_path, GOOD))["tester"].prompt_hash
    described = load_definitions(written(tmp_path, GOOD.replace("Tests things", "Says no")))["tester"].prompt_hash
    reworded = load_definitions(written(tmp_path, GOOD.replace("You test", "You do test")))["tester"].prompt_hash
    assert described == first != reworded


def test_windows_line_ends_make_the_same_definition(tmp_path: Path) -> None:
    first = load_definitions(written(tmp_path, GOOD))
    (tmp_path / "tester.md").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert load_definitions(tmp_path) == first


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD.replace("model: standard", "colour: red\nmodel: standard"), 4, "unknown key 'colour'"),
        (GOOD.replace("model: standard\n", ""), 2, "lacks model"),
        (GOOD.replace("name: tester", "name: other"), 2, "the file's name is 'tester'"),
        (GOOD.replace("model: standard", "model: enormous"), 4, "unknown model 'enormous'"),
        (GOOD.replace("[read_file]", "[read_file, launch_rocket]"), 5, "unknown tools 'launch_rocket'"),
        (GOOD.replace("[read_file]", "read_file"), 5, "must be a list"),
        (GOOD.replace("Tests things.", "Tests: things."), 3, "is not valid YAML"),
        (GOOD.replace("Tests things.", "''"), 3, "description must be one line of text"),
        (GOOD.replace("Tests things.", "12"), 3, "description must be one line of text"),
        (GOOD.replace("model: standard", "model: standard\nmodel: strong"), 5, "model is given twice"),
        (GOOD.replace("You test.", ""), 7, "the prompt is empty"),
        (GOOD.replace("---\n", "", 1), 1, "must begin with"),
        ("---\nname: tester\n", 3, "has no closing line"),
        ("---\n- a\n---\nYou.", 2, "must name name"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(StartError) as caught:
        load_definitions(written(tmp_path, text))
    assert f"tester.md:{line}: " in str(caught.value)
    assert words in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "tester.md").write_bytes(b"---\n\xff\xfe")
    with pytest.raises(StartError, match="is not UTF-8"):
        load_definitions(tmp_path)


def test_an_empty_folder_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="holds no prompt"):
        load_definitions(tmp_path)
