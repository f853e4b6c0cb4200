"""Whose approval counts and when a gate may open: pure rules over a policy, the people of a team and what they did.

Source: the review rules of code hosts that people know: whoever asked for a change does not approve it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.actors import Actor, ActorKind, Discipline, UserId
from services.people.permissions import Action, may
from services.workflow.criteria import Outcome
from services.workflow.gates import GatePolicy

# With these a criterion stands in no gate's way.
HOLDING = frozenset({Outcome.MET, Outcome.WAIVED, Outcome.NOT_APPLICABLE})
ASKED_FOR_RUN, ASKED_FOR_CHANGE = "asked for this run", "asked for the last change"


@dataclass(frozen=True)
class Decider:
    """An active member of the team who may decide."""

    user_id: UserId
    name: str
    disciplines: frozenset[Discipline] = frozenset()


@dataclass(frozen=True)
class Part:
    """Somebody's part in what is shown, for which the own approval does not count. `what`: the end of "who has ..."."""

    user_id: UserId
    what: str


@dataclass(frozen=True)
class Approval:
    """An approval of what is shown now. `disciplines`: what the person held when giving it."""

    decision_id: str
    user_id: UserId
    kind: ActorKind
    disciplines: frozenset[Discipline]


@dataclass(frozen=True)
class Rules:
    """A policy as it is for one gate of one run now; made by `rules_of`.

    `approvals`: how many are needed. `counting`: whose approval counts. `signers`: discipline -> who can sign for it.
    `parts`: oldest first. `let_in`: who has a part and counts nevertheless.
    """

    policy: GatePolicy
    is_default: bool
    deciders: tuple[Decider, ...]
    parts: tuple[Part, ...]
    approvals: int
    counting: frozenset[UserId]
    signers: Mapping[Discipline, frozenset[UserId]]
    let_in: frozenset[UserId]

    @property
    def is_alone(self) -> bool:
        return len(self.deciders) == 1

    def name(self, user_id: UserId) -> str:
        return next((d.name for d in self.deciders if d.user_id == user_id), "somebody who has left")

    def part_of(self, user_id: UserId | None) -> str:
        """The newest part of somebody; empty where there is none."""
        return next((part.what for part in reversed(self.parts) if part.user_id == user_id), "")

    def as_data(self) -> dict[str, Any]:
        """For the ledger: what was asked for, and of whom."""
        return {
            "asked": self.policy.as_data(),
            "is_default": self.is_default,
            "approvals": self.approvals,
            "disciplines": sorted(d.value for d in self.signers),
            "criteria": list(self.policy.criteria),
            "approves_alone": self.is_alone,
            "does_not_count": {
                str(part.user_id): part.what for part in self.parts if part.user_id not in self.counting
            },
            "let_in": sorted(str(user_id) for user_id in self.let_in),
        }


def rules_of(
    policy: GatePolicy, deciders: Sequence[Decider], parts: Sequence[Part], *, is_default: bool = False
) -> Rules:
    """Who counts, and what is needed of them.

    Too few people: those whose part lies furthest back are let in again, never the newest one, until a strict policy can
    be satisfied, or anybody counts at all. A default is lowered to the people that there are.
    """
    counting, let_in = _counting(deciders, parts, wanted=1 if is_default else policy.approvals)
    signers: dict[Discipline, frozenset[UserId]] = {}
    for discipline in policy.disciplines:
        holders = frozenset(d.user_id for d in deciders if discipline in d.disciplines)
        if holders & counting:
            signers[discipline] = holders & counting
        elif not is_default:
            # Its only holders have a part: they sign for the discipline, next to the approvals that count.
            signers[discipline] = holders
    return Rules(
        policy=policy,
        is_default=is_default,
        deciders=tuple(deciders),
        parts=tuple(parts),
        approvals=max(1, min(policy.approvals, len(counting))) if is_default else policy.approvals,
        counting=counting,
        signers=signers,
        let_in=let_in,
    )


def _counting(
    deciders: Sequence[Decider], parts: Sequence[Part], *, wanted: int
) -> tuple[frozenset[UserId], frozenset[UserId]]:
    """Who counts, and who of them is let in again."""
    everybody = {d.user_id for d in deciders}
    newest = {part.user_id: place for place, part in enumerate(parts) if part.user_id in everybody}
    shut_out = sorted(newest, key=lambda user_id: newest[user_id])
    counting, let_in = everybody - set(shut_out), set()
    while len(counting) < wanted and len(shut_out) > 1:
        let_in.add(shut_out[0])
        counting.add(shut_out.pop(0))
    if not counting and len(everybody) == 1:
        counting = everybody
    return frozenset(counting), frozenset(let_in)


