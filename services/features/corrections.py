"""What people say about the understanding: instructions that win over the text, in the form and as remarks at a gate.

Each line is tried against the table of instructions, then read as a sentence that demands something. What became of it is
said line by line; a line that is not understood changes nothing. Of two lines that contradict each other the later one wins.
"""

import re
from collections.abc import Callable, Sequence

from services.features import words
from services.features.criteria import derived_criteria
from services.features.draft import Draft, Refusal, leave_out, spoken, thing_named
from services.features.field_changes import (
    CORRECTED,
    TYPES,
    about_field,
    add_field,
    alternatives,
    drop_field,
    drop_field_again,
    no_thing,
    require,
    retype,
    retype_again,
)
from services.features.renames import NAME, bare_of, in_old_names, rename, rename_in
from services.features.resources import complete
from services.features.scene import Thing
from services.features.sentences import cut
from services.features.understanding import Correction, UseCase

__all__ = ["SOURCE", "Draft", "answers", "correct_names", "correct_things", "in_old_names", "lines_of"]
SOURCE = CORRECTED
_MOST_THINGS = 6


def lines_of(text: str) -> list[str]:
    """One instruction a line; a line with several sentences is several. Every line that says something is among them."""
    found: list[str] = []
    for line in text.splitlines():
        told = [" ".join(s.text.split()) for s in cut(re.sub(r"^[#>\s]+", "", line))]
        found += told or ([" ".join(line.split())] if re.search(r"\w", line) else [])
    return found


def correct_things(lines: Sequence[str], draft: Draft) -> dict[str, str]:
    """Before rules are read: fields, things, people and types. Gives line -> what was done."""
    return _each(lines, _EARLY, draft, is_early=True)


def correct_names(lines: Sequence[str], draft: Draft) -> dict[str, str]:
    """After rules are read: new names, what is left out, and what the text says against a correction.

    Also names why a line could not be followed, where nothing else came of it.
    """
    done = _each(lines, _LATE, draft, is_early=False)
    demanded = {c.text for c in draft.stated if c.source == SOURCE}
    return {line: said for line, said in draft.refused.items() if line not in draft.done | demanded} | done


def answers(lines: Sequence[str], done: dict[str, str]) -> tuple[Correction, ...]:
    return tuple(
        Correction(
            line=line,
            is_applied=line in done and not isinstance(done[line], Refusal),
            answer=str(done.get(line, _NOT_UNDERSTOOD)),
        )
        for line in dict.fromkeys(lines)
    )


_NOT_UNDERSTOOD = (
    "Not understood, so nothing was changed. Say it as one of: rename X to Y; add field F to X; remove field F from X; "
    "F of X is a date; drop story US-2; or as a rule, for example: only managers can approve orders."
)
_Act = Callable[[re.Match[str], Draft], str]


def _each(
    lines: Sequence[str], table: Sequence[tuple[re.Pattern[str], _Act]], draft: Draft, *, is_early: bool
) -> dict[str, str]:
    done: dict[str, str] = {}
    for place, line in enumerate(lines):
        draft.line, draft.later = line, lines[place + 1 :]
        said = _try(in_old_names(line, lines) if is_early else line, table, draft)
        if not is_early and (not said or isinstance(said, Refusal)) and line not in draft.done:
            said = _try(in_old_names(line, lines), table, draft) or said
        if isinstance(said, Refusal):
            draft.refused[line] = said
            if not is_early:
                draft.done.discard(line)
        elif said:
            done[line] = said
            draft.done.add(line)
    return done


def _try(line: str, table: Sequence[tuple[re.Pattern[str], _Act]], draft: Draft) -> str:
    bare = bare_of(line)
    if table is _LATE and (told := rename_in(bare)):
        return rename(told, draft)
    refused = ""
    for pattern, apply in table:
        match = pattern.fullmatch(bare)
        said = apply(match, draft) if match else ""
        if said and not isinstance(said, Refusal):
            return said
        refused = refused or said
    return refused


def _add_thing(m: re.Match[str], draft: Draft) -> str:
    name = words.identifier(words.singular_phrase(m["thing"]), "")
    if not name:
        return ""
    if name in draft.scene.things:
        return Refusal(f"{spoken(name).capitalize()} is kept already.")
    if len(draft.scene.things) >= _MOST_THINGS:
        return Refusal(
            f"At most {_MOST_THINGS} things are kept; drop one first, for example: drop thing {spoken(list(draft.scene.things)[-1])}."
        )
    draft.scene.things[name] = Thing(name)
    return f"{spoken(name).capitalize()} is kept as well."


