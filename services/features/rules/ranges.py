"""Numbers and lengths between limits."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.fields import LONGEST_TEXT
from services.features.rules.grammar import number
from services.features.rules.naming import COUNTED, NUMERIC_WORDS, fields_named, in_units
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import FieldType, Rule, RuleKind

_MONEY = re.compile(r"eur|usd|dollar|pound|gbp|chf|\$|€|£")
LARGEST_NUMBER = 10**12
_TEXTS = (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL)
# Texts that are never a number with a limit, however the sentence is put.
_WORDY = ("title", "name", "description", "comment", "subject", "label", "code", "reason")


def _range(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    told = w.fields or w.field
    whole = None if w.chars else scene.only_thing(told)
    named = _measure_of(whole, w) if whole and "_" not in whole.name else fields_named(told, scene, sentence)
    found = [_limited(w, thing, name, scene, sentence) for thing, name in named]
    return [rule for rule in found if rule] if all(found) else None


def _measure_of(thing: Thing, w: Words) -> list[tuple[Thing, str]]:
    """Of "the smallest donation is 1 EUR" the one amount that a donation has."""
    money = [f.name for f in thing.fields.values() if f.type is FieldType.MONEY]
    counts = [f.name for f in thing.fields.values() if f.type in COUNTED]
    unit = f"{w.unit}{w.u2}".strip()
    kept = money if _MONEY.search(unit) else [] if unit else counts
    return [(thing, kept[0])] if len(kept) == 1 else []


def _how_many(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "at most 8 tickets per order": of the one field that counts them, where tickets are nothing that is kept."""
    thing = scene.only_thing(w.per) if w.per else scene.things.get(words.REIFIED.get(words.base_of(w.verb), ""))
    most, what = number(w.high), words.singular(w.what)
    if thing is None or scene.thing_in(w.what) or scene.actor_of(w.what) or not most:
        return None
    name = count_of(thing, what)
    if name is None:
        return None
    scene.change(thing, name, maximum=int(most))
    return Rule(kind=RuleKind.RANGE, resource=thing.name, fields=(name,), maximum=int(most))


def count_of(thing: Thing, what: str) -> str | None:
    """The field that says how many: "number of tickets", "seats", else the quantity."""
    plural = words.plural(what)
    known = {f"number_of_{plural}", plural, f"{what}_count", "quantity", "qty", "count"}
    return next((f.name for f in thing.fields.values() if f.name in known and f.type is FieldType.INTEGER), None)


def _limited(w: Words, thing: Thing, name: str, scene: Scene, sentence: Sentence) -> Rule | None:
    """The limits of one field; a new field of unknown type becomes a number where they are no lengths."""
    if name == "state" or thing.fields[name].choices:
        return None
    told = thing.fields[name]
    is_text = told.type in _TEXTS
    is_new = told.span == sentence.span or (told.type is FieldType.STRING and not told.sensitive and name not in _WORDY)
    if (w.chars and not is_text) or (is_text and not w.chars and not is_new):
        return None
    if is_text and not w.chars:
        is_money = any(x in name for x in NUMERIC_WORDS) or _MONEY.search(w.unit + w.u2)
        scene.change(thing, name, type=FieldType.MONEY if is_money else FieldType.INTEGER, maximum=None)
    elif not is_text and told.type not in COUNTED:
        return None
    low, high = _limits(w, thing, name)
    if low is high is None or (low is not None and high is not None and low > high) or (high is not None and high < 1):
        return None
    if max(abs(low or 0), abs(high or 0)) > (LONGEST_TEXT if is_text and w.chars else LARGEST_NUMBER):
        return None  # no test could try it
    told_limits = {key: value for key, value in (("minimum", low), ("maximum", high)) if value is not None}
    scene.change(thing, name, **told_limits)
    return Rule(kind=RuleKind.RANGE, resource=thing.name, fields=(name,), minimum=low, maximum=high)


def _limits(w: Words, thing: Thing, name: str) -> tuple[int | None, int | None]:
    def amount(text: str, shift: int = 0) -> int | None:
        value = in_units(number(text), thing, name) if text else None
        return value + shift if value is not None else None

    if w.exact:
        return amount(w.exact), amount(w.exact)
    return amount(w.above, 1) if w.above else amount(w.low), amount(w.below, -1) if w.below else amount(w.high)


