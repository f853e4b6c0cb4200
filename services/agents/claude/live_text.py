"""What people see while an agent writes: whole lines, at most twice a second, nothing of it twice."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from services.agents.claude.untrusted import clean
from services.agents.engine import Work

EVERY_SECONDS = 0.5
LONGEST = 2_000
BROKE_OFF = "(The answer broke off and is asked for again.)"


@dataclass
class LiveText:
    """Hears an answer while it comes. `flush` at its end."""

    work: Work
    clock: Callable[[], float] = time.monotonic
    _waiting: str = ""
    _sent_at: float = float("-inf")

    def text(self, text: str) -> None:
        self._waiting += text
        now = self.clock()
        if now - self._sent_at < EVERY_SECONDS and len(self._waiting) < LONGEST:
            return
        end = self._end()
        if end:
            self._send(self._waiting[:end])
            self._waiting = self._waiting[end:]

    def begins_again(self) -> None:
        self._waiting = ""
        self._send(BROKE_OFF)

    def flush(self) -> None:
        if self._waiting.strip():
            self._send(self._waiting)
        self._waiting = ""

    def _end(self) -> int:
        """After the last whole line, else after the last word; nothing of a word is shown."""
        line = self._waiting.rfind("\n") + 1
        if line or len(self._waiting) < LONGEST:
            return line or self._waiting.rfind(" ") + 1
        return self._waiting.rfind(" ") + 1 or len(self._waiting)

    def _send(self, text: str) -> None:
        self._sent_at = self.clock()
        if text.strip():
            self.work.emit(clean(text).rstrip("\n"))
