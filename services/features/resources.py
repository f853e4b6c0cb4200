"""The things that a feature keeps: which nouns they are, their fields, their states and the moves between them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from services.features import states, words
from services.features.candidates import name_from_title, names_of
from services.features.fields import fields_in, parts_of_it
from services.features.listed import field_lists
from services.features.request import FeatureRequest
from services.features.scene import Scene, Thing, make_field
from services.features.sentences import Row, Sentence
from services.features.understanding import DataField, FieldType, UseCase
from services.workflow.options import Complexity

_MOST = {Complexity.SIMPLE: 2, Complexity.MEDIUM: 3, Complexity.COMPLEX: 4, Complexity.EPIC: 5}


def things_of(
    request: FeatureRequest,
    sentences: Sequence[Sentence],
    rows: Sequence[Row],
    cases: Sequence[UseCase],
    assumptions: list[str],
) -> dict[str, Thing]:
    """The resources, the main one first, with fields and states, before any rule is read."""
    told = [s for s in sentences if s.section not in ("out", "questions")]
    first = len(request.title) + 1  # rows count in the description, spans in the whole text
    rows = [replace(row, start=row.start + first, end=row.end + first) for row in rows]
    names = names_of(request.title, told, cases)
    if not names:
        names = [name_from_title(request.title)]
        assumptions.append(f"What is kept was guessed from the title: {names[0].replace('_', ' ')}.")
    things = {name: Thing(name) for name in names[: _MOST[request.complexity]]}
    for position, thing in enumerate(things.values()):
        found = fields_in(
            told, rows, thing.name, others=[n for n in things if n != thing.name], takes_all=position == 0
        )
        thing.fields = {f.name: f for f in found}
        mention = next((s for s in told if thing.last in s.plain), None)
        thing.span = mention.span if mention else None
    _give_back(things, told)
    _link(things, cases)
    for thing in things.values():
        _refer(thing, things)
    _relate(things, told)
    for thing in things.values():
        _give_states(thing, things, told, cases, is_main=thing is next(iter(things.values())))
    return things


def _link(things: dict[str, Thing], cases: Sequence[UseCase]) -> None:
    """ "members borrow books": the loan says which book."""
    for case in cases:
        made = next((t for t in things.values() if t.last == words.REIFIED.get(case.verb)), None)
        about = next((t for t in things.values() if t.last == case.resource.rsplit("_", 1)[-1]), None)
        if made and about and made is not about and not {f"{about.name}_id", about.name, about.last} & set(made.fields):
            link = make_field(f"{about.name}_id", (), case.span)
            made.fields[link.name] = link.model_copy(
                update={"type": FieldType.REFERENCE, "refers_to": about.name, "maximum": None, "sensitive": None}
            )


def _give_back(things: dict[str, Thing], sentences: Sequence[Sentence]) -> None:
    """ "an order has order lines": each line says which order it belongs to."""
    for thing in things.values():
        for name in parts_of_it(sentences, thing.name, list(things)):
            link = make_field(f"{thing.name}_id", (), thing.span)
            link = link.model_copy(
                update={"type": FieldType.REFERENCE, "refers_to": thing.name, "maximum": None, "sensitive": None}
            )
            things[name].fields.setdefault(link.name, link)


def _are_tied(thing: Thing, other: Thing) -> bool:
    return any(f.refers_to == other.name for f in thing.fields.values())


_OF_ONE = r"(?:of|in|at|on) (?:an?|the|each|one|every)"


def _relate(things: dict[str, Thing], sentences: Sequence[Sentence]) -> None:
    """ "donors give an amount to a campaign", "the orders of an event": each donation says which campaign, each order which
    event. Only between two things of which neither refers to the other yet.
    """
    for thing, other in permutations(things.values(), 2):
        if _are_tied(thing, other) or _are_tied(other, thing):
            continue
        name = re.escape(other.spoken.replace("_", " "))
        of_one = re.compile(rf"\b{re.escape(words.plural(thing.last))} {_OF_ONE} {name}\b")
        given = re.compile(rf"\b[a-z]+ (?:to|for|of|in) (?:an?|the|each|one) {name}\b")
        lists = [f for f in field_lists(sentences) if f.verb == "gives" and thing is next(iter(things.values()))]
        said = next((s for s in sentences if of_one.search(s.plain)), None) or next(
            (f.sentence for f in lists if given.search(f.text.lower())), None
        )
        if said:
            link = make_field(f"{other.name}_id", (), said.span)
            thing.fields[link.name] = link.model_copy(
                update={"type": FieldType.REFERENCE, "refers_to": other.name, "maximum": None, "sensitive": None}
            )


def _refer(thing: Thing, things: dict[str, Thing]) -> None:
    """ "book" or "book id" among the fields of a loan, where a book is kept too, is a reference."""
    renamed: dict[str, DataField] = {}
    for name, field in thing.fields.items():
        bare = name.removesuffix("_id")
        target = next((o for o in things.values() if o is not thing and bare in (o.name, o.last)), None)
        if target:
            renamed[f"{bare}_id"] = field.model_copy(
                update={
                    "name": f"{bare}_id",
                    "type": FieldType.REFERENCE,
                    "refers_to": target.name,
                    "maximum": None,
                    "choices": (),
                }
            )
        else:
            renamed[name] = field
    thing.fields = renamed


def _give_states(
    thing: Thing, things: dict[str, Thing], sentences: Sequence[Sentence], cases: Sequence[UseCase], *, is_main: bool
) -> None:
    """Listed states win; else those that the verbs of use cases lead to."""
    status = thing.fields.pop("status", None) or thing.fields.pop("state", None) or thing.fields.pop("stage", None)
    listed, moves, said = states.listed(
        thing.last, {t.last for t in things.values()} - {thing.last}, sentences, is_main=is_main
    )
    if status and len(status.choices) > 1:
        listed, moves, thing.told = list(status.choices), states.between(status.choices), ()
    verbs = list(dict.fromkeys(c.verb for c in cases if not c.state and _about(c, thing, things)))
    moving = [v for v in verbs if v in words.TRANSITIONS or v in words.BACK or "_" in v]
    if listed:
        thing.states = list(dict.fromkeys(listed))[: states.MOST]
        thing.transitions = [*moves, *(m for v in verbs for m in states.back(v, thing.states, moves))]
        thing.told = tuple(s.span for s in said if s.span)
    elif set(moving) - set(words.BACK):
        thing.states, thing.transitions = states.of_verbs(verbs, moving)


def _about(case: UseCase, thing: Thing, things: dict[str, Thing]) -> bool:
    """Whether a use case moves the thing; "members return books" is about the loan that refers to the book."""
    named = next((t for t in things.values() if t.last == case.resource.rsplit("_", 1)[-1]), None)
    return named is not None and moved(named, case.verb, things) is thing


def moved(named: Thing, verb: str, things: dict[str, Thing]) -> Thing:
    """What a verb really moves: the loan of a returned book, the booking of a cancelled room."""
    if verb not in ("return", "cancel", "confirm", "extend", "renew"):
        return named
    made = [
        t
        for t in things.values()
        if t.last in words.REIFIED.values() and any(f.refers_to == named.name for f in t.fields.values())
    ]
    return made[0] if made else named


def complete(scene: Scene, assumptions: list[str]) -> None:
    """A thing about which the text says next to nothing gets a title, and the report says that it was assumed."""
    for thing in scene.things.values():
        if not any(f.required for f in thing.fields.values()):
            plain = next((f for f in thing.fields.values() if f.type in (FieldType.STRING, FieldType.REFERENCE)), None)
            if plain and plain.span:
                thing.fields[plain.name] = plain.model_copy(update={"required": True})
                continue
            name = "name" if thing.last in words.NAMED else "title"
            thing.fields = {
                name: make_field(name, (), None).model_copy(update={"maximum": 120, "sensitive": None}),
                **thing.fields,
            }
            assumptions.append(
                f"The text says little about the fields of {thing.name.replace('_', ' ')}; a {name} was assumed."
            )
