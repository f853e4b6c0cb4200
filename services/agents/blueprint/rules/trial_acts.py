"""Trials of rules about acts: who does what in which state, how often, and what becomes of it."""

from collections.abc import Callable, Mapping

from services.agents.blueprint.rules.domain import READS, Domain
from services.agents.blueprint.rules.rule_code import Code
from services.agents.blueprint.rules.system_calls import given_to, module_named
from services.agents.blueprint.rules.trial_basics import (
    CannotProve,
    Trial,
    by_others,
    change_of,
    must_be_ready,
    ready_state,
)
from services.features.understanding import RuleKind


def _allowed(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    for act in code.acts:
        must_be_ready(domain, rule.resource, act) if act not in ("create", "list", "export") else ""
        roles = domain.roles(rule.resource, act)
        missing = [a for a in rule.actors if a not in roles]
        if missing:
            raise CannotProve(f"another rule does not let {missing[0]} {act} it")
        own = [
            a
            for a in rule.actors
            if by_others(domain, rule.resource, act) and a in domain.restricted(rule.resource, act)
        ]
        if own:
            raise CannotProve(f"{own[0]} reaches only own records, which nobody may {act}")
    return {"acts": code.acts}


def _only(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    for act in code.acts:
        must_be_ready(domain, rule.resource, act) if act not in ("create", "list", "export") else ""
        if set(domain.roles(rule.resource, act)) != set(rule.actors):
            raise CannotProve(f"another rule says who may {act} it")
        if by_others(domain, rule.resource, act) and set(rule.actors) <= set(domain.restricted(rule.resource, act)):
            raise CannotProve(f"those who may {act} it reach only own records, which nobody may {act}")
    return {"acts": code.acts, "foreign": tuple(a for a in domain.understanding.actors if a not in rule.actors)}


def _own(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    pairs = [(role, act) for act in code.acts for role in rule.actors if role in domain.roles(rule.resource, act)]
    pairs = [(r, a) for r, a in pairs if ready_state(domain, rule.resource, a) is not None]
    pairs = [(r, a) for r, a in pairs if not by_others(domain, rule.resource, a)]
    if not pairs:
        raise CannotProve(f"{', '.join(rule.actors)} may do nothing with {rule.resource} that could be restricted")
    lists = [(r, a) for r, a in pairs if a in ("list", "export")]
    return {"single": [p for p in pairs if p not in lists], "lists": [r for r, a in lists if a == "list"]}


def _not_own(domain: Domain, code: Code) -> Trial:
    rule, found = code.rule, []
    for act in code.acts:
        must_be_ready(domain, rule.resource, act)
        restricted = domain.restricted(rule.resource, act)
        roles = [r for r in domain.roles(rule.resource, act) if r not in restricted]
        if not roles:
            raise CannotProve(f"whoever may {act} it reaches only own records")
        found.append((act, roles[0]))
    if not found:
        raise CannotProve("this act has no record yet")
    return {"acts": found}


def _locked(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    free = ready_state(domain, rule.resource, "update")
    return {"free": free is not None, "deletes": domain.deletes(rule.resource)}


def _transition(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    starts, target = rule.states[:-1], rule.states[-1]
    if set(domain.sources(rule.resource, rule.act)) != set(starts) or domain.target(rule.resource, rule.act) != target:
        raise CannotProve(f"another rule says from where and to where {rule.act} leads")
    blocked = [s for s in starts if s in domain.blocked(rule.resource, rule.act)]
    if blocked:
        raise CannotProve(f"another rule refuses it while {blocked[0]}")
    refused = tuple(s for s in domain.resource(rule.resource).states if s not in starts)
    return {"starts": starts, "target": target, "refused": refused}


def _blocked(domain: Domain, code: Code) -> Trial:
    rule, found = code.rule, []
    for act in code.acts:
        found.append((act, must_be_ready(domain, rule.resource, act)))
        bound = [
            r
            for r in domain.of(rule.resource, RuleKind.TRANSITION)
            if r.act == act and set(r.states[:-1]) & set(rule.states)
        ]
        if bound:
            raise CannotProve(f"another rule lets it {act} from there")
    if not found:
        raise CannotProve("this act has no record yet")
    return {"acts": [a for a, _ in found]}


def _notify(domain: Domain, code: Code) -> Trial:
    for act in code.acts:
        must_be_ready(domain, code.rule.resource, act) if act not in ("create",) else ""
    return {"acts": code.acts, "channel": code.rule.channel or "email"}


def _call(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    if rule.act != "create":
        must_be_ready(domain, rule.resource, rule.act)
    moves = rule.act in domain.verbs(rule.resource)
    once = moves and domain.target(rule.resource, rule.act) not in domain.sources(rule.resource, rule.act)
    return {"given": given_to(domain, rule), "system": module_named(rule.channel), "is_once": once}


def _count(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    for other in domain.of(rule.resource, RuleKind.COUNT):
        meets = not other.states or not rule.states or set(other.states) & set(rule.states)
        if other != rule and meets and (other.maximum or 0) <= (rule.maximum or 0):
            raise CannotProve("another rule lets a person have fewer of them")
    acts = [a for a in code.acts if a == "create" or must_be_ready(domain, rule.resource, a) not in rule.states]
    if not acts:
        raise CannotProve("nothing leads into these states")
    for act in acts:
        limited = [r for r in domain.of(rule.resource, RuleKind.RATE) if r.act in ("", act) and (r.maximum or 0) < 2]
        if limited:
            raise CannotProve(f"another rule lets a person {act} too rarely")
    within = rule.states[0] if rule.states else ""
    return {"acts": acts, "within": within, "room": (rule.maximum or 1) - 1}


def _rate(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    for act in code.acts:
        must_be_ready(domain, rule.resource, act) if act not in ("create", *READS) else ""
        counts = domain.of(rule.resource, RuleKind.COUNT)
        if any((r.maximum or 0) < 3 for r in counts):
            raise CannotProve("another rule lets a person have too few of them")
    return {"acts": code.acts}


def _retention(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    tried = set(rule.states or domain.resource(rule.resource).states[:1])
    for other in domain.of(rule.resource, RuleKind.EXPIRY, RuleKind.RETENTION):
        starts = other.states[:1] if other.kind is RuleKind.EXPIRY else other.states
        is_earlier = (other.seconds or 0) <= (rule.seconds or 0)
        if other != rule and is_earlier and (not starts or tried & set(starts)):
            raise CannotProve("another rule moves or removes the record before")
    return {"state": rule.states[0] if rule.states else ""}


def _expiry(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    for other in domain.of(rule.resource, RuleKind.RETENTION):
        if (not other.states or rule.states[0] in other.states) and (other.seconds or 0) <= (rule.seconds or 0):
            raise CannotProve("another rule removes the record before")
    for other in domain.of(rule.resource, RuleKind.EXPIRY):
        if other != rule and other.states[0] == rule.states[0]:
            raise CannotProve("another rule moves the record from there")
    return {}


def _history(domain: Domain, code: Code) -> Trial:
    return {
        "change": change_of(domain, code.rule.resource),
        "free": ready_state(domain, code.rule.resource, "update") is not None,
    }


ACT_TRIALS: Mapping[RuleKind, Callable[[Domain, Code], Trial]] = {
    RuleKind.ALLOWED: _allowed, RuleKind.ONLY: _only, RuleKind.OWN: _own, RuleKind.NOT_OWN: _not_own, RuleKind.LOCKED: _locked,
    RuleKind.TRANSITION: _transition, RuleKind.BLOCKED: _blocked, RuleKind.NOTIFY: _notify, RuleKind.CALL: _call, RuleKind.COUNT: _count, RuleKind.RATE: _rate,
    RuleKind.HISTORY: _history, RuleKind.RETENTION: _retention, RuleKind.EXPIRY: _expiry,
}  # fmt: skip
