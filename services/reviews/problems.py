"""Policies that cannot work, named when they are set, before a start and at the gate. Pure."""

from collections.abc import Sequence

from services.reviews.policies import Decider, Part, Rules, rules_of
from services.workflow.criteria import find_criterion
from services.workflow.gates import GatePolicy

NOBODY = "Nobody in this team may decide at gates; an owner has to give somebody the role member."
MEND = "An owner changes the policy or the members on the page Team."


def problems_of(policy: GatePolicy, phase: int, deciders: Sequence[Decider]) -> tuple[str, ...]:
    """Why nobody in the team could ever open a gate with this policy; empty when somebody can.

    Whoever asks for a run does not count, so one person more than the approvals is needed.
    """
    if not deciders:
        return (NOBODY,)
    said = []
    people, able = len(deciders), max(1, len(deciders) - 1)
    if policy.approvals < 1:
        said.append("A gate needs at least one approval.")
    if policy.approvals > able:
        said.append(
            f"{policy.approvals} approvals take {policy.approvals + 1} people who may decide, because whoever asked does "
            f"not count; the team has {people}."
        )
    said += [
        f"Nobody who may decide holds {d.value}. Give it to a member first, or leave it out."
        for d in policy.disciplines
        if not any(d in person.disciplines for person in deciders)
    ]
    return (*said, *_criteria_too_early(policy, phase))


def _criteria_too_early(policy: GatePolicy, phase: int) -> list[str]:
    said = []
    for id_ in policy.criteria:
        row = find_criterion(id_)
        if row is None:
            said.append(f"There is no criterion {id_}.")
        elif row.phase > phase:
            said.append(f"{row.title} is measured from phase {row.phase} on; gate {phase} cannot wait for it.")
    return said


def warnings_of(policy: GatePolicy, deciders: Sequence[Decider]) -> tuple[str, ...]:
    """What works, but hangs on one person."""
    said = []
    for discipline in policy.disciplines:
        holders = [d for d in deciders if discipline in d.disciplines]
        if len(holders) == 1 and len(deciders) > 1:
            said.append(
                f"Only {holders[0].name} holds {discipline.value}: every run waits for {holders[0].name} at this gate."
            )
    return tuple(said)


def problem_of(rules: Rules, phase: int) -> str | None:
    """A sentence when the people that there are now cannot open this gate, whatever they do; None when they can."""
    if not rules.deciders:
        return NOBODY
    if rules.approvals > len(rules.counting):
        who = "nobody can" if not rules.counting else f"only {len(rules.counting)} can"
        return f"Gate {phase} asks for {rules.approvals} approvals, and {who} give one here. {MEND}"
    for discipline, signers in rules.signers.items():
        if not signers:
            return f"Gate {phase} asks for {discipline.value}, and nobody who may decide holds it. {MEND}"
    return None


def problem_before_start(
    policies: Sequence[tuple[int, GatePolicy, bool]], deciders: Sequence[Decider], asker: Part | None
) -> str | None:
    """Why a run that the asker starts could not pass its gates. `policies`: (phase, policy, is it a default)."""
    parts = [asker] if asker else []
    found = (
        problem_of(rules_of(policy, deciders, parts, is_default=is_default), phase)
        for phase, policy, is_default in policies
    )
    return next((problem for problem in found if problem), None)
