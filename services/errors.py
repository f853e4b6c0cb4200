"""Every error that the product raises on purpose.

GreenlightError
├── UserError            the person can mend it; the message says how
│   ├── InvalidInput     carries `problems`: field name -> sentence
│   ├── NotFound         also for what belongs to another team
│   ├── NotAllowed       the role does not permit the act
│   ├── NotSignedIn      wrong password, locked account, expired or used link
│   ├── Conflict         what was shown has moved; look again, then decide
│   └── TooLarge         a limit was passed; the message names it
├── StartError           the process must not start; the message says what to set
├── DeliveryFailed       a message did not arrive; `is_final` when another try would not help
├── ModelFailed          a model gave no usable answer and would give none again; carries the kind of fault
└── WorkParked           a task cannot go on by itself; carries the reason
    ├── LimitReached     a limit on money could be passed; carries which
    └── ModelAway        a model cannot be asked now, a person or time can mend it; carries the kind of fault
"""

from collections.abc import Mapping


class GreenlightError(Exception):
    """Root of the tree above."""


class UserError(GreenlightError):
    """Safe to show as it is: plain words, no trace, no secret."""


class InvalidInput(UserError):
    """`problems`: field name -> one sentence that says what to change."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


def legible(text: str) -> str:
    """The text with a mark in place of what no screen shows and not every database holds."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


class NotFound(UserError):
    """Nothing of that id is visible to the actor's team."""


class NotAllowed(UserError):
    """The actor's role does not permit this act."""


class NotSignedIn(UserError):
    """The person could not be recognised."""


class Conflict(UserError):
    """Somebody or something else was faster; nothing was written."""


class TooLarge(UserError):
    """A documented limit was passed."""


class StartError(GreenlightError):
    """Stops the start of a process."""


class WorkParked(GreenlightError):
    """Ends an attempt without failure; a person's act lets the next attempt go on.

    `waits_for`: (provider, model) where no act is needed, only an answer of that model.
    """

    def __init__(self, reason: str, *, waits_for: tuple[str, str] | None = None) -> None:
        self.reason = reason
        self.waits_for = waits_for
        super().__init__(reason)


class LimitReached(WorkParked):
    """`limit`: "run", or "month" for the cap of the team."""

    def __init__(self, limit: str, reason: str) -> None:
        self.limit = limit
        super().__init__(reason)


class DeliveryFailed(GreenlightError):
    """A message to the outside did not arrive. The text says why in words, without address or secret."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        self.reason = reason
        self.is_final = is_final
        super().__init__(reason)


class ModelFailed(GreenlightError):
    """`kind` names a row of services/agents/claude/faults.py; the message says what happened and what to do."""

    def __init__(self, kind: str, sentence: str) -> None:
        self.kind = kind
        super().__init__(sentence)


class ModelAway(WorkParked):
    """As `ModelFailed`, where the same call can succeed later."""

    def __init__(self, kind: str, sentence: str, *, waits_for: tuple[str, str] | None = None) -> None:
        self.kind = kind
        super().__init__(sentence, waits_for=waits_for)
