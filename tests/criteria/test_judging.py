"""How the ten criteria are judged from evidence; no database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.criteria.judging import EvidenceFact, Judgement, judge
from services.evidence.registry import CHECKS
from services.features.request import FeatureRequest
from services.features.understanding import AcceptanceCriterion, Rule, RuleKind, Understanding
from services.workflow.criteria import CRITERIA, Outcome
from services.workflow.options import DeploymentStrategy
from tests.builders import REQUEST

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TREE, OTHER = "a" * 40, "b" * 40
TREES = {check: TREE for criterion in CRITERIA for check in criterion.checks}
IDS = ("AC-1.1", "AC-1.2")
_RULE = Rule(kind=RuleKind.ALLOWED, resource="x", act="create", actors=("y",))


def understanding(ids: tuple[str, ...] = IDS) -> Understanding:
    criteria = tuple(AcceptanceCriterion(id=id_, story="US-1", text=id_, rules=(_RULE,)) for id_ in ids)
    empty: dict[str, Any] = dict.fromkeys(
        ("actors", "resources", "use_cases", "integrations", "quantities", "stories", "out_of_scope", "assumptions"), ()
    )
    return Understanding(name="expenses", title="Expenses", questions=(), criteria=criteria, **empty)


def fact_of(
    *, percent: float = 90.0, failed: int = 0, outcome: str = "passed", tree: str = TREE, isolation: str = "bubblewrap",
    **criteria: str,
) -> EvidenceFact:  # fmt: skip
    """Criteria by keyword: `ac1="covered"` is the outcome of AC-1.1."""
    found = {id_: {"outcome": criteria[key]} for id_, key in zip(IDS, ("ac1", "ac2"), strict=True) if key in criteria}
    figures = {"coverage_percent": percent, "failed": failed, "criteria": found}
    return EvidenceFact("e1", "tests", outcome, "The sandbox is missing.", figures, tree, isolation)


def judged(
    criterion: str, *facts: EvidenceFact, phase: int = 4, ids: tuple[str, ...] = IDS, **changes: object
) -> Judgement:
    request = FeatureRequest.model_validate({**REQUEST.model_dump(), **changes})
    found = judge(request=request, understanding=understanding(ids), phase=phase, trees=TREES, evidence=facts, now=NOW)
    return next(judgement for judgement in found if judgement.criterion == criterion)


def test_every_criterion_is_judged_once_and_in_order() -> None:
    found = judge(request=REQUEST, understanding=understanding(), phase=1, trees=TREES, evidence=(), now=NOW)
    assert [j.criterion for j in found] == [c.id for c in CRITERIA]


def test_every_criterion_is_decided_by_checks_that_there_are() -> None:
    known = {check.name for check in CHECKS}
    assert [c.id for c in CRITERIA if not c.checks or not set(c.checks) <= known] == []


def test_every_judgement_has_a_reason() -> None:
    found = judge(request=REQUEST, understanding=understanding(), phase=4, trees=TREES, evidence=(fact_of(),), now=NOW)
    assert [j.criterion for j in found if not j.reason.strip()] == []


@pytest.mark.parametrize(
    ("percent", "minimum", "outcome"),
    [
        (79.99, 80, Outcome.NOT_MET),
        (80.0, 80, Outcome.MET),
        (80.01, 80, Outcome.MET),
        (0.0, 1, Outcome.NOT_MET),
        (100.0, 100, Outcome.MET),
        (99.999, 100, Outcome.NOT_MET),
    ],
)
def test_coverage_is_met_from_the_minimum_on(percent: float, minimum: int, outcome: Outcome) -> None:
    assert judged("test_coverage", fact_of(percent=percent), test_coverage_min=minimum).outcome is outcome


def test_the_figure_in_the_reason_does_not_contradict_the_verdict() -> None:
    assert "80.00 %" not in judged("test_coverage", fact_of(percent=79.999)).reason


def test_the_coverage_of_failing_tests_proves_nothing() -> None:
    found = judged("test_coverage", fact_of(percent=100.0, failed=2, outcome="failed"))
    assert (found.outcome, found.reason) == (Outcome.NOT_MET, "2 tests fail, so their coverage proves nothing.")


# Those that are judged by what the tests measured.
MEASURED = ("acceptance_criteria", "test_coverage")
NO_GREEN = [
    ((), "has not run yet"),
    ((fact_of(tree=OTHER, ac1="covered", ac2="covered"),), "Stale"),
    ((fact_of(outcome="not_measured", ac1="covered", ac2="covered"),), "The sandbox is missing."),
]


@pytest.mark.parametrize("criterion", MEASURED)
@pytest.mark.parametrize(("facts", "said"), NO_GREEN, ids=["missing", "stale", "not measured"])
def test_without_fresh_evidence_nothing_is_measured(criterion: str, facts: tuple[EvidenceFact, ...], said: str) -> None:
    found = judged(criterion, *facts)
    assert found.outcome is Outcome.NOT_MEASURED
    assert said in found.reason


@pytest.mark.parametrize("criterion", MEASURED)
def test_newer_evidence_over_other_files_does_not_hide_the_fresh_one(criterion: str) -> None:
    fresh, stale = fact_of(ac1="covered", ac2="covered"), fact_of(percent=0, tree=OTHER, ac1="failing")
    assert judged(criterion, fresh, stale).outcome is Outcome.MET


@pytest.mark.parametrize("criterion", MEASURED)
def test_of_two_measurements_over_the_same_files_the_newest_counts(criterion: str) -> None:
    good, bad = fact_of(ac1="covered", ac2="covered"), fact_of(percent=0, ac1="failing", ac2="covered")
    assert judged(criterion, good, bad).outcome is Outcome.NOT_MET


@pytest.mark.parametrize("criterion", MEASURED)
def test_evidence_of_another_check_is_no_evidence(criterion: str) -> None:
    red = EvidenceFact("e1", "tests_red", "passed", "", fact_of(ac1="covered").figures, TREE, "bubblewrap")
    assert judged(criterion, red).outcome is Outcome.NOT_MEASURED


@pytest.mark.parametrize("criterion", MEASURED)
def test_a_criterion_is_not_judged_before_its_phase(criterion: str) -> None:
    found = judged(criterion, fact_of(ac1="covered", ac2="covered"), phase=2)
    assert (found.outcome, found.reason) == (Outcome.NOT_MEASURED, "Measured from phase 3 on.")


@pytest.mark.parametrize("criterion", MEASURED)
def test_a_verdict_without_isolation_says_so(criterion: str) -> None:
    found = judged(criterion, fact_of(isolation="none", ac1="covered", ac2="covered"))
    assert found.reason.endswith("Measured without isolation.")


@pytest.mark.parametrize("criterion", MEASURED)
def test_what_was_not_measured_is_not_said_to_be_measured_without_isolation(criterion: str) -> None:
    found = judged(criterion, fact_of(outcome="not_measured", isolation="none"))
    assert "Measured without isolation" not in found.reason


@pytest.mark.parametrize("criterion", MEASURED)
def test_a_verdict_names_its_evidence(criterion: str) -> None:
    assert judged(criterion, fact_of(ac1="covered", ac2="covered")).evidence_ids == ("e1",)


@pytest.mark.parametrize(
    ("criteria", "outcome"),
    [
        ({"ac1": "covered", "ac2": "covered"}, Outcome.MET),
        ({"ac1": "covered", "ac2": "failing"}, Outcome.NOT_MET),
        ({"ac1": "covered", "ac2": "not_covered"}, Outcome.NOT_MET),
        ({"ac1": "failing"}, Outcome.NOT_MET),
        ({"ac1": "covered"}, Outcome.NOT_MEASURED),
        ({}, Outcome.NOT_MEASURED),
    ],
    ids=["all covered", "one fails", "one proves nothing", "one fails, one open", "one open", "all open"],
)
def test_acceptance_is_met_when_every_criterion_is_proven(criteria: dict[str, str], outcome: Outcome) -> None:
    assert judged("acceptance_criteria", fact_of(**criteria)).outcome is outcome  # type: ignore[arg-type]


def test_the_criteria_that_are_not_proven_are_named() -> None:
    found = judged("acceptance_criteria", fact_of(ac1="covered", ac2="failing"))
    assert found.reason == "1 of 2 proven by tests; not proven: AC-1.2."


def test_a_request_without_criteria_is_never_accepted() -> None:
    found = judged("acceptance_criteria", fact_of(ac1="covered"), ids=())
    assert (found.outcome, "no acceptance criterion" in found.reason) == (Outcome.NOT_MEASURED, True)


@pytest.mark.parametrize(
    ("strategy", "outcome"),
    [
        (strategy, Outcome.NOT_MEASURED if strategy is DeploymentStrategy.A_B_TEST else Outcome.NOT_APPLICABLE)
        for strategy in DeploymentStrategy
    ],
)
def test_experiment_metrics_apply_to_experiments_only(strategy: DeploymentStrategy, outcome: Outcome) -> None:
    assert judged("ab_test_metrics", deployment_strategy=strategy).outcome is outcome
