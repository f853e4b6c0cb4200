"""What exists once: a value, a vote, a place at a time."""

import re

from services.features import words
from services.features.rules.naming import fields_named, reference_to
from services.features.rules.reading import Phrase, Words
from services.features.scene import THINGS_MAX, Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import FieldType, Rule, RuleKind


def _unique(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = scene.only_thing(w.thing) if w.thing else None
    within = w.within
    if thing is None and w.thing:
        return None
    if thing is None:
        found = fields_named(w.fields, scene, sentence)
        if not found or len({t.name for t, _ in found}) > 1:
            return None
        thing, names = found[0][0], tuple(n for _, n in found)
    else:
        names = scene.fields_of(w.fields, thing, sentence) or ()
    if within:
        more = (
            "created_by"
            if scene.actor_of(within) or within in ("person", "user", "account")
            else scene.field_of(within, thing, sentence) or reference_to(within, thing)
        )
        if not more:
            return None
        names = (*names, more)
    if (
        not names
        or "state" in names
        or any(n in thing.fields and thing.fields[n].type in (FieldType.BOOLEAN, FieldType.TEXT) for n in names)
    ):
        return None
    return Rule(kind=RuleKind.UNIQUE, resource=thing.name, fields=tuple(dict.fromkeys(names)))


def _once(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "a person can vote only once per idea": unique by who made it and what it is about."""
    base = words.base_of(w.verb)
    thing = next((t for t in scene.things.values() if t.last in (words.REIFIED.get(base, base), base)), None)
    per = scene.only_thing(w.per)
    made = words.REIFIED.get(base)
    if thing is None and made and per and len(scene.things) < THINGS_MAX:
        thing = scene.things[made] = Thing(made)
        scene.makers[made] = [scene.actor_of(w.actor) or scene.actors[0]]
    if thing is None or per is None or thing is per:
        return None
    name = reference_to(w.per, thing)
    if name is None:
        name = f"{per.last}_id"
        scene.add(thing, name, sentence, FieldType.REFERENCE)
        scene.change(thing, name, refers_to=per.name, required=True)
    return Rule(kind=RuleKind.UNIQUE, resource=thing.name, fields=("created_by", name))


def _overlap(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """Needs a thing with a reference (or a plain name) and two times; they are added where the text names none."""
    thing = (scene.only_thing(w.thing) if w.thing else None) or next(
        (
            t
            for t in scene.things.values()
            if t.last in ("booking", "reservation", "appointment", "rental", "slot", "shift", "visit")
        ),
        None,
    )
    if thing is None:
        return None
    of = w.of or ""
    times = [f.name for f in thing.fields.values() if f.type in (FieldType.DATETIME, FieldType.DATE)]
    start = next(
        (n for n in times if re.search(r"start|from|begin|first|pick|check_in|depart|at$|time$|slot", n)),
        times[0] if times else "",
    )
    end = next(
        (n for n in times if n != start and re.search(r"end|until|last|to$|return|check_out|finish", n)),
        next((n for n in times if n != start), ""),
    )
    for name in [n for n, had in (("start_time", start), ("end_time", end)) if not had]:
        scene.add(thing, name, sentence, FieldType.DATETIME)
        scene.change(thing, name, required=True)
    start, end = start or "start_time", end or "end_time"
    if thing.fields[start].type is not thing.fields[end].type:
        scene.change(thing, start, type=FieldType.DATETIME)
        scene.change(thing, end, type=FieldType.DATETIME)
    what = reference_to(of, thing) if of else None
    if of and scene.actor_of(of) in scene.makers.get(thing.name, []):
        what = "created_by"
    if what is None and of:
        kept = scene.only_thing(of)
        if kept and kept is not thing:
            what = f"{kept.last}_id"
            scene.add(thing, what, sentence, FieldType.REFERENCE)
            scene.change(thing, what, refers_to=kept.name)
        else:
            what = scene.field_of(of, thing, sentence)
    what = (
        what
        or next((f.name for f in thing.fields.values() if f.refers_to), None)
        or next((f.name for f in thing.fields.values() if f.type is FieldType.STRING and f.required), None)
    )
    if what is None or what == "state" or what in (start, end):
        return None
    for name in (what, start, end):
        scene.change(thing, name, required=True)  # nothing of "created_by", which every record has
    return Rule(kind=RuleKind.OVERLAP, resource=thing.name, fields=(what, start, end))


def _one_per(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "only one request per visitor and animal"."""
    thing = scene.only_thing(w.thing)
    if thing is None:
        return None
    makers = scene.makers.get(thing.name, scene.actors)
    parts = [p.strip() for p in re.split(r",|\band\b", w.fields) if p.strip()]
    names = [
        "created_by"
        if words.singular_phrase(p) in makers
        else reference_to(p, thing) or scene.field_of(p, thing, sentence)
        for p in parts
    ]
    if not names or not all(names) or "state" in names:
        return None
    return Rule(kind=RuleKind.UNIQUE, resource=thing.name, fields=tuple(dict.fromkeys(names)))


PHRASES: tuple[Phrase, ...] = (
    Phrase(r"<fields:list> together (?:exist|exists|are|is|must be|may exist|can exist)(?: only)? (?:once|unique)(?: only)?", _unique),
    Phrase(r"(?:creating|adding|registering) (?:a second|another) <thing> with (?:an existing|the same|a known|a taken) <fields:list> (?:{refused}|(?:is|gets) (?:answered with|a) 4\d\d|fails|returns 4\d\d)", _unique),
    Phrase(r"(?:we (?:don't want to|must not|should not|do not want to|never want to) (?:see|have)|there must not be) the same <fields:list> on two <thing>", _unique),
    Phrase(r"{a}<actor> (?:can|may|must) (?:only )?<verb:verb> (?:for|on|in) the same <per> (?:only )?once(?: only)?", _once),
    Phrase(r"{a}<actor> <verb:verb> {a}<per> (?:at most|only) once", _once),
    Phrase(r"{a}<of> {cannot} be [a-z]+ (?:for|in|on|to) two <thing> (?:at the same time|at once|that overlap)", _overlap),
    Phrase(r"{a}<actor> (?:can|may|must) (?:only )?<verb:verb> the same <per> (?:only )?once(?: only)?", _once),
    Phrase(r"the same <fields:list> (?:can|may|must) (?:only )?be (?:used|taken|given) (?:only )?once(?: (?:per|within|for) {a}<within>)?", _unique),
    Phrase(r"{a}<fields:list> (?:can|may|must) (?:only )?(?:appear|exist|occur|be used|be taken)(?: only)? once", _unique),
    Phrase(r"(?:there is )?(?:only|at most|no more than) one <thing> per <fields:list>", _one_per),
    Phrase(r"{a}<of> (?:is|are|must be|can be|may be) never (?:be )?(?:double[- ]booked|booked twice|reserved twice|planned twice)(?: .*)?", _overlap),
    Phrase(r"(?:the same )?<of> {cannot} be (?:reserved|booked|planned|used|scheduled|rented|assigned) (?:twice )?(?:for|in|on|at) (?:two \w+ )?(?:for |at |in )?(?:overlapping|the same)(?: times?| periods?| slots?| dates?)?", _overlap),
    Phrase(r"two <thing> (?:of|for|in) the same <of> {cannot} overlap", _overlap),
    Phrase(r"(?:the same )?<of> {cannot} (?:have|be in) two <thing> (?:that overlap|at the same time|at once|at overlapping times)", _overlap),
    Phrase(r"<fields:list> {be} unique(?: (?:per|within|for|across|among) {a}<within>s?)?", _unique),
    Phrase(r"(?:no two|two|2) <thing> (?:can|may|must|should|cannot|must not|may not|can not) ?(?:never )?(?:have|share|use) the same <fields:list>", _unique),
    Phrase(r"(?:there )?(?:can|may|must) (?:only )?be (?:only|at most|no more than) one <thing> (?:per|for each|with the same|for the same|with a given) <fields:list>", _unique),
    Phrase(r"(?:duplicate|duplicated) <fields:list> {refused}", _unique),
    Phrase(r"{a}<thing> with (?:a duplicate|the same|an existing|an already used|an already existing) <fields:list> {refused}", _unique),
    Phrase(r"{a}<actor> (?:can|may|must) (?:only )?<verb:verb> (?:only )?(?:once|one time)(?: only)? (?:per|for(?: each| the same)?|on(?: the same)?|on each) {a}<per>", _once),
    Phrase(r"{a}<actor> {cannot} <verb:verb> (?:twice|more than once|again) (?:on|for|per) (?:the same |each )?<per>", _once),
    Phrase(r"{a}<actor> {cannot} <verb:verb> the same <per> (?:twice|more than once|again)", _once),
    Phrase(r"(?:only )?one <verb:verb> per (?:person|user|member|customer|account) (?:and|per) <per>", _once),
    Phrase(r"<thing> (?:for|of|in|on) (?:the same|one|a|a single) <of> {cannot} overlap", _overlap),
    Phrase(r"{a}<of> {cannot} be (?:booked|reserved|double-booked|double booked|rented|scheduled|used)(?: twice| by two \w+)?(?: (?:at|for|in) (?:the same|overlapping|one) (?:times?|slots?|periods?|time slots?))?", _overlap),
    Phrase(r"(?:no|there (?:must|can|may) be no|there is no) (?:double|overlapping) <thing:value>(?: (?:of|for) {a}(?:same )?<of>)?", _overlap),
    Phrase(r"no two <thing> (?:of|for|in) the same <of> (?:may|can|must|should) overlap", _overlap),
    Phrase(r"(?:two )?<thing> {cannot} overlap(?: (?:for|of|in) (?:the same|one) <of>)?", _overlap),
)  # fmt: skip
