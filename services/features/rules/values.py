"""Which values a field takes: one of a list, in a form, by default, never again, never shown."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.rules.grammar import number
from services.features.rules.naming import COUNTED, field_named, fields_named, in_units
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import DataField, FieldType, Rule, RuleKind

_CLAUSES = re.compile(r"\b(?:has|have|must|can|may|is|are|be|only|but|if|default|defaults|default:|when|all)\b")


def _choices(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    parts = [
        re.sub(r"^(?:either|an?) ", "", o.strip()).strip("\"'` ")
        for o in re.split(r",|/|\||\bor\b|\band\b", w.values)
        if o.strip()
    ]
    options = tuple(dict.fromkeys(words.identifier(p, "") for p in parts))
    if len(parts) < 2 or any(_CLAUSES.search(p) or len(p.split()) > 3 for p in parts):
        return None
    found = field_named(w.field, scene, sentence)
    if found is None:
        return None
    thing, name = found
    if all(p.isdigit() for p in parts):
        return _numbers([int(p) for p in parts], thing, name, scene)
    if not all(options):
        return None
    if name == "state":
        is_known = set(options) <= set(thing.states)
        return (
            Rule(kind=RuleKind.CHOICES, resource=thing.name, fields=("state",), values=tuple(thing.states))
            if is_known
            else None
        )
    scene.change(thing, name, choices=options, type=FieldType.STRING, maximum=None)
    return Rule(kind=RuleKind.CHOICES, resource=thing.name, fields=(name,), values=options)


def _numbers(values: list[int], thing: Thing, name: str, scene: Scene) -> Rule | None:
    """ "severity is 1, 2, 3 or 4" is a range."""
    if name == "state" or values != list(range(values[0], values[-1] + 1)):
        return None
    scene.change(thing, name, type=FieldType.INTEGER, minimum=values[0], maximum=values[-1], choices=())
    return Rule(kind=RuleKind.RANGE, resource=thing.name, fields=(name,), minimum=values[0], maximum=values[-1])


def _format(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    kind = FieldType.URL if re.search(r"url|link|web|http", w.kind + w.fields) else FieldType.EMAIL
    rules = []
    for thing, name in fields_named(w.fields, scene, sentence):
        if name == "state":
            return None
        scene.change(thing, name, type=kind, maximum=None, choices=())
        rules.append(Rule(kind=RuleKind.FORMAT, resource=thing.name, fields=(name,)))
    return rules


def _default(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    value = w.value.strip("\"'")
    as_typed = re.search(re.escape(value), sentence.text, re.IGNORECASE)
    if w.field and scene.only_thing(w.field):  # "new tenants start with free" is about the field of the clause before
        held = next(
            (
                t
                for t in scene.things.values()
                if words.identifier(value, "") in t.fields.get(scene.last_field, _NONE).choices
            ),
            None,
        )
        found = (held, scene.last_field) if held else None
    else:
        found = field_named(w.field, scene, sentence)
    if found is None:
        return None
    thing, name = found
    if name == "state":
        is_first = scene.state_of(value, thing) == thing.states[0]
        return Rule(kind=RuleKind.DEFAULT, resource=thing.name, values=(thing.states[0],)) if is_first else None
    stored = _stored(as_typed[0] if as_typed else value, thing, name, scene, sentence)
    if not stored:
        return None
    scene.change(thing, name, required=False, default=stored)
    return Rule(kind=RuleKind.DEFAULT, resource=thing.name, fields=(name,), values=(stored,))


_NONE = DataField(name="none", type=FieldType.STRING)
_YES_NO = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}


def _stored(value: str, thing: Thing, name: str, scene: Scene, sentence: Sentence) -> str:
    """The default as the model keeps it; empty when the field cannot hold it."""
    told, amount = thing.fields[name], number(value.split(" ")[0])
    if told.choices:
        chosen = words.identifier(value, "")
        return chosen if chosen in told.choices else ""
    if told.type is FieldType.BOOLEAN:
        return _YES_NO.get(value.lower(), "")
    if amount is not None:
        if told.type not in COUNTED:
            scene.change(thing, name, type=FieldType.INTEGER, maximum=None)
        return str(in_units(amount, thing, name))
    if told.span == sentence.span:
        scene.change(thing, name, type=FieldType.STRING, maximum=200)
    is_text = thing.fields[name].type in (FieldType.STRING, FieldType.TEXT)
    return value if is_text and len(value) <= 30 else ""


def _starts_as(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = scene.only_thing(w.thing) or (scene.where(sentence.plain) if not w.thing else None)
    state = scene.state_of(w.state, thing) if thing and thing.states else None
    return (
        Rule(kind=RuleKind.DEFAULT, resource=thing.name, values=(state,))
        if thing and state and state == thing.states[0]
        else None
    )


def _fixed(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    found = fields_named(w.fields, scene, sentence)
    if not found or any(name == "state" for _, name in found) or len({t.name for t, _ in found}) > 1:
        return None
    return Rule(kind=RuleKind.FIXED, resource=found[0][0].name, fields=tuple(n for _, n in found))


def _hidden(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    found = fields_named(w.fields, scene, sentence)
    if not found or any(name == "state" for _, name in found) or len({t.name for t, _ in found}) > 1:
        return None
    channel = "masked" if w.masked else ""
    return Rule(kind=RuleKind.HIDDEN, resource=found[0][0].name, fields=tuple(n for _, n in found), channel=channel)


PHRASES: tuple[Phrase, ...] = (
    Phrase(r"{a}(?:malformed|invalid) <fields:list> {refused}(?P<kind>)", _format),
    Phrase(r"<fields:list> (?:begins?|starts?|must begin|must start) with (?P<kind>https?)://", _format),
    Phrase(r"<fields:list> (?:is|are|must be|may be) (?P<masked>never) (?:returned|shown|displayed|sent back)[^;,]*[;,] only (?:its|the|their) last (?:four|4) (?:characters|digits) (?:are|is) (?:shown|visible|displayed|returned)", _hidden),
    Phrase(r"if (?:no|an?|the) <field> (?:is|was) (?:given|set|missing|left out|omitted|provided|empty|not given|not set),? (?:then )?(?:it|they|{a}<x>) (?:is|are|shall be|must be|should be|will be|defaults to)(?: (?:stored|set|saved|shown))?(?: as| to)? <value:value>", _default),
    Phrase(r"if (?P<field>it) is (?:left out|missing|not given|omitted|empty),? (?:then )?(?:it|this) (?:is|defaults to|becomes|must be) <value:value>", _default),
    Phrase(r"{a}<field> (?:is|are|defaults? to|starts? (?:at|with|as)|begins? (?:at|with)) <value:value>(?: (?:if|when|unless) (?:it is |they are )?(?:not given|omitted|left out|missing|not set|given|set|nothing is given))", _default),
    Phrase(r"{a}<field> (?:starts?|begins?) (?:at|with|as) <value:value>", _default),
    Phrase(r"(?:the )?default(?: value)? (?:is|=|:) (?P<value>[\w -]+)(?P<field>)", _default),
    Phrase(r"default: ?(?P<value>[\w -]+)(?P<field>)", _default),
    Phrase(r"{a}<field> (?:{be}|can be|may be|is always)(?: only)?(?: exactly)? (?:one of|either|either one of|any of|chosen from|limited to|restricted to)(?: the following)?:? <values:rest>", _choices),
    Phrase(r"(?:allowed|valid|possible|accepted) (?:values for )?{a}<field>(?: values?)? (?:are|is|:) <values:rest>", _choices),
    Phrase(r"{a}<field>(?: is| are| can be| may be| must be| has to be| should be)?:? (?P<values>[\"'\w -]+(?:, [\"'\w -]+)*,? or [\"'\w -]+)", _choices),
    Phrase(r"{a}<field> (?:accepts|allows|takes) (?:only|one of)? ?<values:rest>", _choices),
    Phrase(r"<fields:list> {be} (?:an? )?(?:valid|well-formed|syntactically valid|proper)(?P<kind> (?:e-?mail(?: address(?:es)?)?|urls?|https? urls?|web address(?:es)?|links?))?(?: address(?:es)?)?", _format),
    Phrase(r"<fields:list> {be} (?:an? )?(?P<kind>e-?mail address|https? url|https url|url)", _format),
    Phrase(r"(?:the )?default(?: for| value for| value of| of)? {a}<field> (?:is|should be|must be|=) <value:value>", _default),
    Phrase(r"{a}<field> defaults? to <value:value>", _default),
    Phrase(r"{a}<field> (?:is|are|must be|should be)(?: set to)? <value:value> by default", _default),
    Phrase(r"{a}(?:newly created |new )?<thing> (?:starts?|begins?|(?:is|are)(?: always)? created|(?:is|are)(?: first)?|opens?|{must} start|{must} begin)(?: out)? (?:as|in|with)? ?(?:{a}(?:status|state)?(?: of)?) ?(?P<state>[\"']?[\w ]+?[\"']?)(?: state| status)?", _starts_as),
    Phrase(r"(?:the )?(?:initial|first|starting) (?:status|state)(?: of {a}<thing>)? (?:is|must be) <state:value>", _starts_as),
    Phrase(r"<fields:list> {cannot} be (?:changed|edited|modified|updated|altered)(?: any more| anymore)?", _fixed),
    Phrase(r"<fields:list> (?:{cannot} be (?:changed|edited|modified|updated)(?: any more| anymore)? (?:after creation|later|once created|once set|afterwards|after it was created|after (?:the )?\w+ (?:is|was|has been) created)|(?:is|are|must be) (?:immutable|read-only|fixed)(?: after creation| once created)?|never changes?(?: after creation)?)", _fixed),
    Phrase(r"<fields:list> (?:{cannot} be|(?:is|are|must be|may be) never|must never be) (?:returned|shown|displayed|exposed|sent back|visible|included|part of)(?: (?:in|by|of) [^;,]*| to (?!other)[^;,]*)?", _hidden),
    Phrase(r"<fields:list> {cannot} (?:appear|show up|leak|be included) (?:in|through|via) [^;,]*", _hidden),
    Phrase(r"<fields:list> {be} (?:shown |displayed |returned )?(?P<masked>masked|partially masked|obfuscated|redacted)(?:,? (?:but|except|in|only|so|apart) .*)?", _hidden),
    Phrase(r"only (?:the )?(?P<masked>last (?:four|4)) (?:digits|characters) of {a}<fields:list> (?:are|is|may be|must be) (?:shown|displayed|visible|returned)", _hidden),
)  # fmt: skip
