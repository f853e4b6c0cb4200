"""Forms of words for sentences that are built: verbs, lists of names, numbers as people read them."""

from services.features import words
from services.features.understanding import DataField, FieldType, Rule

_ACTS = {
    "create": ("creates", "created"),
    "update": ("changes", "changed"),
    "delete": ("deletes", "deleted"),
    "list": ("lists", "listed"),
    "get": ("reads", "read"),
    "": ("changes", "changed"),
}
# As people say it, and as corrections are understood.
TYPE_WORDS = {
    FieldType.STRING: "short text",
    FieldType.TEXT: "long text",
    FieldType.INTEGER: "whole number",
    FieldType.NUMBER: "number",
    FieldType.MONEY: "money",
    FieldType.BOOLEAN: "yes or no",
    FieldType.REFERENCE: "link to another record",
    FieldType.DATE: "date",
    FieldType.DATETIME: "date and time",
    FieldType.EMAIL: "e-mail address",
    FieldType.URL: "link",
}
_UNITS = (
    (31_536_000, "year"),
    (2_592_000, "month"),
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)
# Operators in words: of numbers and states, of two moments, of one moment and the time of the call.
THAN = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "", "!=": "not"}
_THAN_NUMBER = {**THAN, "==": "the same as", "!=": "not the same as"}
_THAN_TIME = {**_THAN_NUMBER, "<": "before", "<=": "not after", ">": "after", ">=": "not before"}
_NOW = {
    "<": "in the past",
    "<=": "not in the future",
    ">": "in the future",
    ">=": "not in the past",
    "==": "now",
    "!=": "not now",
}
_AHEAD = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least", "==": "exactly", "!=": "not exactly"}
_BEHIND = {**_AHEAD, "<": "more than", "<=": "at least", ">": "less than", ">=": "at most"}
# Function of another system's port -> what comes of it there.
_ASKED = {
    "charge": "takes the money",
    "refund": "gives the money back",
    "publish": "gets an event",
    "ask": "gets the record",
    "put": "gets the record as a file",
    "index": "gets its words",
    "put_event": "gets its times",
}
_PREPOSITIONS = (" at", " on", " by", " for", " from", " to", " in")


def spaced(name: str) -> str:
    return name.replace("_", " ")


def called_by_name(system: str) -> str:
    """ "Kafka", "the accounting system"."""
    return f"the {system}" if system.islower() else system


def asked_for(rule: Rule) -> str:
    """ "Stripe takes the money", of a rule about another system; also of one that is not whole."""
    return f"{called_by_name(rule.channel)} {_ASKED.get(next(iter(rule.values), ''), 'is asked')}"


def goal_of(verb: str, what: str) -> str:
    """ "approve an order", "check in an order", "mark an order as overdue"."""
    marked = verb.removeprefix("mark_")
    return f"mark {what} as {spaced(marked)}" if marked != verb else f"{spaced(verb)} {what}"


def third(act: str) -> str:
    """ "approve" -> "approves", "mark_overdue" -> "marks overdue"; the acts on every record by their plain names."""
    if act in _ACTS:
        return _ACTS[act][0]
    first, *rest = act.split("_")
    plain = first[:-1] + "ies" if first.endswith("y") and first[-2:-1] not in "aeiou" else words.plural(first)
    return " ".join([plain, *rest])


def done(act: str) -> str:
    """ "approve" -> "approved", "mark_overdue" -> "marked overdue"."""
    return _ACTS[act][1] if act in _ACTS else spaced(words.participle(act))


def one_of(names: tuple[str, ...], last: str = "or") -> str:
    """ "a, b or c"."""
    plain = [spaced(name) for name in names]
    return f" {last} ".join([", ".join(plain[:-1]), plain[-1]]) if len(plain) > 1 else "".join(plain)


def agrees(number: int, verb: str) -> str:
    """The verb for one or several: (1, "depend") is "depends"; (1, "are") is "is"."""
    return verb if number != 1 else {"are": "is", "have": "has"}.get(verb, third(verb))


def in_order(rule: Rule, field: DataField | None) -> str:
    """ "newest first", "A to Z", "smallest first": how a list is sorted, by the type of its field."""
    is_falling = rule.operator == ">"
    if rule.fields[:1] in (("created_at",), ("changed_at",)):
        return "newest first" if is_falling else "oldest first"
    if field is not None and field.type in (FieldType.DATE, FieldType.DATETIME):
        return "latest first" if is_falling else "earliest first"
    if field is not None and field.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY):
        return "largest first" if is_falling else "smallest first"
    return "Z to A" if is_falling else "A to Z"


def noun(field: str) -> str:
    """A field's name as people say it: "room_id" is "room"."""
    return spaced(field.removesuffix("_id"))


def called(field: str) -> str:
    """Like `noun`, inside a sentence: what ends with a preposition ("needed by") stands in quotation marks."""
    plain = noun(field)
    return f"“{plain}”" if plain.endswith(_PREPOSITIONS) else plain


def are(noun_: str) -> str:
    return "are" if noun_.endswith("s") and not noun_.endswith(("ss", "us", "is")) else "is"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 rule", "3 rules"; `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or words.plural(one)}"


def duration(seconds: int) -> str:
    """The largest unit that divides it: 172800 is "2 days"."""
    size, name = next((u for u in _UNITS if seconds >= u[0] and seconds % u[0] == 0), (1, "second"))
    return counted(seconds // size, name)


def compared(operator: str, other: str, kind: FieldType | None) -> str:
    """ "not before start": how a field of that type stands to the other one."""
    table = _THAN_TIME if kind in (FieldType.DATE, FieldType.DATETIME) else _THAN_NUMBER
    return f"{table.get(operator, operator)} {other}"


def be(relation: str) -> str:
    """What follows "shall" or "must": "in the past" -> "be in the past", "not before noon" -> "not be before noon"."""
    return f"not be {relation.removeprefix('not ')}" if relation.startswith("not ") else f"be {relation}"


def moment(operator: str, shift: int) -> str:
    """ "in the past", "at least 2 days from now": how a moment stands to now, shifted by seconds."""
    if not shift:
        return _NOW.get(operator, operator)
    table, side = (_AHEAD, "from now") if shift > 0 else (_BEHIND, "ago")
    return f"{table.get(operator, operator)} {duration(abs(shift))} {side}"


def value_of(field: DataField | None, given: int | str | None) -> str:
    """A value of a rule as people write it: money from minor units; without a field it is a state."""
    if given is None:
        return ""
    if field is not None and field.type is FieldType.MONEY and str(given).lstrip("-").isdigit():
        return f"{int(given) / 100:,.2f}"
    return spaced(str(given))
