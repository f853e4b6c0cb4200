"""The desk of an agent: what it may do is kept here, whatever it was told."""

from typing import Any

import pytest

from services.agents.claude import tools
from services.agents.claude.tools import Answer, Desk, tool_list
from services.agents.definitions import load_definitions
from services.workflow.tasks import TASKS

GIVEN = {"app/main.py": b"import os\nLIMIT = 5\n", "web/logo.png": b"\x89PNG\xff", "reads/business.md": b"# Stories\n"}
ALL = ("list_files", "read_file", "search_files", "write_file", "edit_file")


def a_desk(key: str = "backend", allowed: tuple[str, ...] = ALL, **written: bytes) -> Desk:
    task = next(task for task in TASKS if task.key == key)
    own = {path.replace("_SLASH_", "/"): data for path, data in written.items()}
    return Desk(task=task, graph=TASKS, allowed=allowed, given=GIVEN, written=own)


def use(desk: Desk, name: str, **given: Any) -> Answer:
    answer = desk.answer(name, given)
    desk.apply(answer.writes)
    return answer


def test_what_is_written_can_be_read_listed_found_changed_and_deleted() -> None:
    desk = a_desk()
    use(desk, "write_file", path="app/new.py", content="a = 1\nb = 2\n")
    assert "app/new.py (12)" in use(desk, "list_files", folder="app/").text
    assert "app/new.py:2: b = 2" in use(desk, "search_files", text="B = 2").text
    use(desk, "edit_file", path="app/new.py", old="b = 2", new="b = 3")
    assert '"content":"b = 3"' in use(desk, "read_file", path="app/new.py", first_line=2, last_line=2).text
    assert desk.written == {"app/new.py": b"a = 1\nb = 3\n"}
    use(desk, "delete_file", path="app/new.py")
    assert desk.written == {}


def test_answering_changes_nothing_until_it_is_applied() -> None:
    desk = a_desk()
    assert desk.answer("write_file", {"path": "app/x.py", "content": ""}).writes == {"app/x.py": ""}
    assert desk.written == {}


def test_a_file_of_another_task_can_be_changed_only_where_the_graph_says_so() -> None:
    assert use(a_desk("performance"), "edit_file", path="app/main.py", old="5", new="6").writes
    assert use(a_desk("frontend"), "edit_file", path="app/main.py", old="5", new="6").is_error


@pytest.mark.parametrize(
    "path",
    ["tests/test_x.py", "design/x.md", "/etc/passwd", "../x", "app/../x", "app/.git/config", "app/a\x00b", "app/con", "app/", "reads/x.md", "documents/x", "app\\x", "A" * 300],
)  # fmt: skip
def test_a_path_that_is_not_the_task_s_is_refused(path: str) -> None:
    desk = a_desk()
    assert use(desk, "write_file", path=path, content="x").is_error
    assert desk.written == {}


@pytest.mark.parametrize("name", ["write_file", "edit_file", "delete_file"])
def test_who_may_only_read_writes_nothing(name: str) -> None:
    desk = a_desk(allowed=("list_files", "read_file", "search_files"))
    answer = use(desk, name, path="app/x.py", content="x", old="a", new="b")
    assert "You have no tool" in answer.text
    assert not answer.writes


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("read_file", {"path": "app/other/main.py"}, "Did you mean app/main.py?"),
        ("read_file", {"path": "web/logo.png"}, "is no text"),
        ("read_file", {"path": "app/main.py", "first_line": 0}, "greater than or equal to 1"),
        ("read_file", {"path": "app/main.py", "mode": "raw"}, "Extra inputs"),
        ("read_file", {"path": 7}, "valid string"),
        ("search_files", {"text": "x"}, "at least 2 characters"),
        ("edit_file", {"path": "app/main.py", "old": "nothing", "new": ""}, "occurs 0 times"),
        ("edit_file", {"path": "app/main.py", "old": "\n", "new": ""}, "occurs 2 times"),
        ("write_file", {"path": "app/x.py", "content": "\x1b[2J"}, "control character"),
        ("write_file", {"path": "app/x.py", "content": "\ud800"}, "control character"),
        ("write_file", {"path": "app/x.py", "content": "x" * 300_001}, "a file may have 300,000"),
        ("delete_file", {"path": "app/main.py"}, "Your task wrote no file"),
        ("run_shell", {"command": "ls"}, "You have no tool 'run_shell'"),
    ],
)
def test_what_cannot_be_done_is_said_so_that_the_agent_does_better(
    name: str, given: dict[str, Any], words: str
) -> None:
    desk = a_desk()
    answer = desk.answer(name, given)
    assert (answer.is_error, dict(answer.writes)) == (True, {})
    assert words in answer.text


def test_files_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "FILES_MAX", 2)
    monkeypatch.setattr(tools, "ALL_MAX_BYTES", 100)
    desk = a_desk()
    assert not use(desk, "write_file", path="app/a", content="x" * 60).is_error
    assert "together" in use(desk, "write_file", path="app/b", content="x" * 60).text
    assert not use(desk, "write_file", path="app/b", content="").is_error
    assert "no more are allowed" in use(desk, "write_file", path="app/c", content="").text
    assert not use(desk, "write_file", path="app/a", content="y" * 99).is_error


def test_long_answers_are_cut_and_say_so() -> None:
    desk = a_desk(app_SLASH_long=b"needle in hay\n" * 20_000)
    assert "read fewer lines" in use(desk, "read_file", path="app/long").text
    assert "19920 more" in use(desk, "search_files", text="needle").text


def test_every_tool_is_described_and_closed() -> None:
    for tool in tool_list():
        assert tool["description"].endswith(".")
        assert tool["input_schema"]["additionalProperties"] is False
    assert [tool["name"] for tool in tool_list()] == [*ALL, "delete_file", "run_checks", "ask_team"]


def test_every_agent_that_owns_files_may_write() -> None:
    for task in TASKS:
        allowed = load_definitions()[task.agent].tools
        assert set(allowed) >= {"list_files", "read_file", "search_files"}
        assert not task.owns or {"write_file", "edit_file"} <= set(allowed)
