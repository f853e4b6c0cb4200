"""The rollback ladder: what is done first when something goes wrong.

Source: the feature-development workflow, "Rollback Strategy".
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rung:
    """`target_minutes` is None where the time depends on another team."""

    number: int
    title: str
    target_minutes: int | None


LADDER = (
    Rung(1, "Turn the feature flag off", 1),
    Rung(2, "Switch traffic back to the previous environment", 5),
    Rung(3, "Roll the deployment back through the pipeline", 15),
    Rung(4, "Reverse the database migration with the data team", None),
    Rung(5, "Review the incident and mend it before deploying again", None),
)
