"""How long a run is likely to work and what it is likely to cost, in two sentences that say what they are taken from."""

from collections.abc import Callable, Mapping
from typing import Any

from pages.components.costs import usd
from pages.components.times import about
from services.actors import Actor
from services.deps import Deps
from services.features.speech import counted
from services.metrics import expected
from services.metrics.expected import MEASURED_HIGH_SECONDS, MEASURED_LOW_SECONDS, Outlook, Spread
from services.workflow.options import Complexity, EngineName

_GATES = "and waits for people at four gates"
_LIMITS = {"run": "its limit", "month": "what is left of the team's cap for this month"}


def sentences(deps: Deps, actor: Actor, form: Mapping[str, Any]) -> tuple[str, str]:
    """Of time, and of money."""
    engine = str(form.get("engine") or EngineName.BLUEPRINT)
    complexity = form.get("complexity")
    chosen = str(complexity) if complexity in list(Complexity) else None
    steps = form.get("step_engines") or ()
    found = expected.expect(deps, actor, engine=engine, complexity=chosen, limit_usd=_limit(form), step_engines=steps)
    engines = sorted({engine, *(choice["engine"] for choice in steps)}, key=lambda name: name != engine)
    with_engines = f"run with {engines[0]}" + (
        f" and {' and '.join(engines[1:])} for these steps" if engines[1:] else ""
    )
    asks_models = engines != [EngineName.BLUEPRINT]
    kind = f"{chosen} {with_engines}" if chosen else with_engines
    return _time(found, kind, asks_models=asks_models), _money(found, asks_models=asks_models)


def _time(found: Outlook, kind: str, *, asks_models: bool) -> str:
    if found.seconds is None:
        models = " and today's models" if asks_models else ""
        none = f"No {kind}{models} has ended in your team yet"
        if not asks_models:
            own = f"{about(MEASURED_LOW_SECONDS)} to {about(MEASURED_HIGH_SECONDS)} by our own figures"
            return f"{none}; a run works for {own} on two cores, {_GATES}."
        return f"{none}, so how long it works is n/a; it waits for people at four gates."
    number = kind if found.runs == 1 else counted(found.runs, kind, kind.replace("run", "runs", 1))
    told = f"the last {number} of your team"
    return f"A run works for about {about(found.seconds.median)} ({told}: {_between(found, found.seconds, about)}), {_GATES}."


def _money(found: Outlook, *, asks_models: bool) -> str:
    most = f"At most {usd(found.most.usd)}: there {_LIMITS[found.most.limit]} stops it." if found.most else ""
    if found.cost_usd is None:
        why = "the price of a model is not known" if found.runs else "there is nothing to take it from"
        return f"What it costs is n/a: {why}. {most or 'No limit stops it.'}"
    if not asks_models and found.cost_usd.high == 0:
        return "It costs nothing: no model is asked."
    return f"It costs about {usd(found.cost_usd.median)} ({_between(found, found.cost_usd, usd)}). {most}".strip()


def _between(found: Outlook, spread: Spread, say: Callable[[float], str]) -> str:
    half = "half of them " if found.runs >= expected.QUARTERS_FROM else ""
    low, high = say(spread.low), say(spread.high)
    return f"{half}{low}" if low == high else f"{half}{low} to {high}"


def _limit(form: Mapping[str, Any]) -> float | None:
    """What is typed, where it is an amount; the form says itself where it is none."""
    try:
        typed = float(str(form.get("cost_limit_usd") or ""))
    except ValueError:
        return None
    return typed if 0 < typed < float("inf") else None
