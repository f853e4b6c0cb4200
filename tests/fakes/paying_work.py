"""The executor's side of an engine's work, in memory: what was kept, held, paid, checked and said."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.agents.engine import Checked, Outcome, Paid
from services.errors import WorkParked


@dataclass
class PayingWork:
    """`payments`: name of what was held -> (worst, cost); cost is None until it is settled. `found`: what checks find;
    `answers`: of people, by call."""

    limit_usd: float | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    paid: dict[str, Paid] = field(default_factory=dict)
    payments: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    is_stopped: bool = False
    found: tuple[Checked, ...] = ()
    checked: list[Mapping[str, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def once(self, key: str, fn: Callable[[], Any], paid: Callable[[Any], Paid] | None = None) -> Any:
        if key not in self.kept:
            self.kept[key] = fn()
            if paid:
                self.paid[key] = paid(self.kept[key])
        return self.kept[key]

    def reserve(self, key: str, *, model: str, worst_usd: float | None) -> str:
        with self.lock:
            if self.limit_usd is not None and self.held_usd + (worst_usd or 0.0) > self.limit_usd:
                raise WorkParked("The limit is reached.")
            name = f"{key}:{len(self.payments)}"
            self.payments[name] = (worst_usd, None)
            return name

    def settle(self, held: str, *, cost_usd: float | None, usage: Mapping[str, Any]) -> None:
        with self.lock:
            self.payments[held] = (self.payments[held][0], cost_usd)

    @property
    def held_usd(self) -> float:
        return sum((cost if cost is not None else worst) or 0.0 for worst, cost in self.payments.values())

    def spent_usd(self) -> float | None:
        return self.held_usd

    def admit(self, provider: str, model: str) -> None:
        """Always: this breaker never opens."""

    def came_of(self, provider: str, model: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def check(self, files: Mapping[str, bytes]) -> tuple[Checked, ...]:
        self.checked.append(dict(files))
        return self.found

    def ask(self, call: str, text: str, choices: Sequence[str]) -> str:
        self.asked.append((call, text, tuple(choices)))
        if call not in self.answers:
            raise WorkParked("Nobody has answered.")
        return self.answers[call]

    def emit(self, text: str) -> None:
        self.said.append(text)

    def cancelled(self) -> bool:
        return self.is_stopped
