"""How a rule is understood, in plain words: "comment is required when amount is above 500.00".

Built from the rule's data, never from the text it was read from, so that whoever reads it sees what a test will prove.
`agents/blueprint/rules/phrases.py` says the same rules in the forms of EARS and Given, When, Then for the reports.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.features import words
from services.features.speech import (
    THAN,
    are,
    asked_for,
    compared,
    counted,
    done,
    duration,
    in_order,
    moment,
    noun,
    one_of,
    spaced,
    third,
    value_of,
)
from services.features.understanding import AcceptanceCriterion, DataField, FieldType, Resource, Rule, RuleKind

BY_A_TEST, BY_A_PERSON = "a test", "a person decides"
_K = RuleKind
_TEXTS = (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL)
_TIMES = (FieldType.DATE, FieldType.DATETIME)
_CHANNELS = {"email": " by e-mail", "sms": " by SMS", "slack": " in Slack", "app": " in the app"}


def in_words(rule: Rule, resources: Sequence[Resource]) -> str:
    """One clause without a capital letter and a final stop. Text from people in it is not made harmless for Markdown."""
    resource = next((r for r in resources if r.name == rule.resource), None)
    return " ".join(_ROWS[rule.kind](_Parts(rule, resource)).split())


def understood_as(
    criterion: AcceptanceCriterion, resources: Sequence[Resource], left: Mapping[str, str] | None = None
) -> str:
    """ "a test: ...; and ..." or "a person decides". `left`: criterion id -> why no test can prove it after all."""
    reason = (left or {}).get(criterion.id, "")
    if not criterion.rules or reason:
        return BY_A_PERSON if reason in ("", BY_A_PERSON) else f"{BY_A_PERSON}: {reason}"
    return f"{BY_A_TEST}: {'; and '.join(in_words(rule, resources) for rule in criterion.rules)}"


@dataclass(frozen=True)
class _Parts:
    """The parts of a clause; also of a rule that names what is not there."""

    rule: Rule
    resource: Resource | None

    @property
    def label(self) -> str:
        return self.resource.label.lower() if self.resource else spaced(self.rule.resource)

    @property
    def one(self) -> str:
        return words.article(self.label)

    @property
    def many(self) -> str:
        return words.plural(self.label)

    @property
    def who(self) -> str:
        return one_of(tuple(words.article(spaced(actor)) for actor in self.rule.actors)) or "anybody"

    @property
    def states(self) -> str:
        return one_of(self.rule.states)

    def field(self, place: int = 0) -> DataField | None:
        held = self.resource.fields if self.resource else ()
        named = self.rule.fields[place : place + 1]
        return next((f for f in held if f.name in named), None)

    def name(self, place: int = 0) -> str:
        return noun(self.rule.fields[place]) if len(self.rule.fields) > place else "state"

    def names(self, last: str = "and") -> str:
        return one_of(tuple(noun(f) for f in self.rule.fields), last)

    @property
    def when(self) -> str:
        """ " when amount is above 500.00", or nothing."""
        told = self.rule.condition
        if told is None:
            return ""
        held = self.resource.fields if self.resource else ()
        field = next((f for f in held if f.name == told.field), None)
        return f" when {noun(told.field)} is {THAN.get(told.operator, told.operator)} {value_of(field, told.value)}"

    def shown(self, given: int | str | None) -> str:
        return value_of(self.field(), given)


def _allowed(p: _Parts) -> str:
    move = next(((a, b) for verb, a, b in p.resource.transitions if verb == p.rule.act), None) if p.resource else None
    steps = f", from {spaced(move[0])} to {spaced(move[1])}" if move else ""
    what = p.many if p.rule.act == "list" else p.one
    return f"{p.who} {third(p.rule.act)} {what}{p.when}{steps}"


def _only(p: _Parts) -> str:
    return f"only {p.who} {third(p.rule.act)} {p.one}{p.when}; everybody else is refused"


def _own(p: _Parts) -> str:
    acts = "sees and changes" if not p.rule.act else "sees" if p.rule.act in ("list", "get") else third(p.rule.act)
    return f"{p.who} {acts} only {p.many} of their own"


def _not_own(p: _Parts) -> str:
    return f"nobody {third(p.rule.act)} {p.one} of their own{p.when}"


def _required(p: _Parts) -> str:
    act = f" when {p.one} is {done(p.rule.act)}" if p.rule.act not in ("", "create") else ""
    also = p.when.replace(" when ", " and ", 1) if act else p.when
    return f"{p.name()} {are(p.name())} required{act}{also}"


def _range(p: _Parts) -> str:
    field, low, high = p.field(), p.rule.minimum, p.rule.maximum
    unit = " characters long" if field is None or field.type in _TEXTS else ""
    spans = [f"at least {p.shown(low)}"] if low is not None and low != high else []
    spans += [f"{'exactly' if low == high else 'at most'} {p.shown(high)}"] if high is not None else []
    return f"{p.name()} {are(p.name())} {' and '.join(spans)}{unit}{p.when}"


def _format(p: _Parts) -> str:
    field = p.field()
    return f"{p.name()} is a valid {'web' if field and field.type is FieldType.URL else 'e-mail'} address"


def _unique(p: _Parts) -> str:
    others = one_of(tuple(noun(f) for f in p.rule.fields if f != "created_by"), "and")
    if "created_by" not in p.rule.fields:
        return f"no two {p.many} have the same {others}"
    return f"nobody makes two {p.many}" + (f" with the same {others}" if others else "")


def _default(p: _Parts) -> str:
    first = p.resource.states[:1] if p.resource else ()
    given = p.rule.values[0] if p.rule.values else next(iter(first), "")
    return f"{p.name()} is {p.shown(given)} where none is given"


def _compare(p: _Parts) -> str:
    field, operator = p.field(), p.rule.operator
    if len(p.rule.fields) > 1:
        told = compared(operator, p.name(1), field.type if field else None)
    else:
        told = moment(operator, p.rule.seconds or 0)
    return f"{p.name()} is {told}{p.when}"


def _transition(p: _Parts) -> str:
    sources, target = one_of(p.rule.states[:-1]), spaced(p.rule.states[-1]) if p.rule.states else ""
    return f"{p.one} that is {sources} and is {done(p.rule.act)} becomes {target}; from any other state it is refused"


def _notify(p: _Parts) -> str:
    people = " and ".join(f"whoever made {p.one}" if a == "owner" else f"every {spaced(a)}" for a in p.rule.actors)
    return f"{people} is told{_CHANNELS.get(p.rule.channel, '')} when {p.one} is {done(p.rule.act)}{p.when.replace(' when ', ' and ', 1)}"


def _call(p: _Parts) -> str:
    when = f", at the end of every {duration(p.rule.seconds).removeprefix('1 ')}" if p.rule.seconds else ""
    return f"{asked_for(p.rule)} once when {p.one} is {done(p.rule.act)}{when}"


def _sort(p: _Parts) -> str:
    order = in_order(p.rule, p.field())
    return f"{p.many} are listed {order if order in ('newest first', 'oldest first') else f'by {p.name()}, {order}'}"


def _count(p: _Parts) -> str:
    states = f" that {'is' if p.rule.maximum == 1 else 'are'} {p.states}" if p.rule.states else ""
    return f"nobody has more than {counted(p.rule.maximum or 0, p.label)}{states}"


def _rate(p: _Parts) -> str:
    return f"nobody {third(p.rule.act)} more than {counted(p.rule.maximum or 0, p.label)} within {duration(p.rule.seconds or 0)}"


def _retention(p: _Parts) -> str:
    start = f"it became {p.states}" if p.rule.states else "it was made"
    return f"{p.one} is removed {duration(p.rule.seconds or 0)} after {start}"


def _expiry(p: _Parts) -> str:
    source, target = (*p.rule.states, "", "")[:2]
    return f"{p.one} that stays {spaced(source)} for {duration(p.rule.seconds or 0)} becomes {spaced(target)} by itself"


def _hidden(p: _Parts) -> str:
    if p.rule.channel == "masked":
        return f"only the last four characters of {p.names()} are shown"
    return f"{p.names()} {'are' if len(p.rule.fields) > 1 else are(p.name())} never shown"


def _overlap(p: _Parts) -> str:
    return f"no two {p.many} of the same {p.name()} overlap between {p.name(1)} and {p.name(2)}"


_ROWS: dict[RuleKind, Callable[[_Parts], str]] = {
    _K.ALLOWED: _allowed,
    _K.ONLY: _only,
    _K.OWN: _own,
    _K.NOT_OWN: _not_own,
    _K.REQUIRED: _required,
    _K.OPTIONAL: lambda p: f"{p.name()} may be left out",
    _K.RANGE: _range,
    _K.CHOICES: lambda p: f"{p.name()} {are(p.name())} {one_of(p.rule.values)}",
    _K.FORMAT: _format,
    _K.UNIQUE: _unique,
    _K.DEFAULT: _default,
    _K.COMPARE: _compare,
    _K.FIXED: lambda p: f"{p.names()} of {p.one} cannot be changed afterwards",
    _K.LOCKED: lambda p: f"nothing of {p.one} changes, and it is not deleted, while it is {p.states}",
    _K.TRANSITION: _transition,
    _K.BLOCKED: lambda p: f"{p.one} that is {p.states} cannot be {done(p.rule.act)}",
    _K.NOTIFY: _notify,
    _K.CALL: _call,
    _K.FILTER: lambda p: f"the list of {p.many} can be narrowed by {p.names()}",
    _K.SORT: _sort,
    _K.SEARCH: lambda p: f"{p.many} are found by words in {p.names('or')}",
    _K.PAGE: lambda p: f"a page of the list holds {counted(p.rule.maximum or 0, p.label)}",
    _K.EXPORT: lambda p: f"{p.who} can take the list of {p.many} away as CSV",
    _K.COUNT: _count,
    _K.RATE: _rate,
    _K.HISTORY: lambda p: f"every change of {p.one} is kept, with who made it and when",
    _K.RETENTION: _retention,
    _K.EXPIRY: _expiry,
    _K.HIDDEN: _hidden,
    _K.OVERLAP: _overlap,
}
