"""The one event that the page itself sends: somebody really saw the feature. All others are sent by the service."""

from dataclasses import dataclass

from services.agents.engine import Brief
from services.workflow.options import DeploymentStrategy


@dataclass(frozen=True)
class Exposure:
    """`variant` is what a person who sees the feature is in. In an experiment those who do not see it are exposed to
    `control`; elsewhere `control` is empty and nothing is sent for them."""

    id: str
    name: str
    variant: str
    control: str
    properties: tuple[str, ...] = ("role", "variant")


def exposure_of(brief: Brief) -> Exposure:
    name = f"{brief.understanding.name}_exposed"
    is_experiment = brief.request.deployment_strategy is DeploymentStrategy.A_B_TEST
    return Exposure(
        id=f"EV-{name}",
        name=name,
        variant="treatment" if is_experiment else "on",
        control="control" if is_experiment else "",
    )
