"""Every choice says what it changes; criteria and ladder are complete tables."""

from enum import StrEnum

import pytest

from services.features.request import FeatureRequest
from services.workflow.criteria import CRITERIA, Criterion
from services.workflow.options import EFFECTS, DeploymentStrategy, effect_of
from services.workflow.rollback import LADDER

CHOICES = [choice for kind in EFFECTS for choice in kind]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: f"{type(choice).__name__}-{choice.value}")
def test_a_choice_says_what_it_changes(choice: StrEnum) -> None:
    assert effect_of(choice).endswith(".")


def test_every_choice_of_the_form_is_explained() -> None:
    kinds = [field.annotation for field in FeatureRequest.model_fields.values()]
    choices = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)}
    assert choices
    assert choices - set(EFFECTS) == set()


@pytest.mark.parametrize("kind", list(EFFECTS), ids=lambda kind: kind.__name__)
def test_no_two_choices_of_a_kind_say_the_same(kind: type[StrEnum]) -> None:
    assert len(set(EFFECTS[kind].values())) == len(kind)


def test_there_are_ten_criteria() -> None:
    assert [criterion.id for criterion in CRITERIA] == [
        "acceptance_criteria",
        "test_coverage",
        "security_scan",
        "performance",
        "feature_flags",
        "monitoring",
        "documentation",
        "deployment_rollback",
        "product_analytics",
        "ab_test_metrics",
    ]


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.id)
def test_a_criterion_has_a_rule_and_a_phase_of_measurement(criterion: Criterion) -> None:
    assert criterion.rule.endswith(".")
    assert criterion.phase in (3, 4)


def test_only_the_experiment_is_for_one_strategy() -> None:
    assert {c.id: c.only_for for c in CRITERIA if c.only_for} == {"ab_test_metrics": (DeploymentStrategy.A_B_TEST,)}


def test_the_rollback_ladder_goes_from_fast_to_slow() -> None:
    assert [rung.number for rung in LADDER] == [1, 2, 3, 4, 5]
    assert [rung.target_minutes for rung in LADDER] == [1, 5, 15, None, None]
