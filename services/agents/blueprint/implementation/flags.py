"""The feature flag in its provider's format; the generated service evaluates the same file."""

from dataclasses import dataclass
from typing import Any

from services.agents.engine import Brief
from services.workflow.options import DeploymentStrategy, FlagService

_FILES = {
    FlagService.LAUNCHDARKLY: "launchdarkly.json",
    FlagService.SPLIT: "split.json",
    FlagService.UNLEASH: "unleash.json",
    FlagService.CUSTOM: "flagd.json",
}
# The rollout of these is the flag's own share; that of the others is their traffic.
SHARED_OUT = (DeploymentStrategy.FEATURE_FLAG, DeploymentStrategy.A_B_TEST)


@dataclass(frozen=True)
class FlagPlan:
    key: str
    provider: str
    file_name: str
    rollout_percentage: int


def flag_of(brief: Brief) -> FlagPlan:
    """Where people or requests are not shared out by the flag, it is on for everybody and only a kill switch."""
    request = brief.request
    key = brief.understanding.name.replace("_", "-")
    percent = request.rollout_percentage if request.deployment_strategy in SHARED_OUT else 100
    return FlagPlan(key, request.feature_flag_service.value, _FILES[request.feature_flag_service], percent)


def flag_file(brief: Brief) -> tuple[str, dict[str, Any]]:
    """Path and content."""
    plan = flag_of(brief)
    return f"flags/{plan.file_name}", _FORMATS[brief.request.feature_flag_service](plan)


def _launchdarkly(plan: FlagPlan) -> dict[str, Any]:
    weight = plan.rollout_percentage * 1000
    rollout = {"variations": [{"variation": 0, "weight": weight}, {"variation": 1, "weight": 100_000 - weight}]}
    flag = {
        "key": plan.key, "on": True, "version": 1, "salt": plan.key, "variations": [True, False],
        "fallthrough": {"rollout": rollout}, "offVariation": 1, "targets": [], "rules": [], "prerequisites": [],
    }  # fmt: skip
    return {"flags": {plan.key: flag}, "segments": {}}


def _split(plan: FlagPlan) -> dict[str, Any]:
    parts = [
        {"treatment": "on", "size": plan.rollout_percentage},
        {"treatment": "off", "size": 100 - plan.rollout_percentage},
    ]
    split = {
        "name": plan.key, "trafficTypeName": "user", "status": "ACTIVE", "killed": False, "defaultTreatment": "off",
        "seed": 1, "algo": 2, "changeNumber": 1, "trafficAllocation": 100, "trafficAllocationSeed": 1,
        "conditions": [{"conditionType": "ROLLOUT", "label": "in segment all", "matcherGroup": {"combiner": "AND", "matchers": [{"matcherType": "ALL_KEYS", "negate": False}]}, "partitions": parts}],
    }  # fmt: skip
    return {"splits": [split], "since": -1, "till": 1}


def _unleash(plan: FlagPlan) -> dict[str, Any]:
    parameters = {"rollout": str(plan.rollout_percentage), "stickiness": "userId", "groupId": plan.key}
    strategy = {"name": "flexibleRollout", "parameters": parameters}
    return {
        "version": 2,
        "features": [{"name": plan.key, "type": "release", "enabled": True, "strategies": [strategy]}],
    }


def _flagd(plan: FlagPlan) -> dict[str, Any]:
    fractional = [["on", plan.rollout_percentage], ["off", 100 - plan.rollout_percentage]]
    flag = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {"fractional": fractional},
    }
    return {"$schema": "https://flagd.dev/schema/v0/flags.json", "flags": {plan.key: flag}}


_FORMATS = {
    FlagService.LAUNCHDARKLY: _launchdarkly,
    FlagService.SPLIT: _split,
    FlagService.UNLEASH: _unleash,
    FlagService.CUSTOM: _flagd,
}
