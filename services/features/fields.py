"""Fields of a thing: lists after "with" or "has", bullets below a heading of fields, Markdown tables, names in back-ticks."""

import re
from collections.abc import Iterator, Sequence

from services.features import words
from services.features.listed import FieldList, field_lists, names_in
from services.features.scene import make_field
from services.features.sentences import Row, Sentence
from services.features.understanding import DataField, FieldType

FIELDS_MAX = 12
LONGEST_TEXT = 20_000
_DECLARED = re.compile(
    r"\b(?:table|entity|model|resource|collection)s?\s+(?:named |called )?`([a-z][a-z0-9_]{1,39})`|`([a-z][a-z0-9_]{1,39})`\s+(?:table|entity|model|resource|collection)\b|`([a-z][a-z0-9_]{1,39})\s*\(",
    re.IGNORECASE,
)
_VALUES = re.compile(r"\bone of\b|->|→|\bstates?\b|\bstatus(?:es)?\b|\bscope `", re.IGNORECASE)
_BULLET = re.compile(r"^`?\*{0,2}(?P<name>[A-Za-z][\w ]{1,34}?)\*{0,2}`?\s*(?:[:(–—-]\s*(?P<about>.{2,160}?)\)?)?$")
_TICK = re.compile(r"`([A-Za-z_][A-Za-z0-9_]{1,39})`(?:\s*\(([^()]{2,120})\))?")
_MAXIMUM = re.compile(
    r"(?:\bof\s+)?\b(?:up to|at most|max(?:imum)?\.?(?: of| length)?|no more than|<=|varchar\()\s*(\d{1,6})\b(?:\s+(?:characters?|chars?|letters|digits))?",
    re.IGNORECASE,
)
_EXACT = re.compile(
    r"(?:^|[,;(] ?|\b(?:exactly|has|with|always|of) )(\d{1,3}) (?:characters?|chars?|letters|digits)\b", re.IGNORECASE
)
_BETWEEN = re.compile(
    r"\b(?P<word>(?:between|from) )?(?P<low>\d[\d,]*) ?(?:and|to|-|–) ?(?P<high>\d[\d,]*)(?P<money> ?(?:eur|euros?|usd|dollars?|gbp|pounds?|€|\$|£))?(?P<chars> (?:characters?|chars?|letters|digits))?\b",
    re.IGNORECASE,
)
_ONE_OF = re.compile(
    r"\b(?:one of|either|enum(?:eration)?(?: of)?|choices?|values?|allowed)\b\s*:?\s*\(?(.+?)\)?$", re.IGNORECASE
)
_PLAIN_LIST = re.compile(r"\(?((?:[a-z_ -]+(?:, ?| or )){1,}[a-z_ -]+)\)?$")
_NOT_FIELDS = {
    "ability",
    "permission",
    "access",
    "option",
    "way",
    "chance",
    "right",
    "role",
    "support",
    "following",
    "least",
    "problem",
    "issue",
    "idea",
    "trouble",
    "team",
    "people",
    "everybody",
    "effect",
    "lot",
    "status",
    "state",
    "already",
    "been",
    "become",
    "reached",
    "clear",
    "little",
    "few",
    "own",
    "go",
    "time zone",
}
_BY_TYPE = {
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "timestamp": FieldType.DATETIME,
    "timestamptz": FieldType.DATETIME,
    "int": FieldType.INTEGER,
    "integer": FieldType.INTEGER,
    "bigint": FieldType.INTEGER,
    "number": FieldType.NUMBER,
    "float": FieldType.NUMBER,
    "decimal": FieldType.NUMBER,
    "numeric": FieldType.NUMBER,
    "money": FieldType.MONEY,
    "cents": FieldType.MONEY,
    "bool": FieldType.BOOLEAN,
    "boolean": FieldType.BOOLEAN,
    "text": FieldType.TEXT,
    "string": FieldType.STRING,
    "varchar": FieldType.STRING,
    "email": FieldType.EMAIL,
    "url": FieldType.URL,
}
_OWN = {
    "id",
    "uuid",
    "created_at",
    "updated_at",
    "created_by",
    "version",
    "changed_at",
    "createdat",
    "updatedat",
    "deleted_at",
}


