"""The check of performance: the running service over thousands of records, against every budget and objective that is named.

A latency is judged at one request at a time, because a client and a service that share two cores measure the machine; the median
of three rounds counts. A rate that this machine cannot reach is not measured, and never a pass.
"""

import math
import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.evidence.findings import Finding
from services.evidence.findings import Severity as Level
from services.evidence.grounds import find_ground
from services.evidence.measurements import MeasuredOutcome, Measurement, measured, not_measured
from services.evidence.sandbox import Limits, run_isolated
from services.evidence.subjects import Files, Subject
from services.evidence.tool_runs import FOUND, HARNESS, read_found
from services.features.quantities import parse_budget
from services.features.understanding import Quantity

CHECK, TOOL = "performance", "uvicorn"
VERSION = 5
_KINDS = ("latency", "throughput", "rate", "availability")
_NEEDED = ("app/main.py", "design/openapi.json", "design/architecture.json", "web/tests/journey.json")
# From this share of the limit on a latency is told as marginal.
_MARGINAL = 0.75
# Upper ends of the bars of the plot, in milliseconds.
BUCKETS = (1, 2, 3, 5, 8, 13, 20, 35, 60, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Row:
    """A budget as it was judged. `verdict`: kept, marginal, broken, or "not measured here"."""

    budget: str
    source: str
    measured: str
    verdict: str


def loaded(subject: Subject) -> Files:
    places = ("app/", "flags/", "migrations/", "design/", "web/", "analytics/", "alembic.ini")
    return {path: data for path, data in subject.tested.items() if path.startswith(places)}


def measure_performance(subject: Subject) -> Measurement:
    """Figures: `budgets`, a row for each; `operations`, name -> p50, p95 and p99 in milliseconds, the median of three rounds;
    `histogram`, counts per bucket; `rate` a second; `machine`.
    """
    ground = find_ground(subject.environments.runtime, allow_unsandboxed=subject.allow_unsandboxed, needs_loopback=True)
    if isinstance(ground, str):
        return not_measured(CHECK, TOOL, ground)
    files = loaded(subject)
    if missing := [path for path in _NEEDED if path not in files]:
        return not_measured(CHECK, TOOL, f"There is no {missing[0]}, so it is not known what to ask the service.")
    result = run_isolated(
        ["-P", str(HARNESS / "load_rounds.py")],
        files=files,
        environment=ground.environment,
        level=ground.level,
        readonly=[HARNESS],
        results=[FOUND],
        variables={"PYTHONPATH": str(HARNESS)},
        limits=Limits(memory_mb=None),
    )
    about: dict[str, Any] = {"check": CHECK, "tool": TOOL}
    try:
        found = read_found(result)
        operations = {str(name): _percentiles(row) for name, row in found["operations"].items() if row["status"] < 400}
        faults = sum(int(row["faults"]) for row in found["operations"].values()) + int(found["rate"]["faults"])
        times = [float(ms) for row in found["operations"].values() for repeat in row["milliseconds"] for ms in repeat]
        rate = float(found["rate"]["per_second"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return measured(
            result, outcome="failed", reason=f"The service could not be loaded: {error}.", figures={}, **about
        )
    if not operations:
        return measured(
            result, outcome="failed", reason="The service answered no operation with success.", figures={}, **about
        )
    rows = tuple(judged_rows(asked_of(subject), operations, rate=rate, faults=faults, requests=len(times)))
    figures = {
        "budgets": [asdict(row) for row in rows],
        "operations": operations,
        "histogram": _histogram(times),
        "rate": rate,
        "faults": faults,
        "machine_told": machine(),
    }
    outcome, reason = judged(rows, faults=faults, operations=len(operations), rate=rate)
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=_findings(rows, faults), **about)


def asked_of(subject: Subject) -> tuple[tuple[Quantity, str], ...]:
    """Limits with their source: those of the form and the text, and of the architecture where these name none of a kind."""
    named = [(q, "the request") for q in subject.understanding.quantities if q.kind in _KINDS]
    kinds = {quantity.kind for quantity, _ in named}
    assumed = [
        (quantity, f"{row['id']} of step 2, assumed")
        for row in subject.records.get("architecture", {}).get("quality", ())
        for quantity in parse_budget(row["measure"])
        if quantity.kind not in kinds
    ]
    return (*named, *assumed)


def _percentiles(row: Mapping[str, Any]) -> dict[str, float]:
    """The median over the rounds of each percentile. Raises: ValueError for an empty round."""
    rounds = [sorted(float(ms) for ms in repeat) for repeat in row["milliseconds"]]
    if not rounds or not all(rounds):
        raise ValueError("a round has no request")
    return {f"p{p}": round(statistics.median(_at(times, p) for times in rounds), 2) for p in (50, 75, 90, 95, 99)}


def _at(times: Sequence[float], percent: int) -> float:
    """Nearest rank."""
    return times[max(0, math.ceil(percent / 100 * len(times)) - 1)]


def judged_rows(
    asked: Sequence[tuple[Quantity, str]],
    operations: Mapping[str, Mapping[str, float]],
    rate: float,
    faults: int,
    requests: int,
) -> Iterator[Row]:
    """`operations`: name -> percentile, as p95, -> milliseconds; `rate`: answers a second; `requests`: how many were sent."""  # fmt: skip
    for quantity, source in asked:
        if quantity.kind == "latency":
            percentile = quantity.percentile or 95
            name, worst = max(((n, row[f"p{percentile}"]) for n, row in operations.items()), key=lambda pair: pair[1])
            share = worst / quantity.value if quantity.value else math.inf
            verdict = "broken" if share > 1 else "marginal" if share > _MARGINAL else "kept"
            yield Row(f"p{percentile} at most {quantity.value:g} ms", source, f"{worst:.1f} ms, {name}", verdict)
        elif quantity.kind == "throughput":
            verdict = "kept" if rate >= quantity.value else "not measured here"
            yield Row(f"at least {quantity.value:g} a second", source, f"{rate:g} a second on this machine", verdict)
        elif quantity.kind == "rate":
            percent = 100 * faults / requests if requests else 100.0
            yield Row(f"errors at most {quantity.value:g} %", source, f"{percent:.2f} %", "kept" if percent <= quantity.value else "broken")  # fmt: skip
        else:
            yield Row(
                f"available {quantity.value:g} %", source, "only a month of production tells", "told by production"
            )


def judged(rows: Sequence[Row], *, faults: int, operations: int, rate: float) -> tuple[MeasuredOutcome, str]:
    broken = [row for row in rows if row.verdict == "broken"]
    beyond = [row for row in rows if row.verdict == "not measured here"]
    if faults:
        return "failed", f"{faults} answers were 500 or above while the service was asked in a row."
    if broken:
        return "failed", f"{broken[0].budget}: measured {broken[0].measured}."
    if beyond:
        return "not_measured", f"{beyond[0].budget}: this machine answers {rate:g} a second, client and service together; a stronger one has to tell."  # fmt: skip
    told = "; ".join(f"{row.budget}: {row.measured}{', marginal' if row.verdict == 'marginal' else ''}" for row in rows if row.verdict in ("kept", "marginal"))  # fmt: skip
    return (
        "passed",
        f"{operations} operations over three thousand records a kind, the median of three rounds. {told or 'No limit is named'}.",
    )


def _findings(rows: Sequence[Row], faults: int) -> Iterator[Finding]:
    for row in rows:
        if row.verdict == "broken":
            yield Finding("budget-broken", Level.HIGH, "performance/budgets.json", f"{row.budget}: measured {row.measured}.", "Make this operation faster, or agree on another budget.", "performance")  # fmt: skip
    if faults:
        yield Finding("server-error", Level.HIGH, "app/", f"{faults} answers were 500 or above.", "Mend what fails when it is asked often.", "backend")  # fmt: skip


def _histogram(times: Sequence[float]) -> dict[str, int]:
    """Upper end of a bucket in milliseconds -> how many answers took so long; the rest is beyond."""
    found = dict.fromkeys([*(str(end) for end in BUCKETS), "more"], 0)
    for taken in times:
        found[next((str(end) for end in BUCKETS if taken <= end), "more")] += 1
    return found


def machine() -> str:
    """Cores, processor and Python of where it was measured."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        model = platform.processor()
    return f"{os.cpu_count()} cores, {model or platform.machine()}, Python {platform.python_version()}"
