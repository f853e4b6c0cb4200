"""Choices that contradict each other: named, never forbidden. Rows of data, each with its own sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from services.features.request import FeatureRequest
from services.workflow.options import Complexity, DeploymentStrategy, Methodology


@dataclass(frozen=True)
class Clash:
    fields: tuple[str, ...]
    sentence: str


_S = DeploymentStrategy
_RULES: tuple[tuple[tuple[str, ...], Callable[[FeatureRequest], bool], str], ...] = (
    (
        ("deployment_strategy", "rollout_percentage"),
        lambda r: r.deployment_strategy is _S.DIRECT and r.rollout_percentage < 100,
        "Direct deployment reaches everyone at once, so the rollout percentage is not used. Choose canary or feature-flag to start small.",
    ),
    (
        ("deployment_strategy", "rollout_percentage"),
        lambda r: r.deployment_strategy is _S.BLUE_GREEN and r.rollout_percentage < 100,
        "Blue-green moves all traffic with one switch; the rollout percentage only limits the feature flag behind it.",
    ),
    (
        ("deployment_strategy", "rollout_percentage"),
        lambda r: r.deployment_strategy in (_S.CANARY, _S.FEATURE_FLAG) and r.rollout_percentage == 100,
        "A first stage of 100 percent leaves no stages. Start lower, or choose direct.",
    ),
    (
        ("deployment_strategy", "rollout_percentage"),
        lambda r: r.deployment_strategy is _S.A_B_TEST and r.rollout_percentage == 100,
        "An experiment needs people without the feature to compare with. Choose at most 50 percent.",
    ),
    (
        ("complexity", "methodology"),
        lambda r: r.complexity is Complexity.SIMPLE and r.methodology is Methodology.DDD,
        "Domain-driven design for one simple service adds packages without contexts to separate.",
    ),
    (
        ("test_coverage_min",),
        lambda r: r.test_coverage_min > 95,
        "More than 95 percent coverage is rarely reached; the criterion will likely stay not met.",
    ),
)


def clashes(request: FeatureRequest) -> tuple[Clash, ...]:
    return tuple(Clash(fields, sentence) for fields, is_true, sentence in _RULES if is_true(request))
