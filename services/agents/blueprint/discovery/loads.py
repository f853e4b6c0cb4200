"""How much is asked of the service: one reading of the request for the capacity, the load and the manifests.

A demanded rate is what the service must bear in its busiest moment, never what happens all day.
"""

import math
from dataclasses import dataclass

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.discovery.resilience_plans import budget_ms
from services.agents.engine import Brief
from services.features import words
from services.features.understanding import Quantity, Resource

READS, BUSY_HOURS, PEAK = 20, 10, 3
# A limit is a percentile; the mean, which Little's law needs, is assumed to be a third of it.
MEAN_SHARE = 3
CONNECTIONS = 10
_ASSUMED_DAILY = 1000
_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


@dataclass(frozen=True)
class Load:
    """`daily`: new records of the main resource. `told`: where that is from. `peak`: requests a second at most."""

    daily: float
    told: str
    is_told: bool
    peak: float
    peak_told: str
    mean_seconds: float

    @property
    def at_once(self) -> int:
        """Source: Little's law, L = rate x mean time."""
        return max(1, math.ceil(round(self.peak * self.mean_seconds, 6)))

    @property
    def pods(self) -> int:
        """Two at least, so that one may be replaced."""
        return max(2, math.ceil(self.at_once / CONNECTIONS))

    def concurrency(self) -> str:
        return (
            f"{self.peak:.3g} requests a second x {self.mean_seconds:.3g} s = {self.peak * self.mean_seconds:.3g}, so {self.at_once} at the same time "
            f"(Little's law; the mean is assumed to be a third of the latency limit)"
        )


def load_of(brief: Brief) -> Load:
    main = brief.understanding.resources[0]
    daily, told, is_told = _daily(brief, main)
    asked = next((q for q in brief.understanding.quantities if q.kind == "throughput"), None)
    usual = daily * (READS + 1) / (BUSY_HOURS * 3600)
    peak, peak_told = (
        (asked.value, f"{asked.value:g} {asked.unit}, {_source(brief, asked)}")
        if asked
        else (PEAK * usual, f"{PEAK} times the usual rate, assumed")
    )
    return Load(daily, told, is_told, peak, peak_told, budget_ms(brief)[0] / 1000 / MEAN_SHARE)


def _source(brief: Brief, asked: Quantity) -> str:
    return quoted(brief.request, asked.span) if asked.span else "performance budget of the request"


def _daily(brief: Brief, main: Resource) -> tuple[float, str, bool]:
    volumes = [q for q in brief.understanding.quantities if q.kind == "volume"]
    for volume in volumes:
        things, _, period = volume.unit.rpartition(" a ")
        if _is_main(things, main):
            return volume.value / _DAYS[period], _named(brief, volume), True
    others = "; ".join(_named(brief, volume) for volume in volumes)
    because = f"the request names only {others}" if others else "the request names no volume of them"
    return _ASSUMED_DAILY, f"{_ASSUMED_DAILY:,} a day, assumed: {because}", False


def _named(brief: Brief, volume: Quantity) -> str:
    return f"{volume.value:g} {volume.unit} ({quoted(brief.request, volume.span) if volume.span else 'request'})"


def _is_main(things: str, main: Resource) -> bool:
    """ "requests" are support requests; "support requests" are requests."""
    told, name = things.split(), main.name.split("_")
    return bool(told) and words.singular(told[-1]) == name[-1]
