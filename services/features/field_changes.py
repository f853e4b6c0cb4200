"""Corrections of fields: added, removed, of another type, required or optional. What the text says against them goes.

An instruction is followed before the rules are read, so that they see it, and once more after, so that it wins over them.
"""

import re
from collections.abc import Callable, Sequence

from services.features import words
from services.features.draft import Draft, Refusal, field_in, field_or_assumed, leave_out, spoken, thing_named
from services.features.fields import described
from services.features.resources import complete
from services.features.scene import FIELDS_MAX, Thing
from services.features.speech import TYPE_WORDS
from services.features.understanding import AcceptanceCriterion, DataField, FieldType, Rule, RuleKind

CORRECTED = "a correction"


def _holders(phrase: str | None, draft: Draft) -> list[Thing]:
    """The thing that a line names, else all of them, the main one first."""
    if not phrase:
        return list(draft.scene.things.values())
    thing = thing_named(phrase, draft)
    return [thing] if thing else []


def no_thing(phrase: str) -> Refusal:
    return Refusal(f"There is no thing called {spoken(phrase)}.")


def _no_field(phrase: str, holders: Sequence[Thing]) -> Refusal:
    where = f"{spoken(holders[0].name).capitalize()} has no field" if len(holders) == 1 else "There is no field"
    return Refusal(f"{where} called {spoken(phrase)}.")


TYPES = {
    "date": FieldType.DATE,
    "date and time": FieldType.DATETIME,
    "time": FieldType.DATETIME,
    "number": FieldType.NUMBER,
    "whole number": FieldType.INTEGER,
    "integer": FieldType.INTEGER,
    "money": FieldType.MONEY,
    "amount of money": FieldType.MONEY,
    "text": FieldType.TEXT,
    "long text": FieldType.TEXT,
    "short text": FieldType.STRING,
    "yes or no": FieldType.BOOLEAN,
    "yes/no": FieldType.BOOLEAN,
    "yes/no field": FieldType.BOOLEAN,
    "boolean": FieldType.BOOLEAN,
    "e-mail address": FieldType.EMAIL,
    "email address": FieldType.EMAIL,
    "e-mail": FieldType.EMAIL,
    "email": FieldType.EMAIL,
    "link": FieldType.URL,
    "url": FieldType.URL,
}
_LONGEST = {FieldType.STRING: 200, FieldType.TEXT: 5000}


def alternatives(phrases: Sequence[str] | dict[str, FieldType]) -> str:
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


def _of_type(kind: FieldType) -> dict[str, object]:
    return {
        "type": kind,
        "choices": (),
        "minimum": None,
        "maximum": _LONGEST.get(kind),
        "default": None,
        "refers_to": "",
    }


def add_field(m: re.Match[str], draft: Draft) -> str:
    thing = thing_named(m["thing"], draft) if m["thing"] else draft.scene.main
    about = f"{m['about'] or ''}, {m['need'] or ''}".strip(", ")
    if thing is None:
        return no_thing(m["thing"])
    words_of_type = re.findall(rf"(?:^|, ?| )((?:{alternatives(TYPES)}))(?=,|$)", about)
    made = described(m["field"], re.sub(r"^required$|, required$", "", about), None)
    if made is None:
        return Refusal(f"A field cannot be called {spoken(m['field'])}.")
    target = next((t for t in draft.scene.things.values() if t is not thing and t.name == made.name), None)
    if target:
        made = DataField(name=f"{target.name}_id", type=FieldType.REFERENCE, refers_to=target.name)
    elif words_of_type:
        made = made.model_copy(update=_of_type(TYPES[words_of_type[0]]))
    if made.name in thing.fields:
        return Refusal(f"{spoken(thing.name).capitalize()} has a field {spoken(made.name)} already.")
    if len(thing.fields) >= FIELDS_MAX:
        return Refusal(f"{spoken(thing.name).capitalize()} has {FIELDS_MAX} fields, and more are not kept.")
    is_required = bool(re.search(r"(?<!not )\b(?:required|mandatory)", about))
    thing.fields[made.name] = made.model_copy(update={"required": is_required})
    told = f"one of {', '.join(spoken(c) for c in made.choices)}" if made.choices else TYPE_WORDS[made.type]
    return f"Field {spoken(made.name)} was added to {spoken(thing.name)}: {told}, {'required' if is_required else 'optional'}."


def drop_field(m: re.Match[str], draft: Draft) -> str:
    holders = _holders(m["thing"], draft)
    for thing in holders:
        if name := field_in(thing, m["field"]):
            del thing.fields[name]
            return f"Field {spoken(name)} was removed from {spoken(thing.name)}."
    return _no_field(m["field"], holders) if holders else no_thing(m["thing"])


