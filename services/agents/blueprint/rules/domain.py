"""The resources as the provable rules make them: one reading of an understanding for code, tests and contract."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from services.features import words
from services.features.understanding import DataField, FieldType, Resource, Rule, RuleKind, Sensitivity, Understanding

NUMBERS = (FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER)
TIMES = (FieldType.DATE, FieldType.DATETIME)
TEXTS = (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL)
WRITES = ("create", "update", "delete")
READS = ("list", "get", "export", "history")
KEPT = ("created_at", "changed_at", "created_by", "state")  # columns that every record has; state where it has states
LONGEST = {FieldType.STRING: 200, FieldType.TEXT: 5000, FieldType.EMAIL: 254, FieldType.URL: 2000}
LARGEST = 10**12


@dataclass(frozen=True)
class Domain:
    """`rules` are distinct and in the order of their criteria."""

    understanding: Understanding
    rules: tuple[Rule, ...]

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        loose = _cycles(self.understanding.resources, self.rules)
        return tuple(_after_rules(r, self.of(r.name), loose) for r in self.understanding.resources)

    @cached_property
    def _by_name(self) -> dict[str, Resource]:
        return {resource.name: resource for resource in self.resources}

    def resource(self, name: str) -> Resource:
        return self._by_name[name]

    def of(self, resource: str, *kinds: RuleKind) -> tuple[Rule, ...]:
        return tuple(r for r in self.rules if r.resource == resource and (not kinds or r.kind in kinds))

    def roles(self, resource: str, act: str) -> tuple[str, ...]:
        """Who may do it: those of an `only`, else whom rules and stories name for it, else everybody.

        Reading is for everybody; where nobody is named who changes or deletes, those do who may create.
        """
        own = self.of(resource)
        rules = [r for r in own if act in acts_of(r, self._by_name[resource], self.deletes(resource))]
        only = next((r.actors for r in rules if r.kind is RuleKind.ONLY), ())
        kind = {"export": RuleKind.EXPORT, "history": RuleKind.HISTORY}.get(act)
        named_here = tuple(a for r in own if r.kind is kind for a in r.actors)
        if named_here:
            return named_here
        if only or act in ("export", "history"):
            return only or self.roles(resource, "list" if act == "export" else "get")
        if act in READS:
            return self.understanding.actors
        named = [actor for r in rules if r.kind is RuleKind.ALLOWED for actor in r.actors]
        named += self._named_by_stories(resource, act)
        if not named and act in ("update", "delete"):
            return self.roles(resource, "create")
        return tuple(dict.fromkeys(named)) or self.understanding.actors

    def _named_by_stories(self, resource: str, act: str) -> list[str]:
        group = {"create": words.CREATE, "update": words.UPDATE, "delete": words.DELETE}.get(act, set())
        verbs = {act} | (group - self.verbs(resource))
        return [c.actor for c in self.understanding.use_cases if c.resource == resource and c.verb in verbs]

    def verbs(self, resource: str) -> set[str]:
        return {verb for verb, _, _ in self._by_name[resource].transitions}

    def deletes(self, resource: str) -> bool:
        cases = any(c.resource == resource and c.verb in words.DELETE for c in self.understanding.use_cases)
        return cases or any(r.act == "delete" for r in self.of(resource))

    def acts(self, resource: str) -> tuple[str, ...]:
        """Every operation's verb, in the order of the contract."""
        kinds = {rule.kind for rule in self.of(resource)}
        found = ["create", "list", *(["export"] if RuleKind.EXPORT in kinds else []), "get"]
        found += ["history"] if RuleKind.HISTORY in kinds else []
        found += ["update", *(["delete"] if self.deletes(resource) else [])]
        return tuple(dict.fromkeys([*found, *(verb for verb, _, _ in self._by_name[resource].transitions)]))

    def sources(self, resource: str, verb: str) -> tuple[str, ...]:
        return tuple(source for name, source, _ in self._by_name[resource].transitions if name == verb)

    def target(self, resource: str, verb: str) -> str:
        return next(target for name, _, target in self._by_name[resource].transitions if name == verb)

    def event(self, resource: str, act: str) -> str:
        """The name of the event of an act. Two verbs that lead to one state are two events."""
        fixed = {"create": "created", "update": "updated", "delete": "deleted"}
        if act in fixed:
            return f"{resource}_{fixed[act]}"
        target = self.target(resource, act)
        is_alone = sum(self.target(resource, v) == target for v in self.verbs(resource)) == 1
        plain = f"{resource}_{target}"
        return plain if is_alone and target not in fixed.values() else f"{plain}_by_{act}"

    def hidden(self, resource: str) -> dict[str, str]:
        """Field -> "masked" or "left out"."""
        rules = self.of(resource, RuleKind.HIDDEN)
        named = {f: "masked" if r.channel == "masked" else "left out" for r in rules for f in r.fields}
        return {**dict.fromkeys(self.withheld(resource), "left out"), **named}

    def withheld(self, resource: str) -> tuple[str, ...]:
        """Secrets, of which the text says nothing: they are taken and never given back."""
        named = {f for r in self.of(resource, RuleKind.HIDDEN) for f in r.fields}
        fields = self._by_name[resource].fields
        return tuple(f.name for f in fields if f.sensitive is Sensitivity.CREDENTIALS and f.name not in named)

    def restricted(self, resource: str, act: str) -> tuple[str, ...]:
        """Roles that reach only what they made."""
        rules = self.of(resource, RuleKind.OWN)
        return tuple(dict.fromkeys(a for r in rules if restricts(r, act) for a in r.actors))

    def locked(self, resource: str) -> tuple[str, ...]:
        """States in which no field changes: those that rules name, else the last ones of its life."""
        rules = self.of(resource, RuleKind.LOCKED)
        return tuple(dict.fromkeys(s for r in rules for s in r.states)) if rules else self.final(resource)

    def final(self, resource: str) -> tuple[str, ...]:
        found = self._by_name[resource]
        left = {source for _, source, _ in found.transitions}
        return tuple(s for s in found.states[1:] if s not in left)

    def blocked(self, resource: str, act: str) -> tuple[str, ...]:
        """States in which an act is refused, beside those from which a transition does not start."""
        rules = self.of(resource, RuleKind.BLOCKED)
        states = [s for r in rules if r.act in ("", act) for s in r.states]
        if act == "update":
            states += self.locked(resource)
        if act == "delete":
            states += [s for r in self.of(resource, RuleKind.LOCKED) for s in r.states]
        return tuple(dict.fromkeys(states))


