"""Loaded beside greenlight_plugin for one round: the tests of each criterion are repeated over each breakage of its rule.

All in one process, since most of the time goes into starting one. What a test, its file or its folder needs is made anew
for each repetition.
"""

import itertools
import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import greenlight_switch
import pytest
from _pytest.runner import runtestprotocol

# Read before any file of the workspace is imported.
PLAN = json.loads(Path("greenlight_plan.json").read_text(encoding="utf-8"))
REPORT = Path("breakages.json").resolve()
Row = tuple[str, str, str, list[str]]  # id, kind, words, and of which conditions it is a part
SECONDS_EACH = 5  # of the processor: a dropped condition may have ended a loop, and the machine may be busy


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    told: dict[str, Any] = {}
    signal.signal(signal.SIGPROF, _stop)
    is_sound: dict[pytest.Item, bool] = {}
    for criterion, places in [] if session.testsfailed else PLAN:
        items = [item for item in session.items if criterion in _criteria_of(item)]
        for item in items:
            if item not in is_sound:
                is_sound[item] = _passes(item, "")
        sound = [item for item in items if is_sound[item]]
        tried = [_Trial(sound, rows).run() for rows in places] if sound else []
        unsteady = [item for item in sound if not _passes(item, "")]
        told[criterion] = {"sound": _ids_of(sound), "unsteady": _ids_of(unsteady), "places": tried}
        REPORT.write_text(json.dumps(told), encoding="utf-8")
    return True


def pytest_unconfigure() -> None:
    os._exit(0)  # a loop that does not end may still be running in a thread of its own


class _Trial:
    """The tests of a criterion over the breakages of one place. `noticed`: breakage -> the tests that fail over it.

    What can show nothing more is not tried: conditions only until one is noticed together with a constant of its own,
    constants only until one is.
    """

    def __init__(self, items: list[pytest.Item], rows: list[Row]) -> None:
        self.items, self.noticed = items, dict[str, list[str]]()
        self._raises, self._nothing, *others = rows
        self._conditions = [row for row in others if row[1] == "condition"]
        self._constants = sorted((row for row in others if row[1] != "condition"), key=lambda row: row[1] != "limit")

    def run(self) -> dict[str, list[str]]:
        if self._is_noticed(self._raises, by_all=True) and self._is_noticed(self._nothing, by_all=True):
            self._try_conditions()
            self._try_what_stands_alone("limit", {"limit"})
            self._try_what_stands_alone("value", {"limit", "value"})
        return self.noticed

    def _try_conditions(self) -> None:
        """First those of the fields that the tests speak of, and those that hold a limit: the criterion is about them."""
        spoken = {name for item in self.items for name in _words_of(item)}
        limited = {id_ for row in self._constants if row[1] == "limit" for id_ in row[3]}
        for row in sorted(self._conditions, key=lambda row: (_is_of_another_field(row, spoken), row[0] not in limited)):
            own = [constant for constant in self._constants if row[0] in constant[3]]
            if self._is_noticed(row) and (not own or any(map(self._is_noticed, own))):
                return

    def _try_what_stands_alone(self, kind: str, enough: set[str]) -> None:
        if not any(row[1] in enough and self.noticed.get(row[0]) for row in self._constants):
            any(self._is_noticed(row) for row in self._constants if row[1] == kind and not row[3])

    def _is_noticed(self, row: Row, *, by_all: bool = False) -> bool:
        id_ = row[0]
        if id_ not in self.noticed and _can_be_made(id_):
            failing = (item.nodeid for item in self.items if _notices(item, id_))
            self.noticed[id_] = list(failing) if by_all else list(itertools.islice(failing, 1))
        return bool(self.noticed.get(id_))


def _is_of_another_field(row: Row, spoken: set[str]) -> bool:
    field, colon, _ = row[2].partition(": ")
    return bool(colon) and field.isidentifier() and field not in spoken


def _words_of(item: pytest.Item) -> Iterable[str]:
    code = getattr(getattr(item, "function", None), "__code__", None)
    return [constant for constant in code.co_consts if isinstance(constant, str)] if code else []


def _can_be_made(breakage: str) -> bool:
    try:
        greenlight_switch.variant(breakage)
    except Exception:  # noqa: BLE001  (a class that cannot be built in this way proves nothing either way)
        return False
    return True


def _notices(item: pytest.Item, breakage: str) -> bool:
    """Whether it fails, and came past what is broken: otherwise it fails for another reason."""
    greenlight_switch.is_met = False
    return not _passes(item, breakage) and greenlight_switch.is_met


def _passes(item: pytest.Item, breakage: str) -> bool:
    greenlight_switch.broken = breakage
    signal.setitimer(signal.ITIMER_PROF, SECONDS_EACH, SECONDS_EACH)
    try:
        # Whatever lives as long as the session stays, as between any two tests: the unbroken run before has made it.
        return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=cast("Any", item.session)))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        greenlight_switch.broken = ""


def _ids_of(items: Iterable[pytest.Item]) -> list[str]:
    return [item.nodeid for item in items]


def _criteria_of(item: pytest.Item) -> set[str]:
    return {str(id_) for marker in item.iter_markers("criterion") for id_ in marker.args}


def _stop(*_: object) -> None:
    raise TimeoutError("this does not end")
