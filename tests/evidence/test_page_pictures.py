"""The generated page is drawn, tested and used by a real browser in the sandbox, or it is said why not."""

from pathlib import Path

import pytest

from services.evidence import page_pictures
from services.evidence.page_pictures import PICTURES, measure_page
from tests.agents.chain import files_of
from tests.agents.page_cases import CASES, page_of
from tests.machine import missing

pytestmark = pytest.mark.browser
STYLES = "web/styles.css"


def workspace(case: str = "expenses") -> dict[str, bytes]:
    return files_of(page_of(CASES[case]()).values())


@pytest.fixture(autouse=True)
def browser_for_pictures() -> None:
    if page_pictures.find_browser() is None:
        missing("No browser found; install Debian's package chromium.")


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_drawn_tested_and_used(case: str, environment: Path) -> None:
    found = measure_page(workspace(case), environment=environment)
    assert found.outcome == "passed", (found.reason, found.log)
    assert (found.isolation, found.tool) == ("bubblewrap", "uvicorn")
    assert set(found.files) == set(PICTURES)
    assert "was made" not in found.log
    assert len(found.figures["unit"]) > 30
    names = [step["name"] for step in found.figures["journey"]]
    assert names[1:4] == ["list", "keyboard", "create"]
    assert {"expenses": "approve", "clinic": "finish", "bugs": "resolve"}[case] in names
    assert len(found.figures["accessibility"]) == 12
    assert 0 < found.figures["largest_contentful_paint_ms"] < 10_000
    assert found.figures["cumulative_layout_shift"] < 0.1
    assert 0 < found.figures["transferred_bytes"] < 150_000


# (file, what stands there, what is put there, what must be said of it); all of one row are broken at once.
BREAKS = {
    "what can be seen": (
        (STYLES, b"--quiet: #4a5866", b"--quiet: #b0b8c0", "1.4.3"),
        (STYLES, b"min-height: 2.75rem; padding: 0.375rem", b"height: 1.25rem; padding: 0", "2.5.8"),
        (STYLES, b":focus-visible { outline: 3px solid", b":focus-visible { outline: 0 solid", "2.4.7"),
        (STYLES, b"* { box-sizing", b"main { width: 50rem; } * { box-sizing", "1.4.10"),
        ("web/elements.js", b'element("label", { for: control.id, text })', b'element("p", { text })', "3.3.2"),
        ("web/acts.js", b"export async function move(entity, verb, record) {", b"export async function move(entity, verb, record) { return;", "another state after submit"),
        ("web/app.js", b"async function start() {", b'async function start() {\n  setTimeout("1");\n', "Content Security Policy"),
    ),
    "errors and amounts": (
        ("web/form.js", b"placed[0]?.input.control.focus();", b"", "3.3.1"),
        ("web/fields.js", b"amount.format(value / 100)", b"amount.format(value / 10)", "amounts are whole minor units"),
    ),
    "a script": (("web/list.js", b"export function openList(", b"nothing.here;\nexport function openList(", "nothing is not defined"),),
}  # fmt: skip
QUICK, *OTHERS = BREAKS


@pytest.mark.parametrize("what", [QUICK, *(pytest.param(what, marks=pytest.mark.soak) for what in OTHERS)])
def test_the_check_sees_what_is_broken(what: str, environment: Path) -> None:
    files = workspace()
    for path, good, bad, _ in BREAKS[what]:
        assert good in files[path]
        files[path] = files[path].replace(good, bad, 1)
    found = measure_page(files, environment=environment)
    told = " ".join([found.reason, *(str(value) for value in found.figures.values())])
    assert found.outcome == "failed"
    assert [said for *_, said in BREAKS[what] if said not in told] == []


def test_a_picture_that_the_workspace_brought_along_proves_nothing(environment: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n"
    broken = {**workspace(), "app/main.py": b"raise RuntimeError('no')\n", "page.png": picture, "page.json": b"{}"}
    found = measure_page(broken, environment=environment)
    assert (found.outcome, dict(found.files)) == ("failed", {})


def test_a_page_without_a_journey_is_drawn_and_not_judged_further(environment: Path) -> None:
    files = {path: data for path, data in workspace().items() if not path.startswith("web/tests/")}
    found = measure_page(files, environment=environment)
    assert found.outcome == "passed", (found.reason, found.log)
    assert (found.figures["unit"], found.figures["journey"]) == (None, None)
    assert found.reason == "The service starts, and a browser draws its page."


def test_a_service_that_does_not_start_has_no_picture(environment: Path) -> None:
    broken = {**workspace(), "app/main.py": b"raise RuntimeError('no')\n"}
    found = measure_page(broken, environment=environment)
    assert (found.outcome, dict(found.files)) == ("failed", {})
    assert "the service does not answer" in found.reason


def test_a_workspace_without_a_page_is_not_drawn(environment: Path) -> None:
    without = {path: data for path, data in workspace().items() if not path.startswith("web/")}
    assert measure_page(without, environment=environment).outcome == "not_measured"


def test_without_a_browser_the_reason_says_how_to_get_one(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_pictures, "_BROWSERS", ("no-such-browser",))
    found = measure_page(workspace(), environment=environment)
    assert found.outcome == "not_measured"
    assert "apt install chromium" in found.reason


def test_without_an_environment_nothing_is_drawn() -> None:
    assert "make run" in measure_page(workspace(), environment=None).reason