def restricts(own: Rule, act: str) -> bool:
    """Whoever sees only own records does not reach those of others by any act; other acts restrict themselves alone."""
    return act != "create" and (own.act in ("", act) or own.act in READS)


def field_of(resource: Resource, name: str) -> DataField | None:
    return next((f for f in resource.fields if f.name == name), None)


def acts_of(rule: Rule, resource: Resource, deletes: bool = True) -> tuple[str, ...]:  # noqa: FBT001, FBT002
    """The acts that a rule speaks of: its own, or every act that writes."""
    verbs = tuple(dict.fromkeys(verb for verb, _, _ in resource.transitions))
    return (rule.act,) if rule.act else (*(w for w in WRITES if deletes or w != "delete"), *verbs)


def ways(resource: Resource) -> dict[str, tuple[str, ...]]:
    """State -> the verbs that lead there from a new record; states that no verb reaches are not in it."""
    if not resource.states:
        return {}
    found: dict[str, tuple[str, ...]] = {resource.states[0]: ()}
    for _ in resource.states:
        for verb, source, target in resource.transitions:
            if source in found:
                found.setdefault(target, (*found[source], verb))
    return found


def typed(field: DataField, text: str) -> object:
    """A value written in a rule, as the field holds it. Raises: ValueError."""
    kind = field.type
    if kind is FieldType.BOOLEAN:
        if text.lower() not in ("true", "false", "yes", "no"):
            raise ValueError(f"{text} is not yes or no")
        return text.lower() in ("true", "yes")
    if kind in (FieldType.INTEGER, FieldType.MONEY):
        return int(text)
    if kind is FieldType.NUMBER:
        return float(text)
    if kind is FieldType.DATE:
        return dt.date.fromisoformat(text)
    if kind is FieldType.DATETIME:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    if kind is FieldType.REFERENCE:
        raise ValueError("a reference is no fixed value")
    return text


def _after_rules(resource: Resource, rules: Iterable[Rule], loose: set[tuple[str, str]]) -> Resource:
    fields = {f.name: _loosened(f) for f in resource.fields}
    transitions = list(resource.transitions)
    for rule in rules:
        if rule.kind is RuleKind.TRANSITION:
            kept = [t for t in transitions if t[0] != rule.act]
            transitions = [*kept, *((rule.act, s, rule.states[-1]) for s in rule.states[:-1])]
        elif rule.fields and rule.fields[0] in fields and rule.condition is None:
            change = _change(rule)
            fields[rule.fields[0]] = fields[rule.fields[0]].model_copy(update=change)
    for owner, name in loose:
        if owner == resource.name:
            fields[name] = fields[name].model_copy(update={"required": False})
    return resource.model_copy(update={"fields": tuple(fields.values()), "transitions": tuple(transitions)})


def _change(rule: Rule) -> dict[str, object]:
    if rule.kind is RuleKind.REQUIRED and rule.act in ("", "create"):
        return {"required": True, "default": None}
    if rule.kind is RuleKind.RANGE:
        return {k: v for k, v in (("minimum", rule.minimum), ("maximum", rule.maximum)) if v is not None}
    if rule.kind is RuleKind.CHOICES:
        return {"choices": rule.values}
    if rule.kind is RuleKind.DEFAULT:
        return {"default": rule.values[0], "required": False}
    return {}


def _loosened(field: DataField) -> DataField:
    """Without what contradicts itself: a default that its type does not know, a span that holds nothing."""
    change: dict[str, object] = {}
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        change["minimum"] = None
    if field.default is not None:
        try:
            value = typed(field, field.default)
        except ValueError:
            change["default"] = None
        else:
            if field.choices and value not in field.choices:
                change["default"] = None
    if field.default is not None and "default" not in change:
        change["required"] = False
    return field.model_copy(update=change)


def _cycles(resources: tuple[Resource, ...], rules: tuple[Rule, ...]) -> set[tuple[str, str]]:
    """Required references that lead in a circle: the one that closes it cannot be required, nothing could be made."""
    demanded = {
        (r.resource, r.fields[0]) for r in rules if r.kind is RuleKind.REQUIRED and not r.condition and r.fields
    }
    edges: dict[str, set[str]] = {resource.name: set() for resource in resources}
    loose = set()
    for resource in resources:
        for field in resource.fields:
            if field.type is not FieldType.REFERENCE or field.refers_to not in edges:
                continue
            if not field.required and (resource.name, field.name) not in demanded:
                continue
            if _reaches(edges, field.refers_to, resource.name):
                loose.add((resource.name, field.name))
            else:
                edges[resource.name].add(field.refers_to)
    return loose


def _reaches(edges: dict[str, set[str]], start: str, goal: str) -> bool:
    seen, left = set[str](), [start]
    while left:
        name = left.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            left += edges[name]
    return False
