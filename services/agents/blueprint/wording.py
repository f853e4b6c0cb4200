"""Forms of words for sentences that are built: verbs, lists of names, fields as nouns."""

from services.features import words

_DONE = {"create": "created", "update": "changed", "delete": "deleted", "list": "listed", "get": "read"}
_THIRD = {"create": "creates", "update": "changes", "delete": "deletes", "list": "lists", "get": "reads"}
_IRREGULAR = {
    "send": "sent",
    "hold": "held",
    "win": "won",
    "pay": "paid",
    "make": "made",
    "write": "written",
    "find": "found",
    "set": "set",
    "begin": "begun",
    "take": "taken",
    "submit": "submitted",
    "permit": "permitted",
    "commit": "committed",
    "admit": "admitted",
    "transmit": "transmitted",
    "refer": "referred",
}
_PARTICLES = (" at", " on", " by", " for", " from", " to", " in")


def third(verb: str) -> str:
    """ "approve" -> "approves", "mark_overdue" -> "marks overdue"."""
    if verb in _THIRD:
        return _THIRD[verb]
    first, *rest = verb.split("_")
    ending = "es" if first.endswith(("s", "x", "z", "ch", "sh")) else "s"
    plain = first[:-1] + "ies" if first.endswith("y") and first[-2:-1] not in "aeiou" else first + ending
    return " ".join([plain, *rest])


def done(verb: str) -> str:
    """ "approve" -> "approved", "mark_overdue" -> "marked overdue"."""
    if verb in _DONE:
        return _DONE[verb]
    if verb in words.TRANSITIONS:
        return words.TRANSITIONS[verb].replace("_", " ")
    first, *rest = verb.split("_")
    if first in _IRREGULAR:
        return " ".join([_IRREGULAR[first], *rest])
    if (
        len(first) <= 4
        and sum(c in "aeiou" for c in first) == 1
        and first[-2] in "aeiou"
        and first[-1] not in "aeiouwxy"
    ):
        return " ".join([f"{first}{first[-1]}ed", *rest])
    plain = (
        first[:-1] + "ied"
        if first.endswith("y") and first[-2:-1] not in "aeiou"
        else first + ("d" if first.endswith("e") else "ed")
    )
    return " ".join([plain, *rest])


def said(names: tuple[str, ...], last: str = "or") -> str:
    """ "a, b or c", underscores as spaces."""
    plain = [name.replace("_", " ") for name in names]
    return f" {last} ".join([", ".join(plain[:-1]), plain[-1]]) if len(plain) > 1 else "".join(plain)


def called(name: str) -> str:
    """A field as a noun: "room_id" is "room"; what ends with a preposition stands in quotation marks."""
    plain = name.removesuffix("_id").replace("_", " ")
    return f"“{plain}”" if plain.endswith(_PARTICLES) else plain


def are(noun: str) -> str:
    return "are" if noun.endswith("s") and not noun.endswith(("ss", "us")) else "is"
