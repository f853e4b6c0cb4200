"""What corrections change while a request is understood, and how their words name things, people and fields of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.features import words
from services.features.resources import complete
from services.features.scene import Scene, Thing
from services.features.understanding import AcceptanceCriterion, Rule, Story, UseCase


@dataclass
class Draft:
    """Everything that was read so far. `dropped`: ids of stories and criteria; `line`: the one that is read, `later`: those after it.

    `done`: the lines that were applied; `refused`: line -> why it could not be.
    """

    scene: Scene
    cases: list[UseCase]
    stories: list[Story] = field(default_factory=list)
    stated: list[AcceptanceCriterion] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    line: str = ""
    later: Sequence[str] = ()
    done: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class Refusal(str):
    """A sentence that says why an instruction was understood and yet not followed."""

    __slots__ = ()


# Words by which a text goes on about a thing; in an instruction they name nothing.
_POINTS_BACK = {"it", "them", "one", "this", "that", "draft", "drafts"}


def spoken(name: str) -> str:
    return name.strip().replace("_", " ")


def thing_named(phrase: str, draft: Draft) -> Thing | None:
    """By its exact name, else by its last word."""
    told = phrase.strip().lower()
    exact = words.identifier(words.singular_phrase(told), "")
    found = draft.scene.things.get(exact) or next((t for t in draft.scene.things.values() if t.spoken == exact), None)
    return found or (None if told in _POINTS_BACK else draft.scene.only_thing(told))


def is_actor(phrase: str, draft: Draft) -> str | None:
    """Who is meant, of the people that are there; an instruction makes nobody up by naming them."""
    found = draft.scene.copy().actor_of(phrase)
    return found if found in draft.scene.actors else None


def field_in(thing: Thing, phrase: str) -> str | None:
    """By its exact name, in the singular, without its "id", or by words of which only one field has all."""
    told = phrase.strip().lower().removeprefix("field ")
    for name in (words.identifier(told, ""), words.identifier(words.singular_phrase(told), "")):
        for known in (name, f"{name}_id", f"{name}_at", name.removesuffix("_at")):
            if known in thing.fields:
                return known
    parts = set(words.identifier(told, "").split("_")) - {""}
    found = [name for name in thing.fields if parts and parts <= set(name.split("_"))]
    return found[0] if len(found) == 1 else None


def field_or_assumed(thing: Thing, phrase: str, draft: Draft) -> str | None:
    """After rules were read: also the field that will be assumed where the text names none; it is there from now on."""
    found = field_in(thing, phrase)
    if found is None:
        trial = draft.scene.copy()
        complete(trial, [])
        held = trial.things[thing.name].fields
        found = next((name for name in held if name not in thing.fields and name == words.identifier(phrase, "")), None)
        thing.fields = {found: held[found], **thing.fields} if found else thing.fields
    return found


def leave_out(draft: Draft, is_meant: Callable[[Rule], bool]) -> str:
    """Takes rules away that a correction contradicts, and criteria that say nothing else; says which."""
    gone: list[str] = []
    for place, criterion in enumerate(draft.stated):
        if criterion.text in draft.later or criterion.id in draft.dropped:
            continue  # what a later line demands wins over this one
        kept = tuple(rule for rule in criterion.rules if not is_meant(rule))
        if len(kept) == len(criterion.rules):
            continue
        gone.append(criterion.id)
        if kept:
            draft.stated[place] = criterion.model_copy(update={"rules": kept})
        else:
            draft.dropped.add(criterion.id)
    return f" What {' and '.join(gone)} said of it does not hold any more." if gone else ""