# What no caller sends: the service fills it in.
_BY_SYSTEM = re.compile(
    r"\b(?:auto-?)?(?:generated|calculated|computed)\b|\b(?:set|filled(?: in)?|assigned|given|written|updated|determined|maintained) "
    r"(?:automatically|by (?:the |our |a )?(?:\w+ )?(?:system|service|server|gateway|application|app|database|backend|platform|scheduler|api|worker|job))\b",
    re.IGNORECASE,
)


def declared_tables(sentences: Sequence[Sentence]) -> list[str]:
    """Names that the text itself calls tables or entities, singular, in order."""
    found = []
    for sentence in sentences:
        for match in _DECLARED.finditer(sentence.text):
            name = next(g for g in match.groups() if g).lower()
            found.append("_".join([*name.split("_")[:-1], words.singular(name.split("_")[-1])]))
    return list(dict.fromkeys(words.identifier(n, "item") for n in found))


_IS_FIELD = re.compile(
    r"^(?:`[A-Za-z_]\w*`(?: ?[,/] ?`[A-Za-z_]\w*`)*\s*(?::|\(|[-–—] )|(?:entity|table|model|resource|type) `|`?[a-z_ ]{2,30}`? ?(?::|\() ?(?:string|text|int|integer|date|datetime|money|number|bool|boolean|reference|enum|varchar)\b)",
    re.IGNORECASE,
)


def is_field(sentence: Sentence) -> bool:
    """Whether a sentence declares fields rather than demanding something."""
    if sentence.section == "criteria":
        return False
    return sentence.section == "fields" or sentence.text.count("`") > 5 or bool(_IS_FIELD.match(sentence.text))


def fields_in(
    sentences: Sequence[Sentence],
    rows: Sequence[Row],
    resource: str,
    *,
    others: Sequence[str] = (),
    takes_all: bool = False,
) -> tuple[DataField, ...]:
    """What the text lists for a thing. The main one (`takes_all`) also takes lists that name nothing known."""
    last = resource.rsplit("_", 1)[-1]
    foreign = {other.rsplit("_", 1)[-1] for other in others}
    found: dict[str, DataField] = {}

    def take(field: DataField | None) -> None:
        if field and field.name not in (resource, last) and field.name not in _OWN:
            found.setdefault(field.name, field)

    for row in rows:
        named = {words.singular(w) for w in re.findall(r"[a-z]+", row.heading)}
        if last in named or (takes_all and not named & foreign):
            take(_of_row(row))
    lists = field_lists(sentences)
    parts = set(parts_of_it(sentences, resource, others))
    for field in _of_lists([f for f in lists if f.head and is_about(f, resource)], resource):
        if field.name not in parts:
            take(field)
    if takes_all and not found:
        for field in _of_lists([f for f in lists if not f.head], resource):
            take(field)
    for field in _marked(sentences, resource, foreign, takes_all=takes_all):
        take(field)
    return tuple(list(found.values())[:FIELDS_MAX])


def _of_lists(lists: Sequence[FieldList], resource: str) -> Iterator[DataField]:
    for listed in lists:
        about = _from_list(listed.about, "", optional=False, span=listed.span) if listed.about else None
        yield from (about,) if about else ()
        yield from _of_list(listed, resource)


def parts_of_it(sentences: Sequence[Sentence], resource: str, others: Sequence[str]) -> list[str]:
    """Other things of which one has many: "an order has order lines". They are no fields."""
    named = [
        n
        for f in field_lists(sentences)
        if f.head and is_about(f, resource)
        for n, _, _ in names_in(f.text, resource.replace("_", " "))
    ]
    return [o for o in others if o != resource and words.plural(o).replace("_", " ") in named]


def is_about(listed: FieldList, resource: str) -> bool:
    """Whether a list names the thing; "visitors order tickets with ..." is about the order."""
    head = words.identifier(listed.head, "item")
    made = words.REIFIED.get(listed.act)
    if made:
        return resource.rsplit("_", 1)[-1] == made
    if "_" in head and "_" in resource:
        return head == resource
    return head.rsplit("_", 1)[-1] == resource.rsplit("_", 1)[-1]


def _of_list(listed: FieldList, resource: str) -> list[DataField]:
    fields: list[DataField] = []
    for name, about, optional in names_in(listed.text, resource.replace("_", " ")):
        field = _from_list(name, about, optional=optional, span=listed.span)
        if field is None:
            break
        fields.append(field)
    return fields


