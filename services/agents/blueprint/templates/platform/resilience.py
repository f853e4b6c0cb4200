"""Calls to other systems: a time limit each, repeats where they are harmless, and a circuit breaker.

The breaker opens when half of at least 20 calls within 30 s failed, stays open for 30 s, and then lets one probe through.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock, Thread
from typing import TypeVar

from opentelemetry.trace import SpanKind
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from app import observability

T = TypeVar("T")
log = logging.getLogger(__name__)
WINDOW_SECONDS = OPEN_SECONDS = 30.0
LEAST_CALLS, FAILED_SHARE, ATTEMPTS, AT_ONCE = 20, 0.5, 3, 16
CLOSED, PROBING, OPEN = 0, 1, 2


class Unavailable(Exception):
    """The other system did not answer, or is not asked for a while."""


class Refused(Exception):
    """The other system answered, and said no; asking again changes nothing."""


class _Failed(Exception):
    """One attempt that gave no answer."""


@dataclass
class Breaker:
    name: str
    state: int = CLOSED
    calls: deque[tuple[float, bool]] = field(default_factory=deque)
    open_until: float = 0.0
    lock: Lock = field(default_factory=Lock)
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def enter(self) -> bool:
        """Whether this call is the probe. Raises: Unavailable while it is open."""
        with self.lock:
            if self.state == CLOSED:
                return False
            if self.state == PROBING or time.monotonic() < self.open_until:
                raise Unavailable(f"{self.name} is not asked at the moment")
            self._turn(PROBING)
            return True

    def leave(self, *, is_good: bool, is_probe: bool) -> None:
        with self.lock:
            now = time.monotonic()
            self.calls.append((now, is_good))
            while self.calls[0][0] < now - WINDOW_SECONDS:
                self.calls.popleft()
            failed = sum(not good for _, good in self.calls)
            is_failing = len(self.calls) >= LEAST_CALLS and failed / len(self.calls) >= FAILED_SHARE
            if is_probe and is_good:
                self.calls.clear()
                self._turn(CLOSED)
            elif is_probe or (is_failing and self.state == CLOSED):
                self.open_until = now + OPEN_SECONDS
                self._turn(OPEN)

    def _turn(self, state: int) -> None:
        self.state = state
        observability.breaker_state(self.name, state)
        log.warning("the breaker of %s is %s", self.name, ("closed", "probing", "open")[state])


BREAKERS: dict[str, Breaker] = {}


def carefully(name: str, call: Callable[[], T], *, is_idempotent: bool, seconds: float = 2.0) -> T:
    """The answer of the other system. Raises: Unavailable when it gave none, Refused when it said no."""
    breaker = BREAKERS.setdefault(name, Breaker(name))
    attempts = Retrying(
        retry=retry_if_exception_type(_Failed),
        stop=stop_after_attempt(ATTEMPTS if is_idempotent else 1),
        wait=wait_random_exponential(multiplier=0.1, max=0.4),
        reraise=True,
    )
    try:
        return attempts(_once, breaker, call, seconds)
    except _Failed as error:
        raise Unavailable(str(error)) from error


def _once(breaker: Breaker, call: Callable[[], T], seconds: float) -> T:
    is_probe = breaker.enter()
    with observability.tracer.start_as_current_span(breaker.name, kind=SpanKind.CLIENT) as span:
        span.set_attribute("peer.service", breaker.name)
        try:
            answer = _within(breaker, call, seconds)
        except Refused:
            _tell(breaker, "refused", is_probe=is_probe)
            raise
        except Exception as error:
            _tell(breaker, "failed", is_probe=is_probe)
            raise _Failed(f"{breaker.name}: {type(error).__name__}: {error}"[:300]) from error
        _tell(breaker, "answered", is_probe=is_probe)
        return answer


def _tell(breaker: Breaker, outcome: str, *, is_probe: bool) -> None:
    breaker.leave(is_good=outcome != "failed", is_probe=is_probe)
    observability.count_call(breaker.name, outcome)


def _within(breaker: Breaker, call: Callable[[], T], seconds: float) -> T:
    """In a thread of its own, which nobody waits for after the time limit; only so many at once."""
    if not breaker.slots.acquire(blocking=False):
        raise TimeoutError("too many wait for it already")
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)
        finally:
            breaker.slots.release()

    Thread(target=copy_context().run, args=(run,), daemon=True).start()
    return answer.result(seconds)