def _drop_thing(m: re.Match[str], draft: Draft) -> str:
    thing = thing_named(m["thing"], draft)
    if thing is None:
        return no_thing(m["thing"])
    if len(draft.scene.things) == 1:
        return Refusal(f"{spoken(thing.name).capitalize()} is the only thing that is kept; rename it instead.")
    del draft.scene.things[thing.name]
    for other in draft.scene.things.values():
        other.fields = {n: f for n, f in other.fields.items() if f.refers_to != thing.name}
    draft.cases[:] = [c for c in draft.cases if c.resource != thing.name]
    if not draft.cases:  # somebody must still do something, or there is no story
        actor, main = next(iter(draft.scene.actors), "user"), draft.scene.main.name
        text = f"{words.article(actor)} creates and reads {spoken(main)} records"
        draft.cases[:] = [UseCase(actor=actor, verb=verb, resource=main, text=text) for verb in ("create", "view")]
    return f"{spoken(thing.name).capitalize()} is not kept any more."


def _drop_thing_again(m: re.Match[str], draft: Draft) -> str:
    """A rule that is about it has brought it, or brought it back, so the rule goes as well."""
    thing = draft.scene.things.get(words.identifier(words.singular_phrase(m["thing"]), ""))
    if thing is None or len(draft.scene.things) == 1:
        return ""
    gone = leave_out(draft, lambda rule: rule.resource == thing.name)
    for other in draft.scene.things.values():
        for name in [n for n, f in other.fields.items() if f.refers_to == thing.name]:
            gone += leave_out(draft, about_field(other.name, name))
    said, main = _drop_thing(m, draft), draft.scene.main.name
    others = [s for s in draft.stories if s.resource != thing.name]
    goal = f"create {words.article(spoken(main))}"
    draft.stories[:] = others or [draft.stories[0].model_copy(update={"resource": main, "goal": goal})]
    return f"{said}{gone}"


def _unless_done(act: _Act) -> _Act:
    """For what only a rule has brought, so that it was not there when the rules were not read yet."""
    return lambda m, draft: "" if draft.line in draft.done else act(m, draft)


def _add_actor(m: re.Match[str], draft: Draft) -> str:
    name = words.singular_phrase(m["actor"])
    if not name:
        return ""
    if name in draft.scene.actors:
        return Refusal(f"{name.capitalize()} is one of the people already.")
    draft.scene.actors.append(name)
    return f"{name.capitalize()} is one of the people now."


def _main(m: re.Match[str], draft: Draft) -> str:
    thing = thing_named(m["thing"], draft)
    if thing is None:
        return no_thing(m["thing"])
    draft.scene.things = {thing.name: thing, **{n: t for n, t in draft.scene.things.items() if n != thing.name}}
    return f"{spoken(thing.name).capitalize()} is the main thing now."


def _derived(draft: Draft) -> list[str]:
    """Ids of the criteria that will be added to those that were stated."""
    trial = draft.scene.copy()
    complete(trial, [])
    stories = [s for s in draft.stories if s.id not in draft.dropped and s.resource in trial.things]
    resources = [thing.frozen() for thing in trial.things.values()]
    return [c.id for c in derived_criteria(stories, resources, draft.stated)] if stories else []


def _drop(m: re.Match[str], draft: Draft) -> str:
    wanted = m["id"].upper()
    known = [*(s.id for s in draft.stories), *(c.id for c in draft.stated), *_derived(draft)]
    if wanted not in known:
        return Refusal(f"There is no {wanted} here.")
    if wanted.startswith("US") and len([s for s in draft.stories if s.id not in draft.dropped]) < 2:
        return Refusal(f"{wanted} is the only story that is left.")
    draft.dropped.add(wanted)
    return f"{wanted} was dropped."


def _person_decides(m: re.Match[str], draft: Draft) -> str:
    wanted = m["id"].upper()
    for place, criterion in enumerate(draft.stated):
        if criterion.id == wanted:
            draft.stated[place] = criterion.model_copy(update={"rules": ()})
            return f"A person decides {wanted}."
    if wanted in _derived(draft):
        return Refusal(
            f"{wanted} was not stated, it follows from the fields. Leave it out with: drop criterion {wanted}."
        )
    return Refusal(f"There is no {wanted} here.")