_COUNTED = {"seats", "hours", "minutes", "days", "points", "guests", "stars", "attendees", "goods"}
_DROPPED = {"monthly", "weekly", "daily", "yearly", "allowed", "short", "long", "current", "given", "exact", "desired", "valid", "following"}  # fmt: skip
_FIELD_VERBS = {"order", "start", "record", "post", "report", "file", "booking", "request", "issue", "log", "review", "release", "return", "set", "check", "purchase", "sign", "rate", "time", "plan", "list", "place"}  # fmt: skip


def _from_list(name: str, about: str, *, optional: bool, span: tuple[int, int] | None) -> DataField | None:
    """A field from its words in a list; None where the words are no name, which ends the list."""
    counted = "number of " if name.startswith("number of ") else ""
    plain = re.sub(r"^e-?mail address(?:es)?$", "email", name.removeprefix("number of ").replace("e-mail", "email"))
    told = [w for w in re.findall(r"[a-z][a-z0-9'-]*", plain.replace("_", " ").lower()) if w not in _DROPPED]
    if "_" not in name and not _can_be_field(told):
        return None
    written = name if "_" in name else f"{counted}{' '.join(told)}"
    return described(written, f"{about}{' optional' if optional else ''}", span)


def _can_be_field(told: Sequence[str]) -> bool:
    if (
        not 1 <= len(told) <= 4
        or told[0] in _NOT_FIELDS
        or any(w in words.MODALS for w in told)
        or told[-1] in words.BREAKS
        or {"or", "and", "not"} & set(told)
        or any(words.lemma(w) in words.TRANSITIONS and w.endswith("s") for w in told[1:])
    ):
        return False
    if len(told) == 1:
        return told[0] not in words.STOP and not (
            words.lemma(told[0]) and told[0].endswith("s") and words.singular(told[0]) in ("submit", "approve")
        )
    verb = words.lemma(told[0])
    return not verb or words.singular(told[0]) in _FIELD_VERBS or told[0].endswith(("ed", "ing"))


def _marked(sentences: Sequence[Sentence], resource: str, foreign: set[str], *, takes_all: bool) -> Iterator[DataField]:
    """Bullets below a heading of fields, and names in back-ticks; the name of a table is none of its fields."""
    topic = heading = ""
    last = resource.rsplit("_", 1)[-1]
    tables = {last, resource, *foreign, *declared_tables(sentences)}
    listed = {id(f.sentence) for f in field_lists(sentences)}
    for sentence in sentences:
        if sentence.heading != heading:
            topic, heading = "", sentence.heading
        told = [words.singular(w) for w in sentence.words]
        about = next((n for n in reversed(told) if n == last or n in foreign), "")
        headed = {words.singular(w) for w in re.findall(r"[a-z]+", sentence.heading)}
        mine = last in headed or (takes_all and not headed & foreign and (topic in ("", last) or about == last))
        if sentence.is_bullet and sentence.section == "fields":
            yield from _of_bullet(sentence) if mine else ()
        elif takes_all and (mine or last in told) and id(sentence) not in listed and not _VALUES.search(sentence.text):
            for match in _TICK.finditer(sentence.text):
                if (about in ("", last) or match[2]) and words.singular(match[1].lower()) not in tables:
                    made = described(match[1], match[2] or "", sentence.span)
                    yield from (made,) if made else ()
        topic = about or topic


def _of_row(row: Row) -> DataField | None:
    cells = list(row.cells.values())
    if len(cells) < 2 or not any(key in ("field", "name", "column", "attribute", "property") for key in row.cells):
        return None
    name = next(v for k, v in row.cells.items() if k in ("field", "name", "column", "attribute", "property"))
    required = next((v.lower() for k, v in row.cells.items() if k in ("required", "mandatory", "null", "nullable")), "")
    about = ", ".join(
        v for k, v in row.cells.items() if v != name and k not in ("required", "mandatory", "null", "nullable")
    )
    if any(k in ("null", "nullable") for k in row.cells):
        required = "no" if required in ("yes", "true", "y", "null") else "yes"
    marks = ", optional" if required in ("no", "false", "n", "optional", "-") else ", required" if required else ""
    return described(name.strip("`* "), about + marks, (row.start, row.end))


def _of_bullet(sentence: Sentence) -> Iterator[DataField]:
    """ "`valid_from`, `valid_until`: date" is two fields."""
    plain = " ".join(sentence.text.split()).rstrip(".")
    several = re.match(r"^((?:`\w+`,? ?(?:and )?){2,}): ?(.+)$", plain)
    names = re.findall(r"`(\w+)`", several[1]) if several else []
    match = _BULLET.match(plain)
    told = (
        [(name, several[2]) for name in names] if several else [(match["name"], match["about"] or "")] if match else []
    )
    yield from filter(None, (described(name, about, sentence.span) for name, about in told))


