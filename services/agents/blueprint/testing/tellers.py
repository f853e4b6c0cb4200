"""The sentences of a rule's scenarios: what `templates/rules/<kind>.j2` asks for in its macro `scenarios`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.examples import ABSENT, Values, solve, variants
from services.agents.blueprint.rules.rule_code import Code
from services.agents.blueprint.rules.trial_basics import change_of, fits, ready_state, role_for, whole
from services.agents.blueprint.testing import gherkin_words as gherkin
from services.features import words
from services.features.speech import TYPE_WORDS, agrees, are, counted, duration, in_order, one_of, spaced
from services.features.understanding import FieldType

_CHANNELS = {"email": "by e-mail", "sms": "by SMS", "slack": "in Slack", "app": "in the app"}


@dataclass(frozen=True)
class Case:
    """How a record that is tried differs from the usual one. `examples`: the table of an outline."""

    given: str
    when: str
    examples: str = ""
    outline: str = ""


class Teller:
    """Every answer is a part of a sentence that a step reads back; several lines begin with And."""

    def __init__(self, domain: Domain, code: Code) -> None:
        self.domain, self.rule = domain, code.rule
        self.resource = domain.resource(code.rule.resource)
        self.name = self.resource.name
        self.label, self.many = spaced(self.name), spaced(self.resource.plural)
        self.one = words.article(self.label)
        self.one = (
            self.one
            if self.one.endswith(f" {self.label}") and self.one.count(" ") == self.label.count(" ") + 1
            else self.label
        )
        self.reason = f'the reason is "{code.message}"'
        self._fields, self._acts = gherkin.fields_of(self.resource), gherkin.acts_of(domain, self.resource)

    @cached_property
    def _examples(self) -> list[Values]:
        return variants(self.domain, self.name)

    def who(self, act: str, role: str = "") -> str:
        """A role that may do it, and whether only to own records."""
        role = role or role_for(self.domain, self.name, act)
        is_own = act != "create" and role in self.domain.restricted(self.name, act)
        return f"{self.role(role)}{' who made it' if is_own else ''}"

    def role(self, role: str) -> str:
        return words.article(spaced(role))

    def does(self, act: str) -> str:
        return self._acts[act]

    def acts(self, act: str, role: str = "") -> str:
        """ "a manager approves it"."""
        return f"{self.who(act, role)} {self.does(act)}"

    def is_done(self, act: str, state: str = "") -> str:
        """In a heading: "an expense that is submitted is approved"."""
        what, done = self._thing_done(act, state)
        return f"{what} {are(what) if act in ('list', 'export') else 'is'} {done}"

    def cannot(self, act: str, state: str = "") -> str:
        what, done = self._thing_done(act, state)
        return f"{what} cannot be {done}"

    def _thing_done(self, act: str, state: str) -> tuple[str, str]:
        if act in ("list", "export"):
            return self.many, "listed" if act == "list" else "exported"
        if act == "history":
            return f"the history of {self.one}", "read"
        done = gherkin.done_of(self.domain, self.resource).get(act, "read")
        return f"{self.one}{f' that is {self.state(state)}' if state else ''}", done

    def by_person(self, act: str) -> str:
        """Only who creates a record is counted by the call; with every other act it is whose record it is."""
        return f"that person {self.does(act)}" if act == "create" else self.acts(act)

    def lister(self) -> str:
        return self.who("list", next(iter(self.rule.actors), ""))

    def target(self, act: str) -> str:
        return spaced(self.domain.target(self.name, act))

    def done(self, act: str) -> str:
        return gherkin.done_of(self.domain, self.resource)[act]

    def outcome(self, act: str) -> str:
        """What is seen when nothing refuses the act."""
        told = {"create": "it is kept", "get": "it is shown as it was stored", "update": "the change is kept", "delete": "it is gone"}  # fmt: skip
        if act in self.domain.verbs(self.name):
            return f"its state is {self.target(act)}"
        return told.get(act, "it is allowed")

    def ready_state(self, act: str) -> str:
        return ready_state(self.domain, self.name, act) or ""

    def field(self, name: str) -> str:
        return self._fields[name]

    def is_(self, name: str) -> str:
        return are(self._fields[name])

    def fields(self, names: Sequence[str]) -> str:
        return " and ".join(self._fields[name] for name in names)

    def shared(self) -> list[str]:
        """The fields of which no two records may have the same values; whose they are is said by who makes them."""
        return [name for name in self.rule.fields if name != "created_by"]

    def type_word(self) -> str:
        return TYPE_WORDS[FieldType(gherkin.type_of(self.resource, self.rule.fields[0]))]

    def value(self, name: str, value: Any) -> str:
        return gherkin.said(self.resource, name, value)

    def state(self, name: str) -> str:
        return spaced(name)

    def states(self, names: Sequence[str]) -> str:
        return one_of(tuple(names))

    def its(self, values: Mapping[str, Any], joint: str = "\n  And ") -> str:
        return joint.join(f"its {self._fields[n]} {self.is_(n)} {self.value(n, value)}" for n, value in values.items())

    def changes(self, values: Mapping[str, Any]) -> str:
        """ "changes its title to "b" and its amount to 2.00"; "changes it" where every change would do."""
        told = (f"its {self._fields[name]} to {self.value(name, value)}" for name, value in values.items())
        return f"changes {' and '.join(told) or 'it'}"

    @property
    def change(self) -> Values:
        return change_of(self.domain, self.name)

    def new(self, body: Values, number: int = 0) -> str:
        """A record that is still to be made, by what is special about it. `number`: how many were made before."""
        return "\n  And ".join([f"a new {self.label}", *filter(None, [self.its(self.special(body, number))])])

    def special(self, body: Values, number: int = 0) -> Values:
        """The fields that the rule is about, and those others without which the example would break another rule."""
        usual = self._examples[number]
        own = [f for f in self.rule.fields if f in {f.name for f in self.resource.fields}]
        condition = self.rule.condition
        named = [condition.field] if condition and condition.field != "state" else []
        about = {f: body.get(f, ABSENT) for f in dict.fromkeys([*named, *own])}
        others = self._examples[:number]
        without = () if fits(self.domain, self.name, body, others) else (self.rule,)
        wanted = whole(self.domain, self.name, {**usual, **about})
        if solve(self.domain, self.name, fixed=wanted, others=others, without=without) is not None:
            return about
        told = {f.name: body.get(f.name, ABSENT) for f in self.resource.fields}
        return {n: v for n, v in told.items() if n in about or v != usual.get(n, ABSENT)}

    def cases(self, bodies: Sequence[Values]) -> list[Case]:
        """A scenario for each body, or one outline for those that differ in the same fields."""
        specials = [self.special(body) for body in bodies]
        names = list(specials[0]) if specials else []
        if len(bodies) < 2 or any(list(special) != names for special in specials):
            return [Case(self.new(b), f"when {self.its(v, ' and ')}") for b, v in zip(bodies, specials, strict=True)]
        held = [f"its {self._fields[n]} {self.is_(n)} <{self._fields[n]}>" for n in names]
        given = "\n  And ".join([f"a new {self.label}", *held])
        rows = self.rows({n: [special[n] for special in specials] for n in names})
        return [Case(given, f"when {' and '.join(held)}", f"\n  Examples:\n{rows}", " Outline")]

    def again(self, body: Values) -> str:
        """A second record, by what it has in common with the first and by what else the rule is about."""
        special, first = self.special(body, 1), self._examples[0]
        same = [name for name, value in special.items() if value == first.get(name)]
        rest = self.its({name: value for name, value in special.items() if name not in same})
        return "\n  And ".join(
            filter(None, [f"a new {self.label}{f' with the same {self.fields(same)}' if same else ''}", rest])
        )

    def ready(self, act: str, body: Values | None = None, of: str = "") -> str:
        """A record in a state in which the act is possible; one still to be made where the act makes it."""
        if act == "create":
            return self.new(body or {}) if body else f"a new {self.label}"
        return self.made(self.ready_state(act) if act not in ("list", "export") else "", body, of)

    def made(self, state: str = "", body: Values | None = None, of: str = "") -> str:
        if body:
            return f"{self.new(body)}\n  And {f'it is {self.state(state)}' if state else 'it was created'}"
        return f"{self.one}{of}{f' that is {self.state(state)}' if state else ''}"

    def held(self, act: str, number: int) -> str:
        """Somebody has so many, and one more is about to be theirs."""
        has = f"has {self.counted(number, self.rule.states)}"
        if act == "create":
            return f"a person who {has}\n  And {self.ready(act)}"
        return f"{self.ready(act, of=' of a person')}\n  And that person {has}"

    def strangers(self, roles: Sequence[str]) -> str:
        return _table([["somebody"], *([self.role(role)] for role in roles), ["somebody with another role"]])

    def roles_of(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        return list(dict.fromkeys(role for role, _ in pairs))

    def acts_for(self, pairs: Sequence[tuple[str, str]], role: str) -> list[str]:
        return [act for one, act in pairs if one == role]

    def readiness(self, acts: Sequence[str]) -> str:
        """As a table: what is done, and in which state it can be."""
        lines = [["state", "does"]] if self.resource.states else [["does"]]
        for act in acts:
            state = [self.state(self.ready_state(act))] if self.resource.states else []
            lines.append([*state, gherkin.cell(self.does(act))])
        return _table(lines)

    def counted(self, number: int, states: Sequence[str] = ()) -> str:
        told = counted(number, self.label, self.many) if number else f"no {self.many}"
        return f"{told} that {agrees(number, 'are')} {self.state(states[0])}" if states else told

    @property
    def span(self) -> str:
        span = duration(self.rule.seconds or 0)
        return f"{span} {'has' if span.startswith('1 ') else 'have'} passed"

    @property
    def nearly(self) -> str:
        return f"a second less than {duration(self.rule.seconds or 0)} has passed"

    @property
    def way(self) -> str:
        channel = self.rule.channel or "email"
        return _CHANNELS.get(channel, f"by {channel}")

    def told(self, actor: str) -> str:
        return "whoever made it" if actor == "owner" else f"every {spaced(actor)}"

    def only(self, values: Values, name: str) -> Values:
        return {name: values.get(name, ABSENT)}

    @property
    def order(self) -> str:
        return in_order(self.rule, next((f for f in self.resource.fields if f.name == self.rule.fields[0]), None))

    def rows(self, columns: Mapping[str, Sequence[Any]]) -> str:
        """The records of a list as a table of Gherkin, without its first bar."""
        lines = [[self._fields[name] for name in columns]]
        lines += [[gherkin.cell(self.value(n, v)) for n, v in zip(columns, row, strict=True)] for row in zip(*columns.values(), strict=True)]  # fmt: skip
        return _table(lines)


def _table(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ([text.ljust(width) for text, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"    | {' | '.join(line)} |" for line in padded)
