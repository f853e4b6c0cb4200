"""Calls to other systems: retried with full jitter where that is harmless, and stopped by a circuit breaker.

The breaker opens when half of at least 20 calls within 30 s failed, stays open for 30 s, and then lets one probe through.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

T = TypeVar("T")
log = logging.getLogger(__name__)
WINDOW_SECONDS = OPEN_SECONDS = 30.0
LEAST_CALLS, FAILED_SHARE, ATTEMPTS = 20, 0.5, 3


class Unavailable(Exception):
    """The other system did not answer, or is not asked for a while."""


@dataclass
class Breaker:
    name: str
    calls: deque[tuple[float, bool]] = field(default_factory=deque)
    open_until: float = 0.0
    is_probing: bool = False
    lock: Lock = field(default_factory=Lock)

    def enter(self) -> None:
        """Raises: Unavailable while it is open."""
        with self.lock:
            now = time.monotonic()
            if self.open_until == 0.0:
                return
            if now < self.open_until or self.is_probing:
                raise Unavailable(f"{self.name} is not asked at the moment")
            self.is_probing = True

    def leave(self, *, is_good: bool) -> None:
        with self.lock:
            now = time.monotonic()
            if self.is_probing:
                self.is_probing = False
                self.open_until = 0.0 if is_good else now + OPEN_SECONDS
                self.calls.clear()
                return
            self.calls.append((now, is_good))
            while self.calls[0][0] < now - WINDOW_SECONDS:
                self.calls.popleft()
            failed = sum(not good for _, good in self.calls)
            if len(self.calls) >= LEAST_CALLS and failed / len(self.calls) >= FAILED_SHARE:
                self.open_until = now + OPEN_SECONDS
                log.warning("the breaker of %s is open", self.name)


BREAKERS: dict[str, Breaker] = {}


def carefully(name: str, call: Callable[[], T], *, is_idempotent: bool) -> T:
    """The answer of the other system. Raises: Unavailable when it gave none."""
    breaker = BREAKERS.setdefault(name, Breaker(name))

    def once() -> T:
        breaker.enter()
        try:
            answer = call()
        except Exception as error:
            breaker.leave(is_good=False)
            raise ConnectionError(f"{name}: {type(error).__name__}") from error
        breaker.leave(is_good=True)
        return answer

    attempts = Retrying(
        retry=retry_if_exception_type(ConnectionError),
        stop=stop_after_attempt(ATTEMPTS if is_idempotent else 1),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        reraise=True,
    )
    try:
        return attempts(once)
    except ConnectionError as error:
        raise Unavailable(str(error)) from error
