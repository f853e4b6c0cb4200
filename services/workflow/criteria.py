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


# How long a person's word holds, and the longest time that a team can do without a criterion.
ATTESTATION_DAYS = 90
WAIVER_DAYS_MAX = 90


@dataclass(frozen=True)
class Criterion:
    """`phase`: the first gate at which it can be measured. `only_for`: strategies; empty means all.

    `checks`: the measurements that decide it. `attested`: what a person besides must vouch for, as the end of a sentence.
    `asks_per_item`: people vouch for each acceptance criterion that no test decides.
    """

    id: str
    title: str
    rule: str
    phase: int
    checks: tuple[str, ...]
    attested: str = ""
    asks_per_item: bool = False
    only_for: tuple[DeploymentStrategy, ...] = ()


CRITERIA = (
    Criterion("acceptance_criteria", "Acceptance criteria", "Every acceptance criterion has a passing test that fails when only its rule is broken.", 3, ("tests",), asks_per_item=True),
    Criterion("test_coverage", "Test coverage", "Measured branch coverage is at least the minimum asked for.", 3, ("tests",)),
    Criterion("security_scan", "Security scan", "Every enabled scanner ran and found nothing critical.", 3, ("source_scan", "secrets", "dependencies", "service_security", "drawn_requests")),
    Criterion("performance", "Performance", "Measured percentiles and rates are within every budget and SLO.", 3, ("performance",)),
    Criterion("feature_flags", "Feature flags", "The flag configuration is valid, the code evaluates it, the kill switch works.", 4, ("flags",)),
    Criterion("monitoring", "Monitoring", "Every SLO has an alert, every alert a runbook and a metric that the code emits.", 4, ("monitoring",), attested="it is operational in production"),
    Criterion("documentation", "Documentation", "Every expected document is there, agrees with the code, and was approved.", 4, ("documents", "contract", "consistency"), attested="a reader has approved the documents"),
    Criterion("deployment_rollback", "Deployment and rollback", "The pipeline is valid, migrations reverse, and a fresh drill met its targets.", 4, ("pipeline", "manifests", "migrations"), attested="it was deployed to production and a rollback drill met its targets"),
    Criterion("product_analytics", "Product analytics", "Every planned event is emitted, and no other.", 4, ("tracking",), attested="events were seen in the platform"),
    Criterion(
        "ab_test_metrics", "A/B test metrics", "The experiment has metrics, guardrails and a sample size; exposure is emitted.", 4, ("experiment",),
        only_for=(DeploymentStrategy.A_B_TEST,),
    ),
)  # fmt: skip


def find_criterion(id_: str) -> Criterion | None:
    return next((criterion for criterion in CRITERIA if criterion.id == id_), None)
