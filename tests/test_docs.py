"""Every agent, criterion, setting, command and page is in the docs; every local link leads somewhere."""

import re
from pathlib import Path

import pytest

from services.__main__ import COMMANDS
from services.workflow.criteria import CRITERIA
from services.workflow.options import EFFECTS
from services.workflow.tasks import TASKS, TESTS_RED

ROOT = Path(__file__).parents[1]
PAGES = sorted(ROOT.glob("docs/*.md")) + sorted(ROOT.glob("*.md"))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("task", [*TASKS, TESTS_RED], ids=lambda task: task.key)
def test_every_task_and_its_agent_are_documented(task) -> None:  # type: ignore[no-untyped-def]
    assert f"`{task.agent}` | `{task.key}`" in page("agents.md")


def test_every_criterion_is_documented() -> None:
    assert [c.id for c in CRITERIA if f"`{c.id}`" not in page("criteria.md")] == []


def test_every_option_is_documented_with_its_effect() -> None:
    assert [text for group in EFFECTS.values() for text in group.values() if text not in page("parameters.md")] == []


def test_every_command_is_documented() -> None:
    names = [module.__name__.rsplit(".", 1)[-1] for module in COMMANDS]
    assert [name for name in names if f"`{name}" not in page("command-line.md")] == []


def test_every_setting_is_documented() -> None:
    source = (ROOT / "services" / "settings.py").read_text(encoding="utf-8")
    assert [
        name for name in re.findall(r'"((?:GREENLIGHT|DATABASE)_[A-Z_]+)"', source) if name not in page("settings.md")
    ] == []


def test_every_page_is_documented() -> None:
    names = [path.stem for path in (ROOT / "pages").glob("*.py")]
    assert names
    assert [name for name in names if f"| {name} |" not in page("screens.md")] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_local_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
