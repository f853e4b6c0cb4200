"""A caller over a server of the test, with short limits and no waiting."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from services.agents.claude.calls import Caller, Pace
from services.agents.claude.clients import make_client
from services.agents.claude.prices import PriceList
from services.agents.claude.streams import Limits
from services.settings import Provider
from tests.servers.messages_api import KEY, MessagesApi

TODAY = date(2026, 11, 27)
TEXT = "The quick brown fox jumps over the lazy dog. " * 20
REQUEST: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1_000,
    "system": [{"type": "text", "text": "You write."}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Write."}]}],
}
LIMITS = Limits(idle_seconds=0.25, total_seconds=1.0)


@dataclass
class Heard:
    """What came since the answer last began, and how often it began again."""

    pieces: list[str] = field(default_factory=list)
    again: int = 0

    def text(self, text: str) -> None:
        self.pieces.append(text)

    def begins_again(self) -> None:
        self.pieces.clear()
        self.again += 1


def a_provider(api: MessagesApi, **other: Any) -> Provider:
    return replace(Provider(key=KEY, base_url=api.address), **other)


def a_caller(provider: Provider, *, waited: list[float] | None = None, limits: Limits = LIMITS) -> Caller:
    """Waits are noted instead of waited; jitter is always the largest."""
    pace = Pace(attempts=3, sleep=(waited if waited is not None else []).append, draw=lambda _low, high: high)
    caller = Caller(provider, PriceList(), limits=limits, pace=pace, today=lambda: TODAY)
    caller._client = client_of(provider, limits.idle_seconds)
    return caller


@cache
def client_of(provider: Provider, idle_seconds: float) -> Any:
    """One for all tests of a server: certificates take a third of a second to read."""
    return make_client(provider, idle_seconds=idle_seconds)
