"""Which steps of a life lead on, and which stop, undo or take back: to be faster at the latter is nobody's goal."""

from services.features import words
from services.features.understanding import Resource

_STOPS = words.ENDS | {"refunded", "called_off", "inactive", "no_show", "failed", "lost", "on_hold", "overdue", "waived", "retired", "unpublished", "locked",
                       "escalated", "disposed", "deleted", "removed", "blocked", "banned", "denied", "dropped", "stopped"}  # fmt: skip


_BACK = {"resumed", "reopened", "resubmitted", "active", "enabled"}


def leads_on(resource: Resource, verb: str) -> bool:
    """To a state in which something goes on, and that is no way back."""
    return not undoes(resource, verb) and not (_targets(resource, verb) | {words.participle(verb)}) & _STOPS


def undoes(resource: Resource, verb: str) -> bool:
    """Takes a step back: "resume" after "pause"."""
    return bool((_targets(resource, verb) | {words.participle(verb)}) & (_BACK | set(resource.states[:1])))


def _targets(resource: Resource, verb: str) -> set[str]:
    return {target for name, _, target in resource.transitions if name == verb}
