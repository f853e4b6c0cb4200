"""What people say about the understanding: instructions that win over the text, in the form and as remarks at a gate.

Each line is tried against the table of instructions, then read as a sentence that demands something. What became of it is
said line by line; a line that is not understood changes nothing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.features import words
from services.features.fields import described
from services.features.scene import Scene, Thing
from services.features.sentences import cut
from services.features.understanding import AcceptanceCriterion, Correction, DataField, FieldType, Rule, Story, UseCase

SOURCE = "a correction"
_NAME = r"[\"'`]?(?P<{0}>[\w][\w -]{{0,38}}?)[\"'`]?"


@dataclass
class Draft:
    """What corrections change: everything that was read so far. `dropped` are ids of stories and criteria."""

    scene: Scene
    cases: list[UseCase]
    stories: list[Story] = field(default_factory=list)
    stated: list[AcceptanceCriterion] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)


def lines_of(text: str) -> list[str]:
    """One instruction a line; a line with several sentences is several."""
    return [" ".join(s.text.split()) for line in text.splitlines() for s in cut(line)]


def correct_things(lines: Sequence[str], draft: Draft) -> dict[str, str]:
    """Before rules are read: fields, things, people and types. Gives line -> what was done."""
    return _each(lines, _EARLY, draft)


def correct_names(lines: Sequence[str], draft: Draft) -> dict[str, str]:
    """After rules are read: new names for what the text calls otherwise, and what is left out."""
    return _each(lines, _LATE, draft)


def answers(lines: Sequence[str], done: dict[str, str]) -> tuple[Correction, ...]:
    return tuple(
        Correction(line=line, is_applied=line in done, answer=done.get(line, _NOT_UNDERSTOOD))
        for line in dict.fromkeys(lines)
    )


_NOT_UNDERSTOOD = (
    "Not understood, so nothing was changed. Say it as one of: rename X to Y; add field F to X; remove field F from X; "
    "F of X is a date; drop story US-2; or as a rule, for example: only managers can approve orders."
)


def in_old_names(line: str, lines: Sequence[str]) -> str:
    """A line may already use the name that another line gives; here it reads as if it did not."""
    for told in filter(None, (re.fullmatch(_RENAME, other.rstrip(".").lower()) for other in lines if other != line)):
        line = re.sub(rf"\b{re.escape(told['new'])}(?=s?\b)", told["old"], line, flags=re.IGNORECASE)
    return line


def _each(
    lines: Sequence[str], table: Sequence[tuple[str, Callable[[re.Match[str], Draft], str]]], draft: Draft
) -> dict[str, str]:
    done = {}
    for line in lines:
        told = in_old_names(line, lines) if table is _EARLY else line
        bare = re.sub(
            r"^(?:please |also,? |and |can you |could you |we should )+",
            "",
            told.strip().rstrip(".!").lower().replace("’", "'"),
        )
        for pattern, apply in table:
            match = re.fullmatch(pattern, bare)
            said = apply(match, draft) if match else ""
            if said:
                done[line] = said
                break
    return done


def _thing(phrase: str, draft: Draft) -> Thing | None:
    return draft.scene.only_thing(phrase) if phrase else draft.scene.main


def _add_field(m: re.Match[str], draft: Draft) -> str:
    thing = _thing(m["thing"] or "", draft)
    made = described(m["field"], m["about"] or "", None) if thing else None
    if thing is None or made is None:
        return ""
    is_required = not re.search(r"optional", m["about"] or "") and bool(
        re.search(r"required|mandatory", m["about"] or "")
    )
    target = next((t for t in draft.scene.things.values() if t is not thing and t.name == made.name), None)
    if target:
        made = DataField(name=f"{target.name}_id", type=FieldType.REFERENCE, refers_to=target.name)
    thing.fields[made.name] = made.model_copy(update={"required": is_required})
    return f"Field {_words(made.name)} was added to {_words(thing.name)}, as {made.type.value}{', required' if is_required else ', optional'}."


def _drop_field(m: re.Match[str], draft: Draft) -> str:
    name = words.identifier(m["field"], "")
    for thing in [_thing(m["thing"], draft)] if m["thing"] else list(draft.scene.things.values()):
        if thing and name in thing.fields:
            del thing.fields[name]
            return f"Field {_words(name)} was removed from {_words(thing.name)}."
    return ""


_TYPES = {"a date": FieldType.DATE, "date": FieldType.DATE, "a date and time": FieldType.DATETIME, "a time": FieldType.DATETIME, "a number": FieldType.NUMBER, "number": FieldType.NUMBER,
          "a whole number": FieldType.INTEGER, "an integer": FieldType.INTEGER, "integer": FieldType.INTEGER, "money": FieldType.MONEY, "an amount of money": FieldType.MONEY, "text": FieldType.TEXT,
          "a text": FieldType.TEXT, "long text": FieldType.TEXT, "a short text": FieldType.STRING, "yes or no": FieldType.BOOLEAN, "a yes/no field": FieldType.BOOLEAN, "boolean": FieldType.BOOLEAN,
          "an e-mail address": FieldType.EMAIL, "an email address": FieldType.EMAIL, "a link": FieldType.URL, "a url": FieldType.URL}  # fmt: skip


def _retype(m: re.Match[str], draft: Draft) -> str:
    name = words.identifier(m["field"], "")
    for thing in [_thing(m["thing"], draft)] if m["thing"] else list(draft.scene.things.values()):
        if thing and name in thing.fields:
            kind = _TYPES.get(m["kind"])
            limit = {FieldType.STRING: 200, FieldType.TEXT: 5000}.get(kind) if kind else None
            changes = (
                {"type": kind, "choices": (), "maximum": limit}
                if kind
                else {"required": m["kind"] in ("required", "mandatory")}
            )
            thing.fields[name] = thing.fields[name].model_copy(update=changes)
            return f"{_words(name).capitalize()} of {_words(thing.name)} is {m['kind']} now."
    return ""


def _add_thing(m: re.Match[str], draft: Draft) -> str:
    name = words.identifier(words.singular_phrase(re.sub(r"^(?:an?|the) ", "", m["thing"])), "")
    if not name or name in draft.scene.things or len(draft.scene.things) >= 6:
        return ""
    draft.scene.things[name] = Thing(name)
    return f"{_words(name).capitalize()} is kept as well."


def _drop_thing(m: re.Match[str], draft: Draft) -> str:
    thing = draft.scene.only_thing(m["thing"])
    if thing is None or len(draft.scene.things) == 1:
        return ""
    del draft.scene.things[thing.name]
    for other in draft.scene.things.values():
        other.fields = {n: f for n, f in other.fields.items() if f.refers_to != thing.name}
    draft.cases[:] = [c for c in draft.cases if c.resource != thing.name]
    return f"{_words(thing.name).capitalize()} is not kept any more."


def _add_actor(m: re.Match[str], draft: Draft) -> str:
    name = words.singular_phrase(re.sub(r"^(?:an?|the) ", "", m["actor"]))
    if name in draft.scene.actors:
        return ""
    draft.scene.actors.append(name)
    return f"{name.capitalize()} is one of the people now."


def _main(m: re.Match[str], draft: Draft) -> str:
    thing = draft.scene.only_thing(m["thing"])
    if thing is None:
        return ""
    draft.scene.things = {thing.name: thing, **{n: t for n, t in draft.scene.things.items() if n != thing.name}}
    return f"{_words(thing.name).capitalize()} is the main thing now."


def _drop(m: re.Match[str], draft: Draft) -> str:
    wanted = m["id"].upper().replace("AC-s", "AC-S")
    known = {s.id.upper(): s.id for s in draft.stories} | {c.id.upper(): c.id for c in draft.stated}
    told = known.get(wanted)
    if told is None and re.fullmatch(r"AC-\d+\.\d+", wanted):
        told = wanted
    if told is None or (told.startswith("US") and len([s for s in draft.stories if s.id not in draft.dropped]) < 2):
        return ""
    draft.dropped.add(told)
    return f"{told} was dropped."


def _person_decides(m: re.Match[str], draft: Draft) -> str:
    for place, criterion in enumerate(draft.stated):
        if criterion.id.lower() == m["id"].lower():
            draft.stated[place] = criterion.model_copy(update={"rules": ()})
            return f"A person decides {criterion.id}."
    return ""


def _rename(m: re.Match[str], draft: Draft) -> str:
    old, new = m["old"].strip(), m["new"].strip()
    target = words.identifier(words.singular_phrase(new), "")
    thing = draft.scene.only_thing(old)
    if not target:
        return ""
    if thing and target not in draft.scene.things:
        _rename_thing(thing, target, draft)
        return f"{_words(old).capitalize()} is called {_words(target)} now."
    actor = draft.scene.actor_of(old)
    if actor and target.replace("_", " ") not in draft.scene.actors:
        _rename_actor(actor, target.replace("_", " "), draft)
        return f"{actor.capitalize()} is called {target.replace('_', ' ')} now."
    name, target = words.identifier(re.sub(r"^(?:the )?field ", "", old), ""), words.identifier(new, "")
    for holder in draft.scene.things.values():
        if name in holder.fields and target not in holder.fields:
            _rename_field(holder, name, target, draft)
            return f"Field {_words(name)} of {_words(holder.name)} is called {_words(target)} now."
        if name in holder.states and target not in holder.states:
            _rename_state(holder, name, target, draft)
            return f"State {_words(name)} of {_words(holder.name)} is called {_words(target)} now."
    return ""


def _rename_thing(thing: Thing, target: str, draft: Draft) -> None:
    old = thing.name
    thing.name = target
    draft.scene.things = {t.name: t for t in draft.scene.things.values()}
    for holder in draft.scene.things.values():
        for name, kept in list(holder.fields.items()):
            if kept.refers_to == old:
                holder.fields.pop(name)
                holder.fields[f"{target}_id"] = kept.model_copy(update={"refers_to": target, "name": f"{target}_id"})
                _in_rules(
                    draft,
                    holder.name,
                    lambda r, n=name: r.model_copy(
                        update={"fields": tuple(f"{target}_id" if f == n else f for f in r.fields)}
                    ),
                )
    draft.cases[:] = [c.model_copy(update={"resource": target}) if c.resource == old else c for c in draft.cases]
    a, b = _words(old), _words(target)
    draft.stories[:] = [
        s.model_copy(
            update={"resource": target, "goal": s.goal.replace(words.article(a), words.article(b)).replace(a, b)}
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
    _in_rules(draft, "", lambda r: r.model_copy(update={"actors": tuple(new if a == old else a for a in r.actors)}))


def _rename_field(holder: Thing, old: str, new: str, draft: Draft) -> None:
    holder.fields = {
        new if n == old else n: f.model_copy(update={"name": new}) if n == old else f for n, f in holder.fields.items()
    }

    def renamed(rule: Rule) -> Rule:
        condition = (
            rule.condition.model_copy(update={"field": new})
            if rule.condition and rule.condition.field == old
            else rule.condition
        )
        return rule.model_copy(
            update={"fields": tuple(new if f == old else f for f in rule.fields), "condition": condition}
        )

    _in_rules(draft, holder.name, renamed)


def _rename_state(holder: Thing, old: str, new: str, draft: Draft) -> None:
    def of(state: str) -> str:
        return new if state == old else state

    holder.states = [of(s) for s in holder.states]
    holder.transitions = [(v, of(s), of(t)) for v, s, t in holder.transitions]
    _in_rules(draft, holder.name, lambda r: r.model_copy(update={"states": tuple(of(s) for s in r.states)}))


def _in_rules(draft: Draft, resource: str, change: Callable[[Rule], Rule]) -> None:
    """Every rule of a resource ("" for all) as the change makes it."""
    draft.stated[:] = [
        c.model_copy(update={"rules": tuple(change(r) if resource in ("", r.resource) else r for r in c.rules)})
        for c in draft.stated
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


_RENAME = rf"(?:rename|call) (?:the )?(?:field |actor |role |state )?{_NAME.format('old')} (?:to|as|into) {_NAME.format('new')}"
_OF = rf"(?:\s+(?:to|for|on|of|from|in) (?:an?|the|every|each|all)? ?{_NAME.format('thing')})?"
_EARLY: tuple[tuple[str, Callable[[re.Match[str], Draft], str]], ...] = (
    (rf"add (?:an? |the )?(?:new )?(?:optional |required |mandatory )?field (?:called |named )?{_NAME.format('field')}(?:\s*\((?P<about>[^()]+)\))?{_OF}", _add_field),
    (rf"add (?:an? |the )?{_NAME.format('field')} (?:\((?P<about>[^()]+)\) )?(?:field )?to (?:an?|the|every|each)? ?{_NAME.format('thing')}", _add_field),
    (rf"(?:remove|drop|delete) (?:the )?(?:field )?{_NAME.format('field')} (?:field )?from (?:the )?{_NAME.format('thing')}", _drop_field),
    (rf"(?:remove|drop|delete) (?:the )?field {_NAME.format('field')}(?P<thing>)", _drop_field),
    (rf"(?:the )?{_NAME.format('field')}(?: of (?:an?|the|every|each)? ?{_NAME.format('thing')})? (?:is|must be|should be) (?P<kind>{'|'.join(map(re.escape, sorted([*_TYPES, 'optional', 'not required'], key=len, reverse=True)))})", _retype),
    (rf"(?:also )?(?:keep|add|store) (?:a |an |the )?(?:resource|thing|entity|table) (?:called |named )?{_NAME.format('thing')}", _add_thing),
    (rf"(?:remove|drop|delete) (?:the )?(?:resource|thing|entity|table) {_NAME.format('thing')}", _drop_thing),
    (rf"add (?:the |an? )?(?:actor|role|person) {_NAME.format('actor')}", _add_actor),
    (rf"(?:the )?main (?:resource|thing|entity) is (?:an?|the)? ?{_NAME.format('thing')}", _main),
)  # fmt: skip
_LATE: tuple[tuple[str, Callable[[re.Match[str], Draft], str]], ...] = (
    (_RENAME, _rename),
    (r"(?:drop|remove|delete|leave out) (?:the )?(?:user )?(?:story|criterion|acceptance criterion) (?P<id>us-\d+|ac-s?\d+(?:\.\d+)?)", _drop),
    (r"(?:drop|remove|delete|leave out) (?P<id>us-\d+|ac-s?\d+(?:\.\d+)?)", _drop),
    (r"a person decides (?P<id>ac-s?\d+(?:\.\d+)?)", _person_decides),
)  # fmt: skip
