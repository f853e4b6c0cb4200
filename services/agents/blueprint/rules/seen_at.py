"""At which operations a rule is seen: the link between a criterion and the contract."""

from services.agents.blueprint.rules.domain import Domain, acts_of, restricts
from services.features.understanding import Rule, RuleKind

_K = RuleKind
_LISTS = (_K.FILTER, _K.SORT, _K.SEARCH, _K.PAGE)
_VALUES = (_K.RANGE, _K.CHOICES, _K.FORMAT, _K.UNIQUE, _K.COMPARE, _K.OVERLAP)


def acts_seen(domain: Domain, rule: Rule) -> tuple[str, ...]:
    """Verbs of operations that exist, in the order of the contract. A removal or expiry by itself is seen where it is read."""
    known = domain.acts(rule.resource)
    return tuple(act for act in known if act in _acts(domain, rule))


def _acts(domain: Domain, rule: Rule) -> tuple[str, ...]:
    if rule.kind in _LISTS:
        return ("list",)
    if rule.kind in _VALUES or (rule.kind is _K.REQUIRED and not rule.act):
        return ("create", "update")
    if rule.kind is _K.DEFAULT:
        return ("create",)
    if rule.kind is _K.COUNT:
        return _reaching(domain, rule)
    if rule.kind is _K.OWN:
        return tuple(act for act in domain.acts(rule.resource) if restricts(rule, act))
    table = {
        _K.EXPORT: ("export",),
        _K.HISTORY: ("history", "update"),
        _K.HIDDEN: ("get", "list", "export"),
        _K.RETENTION: ("get",),
        _K.EXPIRY: ("get",),
        _K.FIXED: ("update",),
        _K.LOCKED: ("update", "delete"),
    }
    return table.get(rule.kind) or acts_of(rule, domain.resource(rule.resource), domain.deletes(rule.resource))


def _reaching(domain: Domain, rule: Rule) -> tuple[str, ...]:
    """The acts after which a person would have one more of them."""
    resource = domain.resource(rule.resource)
    if not rule.states or (resource.states and resource.states[0] in rule.states):
        return ("create",)
    return tuple(dict.fromkeys(verb for verb, _, target in resource.transitions if target in rule.states))
