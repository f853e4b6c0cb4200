"""What threats are derived from, and how one is written down."""

from dataclasses import dataclass

from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief
from services.deliverables.discovery import Architecture, Operation, Threat
from services.features.understanding import AcceptanceCriterion, Rule, RuleKind


@dataclass(frozen=True)
class Ground:
    """What threats are derived from."""

    brief: Brief
    design: Architecture

    @property
    def criteria(self) -> tuple[AcceptanceCriterion, ...]:
        return plan_of(self.brief.understanding).provable

    def rules(self, *kinds: RuleKind) -> list[tuple[AcceptanceCriterion, Rule]]:
        return [(c, r) for c in self.criteria for r in c.rules if r.kind in kinds]

    def operation(self, resource: str, verb: str) -> Operation:
        own = [op for op in self.design.operations if op.resource == resource]
        return next((op for op in own if op.verb == verb), own[0])

    def sensitive(self, resource: str) -> list[str]:
        return [f.name for f in self.design.entity(resource).fields if f.sensitive]

    def label(self, resource: str) -> str:
        return self.design.entity(resource).label.lower()


def threat(
    op: Operation,
    category: str,
    text: str,
    ids: tuple[str, str],
    score: tuple[int, int],
    cure: str,
    owner: str,
    test: str,
    source: str,
    criteria: tuple[str, ...] = (),
) -> Threat:
    return Threat(
        id="TH", category=category, asset=op.resource, entry_point=op.id, threat=text[:1].upper() + text[1:], cwe=ids[0], owasp=ids[1], likelihood=score[0], impact=min(5, score[1]),
        mitigation=cure, owner=owner, test=test, criteria=tuple(dict.fromkeys(criteria)), source=source,
    )  # fmt: skip
