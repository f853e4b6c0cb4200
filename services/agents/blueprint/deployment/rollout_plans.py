"""How a feature reaches its people, by strategy: stages with guards, the rollback ladder, the experiment."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from services.agents.blueprint.deployment.objectives import LEAST_REQUESTS, available_percent
from services.agents.blueprint.implementation.flags import SHARED_OUT
from services.agents.engine import Brief
from services.deliverables.release import Experiment, Rollback, RolloutStage
from services.workflow.options import DeploymentStrategy
from services.workflow.rollback import LADDER, Rung

_S = DeploymentStrategy
_SHARES = (5, 25, 50, 100)
_ASSUMED_LATENCY_MS, _ASSUMED_ERROR_PERCENT = 300.0, 1.0
BASELINE_PERCENT, EFFECT_PERCENT = 10.0, 2.0
MEANINGS = {
    _S.DIRECT: "everyone at once; the kill switch stays.",
    _S.CANARY: "two sets of pods; the share of requests to the new one grows, and a person stays where the first request went.",
    _S.FEATURE_FLAG: "deployed dark; the flag opens for a growing share of people.",
    _S.BLUE_GREEN: "two whole environments; one switch moves all traffic, and moves it back.",
    _S.A_B_TEST: "people are split by a stable hash; those in the treatment see the feature.",
}


@dataclass(frozen=True)
class Guards:
    """Limits that stop a stage. `sources` says where each limit is from."""

    latency_ms: float
    percentile: int
    errors_percent: float
    sources: tuple[str, ...]

    def words(self) -> str:
        return (
            f"p{self.percentile} of http_request_duration_seconds at most {self.latency_ms:g} ms; "
            f"answers above 499 in http_requests_total at most {self.errors_percent:g} %"
        )


def guards_of(brief: Brief) -> Guards:
    """An error share that is asked for; else what the availability leaves; else an assumption."""
    asked = {q.kind: q for q in reversed(brief.understanding.quantities)}
    latency, errors, availability = asked.get("latency"), asked.get("rate"), asked.get("availability")
    percent, source = (
        (errors.value, "asked for")
        if errors
        else (
            round(100 - available_percent(availability.value), 4),
            f"what {availability.value:g} % availability leaves",
        )
        if availability
        else (_ASSUMED_ERROR_PERCENT, "assumed")
    )
    return Guards(
        latency_ms=latency.value if latency else _ASSUMED_LATENCY_MS,
        percentile=(latency.percentile if latency else None) or 95,
        errors_percent=percent,
        sources=(
            f"p95 of {_ASSUMED_LATENCY_MS:g} ms: assumed"
            if latency is None
            else f"latency of {latency.value:g} ms: asked for",
            f"{percent:g} % of errors: {source}",
        ),
    )


def shares_of(brief: Brief) -> tuple[int, ...]:
    """Percent of people or requests per stage, growing, the last one everybody."""
    first = brief.request.rollout_percentage
    growing = (first, *(share for share in _SHARES if share > first))
    return {
        _S.DIRECT: (100,),
        _S.CANARY: growing,
        _S.FEATURE_FLAG: (0, *growing),
        _S.BLUE_GREEN: (0, 100),
        _S.A_B_TEST: tuple(dict.fromkeys((first, max(first, 50), 100))),
    }[brief.request.deployment_strategy]


def by_traffic(strategy: DeploymentStrategy) -> bool:
    """Whether the share of requests is the rollout; then the flag stands at 100 % and is only the kill switch."""
    return strategy in (_S.CANARY, _S.BLUE_GREEN)


def stages_of(brief: Brief) -> tuple[RolloutStage, ...]:
    strategy = brief.request.deployment_strategy
    return tuple(
        RolloutStage(
            share_percent=share,
            traffic_percent=share if by_traffic(strategy) else 100,
            flag_percent=share if strategy in SHARED_OUT else 100,
            hold=_hold(brief, share),
            guards=_guards(brief, share),
            promoted_by=_promoter(brief, share),
        )
        for share in shares_of(brief)
    )


def _guards(brief: Brief, share: int) -> str:
    """Nobody's requests are counted where nobody sees it."""
    if share == 0:
        return "/ready answers 200 on every new pod; the smoke tests pass"
    guards = guards_of(brief)
    # Fewer requests, and a single error would be above the limit.
    least = max(LEAST_REQUESTS, math.ceil(100 / guards.errors_percent)) if guards.errors_percent else LEAST_REQUESTS
    return f"{guards.words()}; judged from {least:,} requests on"


