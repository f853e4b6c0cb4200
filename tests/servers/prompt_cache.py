"""The accounting of prompt caching as the Messages API does it: prefixes that end at a marked block, 5 minutes or 1 hour.

Source: Anthropic's documentation of prompt caching. A token is four bytes here; whoever needs other sizes changes the text.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MARKS_MAX, LOOKED_BACK = 4, 20
SECONDS = {"5m": 300.0, "1h": 3600.0}
SHORTEST_TOKENS = 1_024


class TooManyMarks(ValueError):
    """What the API answers with 400."""


@dataclass(frozen=True)
class Position:
    """One block of a request: the hash of everything up to its end, the tokens so far, its mark."""

    prefix: str
    tokens: int
    ttl: str


@dataclass(frozen=True)
class Entry:
    """Seconds of the clock: from when it can be read, and until when."""

    begins: float
    expires: float
    ttl: str


@dataclass
class PromptCache:
    """`entries`: prefix -> entry. A hit refreshes it. `delay_seconds`: an entry can be read only once its first answer begins."""

    clock: Callable[[], float]
    delay_seconds: float = 0.0
    entries: dict[str, Entry] = field(default_factory=dict)

    def usage(self, request: dict[str, Any]) -> dict[str, Any]:
        """The input counts of a request; what it marks is written."""
        places = list(positions(request))
        marks = [i for i, place in enumerate(places) if place.ttl]
        _check_marks([places[i].ttl for i in marks])
        total = places[-1].tokens if places else 0
        read = max((places[i].tokens for i in self._hits(places, marks)), default=0)
        written = {"5m": 0, "1h": 0}
        done = read
        for i in marks:
            place = places[i]
            if place.tokens < SHORTEST_TOKENS:
                continue
            self._keep(place.prefix, place.ttl)
            if place.tokens > done:
                written[place.ttl] += place.tokens - done
                done = place.tokens
        return {
            "input_tokens": total - done,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": sum(written.values()),
            "cache_creation": {
                "ephemeral_5m_input_tokens": written["5m"],
                "ephemeral_1h_input_tokens": written["1h"],
            },
        }

    def _hits(self, places: list[Position], marks: list[int]) -> Iterator[int]:
        for mark in marks:
            for i in range(mark, max(-1, mark - LOOKED_BACK), -1):
                found = self.entries.get(places[i].prefix)
                if found and found.begins <= self.clock() < found.expires:
                    self._keep(places[i].prefix, found.ttl)
                    yield i
                    break

    def _keep(self, prefix: str, ttl: str) -> None:
        now, known = self.clock(), self.entries.get(prefix)
        begins = known.begins if known and known.expires > now else now + self.delay_seconds
        self.entries[prefix] = Entry(begins, now + SECONDS[ttl], ttl)


def positions(request: dict[str, Any]) -> Iterator[Position]:
    """In the order in which the API reads: tools, system, messages."""
    so_far = hashlib.sha256(
        json.dumps([request.get("model"), request.get("output_config"), request.get("thinking")]).encode()
    )
    tokens = 0
    for kind, block in _blocks(request):
        plain = {key: value for key, value in block.items() if key != "cache_control"}
        told = json.dumps([kind, plain], sort_keys=True, ensure_ascii=False).encode()
        so_far = so_far.copy()
        so_far.update(told)
        tokens += max(1, len(told) // 4)
        yield Position(
            so_far.hexdigest(),
            tokens,
            (block.get("cache_control") or {}).get("ttl", "5m") if block.get("cache_control") else "",
        )


def _blocks(request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in request.get("tools") or []:
        yield "tool", tool
    system = request.get("system") or []
    for block in [{"type": "text", "text": system}] if isinstance(system, str) else system:
        yield "system", block
    for message in request["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            yield str(message["role"]), block


def _check_marks(ttls: list[str]) -> None:
    if len(ttls) > MARKS_MAX:
        raise TooManyMarks(f"A maximum of {MARKS_MAX} blocks with cache_control may be provided. Found {len(ttls)}.")
    if "1h" in ttls and "5m" in ttls[: ttls.index("1h")]:
        raise TooManyMarks("cache_control: an entry of 1h must come before every entry of 5m.")
    if ttls != sorted(ttls, key=lambda ttl: -SECONDS[ttl]):
        raise TooManyMarks("cache_control: an entry of 1h must come before every entry of 5m.")