_A = r"(?:(?:an?|the|every|each|all) )?"
_THING = rf"(?!(?:from|of|to|on|in|for) ){_A}(?:(?:thing|resource|entity|table) )?{NAME.format('thing')}"
_OF = rf"(?: (?:to|for|on|of|from|in) {_THING})?"
_FIELD = NAME.format("field")
_ABOUT = r"(?: ?\((?P<about>[^()]+)\))?"
_TYPED = rf"(?:an? )?(?P<kind>{alternatives([*TYPES, 'optional', 'not required'])})"
_NEEDED = "(?P<kind>required|mandatory)"
_NEED = r"(?:(?P<need>optional|required|mandatory) )?"
_DROP = r"(?:drop|remove|delete|leave out|take out)"
_ID = r"(?P<id>us-\d+|ac-s?\d+(?:\.\d+)?)"
_CRITERION = r"(?P<id>ac-s?\d+(?:\.\d+)?)"


def _compiled(*rows: tuple[str, _Act]) -> tuple[tuple[re.Pattern[str], _Act], ...]:
    return tuple((re.compile(pattern), act) for pattern, act in rows)


_REMOVALS = (
    rf"{_DROP} (?:the )?(?:field )?{_FIELD} (?:field )?from {_THING}",
    rf"{_DROP} (?:the )?field {_FIELD}(?: of {_THING})?",
)
_BE = r" (?:is|must be|should be|becomes) "
# "Move-in date of flat": where "of" stands, it parts the field from its thing; another preposition may belong to the name.
_OF_IT = (rf" of {_THING}", rf"(?: (?:in|on) {_THING})?")
_IS = tuple(rf"(?:the )?(?:field )?{_FIELD}{of}{_BE}" for of in _OF_IT)
_MAKE = tuple(rf"make (?:the )?(?:field )?{_FIELD}{of} " for of in _OF_IT)
_CHANGES = (*(said + _TYPED for said in (*_IS, *_MAKE)), *(said + _NEEDED for said in _MAKE), _IS[0] + _NEEDED)
_ADDITIONS = (
    rf"add {_A}(?:new )?{_NEED}field (?:called |named )?{_FIELD}{_ABOUT}{_OF}",
    rf"add {_A}(?:new )?{_NEED}(?!field\b){_FIELD}{_ABOUT} (?:field )?to {_THING}",
    rf"{_THING} (?:also has|has a field|also needs|gets a field) {_A}{_NEED}{_FIELD}{_ABOUT}",
)
_DROPS = (rf"(?:{_DROP}|do not keep|don't keep) (?:the )?(?:resource|thing|entity|table) {NAME.format('thing')}",)
_EARLY = _compiled(
    *((pattern, add_field) for pattern in _ADDITIONS),
    *((pattern, drop_field) for pattern in _REMOVALS),
    *((pattern, retype) for pattern in _CHANGES),
    (rf"(?:also )?(?:keep|add|store) {_A}(?:resource|thing|entity|table) (?:called |named )?{NAME.format('thing')}", _add_thing),
    *((pattern, _drop_thing) for pattern in _DROPS),
    (rf"add {_A}(?:actor|role|person) (?:called |named )?{NAME.format('actor')}", _add_actor),
    (rf"(?:the )?main (?:resource|thing|entity) is {_A}{NAME.format('thing')}", _main),
    (rf"{_A}{NAME.format('thing')} is the main (?:resource|thing|entity)", _main),
)  # fmt: skip
_LATE = _compiled(
    (rf"{_DROP} (?:the )?(?:user )?(?:story|criterion|acceptance criterion) {_ID}", _drop),
    (rf"{_DROP} {_ID}", _drop),
    (rf"(?:let )?a person (?:decides?|should decide|must decide)(?: on)? {_CRITERION}", _person_decides),
    (rf"{_CRITERION} is (?:decided|judged) by a person", _person_decides),
    *((pattern, drop_field_again) for pattern in _REMOVALS),
    *((pattern, retype_again) for pattern in _CHANGES[:4]),
    *((said + _NEEDED, require) for said in (*_IS, *_MAKE)),
    *((pattern, _unless_done(add_field)) for pattern in _ADDITIONS),
    *((pattern, _drop_thing_again) for pattern in _DROPS),
)
