"""The generated page is drawn by a real browser in the sandbox, or it is said why not."""

from functools import cache
from pathlib import Path

import pytest

from services.evidence import page_pictures
from services.evidence.page_pictures import PICTURE, measure_page
from tests.agents.chain import drafts_of, files_of
from tests.builders import REQUEST
from tests.machine import missing

pytestmark = pytest.mark.browser


@cache
def workspace() -> dict[str, bytes]:
    return files_of(drafts_of(REQUEST, until="frontend").values())


@pytest.fixture(autouse=True)
def browser_for_pictures() -> None:
    if page_pictures.find_browser() is None:
        missing("No browser found; install Debian's package chromium.")


def test_the_picture_shows_the_page_that_the_service_answers(environment: Path) -> None:
    measured = measure_page(workspace(), environment=environment)
    assert measured.outcome == "passed", measured.log
    assert (measured.isolation, measured.tool) == ("bubblewrap", "uvicorn")
    picture = measured.files[PICTURE]
    assert picture.startswith(b"\x89PNG")
    assert "no record was made" not in measured.log


def test_a_service_that_does_not_start_has_no_picture(environment: Path) -> None:
    broken = {**workspace(), "app/main.py": b"raise RuntimeError('no')\n"}
    measured = measure_page(broken, environment=environment)
    assert (measured.outcome, dict(measured.files)) == ("failed", {})
    assert "the service does not answer" in measured.reason


def test_a_workspace_without_a_page_is_not_drawn(environment: Path) -> None:
    without = {path: data for path, data in workspace().items() if not path.startswith("web/")}
    assert measure_page(without, environment=environment).outcome == "not_measured"


def test_without_a_browser_the_reason_says_how_to_get_one(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_pictures, "_BROWSERS", ("no-such-browser",))
    measured = measure_page(workspace(), environment=environment)
    assert measured.outcome == "not_measured"
    assert "apt install chromium" in measured.reason


def test_without_an_environment_nothing_is_drawn() -> None:
    assert "make run" in measure_page(workspace(), environment=None).reason
