"""What an agent writes is on two screens within a second of the first byte of each of its answers."""

import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from services.runs.start import start_run
from tests.builders import a_feature, a_member
from tests.claude.playing import BY_CLAUDE, Players, connected, task_of, turn_of
from tests.e2e.conftest import Screens, served
from tests.e2e.viewers import cookie_of
from tests.machine import stretched
from tests.runs.processes import a_home, wait_until
from tests.servers.messages_api import KEY, PIECE, Answer, MessagesApi, calls, says, serving
from tests.servers.troubles import Trouble

# It measures seconds, so nothing else may be tested beside it.
pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.timeout(180)]

WITHIN_SECONDS = 1.0
TURNS, PIECES, PAUSE_SECONDS = 8, 6, 0.15
# Notes when each piece is on the screen first, in seconds since the epoch.
WATCH = """() => {
  window.seen = {};
  setInterval(() => {
    for (const [mark] of document.body.textContent.matchAll(/piece \\d\\d of answer \\d\\d/g))
      window.seen[mark] ??= Date.now() / 1000;
  }, 10);
}"""


def mark(answer: int, piece: int) -> str:
    return f"piece {piece:02} of answer {answer:02}"


def written(answer: int) -> str:
    """Each line is one event on the wire."""
    return "".join(f"{mark(answer, piece)}".ljust(PIECE - 1, ".") + "\n" for piece in range(PIECES))


@dataclass
class Writer:
    """An agent that looks around often and writes slowly. `sent`: mark -> when, in seconds since the epoch."""

    may_begin: threading.Event = field(default_factory=threading.Event)
    sent: dict[str, float] = field(default_factory=dict)

    def __call__(self, request: dict[str, Any]) -> Answer:
        assert self.may_begin.wait(60)
        instead: dict[tuple[str, int | str], Answer] = {("business", TURNS): says(Players().report("business"))}
        for turn in range(TURNS):
            instead["business", turn] = calls(("list_files", {}), text=written(turn), first_id=100 * turn)
        return Players(instead=instead)(request)

    def notes(self, answer: int) -> Trouble:
        """No trouble at all: notes when a piece goes out, after begin, ping and block."""

        def during(_handler: Any, event: int, _count: int) -> bool:
            if 3 <= event < 3 + PIECES:
                self.sent[mark(answer, event - 3)] = time.time()
            return False

        return Trouble("noted", during=during)


@pytest.fixture
def writer() -> Writer:
    return Writer()


def test_two_screens_show_an_answer_within_a_second_of_its_first_byte(
    writer: Writer, screens: Screens, tmp_path: Path
) -> None:
    deps, ada = a_home(tmp_path / "home")
    ben = a_member(deps, ada.team_id, username="ben")
    run_id = start_run(connected(deps), ada, feature_id=a_feature(deps, ada, BY_CLAUDE).id)
    with serving(MessagesApi(writer)) as api:
        api.pause_seconds = PAUSE_SECONDS
        api.meant_for = lambda request: task_of(request) == "business" and turn_of(request) in range(TURNS)
        api.troubles = [writer.notes(answer) for answer in range(TURNS)]
        told = {"GREENLIGHT_MODEL_URL": api.address, "ANTHROPIC_API_KEY": KEY}
        with served(tmp_path / "home", **told) as address:
            pages = [on_screen(screens.open(address, cookie_of(deps, person)), run_id) for person in (ada, ben)]
            writer.may_begin.set()
            wait_until(lambda: len(writer.sent) == TURNS * PIECES, seconds=60)
            last = mark(TURNS - 1, PIECES - 1)
            for page in pages:
                page.wait_for_function("last => last in window.seen", arg=last)
            seen: list[dict[str, float]] = [page.evaluate("window.seen") for page in pages]
    late = [{piece: at[piece] - sent for piece, sent in writer.sent.items()} for at in seen]
    first = [[row[mark(answer, 0)] for answer in range(TURNS)] for row in late]
    for name, rows in (("first", first), ("all", [list(row.values()) for row in late])):
        said = "; ".join(f"median {statistics.median(row):.2f} s, slowest {max(row):.2f} s" for row in rows)
        print(f"{name} pieces on each screen: {said}")  # noqa: T201
    assert all(statistics.median(row) < WITHIN_SECONDS for row in first), first
    assert all(max(row) < stretched(WITHIN_SECONDS) for row in first), first


def on_screen(page: Page, run_id: object) -> Page:
    page.goto(f"/run?run={run_id}")
    page.get_by_text("Starting.").wait_for()
    page.evaluate(WATCH)
    return page