def drop_field_again(m: re.Match[str], draft: Draft) -> str:
    """A rule that names the field has brought it, or brought it back, so the rule goes as well."""
    for thing in _holders(m["thing"], draft):
        kept = dict(thing.fields)
        found = field_or_assumed(thing, m["field"], draft)
        if found and found not in kept:
            thing.fields = kept
            return Refusal(
                f"{spoken(found).capitalize()} was assumed, because no other field of {spoken(thing.name)} must be given. Rename it, or add a required field."
            )
        name = found or words.identifier(m["field"], "")
        gone = leave_out(draft, about_field(thing.name, name))
        if found:
            del thing.fields[found]
        if gone or (found and draft.line not in draft.done):
            return f"Field {spoken(name)} was removed from {spoken(thing.name)}.{gone}"
    return ""


def about_field(thing: str, name: str) -> Callable[[Rule], bool]:
    def is_meant(rule: Rule) -> bool:
        return rule.resource == thing and (name in rule.fields or bool(rule.condition and rule.condition.field == name))

    return is_meant


def _plain(thing: str, name: str, kinds: Sequence[RuleKind]) -> Callable[[Rule], bool]:
    """Rules of these kinds on the field that hold always."""

    def is_meant(rule: Rule) -> bool:
        is_always = rule.condition is None and rule.act in ("", "create")
        return rule.resource == thing and rule.fields[:1] == (name,) and rule.kind in kinds and is_always

    return is_meant


def retype(m: re.Match[str], draft: Draft) -> str:
    holders = _holders(m["thing"], draft)
    for thing in holders:
        if name := field_in(thing, m["field"]):
            return _changed(thing, name, m["kind"])
    return _no_field(m["field"], holders) if holders else no_thing(m["thing"])


def _changed(thing: Thing, name: str, told: str) -> str:
    kind = TYPES.get(told)
    changes = _of_type(kind) if kind else {"required": told in ("required", "mandatory")}
    thing.fields[name] = thing.fields[name].model_copy(update=changes)
    return f"{spoken(name).capitalize()} of {spoken(thing.name)} is {TYPE_WORDS[kind] if kind else told} now."


def retype_again(m: re.Match[str], draft: Draft) -> str:
    """What the text says of the field otherwise does not count; and fields that only a rule has brought."""
    kind = TYPES.get(m["kind"])
    for thing in _holders(m["thing"], draft):
        name = field_or_assumed(thing, m["field"], draft)
        if name is None:
            continue
        is_new = draft.line not in draft.done
        against: tuple[RuleKind, ...] = (RuleKind.FORMAT, RuleKind.CHOICES)
        if kind is None and m["kind"] in ("optional", "not required"):
            if _is_demanded_later(draft, thing.name, name):
                return ""
            against = (RuleKind.REQUIRED,)
        elif kind is None or thing.fields[name].type is kind:
            return _changed(thing, name, m["kind"]) if is_new else ""
        gone = leave_out(draft, _plain(thing.name, name, against))
        said = _changed(thing, name, m["kind"])
        if kind is None and _must_be_given(thing, name, draft):
            return Refusal(
                f"Something of {words.article(spoken(thing.name))} must be given, and {spoken(name)} is all there is. Add a required field first."
            )
        return f"{said}{gone}" if gone or is_new else ""
    return ""


def _must_be_given(thing: Thing, name: str, draft: Draft) -> bool:
    """Whether the field will be required again, because a record of nothing is no record."""
    trial = draft.scene.copy()
    complete(trial, [])
    return trial.things[thing.name].fields[name].required


def _is_demanded_later(draft: Draft, thing: str, name: str) -> bool:
    is_meant = _plain(thing, name, (RuleKind.REQUIRED,))
    told = [c for c in draft.stated if c.source == CORRECTED and c.text in draft.later]
    return any(is_meant(rule) for criterion in told for rule in criterion.rules)


def require(m: re.Match[str], draft: Draft) -> str:
    """Where no rule came of it by its words."""
    if any(c.text == draft.line and c.source == CORRECTED for c in draft.stated):
        return ""
    holders = _holders(m["thing"], draft)
    for thing in holders:
        if name := field_or_assumed(thing, m["field"], draft):
            thing.fields[name] = thing.fields[name].model_copy(update={"required": True})
            rule = Rule(kind=RuleKind.REQUIRED, resource=thing.name, fields=(name,))
            return f"{spoken(name).capitalize()} of {spoken(thing.name)} is required now. {_state(rule, draft)}"
    return _no_field(m["field"], holders) if holders else no_thing(m["thing"])


def _state(rule: Rule, draft: Draft) -> str:
    """The line as a criterion; nothing where another criterion says the same."""
    same = next((c.id for c in draft.stated if rule in c.rules and c.id not in draft.dropped), None)
    if same:
        return f"{same} proves it."
    number = 1 + max((int(c.id[4:]) for c in draft.stated), default=0)
    story = next((s.id for s in draft.stories if s.resource == rule.resource), draft.stories[0].id)
    draft.stated.append(
        AcceptanceCriterion(
            id=f"AC-S{number}", story=story, text=draft.line, rules=(rule,), stated=True, source=CORRECTED
        )
    )
    return f"Added as AC-S{number}, proven by a test."