def described(name: str, about: str, span: tuple[int, int] | None) -> DataField | None:
    """A field from its name and what is said of it: "text, at most 120 characters, optional"."""
    plain = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    options = _ONE_OF.search(about) or (None if _is_typed(about) else _PLAIN_LIST.match(about.strip().lower()))
    listed = options[1] if options else about if about.count("/") > 1 or about.count("|") > 1 else ""
    choices = (
        [words.identifier(o.strip("`'\" "), "") for o in re.split(r",|/|\||\bor\b|\band\b", listed)] if listed else []
    )
    choices = [c for c in choices if c and c not in ("required", "optional", "default")]
    optional = bool(re.search(r"optional|nullable|may be empty|(?<!not )\bnull\b", about, re.IGNORECASE)) or bool(
        _BY_SYSTEM.search(about)
    )
    field = _named(plain, choices, optional=optional, span=span)
    if field is None:
        return None
    kind = next((_BY_TYPE[w] for w in re.findall(r"[a-z]+", about.lower()) if w in _BY_TYPE), None)
    limit, exact, between = _MAXIMUM.search(about), _EXACT.search(about), _BETWEEN.search(about)
    changes: dict[str, object] = {}
    if kind and not field.choices and kind is not FieldType.STRING:
        changes |= {"type": kind, "maximum": 5000 if kind is FieldType.TEXT else None}
    elif kind is FieldType.STRING and field.type not in (FieldType.EMAIL, FieldType.URL):
        changes |= {"type": kind if not field.choices else field.type, "maximum": 200 if not field.choices else None}
    now = FieldType(str(changes.get("type", field.type)))
    if limit and not field.choices:
        changes["maximum"] = min(int(limit[1]), LONGEST_TEXT)
    elif exact and not field.choices and now is FieldType.STRING:
        changes |= {"minimum": int(exact[1]), "maximum": int(exact[1])}
    elif between and (between["word"] or between["chars"]) and not field.choices:
        changes |= _limits(between, now)
    return field.model_copy(update=changes)


def _limits(between: re.Match[str], kind: FieldType) -> dict[str, object]:
    """What "between 1 and 20,000 EUR" says of a field: nothing of one that can have no such limits."""
    low, high = (int(between[n].replace(",", "")) for n in ("low", "high"))
    is_length = bool(between["chars"])
    if kind is FieldType.STRING and not is_length:
        kind = FieldType.MONEY if between["money"] else FieldType.INTEGER
    is_counted = kind in (FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER)
    if low > high or is_counted is is_length or not (is_counted or kind in (FieldType.STRING, FieldType.TEXT)):
        return {}
    cents = 100 if kind is FieldType.MONEY else 1
    return {"type": kind, "minimum": low * cents, "maximum": high * cents}


def _is_typed(about: str) -> bool:
    return bool(
        set(re.findall(r"[a-z]+", about.lower()))
        & {*_BY_TYPE, "required", "optional", "mandatory", "nullable", "unique"}
    )


def _named(name: str, choices: Sequence[str], *, optional: bool, span: tuple[int, int] | None) -> DataField | None:
    """A field by its name; a name that is written as one stays as it is, any other is made singular."""
    counted = re.match(r"number[ _]of[ _]([a-z]+)$", name.lower())
    told = re.findall(r"[a-z]+\d*", (counted[1] if counted else name).lower())
    told = (
        told if "_" in name else [w for w in told if w not in ("a", "an", "the", "optional", "required", "mandatory")]
    )
    if not told:
        return None
    is_kept = counted or told[-1] in _COUNTED or "_" in name
    plain = "_".join([*told[:-1], told[-1] if is_kept else words.singular(told[-1])])
    full = words.identifier(plain, "value")
    made = make_field("status" if full in ("state", "stage") else full, choices if len(choices) > 1 else (), span)
    if counted or (told[-1] in _COUNTED and not choices):
        made = made.model_copy(update={"type": FieldType.INTEGER, "maximum": None})
    elif full != plain and not choices:
        made = make_field(plain, (), span).model_copy(update={"name": full})
    return made.model_copy(update={"required": not optional})
