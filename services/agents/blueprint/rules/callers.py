"""Who asks another system for something: the rules that do, or why nothing does."""

from services.agents.blueprint.rules.rule_plan import Plan, plan_of
from services.agents.blueprint.rules.system_calls import module_named
from services.features.speech import done, one_of, spaced
from services.features.surroundings import CHANNELS
from services.features.understanding import Integration, Rule, RuleKind, Understanding

_WAITED_FOR = {"maps": "what asks it waits for the answer, and no act here does"}


def channels_of(systems: tuple[Integration, ...]) -> dict[str, str]:
    """Channel of notifications -> the module of the system that they go through; the first of a kind."""
    found: dict[str, str] = {}
    for system in systems:
        if system.kind in CHANNELS:
            found.setdefault(CHANNELS[system.kind], module_named(system.name))
    return found


def asking(understood: Understanding, system: Integration) -> tuple[Rule, ...]:
    """The rules whose acts leave something for the system in the outbox."""
    module = module_named(system.name)
    channels = [c for c, name in channels_of(understood.integrations).items() if name == module]
    return tuple(
        rule
        for rule in plan_of(understood).domain.rules
        if (rule.kind is RuleKind.CALL and module_named(rule.channel) == module)
        or (rule.kind is RuleKind.NOTIFY and (rule.channel or "email") in channels)
    )


def is_asked(understood: Understanding, system: Integration) -> bool:
    return bool(asking(understood, system))


def asked_after(understood: Understanding, system: Integration) -> str:
    """ "order paid, order shipped", for tables; empty where nothing asks it."""
    acts = [f"{spaced(rule.resource)} {done(rule.act)}" for rule in asking(understood, system)]
    return ", ".join(dict.fromkeys(acts))


def gets_records(understood: Understanding, system: Integration) -> tuple[str, ...]:
    """The resources of which it gets what their callers see, and not only that something happened."""
    told = [rule for rule in asking(understood, system) if rule.values[:1] in (("ask",), ("put",), ("index",))]
    return tuple(dict.fromkeys(rule.resource for rule in told))


def why_not_asked(understood: Understanding, system: Integration) -> str:
    """Why its port has no caller; empty where it has one."""
    if is_asked(understood, system):
        return ""
    plan, module = plan_of(understood), module_named(system.name)
    named = [
        c for c in understood.criteria for r in c.rules if r.kind is RuleKind.CALL and module_named(r.channel) == module
    ]
    left = {c.id: plan.left[c.id] for c in named if c.id in plan.left}
    if left:
        return one_of(tuple(f"{id_} asks it, but {reason}" for id_, reason in left.items()), "and")
    if system.kind == "identity":
        return "callers bring a token that it signed; nothing else is asked of it"
    if system.kind in CHANNELS:
        return "no rule that a test proves tells anybody through it"
    return _WAITED_FOR.get(system.kind, "the request does not say at which act it is asked")


def calls_of_expiry(plan: Plan, rule: Rule) -> list[str]:
    """Functions that ask other systems when a record gets, by itself, where an act would bring it."""
    domain, found = plan.domain, dict[tuple[str, str], str]()
    codes = [c for c in plan.codes[rule.resource] if c.asked == "call" and c.rule.act in domain.verbs(rule.resource)]
    for code in codes:
        if domain.target(rule.resource, code.rule.act) == rule.states[1]:
            found.setdefault((code.rule.channel, code.rule.values[0]), code.function)
    return list(found.values())
