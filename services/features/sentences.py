"""A text cut into sentences and lines, each with its span, in linear time."""

import re
from dataclasses import dataclass

_CUT = re.compile(r"(?<=[.!?])\s+(?=\S)|\n+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+(?:\[[ xX]?\]\s*)?")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s+.*|[A-Z][\w /&-]{2,40}:)\s*$")


@dataclass(frozen=True)
class Sentence:
    """`start` and `end` are places in the text; `heading` is the last heading above it, in lower case."""

    text: str
    start: int
    end: int
    is_bullet: bool
    heading: str

    @property
    def words(self) -> list[str]:
        return [word.lower().replace("’", "'") for word in _WORD.findall(self.text)]


def cut(text: str) -> list[Sentence]:
    found: list[Sentence] = []
    heading, start = "", 0
    for match in [*_CUT.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end]
        bare = piece.strip()
        offset = start + len(piece) - len(piece.lstrip())
        if bare and _HEADING.match(piece):
            heading = bare.strip("#: ").lower()
        elif bare:
            mark = _BULLET.match(piece)
            body = piece[mark.end() :].strip() if mark else bare
            begin = start + piece.find(body) if body else offset
            if body:
                found.append(Sentence(body, begin, begin + len(body), mark is not None, heading))
        start = match.end() if match else end
    return found
