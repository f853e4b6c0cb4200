"""Which lines are headings, however they are written, and what stands below them."""

import re

# Words of a heading -> section; the first that is found wins, anything else is "".
SECTIONS = (
    ("out", r"out of scope|not in scope|non[- ]?goals?|not included|won't do|will not do|later|excluded|exclusions|(?:not|n't) (?:a )?part|not in this|not now|anti[- ]goals?"),
    ("questions", r"(?:open |unresolved )?questions?$|unclear|to be decided|tbd"),
    ("criteria", (r"acceptance|accepted|criteri(?:a|on)|requirements?|done|must(?: have)?|rules?|constraints?|polic(?:y|ies)|guidelines?|check ?list|expected behavio\w*|"
                 r"conditions?|validations?|guarantees?|ac|acs|dod|business logic|should have|could have|nice to have|expectations?")),
    ("", r"solution|proposal|suggest\w*|idea"),
    ("background", r"background|problems?|context|motivation|why|current(?:ly)?|today|alternatives?|additional|steps to|history|what's wrong|as is|status quo"),
    ("criteria", r"scenarios?|limits?|we need|to ?do|tasks?|hold"),
    ("fields", r"fields?|data|columns?|attributes?|schemas?|tables?|models?|entit(?:y|ies)|properties|we keep|we store"),
    ("story", r"(?:user )?stor(?:y|ies)"),
)  # fmt: skip
_SECTIONS = tuple((name, re.compile(rf"\b(?:{marks})(?!\w)")) for name, marks in SECTIONS)

CRITERION_COLUMN = re.compile(
    r"(?:acceptance )?criteri(?:on|a)|(?:business )?rules?|requirements?|acceptance|conditions?|it must|expected(?: behavio\w*)?"
)
GHERKIN = re.compile(r"^[ \t]*(?:feature:|scenario\b|given\b|@\w)", re.IGNORECASE)
_SCENARIO = re.compile(
    r"^[ \t]*(?:scenario(?: outline)?|feature|rule|example)(?: \d+)?:[ \t]*(?P<name>.{0,120})$", re.IGNORECASE
)
_HASH = re.compile(r"^ {0,3}(?P<marks>#{1,6})[ \t]+(?P<text>[^\n]+)$")
_BOLD = re.compile(r"^[ \t]*(?:\*\*|__)(?P<text>[^*_][^*]{0,70}?):?(?:\*\*|__):?[ \t]*$")
_COLON = re.compile(r"^[ \t]*(?P<text>[A-Za-z][^.!?`|\n]{1,58}):[ \t]*$")
_TICKED = re.compile(r"^[ \t]*`(?P<text>[A-Za-z_]\w{1,39})`:?[ \t]*$")
_PLAIN = re.compile(r"^[ \t]*(?P<text>[A-Z][^.!?;:,`|*\n]{1,48})[ \t]*$")
_LIST = re.compile(r"^[ \t]*(?:[-*+•–]|\(?\d{1,2}[.)])[ \t]+")
_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$")
_COLUMNS = re.compile(r"^(?: {2,}|\t)[a-z_][A-Za-z0-9_]{0,39}(?: {2,}|\t+)\S")
_NO_HEADING = re.compile(r"^\W*(?:given|when|then|and|but|as an?|i|so that)\b(?!.*\bdone\b)", re.IGNORECASE)


def section_of(heading: str) -> str:
    """The first section whose words a lower-case heading has."""
    return next((name for name, marks in _SECTIONS if marks.search(heading)), "")


def is_row(line: str) -> bool:
    return bool(_ROW.match(line.rstrip("\r\n")))


def is_rule_line(line: str) -> bool:
    """The line of dashes below the head of a table."""
    return not line.strip().strip("|:- \t")


def is_column_line(line: str) -> bool:
    """A field in a list that is set in columns with spaces."""
    return bool(_COLUMNS.match(line))


def heading_of(line: str) -> tuple[int, str] | None:
    """(level, lower-case text) of a line that is a heading by itself; marks of Markdown rank above all others."""
    bare = line.rstrip("\r\n")
    if match := _HASH.match(bare):
        return len(match["marks"]), match["text"].rstrip(" \t#").strip("* ").lower()
    if match := _BOLD.match(bare):
        return 7, match["text"].strip().lower()
    if match := _SCENARIO.match(bare):
        return 10, f"scenario {match['name'].strip().lower()}"
    match = _COLON.match(bare)
    if match and len(match["text"].split()) <= 8 and not _NO_HEADING.match(bare):
        return 8, match["text"].strip("* ").lower()
    return None


def list_heading(line: str, following: str, *, is_bullet: bool) -> tuple[int, str] | None:
    """(level, text) of a line that is a heading because of what comes next: "Done when" before a list."""
    bare = _LIST.sub("", line.rstrip("\r\n"))
    indent = len(line) - len(line.lstrip())
    if not _LIST.match(following) and not (_ROW.match(following.rstrip("\r\n")) or GHERKIN.match(following)):
        return None
    is_nested = len(following) - len(following.lstrip()) > indent
    if is_bullet and not (is_nested and _LIST.match(following)):
        return None
    if match := _TICKED.match(bare):
        return 9, f"fields of {match['text'].lower()}"
    if is_bullet:
        match = re.match(r"^\**(?P<text>[A-Za-z][\w -]{1,39}):\**[ \t]*$", bare)
        return (9, match["text"].lower()) if match else None
    match = _PLAIN.match(bare)
    return (
        (8, match["text"].strip().lower())
        if match and len(match["text"].split()) <= 6 and not _NO_HEADING.match(bare)
        else None
    )


class Headings:
    """The heading above a line, and the section, which a heading that says nothing takes from the one above it."""

    def __init__(self) -> None:
        self._above: list[tuple[int, str, str]] = []

    def enter(self, level: int, heading: str) -> None:
        while self._above and self._above[-1][0] >= level:
            self._above.pop()
        self._above.append((level, heading, section_of(heading) or self.section))

    @property
    def heading(self) -> str:
        return self._above[-1][1] if self._above else ""

    @property
    def section(self) -> str:
        return self._above[-1][2] if self._above else ""
