"""A rule in words: one sentence in a form of EARS, and Given, When, Then. Built from the rule's data, never from its text.

Source: EARS (Mavin et al., 2009): ubiquitous, when (event), while (state), if/then (unwanted), where (option).
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.features import words
from services.features.speech import (
    THAN,
    agrees,
    are,
    asked_for,
    be,
    called,
    called_by_name,
    compared,
    counted,
    done,
    duration,
    in_order,
    moment,
    one_of,
    spaced,
    third,
    value_of,
)
from services.features.understanding import Condition, DataField, FieldType, Resource, Rule, RuleKind

_K = RuleKind
_CHANNELS = {"email": "by e-mail", "sms": "by SMS", "slack": "in Slack", "app": "in the app", "": ""}
_NUMBERS = (FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER)
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Phrase:
    ears: str
    scenario: str


def phrase(rule: Rule, resource: Resource) -> Phrase:
    """Every kind of rule has its row in `_PHRASES`."""
    made = _PHRASES[rule.kind](_Speaker(rule, resource))
    return Phrase(made.ears, made.scenario.replace(" / When", ", when").replace(" / Then", ", then") + ".")


class _Speaker:
    """The parts of a sentence."""

    def __init__(self, rule: Rule, resource: Resource) -> None:
        self.rule, self.resource = rule, resource
        self.label = resource.label.lower()
        self.one = words.article(self.label)
        self.many = words.plural(self.label)
        self.fields = {f.name: f for f in resource.fields}
        self.who = " or ".join(words.article(spaced(a)) for a in rule.actors) or "somebody"
        self.does = third(rule.act) if rule.act else "changes"
        first, *rest = self.does.split(" ")
        self.does_it = " ".join([first, "it", *rest])  # "checks it in"
        self.done = done(rule.act) if rule.act else "changed"
        self.field = called(rule.fields[0]) if rule.fields else ""
        self.are = are(self.field)
        self.first_state = resource.states[0].replace("_", " ") if resource.states else ""

    @property
    def type(self) -> FieldType:
        found = self.fields.get(self.rule.fields[0]) if self.rule.fields else None
        return found.type if found else FieldType.STRING

    @property
    def condition(self) -> str:
        return told(self.rule.condition, self.fields) if self.rule.condition else ""

    def named(self, last: str = "or") -> str:
        return one_of(tuple(called(name) for name in self.rule.fields), last)

    @property
    def where(self) -> str:
        """ " whose amount is above 500.00", or nothing."""
        return f" whose {self.condition}" if self.condition else ""

    def shown(self, value: int | str | None) -> str:
        return value_of(self.fields.get(self.rule.fields[0]) if self.rule.fields else None, value)


def told(condition: Condition, fields: dict[str, DataField]) -> str:
    name = called(condition.field)
    value = value_of(fields.get(condition.field), condition.value)
    return " ".join(f"{name} {are(name)} {THAN[condition.operator]} {value}".split())


def _allowed(s: _Speaker) -> Phrase:
    act, rule = s.rule.act, s.rule
    move = next(((a, b) for verb, a, b in s.resource.transitions if verb == act), None)
    target = (move[1] if move else "").replace("_", " ")
    given = f"{words.article(move[0].replace('_', ' '))} {s.label}" if move else s.one
    effect = {
        "create": ("keep it and give it back with its id", "reading its id gives the same values"),
        "list": (f"show the {s.many} that the role may see", "each of them is in the list"),
        "get": ("show its fields", "every field has the value that was stored"),
        "update": ("keep the new values and count its version up", "reading it again gives the new values"),
        "delete": ("remove it", "reading it again finds nothing"),
    }.get(act, (f"set its state to {target}", f"reading it again says {target}"))
    start = "no record" if act == "create" else f"several {s.many}" if act == "list" else given
    thing = s.many if act == "list" else f"{given}{s.where}"
    return Phrase(
        f"When {s.who} {s.does} {thing}, the service shall {effect[0]}.",
        f"Given {start}{s.where if act != 'list' else ''} / When {s.who} {third(rule.act)} {'them' if act == 'list' else s.one if act == 'create' else 'it'} / Then {effect[1]}",
    )


def _only(s: _Speaker) -> Phrase:
    if s.rule.act == "create":
        return Phrase(
            f"If anybody but {s.who} tries to create {s.one}{s.where}, then the service shall refuse it and keep nothing.",
            f"Given a caller who is not {s.who} / When that caller creates {s.one}{s.where} / Then the answer is 403 and nothing is kept",
        )
    return Phrase(
        f"If anybody but {s.who} tries to have {s.one}{s.where} {s.done}, then the service shall refuse it and change nothing.",
        f"Given {s.one}{s.where} and a caller who is not {s.who} / When that caller {s.does_it} / Then the answer is 403 and nothing changed",
    )


def _own(s: _Speaker) -> Phrase:
    if s.rule.act == "list":
        return Phrase(
            f"When {s.who} lists {s.many}, or names one by its id for any act, the service shall reach only those that the same person made.",
            f"Given {s.one} of each of two people / When {s.who} who made one of them lists {s.many} and asks for the other by its id / Then only the own one is in the list, and the other is not found",
        )
    return Phrase(
        f"If {s.who} asks for {s.one} that somebody else made, then the service shall not give it away.",
        f"Given {s.one} made by one person / When {s.who} who did not make it {s.does_it if s.rule.act else 'reads it'} / Then it is refused; the maker is not",
    )


def _not_own(s: _Speaker) -> Phrase:
    return Phrase(
        f"If whoever made {s.one}{s.where} tries to have it {s.done}, then the service shall refuse it.",
        f"Given {s.one}{s.where} / When its maker {s.does_it} / Then it is refused; another person can",
    )


def _required(s: _Speaker) -> Phrase:
    done_ = done(s.rule.act or "create")
    if s.rule.condition and s.rule.condition.field == "state":
        state = f"{'not ' if s.rule.condition.operator == '!=' else ''}{s.rule.condition.value.replace('_', ' ')}"
        return Phrase(
            f"While {s.one} is {state}, the service shall refuse to leave it without {words.article(s.field)}.",
            f"Given {s.one} without {words.article(s.field)} / When it becomes or is {state} / Then the answer is 422 and names {s.field}",
        )
    return Phrase(
        f"If {s.one}{s.where} is {done_} without {words.article(s.field)}, then the service shall refuse it and name that field.",
        f"Given {s.one}{s.where} and no {s.field} / When it is {done_} / Then the answer is 422 and names {s.field}",
    )


def _optional(s: _Speaker) -> Phrase:
    return Phrase(
        f"The service shall take {s.one} without {words.article(s.field)}.",
        f"Given {s.one} without {words.article(s.field)} / When it is created / Then it is kept, and {s.field} is empty",
    )


def _range(s: _Speaker) -> Phrase:
    low, high = s.rule.minimum, s.rule.maximum
    is_text = s.type in (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL)
    unit, verb = (" characters", "have") if is_text else ("", "be")
    spans = [f"at least {s.shown(low)}"] if low is not None else []
    spans += [f"at most {s.shown(high)}"] if high is not None else []
    edges = [f"just below {s.shown(low)}"] if low is not None else []
    edges += [f"just above {s.shown(high)}"] if high is not None else []
    return Phrase(
        f"The {s.field} of {s.one} shall {verb} {' and '.join(spans)}{unit}{f' while {s.condition}' if s.condition else ''}.",
        f"Given {s.one}{s.where} / When its {s.field} {'has a length' if is_text else s.are} {' or '.join(edges)} / Then the answer is 422; at the limit itself it is kept",
    )


def _choices(s: _Speaker) -> Phrase:
    return Phrase(
        f"The {s.field} of {s.one} shall be {one_of(s.rule.values)}.",
        f"Given {s.one} / When its {s.field} {s.are} none of {one_of(s.rule.values)} / Then the answer is 422; each of them is kept",
    )


def _format(s: _Speaker) -> Phrase:
    kind = "e-mail address" if s.type is FieldType.EMAIL else "web address"
    return Phrase(
        f"If the {s.field} of {s.one} is no valid {kind}, then the service shall refuse it.",
        f"Given {s.one} / When its {s.field} is no {kind} / Then the answer is 422 and names {s.field}",
    )


def _unique(s: _Speaker) -> Phrase:
    same = s.named("and")
    return Phrase(
        f"If {s.one} has the same {same} as another, then the service shall refuse it.",
        f"Given {s.one} / When a second one with the same {same} is created / Then the answer is 409 and the first is unchanged",
    )


def _default(s: _Speaker) -> Phrase:
    name, value = (
        (s.field, s.shown(s.rule.values[0]))
        if s.rule.fields
        else ("state", (s.rule.values or s.resource.states)[0].replace("_", " "))
    )
    return Phrase(
        f"When {s.one} is created without {words.article(name)}, the service shall store {value}.",
        f"Given no {name} / When {s.one} is created / Then its {name} is {value}",
    )


def _compare(s: _Speaker) -> Phrase:
    wanted, refused = _relation(s, s.rule.operator), _relation(s, _OPPOSITE[s.rule.operator])
    return Phrase(
        f"The {s.field} of {s.one} shall {be(wanted)}{f' while {s.condition}' if s.condition else ''}.",
        f"Given {s.one}{s.where} / When its {s.field} {s.are} {refused} / Then the answer is 422 and names {s.field}",
    )


def _relation(s: _Speaker, operator: str) -> str:
    if len(s.rule.fields) > 1:
        return compared(operator, f"its {called(s.rule.fields[1])}", s.type)
    return moment(operator, s.rule.seconds or 0)


def _fixed(s: _Speaker) -> Phrase:
    names = s.named("and")
    return Phrase(
        f"If somebody changes the {names} of {s.one} after it was created, then the service shall refuse it.",
        f"Given {s.one} / When its {names} is changed / Then it is refused and the first value stays",
    )


def _locked(s: _Speaker) -> Phrase:
    states = one_of(s.rule.states)
    return Phrase(
        f"While {s.one} is {states}, the service shall refuse every change of its fields and its deletion.",
        f"Given {s.one} that is {states} / When somebody changes a field / Then the answer is 409 and nothing changed",
    )


def _transition(s: _Speaker) -> Phrase:
    sources, target = one_of(s.rule.states[:-1]), s.rule.states[-1].replace("_", " ")
    return Phrase(
        f"When {s.one} that is {sources} is {s.done}, the service shall set its state to {target}; from any other state it shall refuse.",
        f"Given {s.one} that is {sources} / When it is {s.done} / Then its state is {target}; once more gives 409",
    )


def _blocked(s: _Speaker) -> Phrase:
    states = one_of(s.rule.states)
    return Phrase(
        f"While {s.one} is {states}, the service shall refuse to have it {s.done}.",
        f"Given {s.one} that is {states} / When {s.who} {s.does_it} / Then the answer is 409 and nothing changed",
    )


def _notify(s: _Speaker) -> Phrase:
    people = " and ".join("whoever made it" if a == "owner" else f"every {a.replace('_', ' ')}" for a in s.rule.actors)
    way = _CHANNELS.get(s.rule.channel, f"by {s.rule.channel}")
    return Phrase(
        f"When {s.one}{s.where} is {s.done}, the service shall tell {people} {way}".rstrip() + ".",
        f"Given {s.one}{s.where} / When it is {s.done} / Then one message to {people} waits to be sent {way}".rstrip(),
    )


def _call(s: _Speaker) -> Phrase:
    by = f" at the end of the {duration(s.rule.seconds).removeprefix('1 ')}" if s.rule.seconds else ""
    return Phrase(
        f"When {s.one} is {s.done}, the service shall see to it that {asked_for(s.rule)}{by}, once.",
        f"Given {s.one} / When it is {s.done} / Then one errand to {called_by_name(s.rule.channel)} waits to be sent, and none where it was refused",
    )


def _filter(s: _Speaker) -> Phrase:
    names = s.named("and")
    return Phrase(
        f"When the list of {s.many} is asked for with {words.article(s.field)}, the service shall show only those that have it"
        + (
            f"; likewise for {one_of(tuple(called(f) for f in s.rule.fields[1:]), 'and')}."
            if len(s.rule.fields) > 1
            else "."
        ),
        f"Given two {s.many} that differ in {names} / When the list is narrowed by the value of one / Then only that one is shown",
    )


def _sort(s: _Speaker) -> Phrase:
    order = in_order(s.rule, s.fields.get(s.rule.fields[0]))
    by = "" if order in ("newest first", "oldest first") else f" by {s.field}"
    return Phrase(
        f"The service shall list {s.many}{by}, {order}.",
        f"Given three {s.many} made in another order / When they are listed / Then they stand{by}, {order}",
    )


def _search(s: _Speaker) -> Phrase:
    names = s.named()
    return Phrase(
        f"When {s.many} are searched for a word, the service shall show those that hold it in {names}.",
        f"Given two {s.many}, one with the word in its {s.field} / When the word is searched / Then only that one is shown",
    )


def _page(s: _Speaker) -> Phrase:
    return Phrase(
        f"The list of {s.many} shall show at most {s.rule.maximum} on a page.",
        f"Given {counted((s.rule.maximum or 0) + 1, s.label)} / When they are listed / Then the first page holds {s.rule.maximum} and names the next",
    )


def _export(s: _Speaker) -> Phrase:
    return Phrase(
        f"When {s.who} exports the list of {s.many}, the service shall give it as CSV, one line each.",
        f"Given two {s.many} / When they are exported / Then the CSV has a heading and two lines",
    )


def _count(s: _Speaker) -> Phrase:
    number, states = s.rule.maximum or 0, one_of(s.rule.states)
    held = counted(number, s.label) + (f" that {agrees(number, 'are')} {states}" if states else "")
    if states and s.resource.states[:1] != s.rule.states[:1]:
        return Phrase(
            f"If somebody has {held}, then the service shall refuse to make one more of theirs {states}.",
            f"Given a person with {held} / When one more of theirs would be {states} / Then the answer is 409; somebody else's can",
        )
    return Phrase(
        f"If somebody who has {held} creates one more, then the service shall refuse it.",
        f"Given a person with {held} / When that person creates another / Then the answer is 409; somebody else can",
    )


def _rate(s: _Speaker) -> Phrase:
    span, many = duration(s.rule.seconds or 0), counted(s.rule.maximum or 0, s.label)
    return Phrase(
        f"If somebody {s.does} more than {many} within {span}, then the service shall refuse it.",
        f"Given a person who had {many} {s.done} / When that person {s.does} one more within {span} / Then the answer is 429; afterwards it works",
    )


def _history(s: _Speaker) -> Phrase:
    return Phrase(
        f"When {s.one} changes, the service shall keep who changed it, when, and both values.",
        f"Given {s.one} / When somebody changes it / Then its history names the person, the time, the old and the new values",
    )


def _have(span: str) -> str:
    return "has" if span.startswith("1 ") else "have"


def _retention(s: _Speaker) -> Phrase:
    start = f"became {one_of(s.rule.states)}" if s.rule.states else "was made"
    span = duration(s.rule.seconds or 0)
    return Phrase(
        f"When {span} {_have(span)} passed since {s.one} {start}, the service shall remove it.",
        f"Given {s.one} that {start} {span} ago / When the removal runs / Then it is gone; a younger one is kept",
    )


def _expiry(s: _Speaker) -> Phrase:
    source, target = (state.replace("_", " ") for state in s.rule.states[:2])
    span = duration(s.rule.seconds or 0)
    return Phrase(
        f"When {s.one} has been {source} for {span}, the service shall set its state to {target}.",
        f"Given {s.one} that is {source} / When {span} {_have(span)} passed / Then its state is {target} without anybody's act",
    )


def _hidden(s: _Speaker) -> Phrase:
    names = s.named("and")
    is_masked = s.rule.channel == "masked"
    way = "masked but for its last four characters" if is_masked else "left out"
    return Phrase(
        f"The service shall {'show no more than the last four characters of' if is_masked else 'leave out'} the {names} of {s.one} in every answer.",
        f"Given {s.one} with {words.article(names)} / When it is created, read or listed / Then the {names} {'are' if len(s.rule.fields) > 1 else s.are} {way}",
    )


def _overlap(s: _Speaker) -> Phrase:
    same, start, end = (called(name) for name in s.rule.fields)
    return Phrase(
        f"If {s.one} would overlap another of the same {same} between {start} and {end}, then the service shall refuse it.",
        f"Given {s.one} / When a second of the same {same} begins before its {end} / Then the answer is 409; one that begins at its {end} is kept",
    )


_PHRASES: dict[RuleKind, Callable[[_Speaker], Phrase]] = {
    _K.ALLOWED: _allowed, _K.ONLY: _only, _K.OWN: _own, _K.NOT_OWN: _not_own, _K.REQUIRED: _required, _K.OPTIONAL: _optional, _K.RANGE: _range,
    _K.CHOICES: _choices, _K.FORMAT: _format, _K.UNIQUE: _unique, _K.DEFAULT: _default, _K.COMPARE: _compare,
    _K.FIXED: _fixed, _K.LOCKED: _locked, _K.TRANSITION: _transition, _K.BLOCKED: _blocked, _K.NOTIFY: _notify, _K.CALL: _call,
    _K.FILTER: _filter, _K.SORT: _sort, _K.SEARCH: _search, _K.PAGE: _page, _K.EXPORT: _export, _K.COUNT: _count,
    _K.RATE: _rate, _K.HISTORY: _history, _K.RETENTION: _retention, _K.EXPIRY: _expiry, _K.HIDDEN: _hidden,
    _K.OVERLAP: _overlap,
}  # fmt: skip
