"""What a gate asks for before it opens, and the defaults by complexity."""

from dataclasses import dataclass

from services.actors import Discipline
from services.workflow.options import Complexity


@dataclass(frozen=True)
class GatePolicy:
    """`approvals`: how many people. `disciplines`: each must be among them. `criteria`: ids of those that must hold."""

    approvals: int
    disciplines: tuple[Discipline, ...] = ()
    criteria: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        return {
            "approvals": self.approvals,
            "disciplines": [d.value for d in self.disciplines],
            "criteria": list(self.criteria),
        }


_ONE, _TWO = GatePolicy(1), GatePolicy(2)
_SECURITY, _ARCHITECTURE, _OPERATIONS = Discipline.SECURITY, Discipline.ARCHITECTURE, Discipline.OPERATIONS

# One policy per phase. A team that has nobody of a discipline, or too few people, is asked for less: a default never shuts
# a gate for good. No default asks for criteria: which of them stop a team is for the team to say.
DEFAULTS: dict[Complexity, tuple[GatePolicy, GatePolicy, GatePolicy, GatePolicy]] = {
    Complexity.SIMPLE: (_ONE, _ONE, _ONE, _ONE),
    Complexity.MEDIUM: (GatePolicy(1, (_SECURITY,)), _ONE, GatePolicy(1, (_SECURITY,)), _ONE),
    Complexity.COMPLEX: (GatePolicy(2, (_SECURITY,)), _ONE, GatePolicy(2, (_SECURITY,)), GatePolicy(1, (_OPERATIONS,))),
    Complexity.EPIC: (
        GatePolicy(2, (_ARCHITECTURE, _SECURITY)),
        _TWO,
        GatePolicy(2, (_SECURITY,)),
        GatePolicy(2, (_OPERATIONS,)),
    ),
}


def default_policy(complexity: Complexity, phase: int) -> GatePolicy:
    return DEFAULTS[complexity][phase - 1]
