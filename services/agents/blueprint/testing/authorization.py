"""Who may call what, by the contract, and which generated tests try it with that role.

A trial is found through the rules of a criterion: the test that carries the criterion's mark calls the act as the
actors that its rules name. Nothing is counted that cannot be read there.
"""

from collections.abc import Iterator, Mapping

from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.rules.seen_at import acts_seen
from services.agents.blueprint.testing.criterion_marks import marked_tests
from services.deliverables.discovery import Architecture, Operation
from services.deliverables.quality import Access, Trial
from services.features.understanding import Rule, RuleKind, Understanding

STRANGERS = ("any other role", "no token")


def matrix_of(understood: Understanding, design: Architecture, files: Mapping[str, bytes]) -> tuple[Access, ...]:
    """One row per operation, in the order of their ids."""
    tests = marked_tests(files)
    roles = tuple(dict.fromkeys([*understood.actors, *(role for op in design.operations for role in op.roles)]))
    return tuple(_access(understood, op, roles, tests) for op in sorted(design.operations, key=lambda op: op.id))


def _access(
    understood: Understanding, op: Operation, roles: tuple[str, ...], tests: Mapping[str, tuple[str, ...]]
) -> Access:
    trials = tuple(
        Trial(role=role, expected="allowed" if role in op.roles else "refused", tests=tuple(dict.fromkeys(t for id_ in _criteria(understood, op, role) for t in tests.get(id_, ()))))
        for role in roles
    )  # fmt: skip
    return Access(
        operation=op.id, allowed=op.roles, denied=(*(r for r in roles if r not in op.roles), *STRANGERS), tried=trials
    )


def _criteria(understood: Understanding, op: Operation, role: str) -> Iterator[str]:
    plan = plan_of(understood)
    for criterion in plan.provable:
        for rule in criterion.rules:
            if rule.resource == op.resource and op.verb in acts_seen(plan.domain, rule) and _tries(rule, role, op):
                yield criterion.id


def _tries(rule: Rule, role: str, op: Operation) -> bool:
    """Whether the test of a rule calls the act as the role, with the outcome that the contract says."""
    if rule.kind is RuleKind.ALLOWED:
        return role in rule.actors and role in op.roles
    if rule.kind is RuleKind.ONLY:
        return role not in rule.actors and role not in op.roles
    return rule.kind is RuleKind.OWN and role in rule.actors and role in op.roles


def tried_share(matrix: tuple[Access, ...]) -> tuple[int, int]:
    """(cells with a test, cells) over the roles of the request; strangers are not in it."""
    cells = [trial for access in matrix for trial in access.tried]
    return sum(bool(trial.tests) for trial in cells), len(cells)
