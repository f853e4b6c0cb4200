"""What must be given: always, for an act, or when a condition holds."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.rules.grammar import number
from services.features.rules.naming import COUNTED, NUMERIC_WORDS, field_named, fields_named, in_units
from services.features.rules.reading import Phrase, Reader, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import Condition, FieldType, Rule, RuleKind


def _each(kind: RuleKind) -> Reader:
    """One rule for each field that is named: it must be given, or may be left out."""

    def read(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
        found = fields_named(w.fields, scene, sentence)
        if any(name == "state" for _, name in found):
            return None
        for thing, name in found:
            scene.change(thing, name, required=kind is RuleKind.REQUIRED)
        return [Rule(kind=kind, resource=thing.name, fields=(name,)) for thing, name in found]

    return read


_required, _optional = _each(RuleKind.REQUIRED), _each(RuleKind.OPTIONAL)


def _thing_needs(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    thing = scene.only_thing(w.thing)
    if thing is None or re.search(r"\d|least|\bmore\b", w.fields):
        return None
    names = scene.fields_of(w.fields, thing, sentence)
    for name in names or ():
        scene.change(thing, name, required=True)
    return [
        Rule(kind=RuleKind.REQUIRED, resource=thing.name, fields=(name,)) for name in names or () if name != "state"
    ]


def _needed_for(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "a reason is required when rejecting"."""
    thing = scene.only_thing(w.thing) if w.thing else scene.where(sentence.plain)
    act = scene.act_for(w.verb, thing) if thing else None
    if thing is None or act is None or act in ("list", "delete"):
        return None
    name = scene.field_of(w.field, thing, sentence)
    if name is None or name == "state":
        return None
    if act == "create":
        scene.change(thing, name, required=True)
        return Rule(kind=RuleKind.REQUIRED, resource=thing.name, fields=(name,))
    scene.change(thing, name, required=False)
    return Rule(kind=RuleKind.REQUIRED, resource=thing.name, fields=(name,), act=act)


_OPERATORS = {
    "above": ">",
    "over": ">",
    "more than": ">",
    "greater than": ">",
    "larger than": ">",
    "higher than": ">",
    "exceeding": ">",
    "exceeds": ">",
    "longer than": ">",
    "bigger than": ">",
    ">": ">",
    "of more than": ">",
    "of": ">=",
    "from": ">=",
    "at least": ">=",
    "of at least": ">=",
    ">=": ">=",
    "below": "<",
    "under": "<",
    "less than": "<",
    "lower than": "<",
    "shorter than": "<",
    "of less than": "<",
    "smaller than": "<",
    "fewer than": "<",
    "<": "<",
    "is": "==",
    "equals": "==",
    "=": "==",
    "is set to": "==",
    "of or above": ">=",
}
_OPERATOR = "(?P<operator>" + "|".join(sorted(map(re.escape, _OPERATORS), key=len, reverse=True)) + ")"


def _condition(w: Words, thing: Thing, scene: Scene, sentence: Sentence) -> Condition | None:
    operator = _OPERATORS[re.sub(r"^(?:is|are) ", "", w.operator) if w.operator not in _OPERATORS else w.operator]
    if w.more:
        operator = (
            {">": ">=", "<": "<="}.get(operator, operator) if not re.search(r"lower|less|fewer|below", w.more) else "<="
        )
    value = number(w.n) if w.n else None
    subject = thing if w.of in ("anything", "everything") else scene.only_thing(w.of) if w.of else None
    if w.n and (subject is not None or not w.of):
        # "expenses above 500 EUR": the thing's own money, or the number that fits the unit
        kinds = (
            (FieldType.MONEY,)
            if re.search(r"eur|usd|dollar|gbp|pound|chf|[€$£]", w.unit)
            else (FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER)
        )
        name = next(
            (
                f.name
                for f in thing.fields.values()
                if w.unit and words.singular(w.unit.strip()) in [*f.name.split("_"), words.singular(f.name)]
            ),
            None,
        )
        name = name or next((f.name for k in kinds for f in thing.fields.values() if f.type is k), None)
    else:
        name = scene.field_of(w.of, thing, sentence)
    if name is None:
        return None
    if value is not None:
        if name != "state" and thing.fields[name].type not in COUNTED:
            if operator == "==":
                return None
            scene.change(
                thing,
                name,
                type=FieldType.MONEY if any(x in name for x in NUMERIC_WORDS) else FieldType.INTEGER,
                maximum=None,
                choices=(),
            )
        return Condition(field=name, operator=operator, value=str(in_units(value, thing, name)))
    told = words.identifier(w.value.strip("\"'"), "")
    if name == "state":
        state = scene.state_of(w.value, thing)
        return Condition(field="state", operator=operator, value=state) if state else None
    choices = thing.fields[name].choices
    if choices and told in choices and operator == "==":
        return Condition(field=name, operator="==", value=told)
    if thing.fields[name].type is FieldType.BOOLEAN and told in ("true", "false", "yes", "no"):
        return Condition(field=name, operator="==", value="true" if told in ("true", "yes") else "false")
    return None


