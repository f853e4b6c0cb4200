"""New names for what a text calls otherwise: things, people, fields, states. Rules, stories and references follow."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from services.features import words
from services.features.draft import Draft, Refusal, field_or_assumed, is_actor, spoken, thing_named
from services.features.scene import Thing
from services.features.understanding import Rule

NAME = r"[\"'`]?(?P<{0}>[\w][\w -]{{0,38}}?)[\"'`]?"
_KIND = r"(?:(?P<kind>field|actor|role|person|state|status|thing|resource|entity) )?"
_RENAMED = rf"(?:rename|call) (?:the )?{_KIND}{NAME.format('old')}"
_IN = rf"(?:an? |the |every |each )?{NAME.format('thing')}"
_TO = rf" (?:to|as|into|->) (?:an? |the )?{NAME.format('new')}"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_RENAMED} of {_IN}{_TO}",  # before "in": a move-in date is a field, too
        rf"{_RENAMED}(?: (?:on|in) {_IN})?{_TO}",
        rf"(?:an? |the )?{_KIND}{NAME.format('old')}(?P<thing>) (?:is|are|should be|must be) (?:called|named|renamed to) (?:an? |the )?{NAME.format('new')}",
        rf"call (?:an? |the )?{_KIND}{NAME.format('old')}(?P<thing>) (?:an? |the ){NAME.format('new')}",
    )
)


_ASIDE = re.compile(r"^(?:(?:please|also|and|can you|could you|we should|you should|just)\b,? *)+", re.IGNORECASE)


def bare_of(line: str) -> str:
    """In lower case, without "please" and without the final stop."""
    return _ASIDE.sub("", line.strip().rstrip(".! ").lower().replace("’", "'"))


def rename_in(bare: str) -> re.Match[str] | None:
    """A line that gives something a new name; `bare` is lower case without its final stop."""
    return next((m for form in _FORMS if (m := form.fullmatch(bare))), None)


@lru_cache(maxsize=16)
def _given(lines: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """(line, old name, new name) of every line that renames, the last one first."""
    told = [(line, rename_in(bare_of(line))) for line in lines]
    return tuple((line, m["old"], m["new"]) for line, m in reversed(told) if m)


_ADDED = re.compile(r"(?P<head>(?:please |also |and )*add .* (?:to|for|on|of) )(?P<rest>.*)", re.IGNORECASE)


def in_old_names(line: str, lines: Sequence[str]) -> str:
    """A line may already use the name that another line gives; here it reads as if it did not."""
    added = _ADDED.fullmatch(line)  # what is added has the name that it is given
    head, rest = (added["head"], added["rest"]) if added else ("", line)
    for other, old, new in _given(tuple(lines)):
        if other != line:
            rest = re.sub(rf"\b{re.escape(new)}(?=s?\b)", old.replace("\\", ""), rest, flags=re.IGNORECASE)
    return head + rest


def rename(m: re.Match[str], draft: Draft) -> str:
    old, new, kind = m["old"].strip(), m["new"].strip(), m["kind"] or ""
    holder = thing_named(m["thing"], draft) if m["thing"] else None
    if m["thing"] and holder is None:
        return Refusal(f"There is no thing called {spoken(m['thing'])}.")
    for kinds, attempt in _ATTEMPTS:
        if kind and kind not in kinds:
            continue
        said = attempt(old, new, [holder] if holder else list(draft.scene.things.values()), draft)
        if said:
            return said
    return Refusal(f"There is nothing called {spoken(old)}.")


def _as_thing(old: str, new: str, holders: list[Thing], draft: Draft) -> str:
    thing, target = thing_named(old, draft), words.identifier(words.singular_phrase(new), "")
    if thing is None or not target or (len(holders) == 1 and len(draft.scene.things) > 1):
        return ""
    if target in draft.scene.things:
        return Refusal(f"There is a thing called {spoken(target)} already.")
    rename_thing(thing, target, draft)
    return f"{spoken(old).capitalize()} is called {spoken(target)} now."


def _as_actor(old: str, new: str, _holders: list[Thing], draft: Draft) -> str:
    actor, target = is_actor(old, draft), spoken(words.identifier(words.singular_phrase(new), ""))
    if actor is None or not target:
        return ""
    if target in draft.scene.actors:
        return Refusal(f"{target.capitalize()} is one of the people already.")
    _rename_actor(actor, target, draft)
    return f"{actor.capitalize()} is called {target} now."


def _as_field(old: str, new: str, holders: list[Thing], draft: Draft) -> str:
    target = words.identifier(new, "")
    for holder in holders:
        name = field_or_assumed(holder, old, draft)
        if name is None or not target:
            continue
        if target in holder.fields:
            return Refusal(f"{spoken(holder.name).capitalize()} has a field {spoken(target)} already.")
        _rename_field(holder, name, target, draft)
        return f"Field {spoken(name)} of {spoken(holder.name)} is called {spoken(target)} now."
    return ""


def _as_state(old: str, new: str, holders: list[Thing], draft: Draft) -> str:
    name, target = words.identifier(old, ""), words.identifier(new, "")
    for holder in holders:
        if name not in holder.states or not target:
            continue
        if target in holder.states:
            return Refusal(f"{spoken(holder.name).capitalize()} has a state {spoken(target)} already.")
        _rename_state(holder, name, target, draft)
        return f"State {spoken(name)} of {spoken(holder.name)} is called {spoken(target)} now."
    return ""


_ATTEMPTS: tuple[tuple[tuple[str, ...], Callable[[str, str, list[Thing], Draft], str]], ...] = (
    (("thing", "resource", "entity"), _as_thing),
    (("actor", "role", "person"), _as_actor),
    (("field",), _as_field),
    (("state", "status"), _as_state),
)


def rename_thing(thing: Thing, target: str, draft: Draft) -> None:
    old, last = thing.name, thing.last
    thing.name = target
    draft.scene.things = {t.name: t for t in draft.scene.things.values()}
    for holder in draft.scene.things.values():
        for name, kept in list(holder.fields.items()):
            if kept.refers_to == old:
                holder.fields[name] = kept.model_copy(update={"refers_to": target})
                if name in (f"{old}_id", f"{last}_id") and f"{target}_id" not in holder.fields:
                    _rename_field(holder, name, f"{target}_id", draft)
    draft.cases[:] = [c.model_copy(update={"resource": target}) if c.resource == old else c for c in draft.cases]
    a, b = spoken(old), spoken(target)
    draft.stories[:] = [
        s.model_copy(
            update={
                "resource": target,
                "goal": s.goal.replace(words.article(a), words.article(b)).replace(f" {a}", f" {b}"),
            }
        )
        if s.resource == old
        else s
        for s in draft.stories
    ]
    _in_rules(draft, old, lambda r: r.model_copy(update={"resource": target}))


def _rename_actor(old: str, new: str, draft: Draft) -> None:
    draft.scene.actors = [new if a == old else a for a in draft.scene.actors]
    draft.cases[:] = [c.model_copy(update={"actor": new}) if c.actor == old else c for c in draft.cases]
    draft.stories[:] = [s.model_copy(update={"actor": new}) if s.actor == old else s for s in draft.stories]
    _in_rules(
        draft,
        "",
        lambda r: r.model_copy(update={"actors": tuple(new if a == old else a for a in r.actors)}),
    )


def _rename_field(holder: Thing, old: str, new: str, draft: Draft) -> None:
    holder.fields = {
        new if n == old else n: f.model_copy(update={"name": new}) if n == old else f for n, f in holder.fields.items()
    }

    def renamed(rule: Rule) -> Rule:
        told = rule.condition
        if told and told.field == old:
            told = told.model_copy(update={"field": new})
        return rule.model_copy(update={"fields": tuple(new if f == old else f for f in rule.fields), "condition": told})

    _in_rules(draft, holder.name, renamed)


def _rename_state(holder: Thing, old: str, new: str, draft: Draft) -> None:
    def of(state: str) -> str:
        return new if state == old else state

    holder.states = [of(s) for s in holder.states]
    holder.transitions = [(v, of(s), of(t)) for v, s, t in holder.transitions]

    def renamed(rule: Rule) -> Rule:
        told = rule.condition
        if told and told.field == "state":
            told = told.model_copy(update={"value": of(told.value)})
        values = rule.values if rule.fields else tuple(of(v) for v in rule.values)
        return rule.model_copy(
            update={"states": tuple(of(s) for s in rule.states), "values": values, "condition": told}
        )

    _in_rules(draft, holder.name, renamed)


def _in_rules(draft: Draft, resource: str, change: Callable[[Rule], Rule]) -> None:
    """Every rule of a resource ("" for all) as the change makes it."""
    draft.stated[:] = [
        c.model_copy(update={"rules": tuple(change(r) if resource in ("", r.resource) else r for r in c.rules)})
        for c in draft.stated
    ]
