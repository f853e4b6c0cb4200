"""The check of an experiment: its figures are computed again, and what it counts is planned. Nothing is run."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

from services.evidence.findings import Finding, found_in
from services.evidence.measurements import Measurement, judged, not_measured, only_read
from services.evidence.subjects import Subject

CHECK = "experiment"
VERSION = 1
FILE = "deploy/experiment.json"
_NEEDED = ("hypothesis", "unit", "primary_metric", "baseline_percent", "minimum_detectable_effect_percent",
           "sample_size_per_arm", "guardrails", "alpha", "power")  # fmt: skip
_EXPOSED = re.compile(r"\b\w+_exposed\b")
_EVENT = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")


def sample_size(baseline: float, effect: float, alpha: float, power: float) -> int:
    """People per arm to see a share rise from `baseline` by `effect`, both 0..1.

    Source: two proportions, two-sided, unpooled variance under the alternative (Fleiss, Statistical Methods for Rates).
    """
    other, mean = baseline + effect, baseline + effect / 2
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    top = z_alpha * math.sqrt(2 * mean * (1 - mean)) + z_power * math.sqrt(
        baseline * (1 - baseline) + other * (1 - other)
    )
    return math.ceil((top / effect) ** 2)


def measure_experiment(subject: Subject) -> Measurement:
    """Figures: `sample_size`, as computed here."""
    if FILE not in subject.files:
        return not_measured(CHECK, "Greenlight", f"There is no {FILE}, so there is no experiment.")
    try:
        plan = json.loads(subject.files[FILE])
        findings = list(_faults(subject, plan))
        size = _size(plan)
    except (ValueError, TypeError, AttributeError, ZeroDivisionError) as error:
        findings = [_found("experiment-shape", f"It cannot be read: {error!r:.160}", "Write every figure as a number.")]
        size = 0
    praise = f"The experiment has a metric, guardrails and the {size:,} people per arm that its figures ask for; what it counts is planned."
    outcome, reason = judged(findings, praise)
    return only_read(CHECK, VERSION, outcome=outcome, reason=reason, figures={"sample_size": size}, findings=findings)


def _size(plan: Mapping[str, Any]) -> int:
    """Raises: ValueError, TypeError for figures that are none."""
    baseline, effect = plan["baseline_percent"] / 100, plan["minimum_detectable_effect_percent"] / 100
    if not (
        0 < baseline < 1 and effect > 0 and baseline + effect < 1 and 0 < plan["alpha"] < 1 and 0 < plan["power"] < 1
    ):
        raise ValueError("shares lie between 0 and 1")
    return sample_size(baseline, effect, plan["alpha"], plan["power"])


def _found(rule: str, message: str, advice: str) -> Finding:
    return found_in(FILE, rule, message, advice)


def _faults(subject: Subject, plan: Mapping[str, Any]) -> Iterator[Finding]:
    missing = [name for name in _NEEDED if not plan.get(name)]
    if missing:
        yield _found("experiment-incomplete", f"It lacks {', '.join(missing)}.", "Say it before the experiment begins.")
        return
    size = _size(plan)
    if abs(plan["sample_size_per_arm"] - size) > 1:
        what = f"It says {plan['sample_size_per_arm']:,} people per arm; its own figures ask for {size:,}."
        yield _found("sample-size", what, f"Write {size:,}.")
    planned = {row["name"] for row in subject.records.get("data", {}).get("events", ())}
    counted = set(_EVENT.findall(plan["primary_metric"]))
    for name in sorted(counted - planned):
        yield _found(
            "metric-unplanned", f"The metric counts {name}, which is in no tracking plan.", "Count planned events."
        )
    if not any(_EXPOSED.fullmatch(name) for name in counted):
        yield _found(
            "exposure-missing", "The metric does not say who saw a variant.", "Divide by the event of exposure."
        )
    if not any("sample ratio" in str(guard).lower() for guard in plan["guardrails"]):
        yield _found(
            "sample-ratio", "No guardrail watches the split of people.", "Test it by chi-square, alarm below 0.001."
        )
    recorded = subject.records.get("deployment", {}).get("experiment") or {}
    for name in ("primary_metric", "sample_size_per_arm", "baseline_percent"):
        if recorded and recorded.get(name) != plan[name]:
            yield _found("experiment-clash", f"{name} is {plan[name]} here and {recorded.get(name)} in step 10.", "Say the same in both.")  # fmt: skip