def _positive(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    return _range(w.but(low="zero" if w.zero else "one"), scene, sentence)


_UNIT = r"(?P<unit>{money}|(?: (?!char|letter|digit|symbol|at|long|in|and|or|for)[a-z]+(?: spent)?)?)"

PHRASES: tuple[Phrase, ...] = (
    Phrase(r"(?:no more than|at most|up to|maximum|a maximum of) <high:number> (?P<what>[a-z]+) (?:per|for each|for one|in one|in an|in each) <per>(?: are allowed| (?:can|may) be [a-z]+)?", _how_many),
    Phrase(r"(?:an?|each|every|one) <per> (?:has|have|holds|contains|is for|(?:can|may|must) (?:only )?(?:have|hold|contain|be for)) (?:no more than|at most|up to|a maximum of) <high:number> (?P<what>[a-z]+)", _how_many),
    Phrase(r"{a}<actor> (?:can|may) (?P<verb>[a-z]+) (?:no more than|at most|up to|a maximum of) <high:number> (?P<what>[a-z]+)(?: (?:at once|at a time|at the same time|in one go))", _how_many),
    Phrase(r"(?:no more than|at most|up to|a maximum of) <high:number> (?P<what>[a-z]+) (?:can|may) be (?P<verb>[a-z]+)(?: (?:at once|at a time|at the same time|in one go))", _how_many),
    Phrase(r"<fields:list> (?:{be} )?(?:always )?exactly <exact:number>(?P<chars>{chars}(?: long)?)", _range),
    Phrase(r"<fields:list> (?:range|ranges|go|goes|run|runs|count|counts) from <low:number>(?: to <high:number>)?" + _UNIT, _range),
    Phrase(r"<fields:list> (?:longer|greater|larger|higher|bigger|more) than <high:number>" + _UNIT + r"(?P<chars>{chars})? (?:{refused}|bounces?(?: too)?|fails?|(?:is|are) an error|(?:is|are) answered with 4\d\d)", _range),
    Phrase(r"<fields:list>:? (?:a )?(?:whole number|number|integer),? {least} <low:number>,? (?:and |but )?(?:{most}|no higher than|not higher than) <high:number>" + _UNIT, _range),
    Phrase(r"(?:the )?(?:smallest|lowest|minimum|shortest) <field> is <low:number>" + _UNIT + r"(?:,? and the (?:largest|highest|maximum|longest|biggest)(?: <x>)? is <high:number>(?P<u2>{money}))?", _range),
    Phrase(r"(?:the )?(?:largest|highest|maximum|longest|biggest) <field> is <high:number>" + _UNIT, _range),
    Phrase(r"<fields:list>:? (?:{be} |has |have |must have )?exactly <exact:number>(?P<chars>{chars}(?: long)?)", _range),
    Phrase(r"<fields:list> (?:has|have|must have) <exact:number>(?P<chars>{chars}(?: long)?)", _range),
    Phrase(r"<fields:list> (?:{be} |has |have |may have |must have |can have |can be )?<high:number>" + _UNIT + r"(?P<chars>{chars}(?: long)?)? (?:at most|at maximum|maximum)", _range),
    Phrase(r"{least} <low:number> (?:and|but) {most} <high:number> <field>", _range),
    Phrase(r"<fields:list> {be} (?:more|greater|larger|higher) than <above:number>(?:,? (?:and|but) {most} <high:number>)?" + _UNIT, _range),
    Phrase(r"<fields:list>:? (?:{be} |has |have |must have |may have )?(?:an? |the )?(?:whole |positive )?(?:numbers? |integers? |values? )?(?:from |between )?<low:number>(?P<unit>{money}) ?(?:and|to|-|–|\.\.) ?<high:number>" + _UNIT.replace("unit", "u2") + r"(?P<chars>{chars}(?: long)?)?", _range),
    Phrase(r"<fields:list>:? (?:{be} |has |have |may have |must have |can have |is |are )?(?:a length )?(?:an? |the )?(?:whole |positive )?(?:numbers? |integers? |values? )?(?:from|between|in the range(?: of)?) <low:number> (?:and|to) <high:number>" + _UNIT + r"(?P<chars>{chars}(?: long)?)?", _range),
    Phrase(r"<fields:list>:? (?:{be} |has |have |may have |must have |can have |can be |may be |is |are )?(?:a |an |the )?{most} <high:number>" + _UNIT + r"(?P<chars>{chars}(?: long| in length)?)?", _range),
    Phrase(r"<fields:list> {cannot} (?:exceed|be (?:longer|more|greater|larger|higher|bigger|above) than|be above|be over|have more than|go above|contain more than) <high:number>" + _UNIT + r"(?P<chars>{chars}(?: long)?)?", _range),
    Phrase(r"<fields:list>:? (?:{be} |has |have |must have |is |are )?(?:a |an |the )?{least} <low:number>" + _UNIT + r"(?P<chars>{chars}(?: long)?)?", _range),
    Phrase(r"<fields:list> {cannot} (?:be (?:less|lower|smaller|fewer|shorter) than|be below|be under|go below|drop below|fall below) <low:number>" + _UNIT + r"(?P<chars>{chars}(?: long)?)?", _range),
    Phrase(r"<fields:list> {be} (?:greater than|more than|above|larger than|higher than|over|>) <above:number>" + _UNIT, _range),
    Phrase(r"<fields:list> {be} (?:less than|below|under|lower than|smaller than|<) <below:number>" + _UNIT, _range),
    Phrase(r"(?:at most|no more than|maximum|max\.?) <high:number>(?P<chars>{chars}) (?:for|in) {a}<field>", _range),
    Phrase(r"<fields:list> {be} (?:an? )?(?:positive|strictly positive)(?: numbers?| integers?| amounts?| whole numbers?)?", _positive),
    Phrase(r"<fields:list> (?:{cannot}|is never|are never|{be} not|can not) ?(?:be )?(?P<zero>negative)", _positive),
    Phrase(r"<fields:list> {be} (?P<zero>non-negative|zero or more|not negative)", _positive),
)  # fmt: skip
