"""What a revision consists of, piece by piece: paragraphs of its report, rows of its records, lines of its files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_HEADING = re.compile(r"^#{1,6} ")
_ITEM = re.compile(r"^(?:[-*+]|\d{1,9}[.)]) ")
_RULE_OF_TABLE = re.compile(r"^\|?[\s:|-]*-[\s:|-]*\|?$")


@dataclass(frozen=True)
class Piece:
    """`place`: number of the paragraph or the line from 1, or the dotted path of the record."""

    place: str
    text: str


@dataclass(frozen=True)
class Section:
    """A part of a report as it is drawn at once: `first` and `last` are the numbers of its paragraphs; 0 where it has none."""

    text: str
    first: int
    last: int


def paragraphs_of(report: str) -> tuple[Piece, ...]:
    """Headings, paragraphs, items of lists, rows of tables, and fenced blocks as a whole, in their order."""
    return tuple(Piece(str(number), text) for number, (_, text) in enumerate(_blocks(report), start=1))


def sections_of(report: str) -> tuple[Section, ...]:
    """The report, cut before each heading of the second level; what stands before the first one is a section too."""
    lines = report.splitlines()
    blocks = _blocks(report)
    starts = [line for line, text in blocks if text.startswith("## ")]
    bounds = [0, *(start for start in starts if start), len(lines)]
    found = []
    for begin, end in pairwise(bounds):
        inside = [number for number, (line, _) in enumerate(blocks, start=1) if begin <= line < end]
        if inside:
            found.append(Section("\n".join(lines[begin:end]), inside[0], inside[-1]))
    return tuple(found)


def _blocks(report: str) -> list[tuple[int, str]]:
    """(line from 0, text) of each paragraph."""
    lines = report.splitlines()
    found: list[tuple[int, str]] = []
    position = 0
    while position < len(lines):
        end = _end_of_block(lines, position)
        text = "\n".join(lines[position:end]).strip()
        if text and not _RULE_OF_TABLE.match(text) and not _is_head_of_table(lines, position):
            found.append((position, text))
        position = end
    return found


def _end_of_block(lines: list[str], begin: int) -> int:
    line = lines[begin]
    if fence := _FENCE.match(line):
        closing = (n for n in range(begin + 1, len(lines)) if lines[n].strip().startswith(fence[1]))
        return next(closing, len(lines) - 1) + 1
    if not line.strip() or _HEADING.match(line) or line.startswith("|"):
        return begin + 1
    end = begin + 1
    while end < len(lines) and not _begins_block(lines[end]):
        end += 1
    return end


def _begins_block(line: str) -> bool:
    return not line.strip() or line.startswith("|") or any(p.match(line) for p in (_FENCE, _HEADING, _ITEM))


def _is_head_of_table(lines: list[str], at: int) -> bool:
    return lines[at].startswith("|") and at + 1 < len(lines) and bool(_RULE_OF_TABLE.match(lines[at + 1]))


def records_of(records: Mapping[str, Any]) -> tuple[Piece, ...]:
    """`operations[OP-listOrders]` where the rows have ids of their own, else `stakeholders[2]`, counted from 1; `estimate`."""
    found: list[Piece] = []
    for name, value in records.items():
        if name == "schema_version" or value in (None, "", [], {}):
            continue
        if isinstance(value, list):
            found += [Piece(f"{name}[{key}]", _text(row)) for key, row in zip(_keys(value), value, strict=True)]
        else:
            found.append(Piece(name, _text(value)))
    return tuple(found)


def _keys(rows: list[Any]) -> list[str]:
    ids = [str(row["id"]) for row in rows if isinstance(row, dict) and row.get("id")]
    return ids if len(set(ids)) == len(rows) else [str(number) for number in range(1, len(rows) + 1)]


def _text(value: Any) -> str:
    if not isinstance(value, dict):
        return _flat(value)
    return "\n".join(f"{key}: {_flat(part)}" for key, part in value.items() if part not in (None, "", [], {}))


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(part)}" for key, part in value.items())
    return str(value)


def lines_of_file(data: bytes) -> tuple[Piece, ...]:
    """Cut at line feeds only, as the screen counts them."""
    lines = data.decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    return tuple(Piece(str(number), line.rstrip("\r")) for number, line in enumerate(lines, start=1))


def title_of(text: str, limit: int = 80) -> str:
    """The first words of a piece, without the marks of Markdown: for lists of what can be chosen."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    if _FENCE.match(line):
        kind = line.strip("`~ ")
        line = "Diagram" if kind == "mermaid" else f"Block of {kind or 'text'}"
    elif line.startswith("|"):
        line = " · ".join(filter(None, (cell.strip() for cell in re.split(r"(?<!\\)\|", line))))
    bare = re.sub(r"^(#{1,6} |[-*+] |> )+|[*`]|\\(?=[^\w\s])", "", line)
    return bare if len(bare) <= limit else bare[: limit - 1].rstrip() + "…"
