"""The tools that reach beyond an agent's files: checks in the sandbox, questions to people. Each is bounded for one revision.

What was used is counted from the kept answers, so that an attempt after a crash counts the same.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.agents.claude.tools import Answer, Desk, Refused, answered
from services.agents.claude.untrusted import clean, data_text
from services.agents.engine import Checked, Work

CHECKS_MAX, CHECK_SECONDS_MAX, QUESTIONS_MAX = 8, 1_200.0, 3
FINDINGS_MAX, FINDING_MAX, REASON_MAX, LOG_MAX = 20, 240, 500, 2_500
NO_CHECK = "No check looks at what your task writes while you work; the gate judges it with your records."


@dataclass
class Outside:
    """`clock`: seconds that pass while checks run."""

    work: Work
    desk: Desk
    clock: Callable[[], float]
    used: Counter[str] = field(default_factory=Counter)
    check_seconds: float = 0.0

    def answers(self, name: str) -> bool:
        return name in _ACTS

    def answer(self, name: str, given: Mapping[str, Any], *, call: str) -> Answer:
        """`call` names the place in the conversation. Raises: WorkParked while people have not answered."""
        return answered(name, lambda: _ACTS[name](self, self.desk.read(name, given), call))

    def count(self, name: str, kept: Mapping[str, Any]) -> None:
        """After every answer, given now or kept from before."""
        if not kept["is_error"]:
            self.used[name] += 1
        self.check_seconds += kept.get("seconds", 0.0)


def _ask(outside: Outside, given: Any, call: str) -> Answer:
    if outside.used["ask_team"] >= QUESTIONS_MAX:
        raise Refused(
            f"You have asked {QUESTIONS_MAX} questions, and no more are allowed. Take the smallest reading that can be undone, "
            "and put the question under Open questions."
        )
    answer = outside.work.ask(call, clean(given.question), [clean(choice) for choice in given.choices])
    return Answer(data_text("answer", {"question": given.question, "answer": answer}), said="The team has answered.")


def _check(outside: Outside, _given: Any, _call: str) -> Answer:
    if outside.used["run_checks"] >= CHECKS_MAX:
        raise Refused(f"You have run the checks {CHECKS_MAX} times, and no more are allowed; the gate runs them again.")
    if outside.check_seconds >= CHECK_SECONDS_MAX:
        raise Refused(f"Your checks have taken {CHECK_SECONDS_MAX / 60:.0f} minutes, and no more are allowed.")
    outside.work.emit("Runs the checks.")
    began = outside.clock()
    found = outside.work.check(outside.desk.written)
    seconds = round(outside.clock() - began, 1)
    if not found:
        return Answer(NO_CHECK, seconds=seconds)
    said = "\n".join(f"{row.check.replace('_', ' ').capitalize()}: {_cut(row.reason, REASON_MAX)}" for row in found)
    share = FINDINGS_MAX // max(1, sum(bool(row.findings) for row in found))
    return Answer(data_text("checks", [_row(row, share) for row in found]), said=said, seconds=seconds)


def _row(found: Checked, most: int) -> dict[str, Any]:
    """Short enough to be read in every turn that follows. The end of a log says most."""
    findings = [{name: _cut(text, FINDING_MAX) for name, text in row.items() if text} for row in found.findings]
    left = len(findings) - most
    more = {"more_findings": left} if left > 0 else {}
    log = {"end_of_log": found.log[-LOG_MAX:]} if found.log else {}
    outcome = {"check": found.check, "outcome": found.outcome, "reason": _cut(found.reason, REASON_MAX)}
    return {**outcome, "findings": findings[:most], **more, **log}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


_ACTS: dict[str, Callable[[Outside, Any, str], Answer]] = {"run_checks": _check, "ask_team": _ask}
