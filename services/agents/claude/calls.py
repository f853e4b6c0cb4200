"""One call as the engine sees it: paid for before it is sent, tried again by our own table, journaled by the caller."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from services.agents.claude.clients import make_client
from services.agents.claude.faults import KINDS, Fault, fault_of, in_words
from services.agents.claude.prices import PriceList
from services.agents.claude.streams import Assembly, Limits, Reply, ask
from services.agents.engine import Outcome, Work
from services.settings import Provider

PICTURE_TOKENS = 5_000  # more than the API counts for the largest picture
OVERHEAD_TOKENS = 1_000  # what the API adds for tools and formats


@dataclass(frozen=True)
class Pace:
    """Retries with full jitter: before the n-th retry, between 0 and `first_seconds` * 2 ** n, at most `most_seconds`.

    A provider that asks to wait longer than `obeyed_seconds` is not waited for. Source: AWS, Exponential backoff and jitter.
    """

    attempts: int = 5
    first_seconds: float = 1.0
    most_seconds: float = 30.0
    obeyed_seconds: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[float, float], float] = random.uniform

    def wait_seconds(self, attempt: int, asked_seconds: float | None) -> float:
        if asked_seconds is not None:
            return asked_seconds * (1 + 0.1 * self.draw(0, 1))
        return self.draw(0, min(self.most_seconds, self.first_seconds * 2**attempt))


class Listener(Protocol):
    """Who hears an answer while it comes."""

    def text(self, text: str) -> None: ...

    def begins_again(self) -> None:
        """What came so far belongs to an answer that broke off."""


@dataclass
class Caller:
    """Everything that a call needs besides its request. Threads share it."""

    provider: Provider
    prices: PriceList
    limits: Limits = field(default_factory=Limits)
    pace: Pace = field(default_factory=Pace)
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    _client: Any = field(default=None, repr=False)

    def call(self, request: dict[str, Any], *, work: Work, key: str, listener: Listener) -> Reply:
        """The answer, paid for. Raises: ModelFailed, or WorkParked (ModelAway, or the run's limit on money)."""
        last = Fault("stopped")
        for attempt in range(self.pace.attempts):
            if work.cancelled():
                raise self._in_words(Fault("stopped"), request)
            try:
                return self._attempt(request, work, key, listener)
            except Fault as fault:
                last = fault
            self._wait(last, attempt, request, work)
            listener.begins_again()
        raise self._in_words(last, request)

    def cost_usd(self, model: str, usage: Mapping[str, Any]) -> float | None:
        """Of one answer by today's price; None where that, or what is to be counted, is not known."""
        if not _is_counted(usage):
            return None
        return _usd(self.prices.cost(model, usage, self.today()))

    def _wait(self, fault: Fault, attempt: int, request: dict[str, Any], work: Work) -> None:
        """Before the next attempt. Raises where there is none."""
        asked = fault.retry_after_seconds
        if not KINDS[fault.kind].is_retried:
            raise self._in_words(fault, request)
        if asked is not None and asked > self.pace.obeyed_seconds:
            told = f"{fault.detail} ({asked / 60:.0f} minutes)"
            is_outage = KINDS[fault.kind].is_outage
            raise self._in_words(Fault("told_to_wait", told.strip()), request, is_outage=is_outage) from fault
        if attempt + 1 == self.pace.attempts:
            raise self._in_words(fault, request) from fault
        left = self.pace.wait_seconds(attempt, asked)
        while left > 0 and not work.cancelled():
            self.pace.sleep(min(left, 1.0))
            left -= 1.0

    def _attempt(self, request: dict[str, Any], work: Work, key: str, listener: Listener) -> Reply:
        who, model = self.provider.address, str(request["model"])
        outcome = Outcome()
        work.admit(who, model)
        try:
            reply = self._sent(request, work, key, listener)
            outcome = Outcome(is_answer=True)
        except Fault as fault:
            if KINDS[fault.kind].is_outage:
                outcome = Outcome(fault=fault.kind, wait_seconds=fault.retry_after_seconds)
            raise
        finally:
            work.came_of(who, model, outcome)
        return reply

    def _sent(self, request: dict[str, Any], work: Work, key: str, listener: Listener) -> Reply:
        model, on = str(request["model"]), self.today()
        worst = self.prices.worst(
            model, input_tokens=most_input_tokens(request), max_tokens=int(request["max_tokens"]), on=on
        )
        assembly = Assembly()
        held = work.reserve(key, model=model, worst_usd=_usd(worst))
        try:
            reply = ask(
                self._connected(),
                request,
                limits=self.limits,
                on_text=listener.text,
                is_stopped=work.cancelled,
                assembly=assembly,
            )
        except Fault as fault:
            work.settle(held, cost_usd=self._at_most(fault, assembly, request, worst), usage=assembly.usage)
            raise
        cost_usd = self.cost_usd(model, reply.usage) if _is_counted(reply.usage) else _usd(worst)
        work.settle(held, cost_usd=cost_usd, usage=reply.usage)
        return reply

    def _at_most(
        self, fault: Fault, assembly: Assembly, request: dict[str, Any], worst: Decimal | None
    ) -> float | None:
        """What an attempt without an answer can have cost. How far a provider went on writing into a connection that is
        gone, or that a proxy has closed, nobody knows.
        """
        if worst is None:
            return None
        if not assembly.is_begun and not fault.is_billed:
            return 0.0
        if not _is_counted(assembly.usage):
            return _usd(worst)
        output = int(request["max_tokens"])
        if fault.is_last_word and not assembly.thinks:
            counted = int(assembly.usage.get("output_tokens") or 0)
            output = min(output, max(counted, assembly.output_bytes + 1))
        usage = {**assembly.usage, "output_tokens": output}
        return min(_usd(worst) or 0.0, _usd(self.prices.cost(str(request["model"]), usage, self.today())) or 0.0)

    def _connected(self) -> Any:
        if self._client is None:
            self._client = connect(self.provider, self.limits)
        return self._client

    def _in_words(self, fault: Fault, request: dict[str, Any], *, is_outage: bool = False) -> Exception:
        who, model = self.provider.address, str(request["model"])
        return in_words(fault, who=who, model=model, secret=self.provider.key, is_outage=is_outage)


def connect(provider: Provider, limits: Limits) -> Any:
    """The client, before anything is sent. Raises: Fault where a package or credentials are missing."""
    try:
        return make_client(provider, idle_seconds=limits.idle_seconds)
    except Exception as error:
        raise fault_of(error) from error


def most_input_tokens(request: dict[str, Any]) -> int:
    """No token is shorter than a byte; pictures are counted by number and not by their bytes."""
    texts = {name: request[name] for name in ("tools", "system", "messages", "output_config") if name in request}
    pictures = [0]

    def told(value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") == "image":
            pictures[0] += 1
            return ""
        if isinstance(value, dict):
            return {key: told(inner) for key, inner in value.items()}
        return [told(inner) for inner in value] if isinstance(value, list | tuple) else value

    size = len(json.dumps(told(texts), ensure_ascii=False, separators=(",", ":")).encode())
    return size + pictures[0] * PICTURE_TOKENS + OVERHEAD_TOKENS


def _is_counted(usage: Mapping[str, Any]) -> bool:
    """Not every server counts; an answer of theirs is not for free."""
    return all(isinstance(usage.get(name), int) for name in ("input_tokens", "output_tokens"))


def _usd(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