def counted(rules: Rules, approvals: Sequence[Approval]) -> tuple[Approval, ...]:
    """Oldest first in. Those that count now, the newest of each person: of people who may still decide, and who have no part in it."""
    useful = rules.counting.union(*rules.signers.values())
    found: dict[UserId, Approval] = {}
    for approval in approvals:
        is_signed_in = approval.kind is ActorKind.PERSON or (approval.kind is ActorKind.COMMAND_LINE and rules.is_alone)
        if is_signed_in and approval.user_id in useful:
            found[approval.user_id] = approval
    return tuple(found.values())


def unsigned(rules: Rules, approvals: Sequence[Approval]) -> tuple[Discipline, ...]:
    """The disciplines for which nobody has signed who held it then and holds it now."""
    given = counted(rules, approvals)
    return tuple(
        discipline
        for discipline, signers in rules.signers.items()
        if not any(a.user_id in signers and discipline in a.disciplines for a in given)
    )


def approvals_left(rules: Rules, approvals: Sequence[Approval]) -> int:
    given = sum(a.user_id in rules.counting for a in counted(rules, approvals))
    return max(0, rules.approvals - given)


def missing(rules: Rules, approvals: Sequence[Approval], outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
    """What keeps the gate shut, one phrase each; empty when it may open. `outcomes`: criterion -> how it is judged now."""
    left = approvals_left(rules, approvals)
    said = [f"{left} more approval{'s' if left > 1 else ''}"] if left else []
    for discipline in unsigned(rules, approvals):
        names = sorted(rules.name(user_id) for user_id in rules.signers[discipline])
        said.append(f"an approval from {discipline.value} ({', '.join(names) or 'nobody holds it'})")
    for criterion in rules.policy.criteria:
        outcome = outcomes.get(criterion, Outcome.NOT_MEASURED)
        if outcome not in HOLDING:
            said.append(f"the criterion {criterion.replace('_', ' ')}, which is {outcome.value.replace('_', ' ')}")
    return tuple(said)


def why_no_decision(rules: Rules, actor: Actor) -> str | None:
    """None when the actor may decide at all, else one sentence that says why not."""
    if not may(actor, Action.DECIDE):
        return "Your role may look, not decide. A member or an owner can."
    is_person = actor.kind in (ActorKind.PERSON, ActorKind.COMMAND_LINE)
    if not is_person or actor.user_id not in {d.user_id for d in rules.deciders}:
        return "Only people of this team decide."
    if actor.kind is ActorKind.COMMAND_LINE and not rules.is_alone:
        return "A decision by command line is not signed in; it counts only in a team of one. Decide in the browser."
    return None


def why_not(rules: Rules, actor: Actor, approvals: Sequence[Approval] = ()) -> str | None:
    """None when an approval of the actor would count, else one sentence that says why not."""
    refused = why_no_decision(rules, actor)
    if refused or actor.user_id is None:
        return refused or "Only people of this team decide."
    if any(actor.user_id in rules.signers[discipline] for discipline in unsigned(rules, approvals)):
        return None
    if actor.user_id in {a.user_id for a in counted(rules, approvals)}:
        return "You have approved this."
    if actor.user_id in rules.counting:
        return None
    part = rules.part_of(actor.user_id)
    return f"You {part}, so your own approval does not count. A teammate has to approve it."


def line_of(rules: Rules, titles: Mapping[str, str]) -> str:
    """The policy in one line. `titles`: criterion -> title."""
    asked = [d.value for d in rules.signers]
    said = f"{rules.approvals} approval{'s' if rules.approvals > 1 else ''}"
    if len(asked) == 1 or (asked and rules.approvals >= len(asked)):
        said += f", from {asked[0]}" if rules.approvals == 1 else f", one of them from {' and one from '.join(asked)}"
    elif asked:
        said += f"; {' and '.join(asked)} among those who approve"
    if rules.policy.criteria:
        said += f"; criteria: {', '.join(titles.get(c, c).lower() for c in rules.policy.criteria)}"
    return said


def notes_of(rules: Rules) -> tuple[str, ...]:
    """What people should know about the rules at this gate."""
    said = []
    if rules.is_alone:
        said.append(
            f"{rules.deciders[0].name} approves alone: nobody else in this team may decide. The ledger says so."
        )
    said += [
        f"{rules.name(user_id)} {rules.part_of(user_id)}, and counts nevertheless, because nobody else is left."
        for user_id in sorted(rules.let_in, key=str)
    ]
    for discipline, signers in rules.signers.items():
        said += [
            f"{rules.name(user_id)} {rules.part_of(user_id)}, and can only sign for {discipline.value}."
            for user_id in sorted(signers - rules.counting, key=str)
        ]
    return tuple(said)
