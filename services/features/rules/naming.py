"""Which field of which thing a phrase names, and numbers in the units of the field."""

import re

from services.features import words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import FieldType

COUNTED = (FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER)
NUMERIC_WORDS = ("amount", "price", "total", "quantity")


def field_named(
    phrase: str, scene: Scene, sentence: Sentence, *, kind: FieldType | None = None
) -> tuple[Thing, str] | None:
    """The thing and the field that a phrase names; the thing that has such a field already wins."""
    if phrase in ("it", "this", "") and scene.last_field:
        held = next((t for t in scene.things.values() if scene.last_field in t.fields), None)
        return (held, scene.last_field) if held else None
    found = _found_field(phrase, scene, sentence, kind)
    cut_off = re.sub(
        r" (?:of|for|in) (?:an?|the|each|every|one|its|their) (?:(?!(?:is|are|must|at|and|has)\b)[\w]+ ?){1,3}$",
        "",
        phrase,
    )
    found = found or (_found_field(cut_off, scene, sentence, kind) if cut_off != phrase else None)
    if found:
        scene.last_field = found[1]
    return found


def _found_field(phrase: str, scene: Scene, sentence: Sentence, kind: FieldType | None) -> tuple[Thing, str] | None:
    whole = scene.only_thing(phrase)
    own = words.identifier(phrase.split()[-1], "") if phrase.split() else ""
    is_part = whole is not None and "_" in whole.name and own == whole.last  # the "code" of a discount code
    if whole and is_part and own in whole.fields:
        return whole, own
    if whole and is_part and whole.name != words.identifier(words.singular_phrase(phrase), ""):
        return whole, scene.add(whole, own, sentence, FieldType.STRING)
    if whole:  # "a comment must not be empty" is about its text
        texts = [
            f.name for f in whole.fields.values() if f.type in (FieldType.TEXT, FieldType.STRING) and not f.choices
        ]
        return (whole, texts[-1]) if texts else (whole, scene.add(whole, "text", sentence, FieldType.TEXT))
    named = scene.thing_in(phrase) or scene.thing_in(sentence.plain)
    order = [named] if named else []
    topic = scene.things.get(scene.topic)
    order += [t for t in (topic, *scene.things.values()) if t and t not in order]
    for thing in order:
        trial = scene.copy()
        name = trial.field_of(phrase, trial.things[thing.name], sentence)
        if name and (name in thing.fields or name == "state"):
            return thing, name
    name = scene.field_of(phrase, order[0], sentence, kind=kind)
    return (order[0], name) if name else None


def fields_named(phrase: str, scene: Scene, sentence: Sentence) -> list[tuple[Thing, str]]:
    parts = [p for p in re.split(r",|\band\b|\bor\b|&|/", re.sub(r"^(?:both|all of) ", "", phrase)) if p.strip()]
    found = [field_named(part, scene, sentence) for part in parts]
    return [f for f in found if f] if found and all(found) else []


def in_units(value: float | None, thing: Thing, name: str) -> int | None:
    """Money in minor units, everything else as it stands."""
    if value is None:
        return None
    is_money = name in thing.fields and thing.fields[name].type is FieldType.MONEY
    return round(value * 100) if is_money else int(value)


def reference_to(phrase: str, thing: Thing) -> str | None:
    last = words.singular(phrase.split()[-1])
    return next((f.name for f in thing.fields.values() if f.refers_to and f.refers_to.rsplit("_", 1)[-1] == last), None)
