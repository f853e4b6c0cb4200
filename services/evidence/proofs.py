"""What was seen while the rule of a criterion was broken, and whether that is enough to believe its tests.

Demanded of each place of the rule: one test fails both when it raises and when it does nothing; some dropped condition is
noticed, if there is one; and some changed constant, if there is one that a noticed condition holds or that stands alone. If
one of those is a limit, a limit must be noticed, since a changed word is noticed by almost any test. Not every single
breakage: some change nothing that anybody could see.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.evidence.breakages import Kind
from services.evidence.sabotage import Place, Sabotage, Step

_NAMED = 3


@dataclass(frozen=True)
class Tried:
    """One breakage, as people read it."""

    place: str
    kind: str
    breakage: str
    noticed: bool


@dataclass(frozen=True)
class Proof:
    """`worth`: tests that failed loudly and quietly. `lacking`: why that is not enough; empty when it is."""

    worth: frozenset[str] = frozenset()
    lacking: str = ""
    tried: tuple[Tried, ...] = ()


def read_proofs(data: bytes | None, sabotage: Sabotage) -> dict[str, Proof]:
    """Reads what the round left. It was written beside hostile code: what is no such report proves nothing."""
    try:
        told = json.loads(data or b"{}")
        proofs = {id_: _proof(places, told.get(id_)) for id_, places in sabotage.steps.items()}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        proofs = {}
    absent = {
        id_: Proof(lacking=f"Its rule is not where it is said to be: {why}.") for id_, why in sabotage.absent.items()
    }
    return proofs | absent


def read_failing(data: bytes | None) -> frozenset[str]:
    """The tests that failed while the whole application was broken. What is no such list names none."""
    try:
        told = json.loads(data or b"[]")
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(id_ for id_ in told if isinstance(id_, str)) if isinstance(told, list) else frozenset()


def _proof(places: Mapping[Place, tuple[Step, ...]], told: Any) -> Proof:
    if told is None:
        return Proof(lacking="The tests did not come to an end while its rule was broken.")
    if not told["sound"]:
        return Proof(lacking="Its tests fail in the copy that is made to be broken, before anything is broken.")
    unsteady = frozenset(map(str, told["unsteady"]))
    worth, lacking, tried = frozenset[str](), "", list[Tried]()
    for (place, steps), seen in zip(places.items(), told["places"], strict=True):
        noticed = {step: frozenset(map(str, seen[step.id])) - unsteady for step in steps if step.id in seen}
        tried += [Tried(f"{place.file} {place.name}", s.kind.value, s.words, bool(by)) for s, by in noticed.items()]
        raises, nothing = (noticed.get(step, frozenset[str]()) for step in steps[:2])
        worth |= raises & nothing
        lacking = lacking or _lacking(place, noticed, is_worth=bool(raises & nothing))
    if unsteady and lacking:
        lacking = (
            f"{min(unsteady)} fails when it is repeated, also with nothing broken, so that its failing proves nothing."
        )
    return Proof(worth, lacking, tuple(tried))


def _lacking(place: Place, noticed: Mapping[Step, frozenset[str]], *, is_worth: bool) -> str:
    if not is_worth:
        missed = [step.words for step, by in noticed.items() if not by]
        return f"None of its tests was seen to fail when {place.name} is broken{_named(missed)}."
    conditions = [step for step in noticed if step.kind is Kind.CONDITION]
    if conditions and not any(noticed[step] for step in conditions):
        return f"No test notices when a condition of {place.name} is dropped{_named([s.words for s in conditions])}."
    seen = {step.id for step in conditions if noticed[step]}
    constants = [s for s in noticed if s.kind in (Kind.LIMIT, Kind.VALUE) and (not s.of or seen & set(s.of))]
    demanded = [step for step in constants if step.kind is Kind.LIMIT] or constants
    if demanded and not any(noticed[step] for step in demanded):
        return f"No test notices when {place.name} is changed{_named([s.words for s in demanded])}."
    return ""


def _named(words: Sequence[str]) -> str:
    shown = "; ".join(words[:_NAMED])
    return f" ({shown}{'; ...' if len(words) > _NAMED else ''})" if words else ""
