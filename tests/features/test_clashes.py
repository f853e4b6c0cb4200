"""Choices that contradict each other are named, never forbidden."""

from typing import Any

import pytest

from services.features.clashes import clashes
from services.features.request import FeatureRequest
from services.workflow.options import DeploymentStrategy
from tests.builders import REQUEST

STARTS_SMALL = {DeploymentStrategy.CANARY, DeploymentStrategy.FEATURE_FLAG, DeploymentStrategy.A_B_TEST}


def asked(**values: Any) -> FeatureRequest:
    return FeatureRequest.model_validate({**REQUEST.model_dump(mode="json"), **values})


def test_the_defaults_do_not_clash() -> None:
    assert clashes(asked()) == ()


def test_direct_deployment_with_five_percent_is_named() -> None:
    (clash,) = clashes(asked(deployment_strategy="direct", rollout_percentage=5))
    assert clash.fields == ("deployment_strategy", "rollout_percentage")
    assert clash.sentence.startswith("Direct deployment reaches everyone at once")


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"deployment_strategy": "direct", "rollout_percentage": 99}, {"deployment_strategy", "rollout_percentage"}),
        ({"deployment_strategy": "direct", "rollout_percentage": 100}, set()),
        ({"deployment_strategy": "blue-green", "rollout_percentage": 5}, {"deployment_strategy", "rollout_percentage"}),
        ({"deployment_strategy": "blue-green", "rollout_percentage": 100}, set()),
        ({"deployment_strategy": "canary", "rollout_percentage": 100}, {"deployment_strategy", "rollout_percentage"}),
        ({"deployment_strategy": "feature-flag", "rollout_percentage": 100}, {"deployment_strategy", "rollout_percentage"}),
        ({"deployment_strategy": "a-b-test", "rollout_percentage": 100}, {"deployment_strategy", "rollout_percentage"}),
        ({"complexity": "simple", "methodology": "ddd"}, {"complexity", "methodology"}),
        ({"complexity": "medium", "methodology": "ddd"}, set()),
        ({"complexity": "simple", "methodology": "tdd"}, set()),
        ({"test_coverage_min": 95}, set()),
        ({"test_coverage_min": 96}, {"test_coverage_min"}),
    ],
)  # fmt: skip
def test_a_clash_names_the_fields_that_make_it(values: dict[str, Any], fields: set[str]) -> None:
    assert {field for clash in clashes(asked(**values)) for field in clash.fields} == fields


@pytest.mark.parametrize("strategy", sorted(STARTS_SMALL))
@pytest.mark.parametrize("percent", [1, 5, 50])
def test_a_small_beginning_suits_a_strategy_with_stages(strategy: DeploymentStrategy, percent: int) -> None:
    assert clashes(asked(deployment_strategy=strategy, rollout_percentage=percent)) == ()


def test_several_clashes_are_named_one_by_one() -> None:
    found = clashes(asked(deployment_strategy="direct", methodology="ddd", test_coverage_min=100))
    assert len({clash.sentence for clash in found}) == len(found) == 3


@pytest.mark.parametrize("strategy", list(DeploymentStrategy))
def test_every_clash_says_its_fields_as_the_form_calls_them(strategy: DeploymentStrategy) -> None:
    found = [c for p in (5, 100) for c in clashes(asked(deployment_strategy=strategy, rollout_percentage=p))]
    assert found
    assert {field for clash in found for field in clash.fields} <= set(FeatureRequest.model_fields)
