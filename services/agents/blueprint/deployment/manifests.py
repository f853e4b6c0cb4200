"""What runs where: the deployments of a strategy, what they keep, and what a scheduler starts beside them."""

from dataclasses import dataclass
from typing import Any

from services.agents.blueprint.deployment import rollout_plans
from services.agents.blueprint.discovery.loads import load_of
from services.agents.blueprint.rendering import render
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief
from services.features.understanding import RuleKind
from services.workflow.options import DeploymentStrategy

_S = DeploymentStrategy
IMAGE = "ghcr.io/example/service:set-by-the-pipeline"
# A sweep may be late by a tenth of what it waits for; minutes between two sweeps -> when that is.
_SWEEPS = ((60, "17 * * * *"), (15, "*/15 * * * *"), (5, "*/5 * * * *"), (1, "* * * * *"))


@dataclass(frozen=True)
class Slot:
    name: str
    replicas: int
    suffix: str = ""
    image: str = IMAGE


def name_of(brief: Brief) -> str:
    return brief.understanding.name.replace("_", "-")


def slots_of(brief: Brief) -> tuple[Slot, ...]:
    """One pod bears the first share of a canary; deploy/rollout.sh adds more as the share grows."""
    strategy, pods = brief.request.deployment_strategy, load_of(brief).pods
    if strategy is _S.CANARY:
        return (Slot("stable", pods, "-stable", f"{IMAGE}-stable"), Slot("canary", 1, "-canary", f"{IMAGE}-canary"))
    if strategy is _S.BLUE_GREEN:
        return Slot("blue", pods, "-blue"), Slot("green", pods, "-green")
    return (Slot("live", pods),)


def manifests_of(brief: Brief) -> dict[str, bytes]:
    strategy, slots = brief.request.deployment_strategy, slots_of(brief)
    services = slots if strategy is _S.CANARY else (Slot(slots[0].name, 0),)
    values: dict[str, Any] = {
        "strategy": strategy.value,
        "meaning": rollout_plans.MEANINGS[strategy].capitalize(),
        "name": name_of(brief),
    }
    files = {
        "deploy/jobs.yaml": render("deployment/jobs.yaml.j2", image=IMAGE, jobs=jobs_of(brief), **values),
        "deploy/storage.yaml": render("deployment/storage.yaml.j2", **values),
    }
    if strategy is _S.BLUE_GREEN:
        # Each slot is a file of its own, so that one can be deployed without touching the other.
        files |= {f"deploy/slot-{s.name}.yaml": render("deployment/slot.yaml.j2", slots=[s], **values) for s in slots}
        slots = ()
    return {
        **files,
        "deploy/service.yaml": render("deployment/service.yaml.j2", slots=slots, services=services, **values),
    }


def jobs_of(brief: Brief) -> list[dict[str, str]]:
    """What a scheduler has to start, beside the service itself."""
    found = [
        _job("deliver", "* * * * *", "it sends what waits to leave it and removes what nobody needs any more", "app.deliver"),
        _job("analytics", "7 * * * *", "it turns events into daily figures", "analytics.pipeline, --log, /data, --database, /data/analytics.db"),
    ]  # fmt: skip
    if "app/sweep.py" in brief.files:
        found.append(
            _job("sweep", sweep_schedule(brief), "it moves and removes records whose time has come", "app.sweep")
        )
    return found


def _job(name: str, schedule: str, what: str, module: str) -> dict[str, str]:
    return {"name": name, "schedule": schedule, "what": what, "module": module}


def sweep_schedule(brief: Brief) -> str:
    """As often as the shortest rule asks for, at least every hour."""
    rules = plan_of(brief.understanding).domain.rules
    shortest = min((r.seconds or 3600 for r in rules if r.kind in (RuleKind.RETENTION, RuleKind.EXPIRY)), default=0)
    return next((schedule for minutes, schedule in _SWEEPS if minutes * 600 <= shortest), _SWEEPS[-1][1])
