"""What the embedded engine will make of an understanding, said before the start: what tests prove, and the effort."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.agents.blueprint.discovery.estimates import estimate
from services.agents.blueprint.rules.rule_plan import plan_of
from services.features.understanding import Understanding
from services.workflow.options import Complexity


@dataclass(frozen=True)
class Preview:
    """`left`: criterion id -> why a person decides; every other criterion gets a test. `effort` is one sentence."""

    left: Mapping[str, str]
    effort: str


def preview(understood: Understanding, complexity: Complexity) -> Preview:
    return Preview(plan_of(understood).left, estimate(understood, complexity))