def first_share(brief: Brief) -> str:
    """What became of the percentage that was asked for."""
    percent, strategy = brief.request.rollout_percentage, brief.request.deployment_strategy
    if strategy is _S.CANARY:
        return f"The {percent} % that were asked for are the first share of requests; the flag is on for everybody who gets the new version."
    if strategy in SHARED_OUT:
        return f"The {percent} % that were asked for are the first share of people for whom the flag is on; every request reaches the new version."
    return f"{strategy.value} has no share: the {percent} % that were asked for are used nowhere. A canary or a feature flag would use them."


def _hold(brief: Brief, share: int) -> str:
    strategy = brief.request.deployment_strategy
    if share == 100:
        return "watched for 24 hours"
    if share == 0:
        return "15 minutes of smoke tests, nobody sees it"
    if strategy is _S.A_B_TEST and share >= 50:
        return f"until {experiment_of(brief).sample_size_per_arm:,} people are in each arm, no look before"
    return "24 hours" if share <= 10 else "48 hours"


def _promoter(brief: Brief, share: int) -> str:
    if share == 100 and brief.request.deployment_strategy is _S.A_B_TEST:
        return "product, after the analysis"
    return "a person of operations, who looked at every guard"


def sample_size(baseline: float, changed: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """People per arm to tell two proportions (0..1) apart, two-sided.

    Source: the normal approximation for two independent proportions, pooled under the null hypothesis.
    """
    pooled = (baseline + changed) / 2
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    null = z_alpha * math.sqrt(2 * pooled * (1 - pooled))
    other = z_power * math.sqrt(baseline * (1 - baseline) + changed * (1 - changed))
    return math.ceil((null + other) ** 2 / (changed - baseline) ** 2)


def experiment_of(brief: Brief) -> Experiment:
    main = brief.understanding.resources[0]
    size = sample_size(BASELINE_PERCENT / 100, (BASELINE_PERCENT + EFFECT_PERCENT) / 100)
    guards = guards_of(brief)
    return Experiment(
        hypothesis=f"People who see {brief.understanding.title} finish more often: the share with {main.name}_created rises by "
        f"{EFFECT_PERCENT:g} percentage points from an assumed {BASELINE_PERCENT:g} %.",
        unit="person, by the token; the hash of app/flag_file.py keeps everybody in one arm",
        primary_metric=f"people with {main.name}_created / people with {brief.understanding.name}_exposed",
        baseline_percent=BASELINE_PERCENT,
        minimum_detectable_effect_percent=EFFECT_PERCENT,
        sample_size_per_arm=size,
        guardrails=(
            f"p{guards.percentile} latency at most {guards.latency_ms:g} ms",
            f"error share at most {guards.errors_percent:g} %",
            "sample ratio: chi-square against the planned split, alarm below p = 0.001",
        ),
    )


def ladder_of(brief: Brief) -> tuple[Rollback, ...]:
    return tuple(_rung(brief, rung) for rung in LADDER)


def ladder_minutes(brief: Brief) -> tuple[int, ...]:
    """Targets of the rungs that this strategy has and that need nobody else."""
    return tuple(
        rung.target_minutes
        for rung in LADDER
        if rung.target_minutes and (rung.number != 2 or has_second_environment(brief))
    )


def has_second_environment(brief: Brief) -> bool:
    return brief.request.deployment_strategy in (_S.CANARY, _S.BLUE_GREEN)


def _rung(brief: Brief, rung: Rung) -> Rollback:
    trigger, command, verified = {
        1: ("a guard is broken, or people report harm", "sh deploy/rollback/1-flag-off.sh", "the list answers 404; the event log shows no new event"),
        2: ("errors remain with the flag off", "sh deploy/rollback/2-traffic-back.sh", "requests reach the previous environment only"),
        3: ("the version itself is bad", "sh deploy/rollback/3-previous-version.sh", "/ready answers 200 on every pod of the version before"),
        4: ("data is wrong or the version before cannot read it", "sh deploy/rollback/4-migration-down.sh", "the tables are gone, the copy can be opened"),
        5: ("always, within two working days", "write deploy/rollback/5-review.md", "every action has a person and a date"),
    }[rung.number]  # fmt: skip
    action = rung.title
    if rung.number == 2 and not has_second_environment(brief):
        action = f"{rung.title}: not possible, there is one environment; go on with rung 3"
        command, verified = "-", "-"
    elif rung.number == 2 and brief.request.deployment_strategy is _S.CANARY:
        action = f"{rung.title}; after the stage of 100 % the stable pods have the version, so go on with rung 3"
    target = (
        f"under {rung.target_minutes} minute{'s' if rung.target_minutes != 1 else ''}"
        if rung.target_minutes
        else "agreed with others"
    )
    return Rollback(
        rung=rung.number, trigger=trigger, action=action, command=command, target=target, verified_by=verified
    )
