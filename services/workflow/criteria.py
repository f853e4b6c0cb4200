"""The ten success criteria. How each is judged is in `services/criteria`; what it says is here."""

from dataclasses import dataclass
from enum import StrEnum

from services.workflow.options import DeploymentStrategy


class Outcome(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_MEASURED = "not_measured"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


@dataclass(frozen=True)
class Criterion:
    """`phase`: the first gate at which it can be measured. `only_for`: strategies; empty means all."""

    id: str
    title: str
    rule: str
    phase: int
    only_for: tuple[DeploymentStrategy, ...] = ()


CRITERIA = (
    Criterion("acceptance_criteria", "Acceptance criteria", "Every acceptance criterion has a passing test that fails when only its rule is broken.", 3),
    Criterion("test_coverage", "Test coverage", "Measured branch coverage is at least the minimum asked for.", 3),
    Criterion("security_scan", "Security scan", "Every enabled scanner ran and found nothing critical.", 3),
    Criterion("performance", "Performance", "Measured percentiles and rates are within every budget and SLO.", 3),
    Criterion("feature_flags", "Feature flags", "The flag configuration is valid, the code evaluates it, the kill switch works.", 4),
    Criterion("monitoring", "Monitoring", "Every SLO has an alert, every alert a runbook and a metric that the code emits.", 4),
    Criterion("documentation", "Documentation", "Every expected document is there, agrees with the code, and was approved.", 4),
    Criterion("deployment_rollback", "Deployment and rollback", "The pipeline is valid, migrations reverse, and a fresh drill met its targets.", 4),
    Criterion("product_analytics", "Product analytics", "Every planned event is emitted, and no other.", 4),
    Criterion(
        "ab_test_metrics", "A/B test metrics", "The experiment has metrics, guardrails and a sample size; exposure is emitted.", 4,
        (DeploymentStrategy.A_B_TEST,),
    ),
)  # fmt: skip