def _conditional(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "amounts above 500 EUR need a comment"."""
    is_whole = w.of in ("", "anything", "everything")
    found = field_named(w.of, scene, sentence) if not is_whole and not scene.only_thing(w.of) else None
    thing = found[0] if found else scene.where(sentence.plain) if is_whole else scene.only_thing(w.of)
    if thing is None:
        return None
    condition = _condition(w, thing, scene, sentence)
    name = scene.field_of(w.field, thing, sentence) if condition else None
    if condition is None or name is None or name in ("state", condition.field):
        return None
    scene.change(thing, name, required=False)
    return Rule(kind=RuleKind.REQUIRED, resource=thing.name, fields=(name,), condition=condition)


def _for_choice(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "unpaid leave needs a comment", where unpaid is one of the allowed values of a field."""
    value = words.identifier(w.value, "")
    for thing in scene.things.values():
        chosen = next((f.name for f in thing.fields.values() if value in f.choices), None)
        name = scene.field_of(w.field, thing, sentence) if chosen else None
        if chosen and name and name not in ("state", chosen):
            scene.change(thing, name, required=False)
            condition = Condition(field=chosen, operator="==", value=value)
            return Rule(kind=RuleKind.REQUIRED, resource=thing.name, fields=(name,), condition=condition)
    return None


_UNIT = r"(?P<unit>{money}|(?: (?:days?|hours?|minutes?|items?|pieces?|units?|kg|km|people|persons?|guests?|seats?|points?|weeks?|months?|euros?))?)"

PHRASES: tuple[Phrase, ...] = (
    Phrase(r"without {a}<fields:list>,? (?:{a}<thing> )(?:{refused}|(?:is|are|will be|should|shouldn't|must|cannot|can't|won't) ?(?:not )?(?:be )?(?:accepted|saved|created|taken|possible|allowed|let through))", _thing_needs),
    Phrase(r"no <verb:verb> without {a}<field>(?P<thing>)", _needed_for),
    Phrase(r"<fields:list> (?:is|are|must be|should be) (?:optional|not required|not mandatory)", _optional),
    Phrase(r"<fields:list> (?:may|can) be (?:empty|left out|omitted|left empty|left blank|blank)", _optional),
    Phrase(r"{a}(?:<x> of )?[\"']?(?P<value>[a-z_-]+)[\"']? (?:kind|type|category|[a-z]+) (?:needs?|requires?|must have) {a}<field>", _for_choice),
    Phrase(r"{a}<thing> {cannot} be <verb:verb> without (?:an? |the |its |any )?<field>", _needed_for),
    Phrase(r"(?:<x:words> )?{cannot} <verb:verb> {a}<thing> without (?:an? |the |its |any |giving an? |giving the |stating an? |stating the )?<field>", _needed_for),
    Phrase(r"{a}<field> (?:{be} )?(?:required|mandatory|needed) for <of> " + _OPERATOR + r" <n:number>" + _UNIT + r"(?P<more> (?:and|or) (?:more|above|over))?", _conditional),
    Phrase(r"{a}<of> (?:{be} )?" + _OPERATOR + r" <n:number>" + _UNIT + r"(?P<more> (?:and|or) (?:more|above|over|lower|less|fewer|below))? (?:need|needs|require|requires|must have) {a}<field>", _conditional),
    Phrase(r"{a}<thing> with (?P<operator>more than|less than|fewer than|at least) <n:number> <of> (?:need|needs|require|requires|must have|must include) {a}<field>", _conditional),
    Phrase(r"for <of> (?:of )?" + _OPERATOR + r" <n:number>" + _UNIT + r",? {a}<field> {be} (?:required|mandatory|needed|given)", _conditional),
    Phrase(r"(?P<field>[\w' -]+?) (?:{be} )?(?:required|mandatory|needed|obligatory|must be given|must be provided|must be entered|must be filled in) {when}(?: an?| the)? (?:<thing> (?:is|are|gets) )?<verb:verb>", _needed_for),
    Phrase(r"{a}<field> (?:must|has to|should|needs to) be (?:given|provided|entered|stated|specified|supplied|filled in|set) {when}(?: <actor>)? ?<verb:verb>(?:ing|s)? {a}<thing>", _needed_for),
    Phrase(r"<verb:verb> {a}<thing> (?:requires|needs|must include|must have|must give|always needs|always requires) {a}<field>", _needed_for),
    Phrase(r"{when} (?:{a}<actor> )?<verb:verb> {a}<thing>,? {a}<field> (?:is required|is mandatory|must be given|must be provided|must be entered|has to be given|is needed)", _needed_for),
    Phrase(r"{when} {a}<thing> (?:is|gets) <verb:verb>,? {a}<field> (?:is required|is mandatory|must be given|must be provided|must be entered|has to be given|is needed)", _needed_for),
    Phrase(r"(?:\w+ )?(?:must|has to|have to|needs to) (?:give|provide|enter|state|supply) {a}<field> (?:when|to) <verb:verb> {a}<thing>", _needed_for),
    Phrase(r"{a}(?:<of> )?" + _OPERATOR + r" <n:number>" + _UNIT + r" (?:must|should|has to|have to|always|also)? ?(?:need|needs|require|requires|must have|must include|have|include|carry|contain|come with) {a}<field>", _conditional),
    Phrase(r"(?:when|if|for|where) {a}(?:<of> )?(?:is |are )?" + _OPERATOR + r" <n:number>" + _UNIT + r",? (?:then )?{a}<field> (?:{be} )?(?:required|mandatory|needed|must be given|must be provided|given|provided)", _conditional),
    Phrase(r"(?:when|if|where) {a}<of> (?P<operator>is|equals|=|is set to) <value:value>,? (?:then )?{a}<field> (?:{be} )?(?:required|mandatory|needed|given|provided)", _conditional),
    Phrase(r"{a}<field> (?:{be} )?(?:required|mandatory|needed|given|provided) (?:when|if|for|where) {a}(?:<of> )?(?:is |are )?" + _OPERATOR + r" <n:number>" + _UNIT, _conditional),
    Phrase(r"{a}<field> (?:{be} )?(?:required|mandatory|needed|given|provided) (?:when|if|where) {a}<of> (?P<operator>is|equals|=|is set to) <value:value>", _conditional),
    Phrase(r"<fields:list> {be} (?:required|mandatory|obligatory|compulsory|given|provided|present|filled in|entered|stated|specified|supplied|there)(?: fields?)?(?: on creation)?(?: (?:with|for|on|in|to) {a}<thing>)?", _required),
    Phrase(r"<fields:list> (?:must|should|may|can) (?:not|never) be (?:empty|blank|missing|null|omitted|left empty|left blank)", _required),
    Phrase(r"<fields:list> (?:cannot|can't|is never|are never|is not|are not) (?:be )?(?:empty|blank|missing|null|omitted|left empty|left blank|optional)", _required),
    Phrase(r"(?:required|mandatory)(?: fields?)?(?: are)?:? <fields:list>", _required),
    Phrase(r"{a}<thing>(?: can ?not| must not| may not)? ?(?:be (?:created|saved|submitted|added|made))? ?without {a}<fields:list> {refused}", _thing_needs),
    Phrase(r"{a}<thing> (?:cannot|can not|must not|may not|can't) be (?:created|saved|submitted|added|made|booked|placed|opened|filed) without {a}<fields:list>", _thing_needs),
    Phrase(r"(?:creating|submitting|saving|adding) {a}<thing> without {a}<fields:list> (?:{refused}|fails|returns .*|gives .*)", _thing_needs),
    Phrase(r"{a}<thing> (?:must|needs to|has to|have to|should|always|shall) (?:always )?(?:have|has|include|contain|carry|name|state) {a}<fields:list>", _thing_needs),
    Phrase(r"{a}<thing> has {a}<fields:list>", lambda w, s, n: _thing_needs(w, s, n) if n.section == "criteria" else None),
    Phrase(r"{a}<thing> (?:needs?|requires?|always needs?|always has) {a}<fields:list>", _thing_needs),
)  # fmt: skip
