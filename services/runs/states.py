"""Which change of a run's state is allowed: a table, read by one function."""

from db.tables.run import RunStatus
from services.errors import Conflict

_S = RunStatus
ALLOWED: dict[RunStatus, frozenset[RunStatus]] = {
    _S.RUNNING: frozenset({_S.WAITING, _S.PARKED, _S.FAILED, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.RUNNING, _S.CANCELLED, _S.FINISHED}),
    _S.PARKED: frozenset({_S.RUNNING, _S.CANCELLED}),
    _S.FAILED: frozenset({_S.RUNNING, _S.CANCELLED}),
    _S.CANCELLED: frozenset(),
    _S.FINISHED: frozenset(),
}

ENDED = frozenset(status for status, after in ALLOWED.items() if not after)


def check_change(before: RunStatus, after: RunStatus) -> None:
    """Raises: Conflict when the run is in no state for it."""
    if after not in ALLOWED[before]:
        raise Conflict(f"This run is {before.value}; it cannot become {after.value}.")
