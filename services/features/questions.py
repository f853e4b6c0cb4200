"""What the text leaves open and somebody has to answer, each only where it can be asked of this text."""

from collections.abc import Iterator, Sequence

from services.features import words
from services.features.speech import called_by_name, one_of, third
from services.features.surroundings import CHANNELS
from services.features.understanding import (
    AcceptanceCriterion,
    FieldType,
    Integration,
    Resource,
    Rule,
    RuleKind,
    UseCase,
)

_ADDRESSES = {"email": ("e-mail", "mail"), "sms": ("text message", "phone")}
_MONEY = {"pay", "refund"}


def questions_of(
    cases: Sequence[UseCase],
    resources: Sequence[Resource],
    criteria: Sequence[AcceptanceCriterion],
    integrations: Sequence[Integration],
    kept_today: Sequence[str],
    currency: str = "",
) -> tuple[str, ...]:
    """`kept_today`: where the records are before this service. `currency`: the one that the text names."""
    rules = [rule for c in criteria for rule in c.rules]
    asked = [*_deleted(cases, resources, rules), *_addresses(resources, rules), *_moved(kept_today)]
    asked += [*_paid(cases, resources, integrations), *_never_asked(rules, integrations, kept_today, currency)]
    if not any(c.stated for c in criteria):
        asked.append("Which acceptance criteria must hold beyond those derived here?")
    return tuple(asked)


def _deleted(cases: Sequence[UseCase], resources: Sequence[Resource], rules: Sequence[Rule]) -> Iterator[str]:
    gone = {c.resource for c in cases if c.verb in words.DELETE} | {r.resource for r in rules if r.act == "delete"}
    traced = {r.resource for r in rules if r.kind is RuleKind.HISTORY}
    for resource in resources:
        if resource.name in gone - traced:
            yield f"Must a deleted {resource.label.lower()} be kept for audit?"


def _addresses(resources: Sequence[Resource], rules: Sequence[Rule]) -> Iterator[str]:
    """A message needs an address, and a record may hold none."""
    fields = [f for r in resources for f in r.fields]
    for channel, (what, part) in _ADDRESSES.items():
        told = [r for r in rules if r.kind is RuleKind.NOTIFY and r.channel == channel]
        held = any(part in f.name or (channel == "email" and f.type is FieldType.EMAIL) for f in fields)
        if told and not held:
            people = dict.fromkeys(
                "whoever made the record" if a == "owner" else f"the {a}" for r in told for a in r.actors
            )
            yield f"Where does the address for the {what} to {one_of(tuple(people), 'and')} come from? No field holds one."


def _moved(kept_today: Sequence[str]) -> Iterator[str]:
    if kept_today:
        yield f"Who moves the records of today, and when? The text speaks of “{kept_today[0]}”."


def _paid(
    cases: Sequence[UseCase], resources: Sequence[Resource], integrations: Sequence[Integration]
) -> Iterator[str]:
    acts = {c.verb for c in cases} | {verb for r in resources for verb, _, _ in r.transitions}
    found = tuple(sorted(acts & _MONEY))
    if found and not any(i.kind == "payment" for i in integrations):
        yield f"How does the money move when somebody {one_of(tuple(third(v) for v in found))}? No payment provider is named."


def _never_asked(
    rules: Sequence[Rule], integrations: Sequence[Integration], kept_today: Sequence[str], currency: str
) -> Iterator[str]:
    """When another system is asked is not guessed; where the records come from is another question."""
    called = {r.channel.lower(): r.values for r in rules if r.kind is RuleKind.CALL}
    told = {r.channel for r in rules if r.kind is RuleKind.NOTIFY}
    for system in integrations:
        known, name = system.name.lower(), called_by_name(system.name)
        if system.kind in CHANNELS and CHANNELS[system.kind] not in told:
            yield f"Who is told through {name}, and of which act? Until somebody says so, nothing is sent there."
        elif known in called and system.kind == "payment" and not currency:
            yield f"In which currency does {name} move money? No single one is named; {called[known][1]} is assumed."
        elif system.kind not in (*CHANNELS, "identity") and known not in (*called, *kept_today):
            yield f"After which act is {name} asked, and for what? Until somebody says so, its port has no caller."
