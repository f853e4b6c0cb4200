"""A Markdown file as the checks read it: headings, links, commands and diagrams, each with its line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*$")
_LINK = re.compile(r"!?\[[^\[\]\n]{0,500}\]\(\s*<?([^()\s<>]{1,1000})>?(?:\s+\"[^\"\n]{0,200}\")?\s*\)")
_CODE = re.compile(r"`([^`\n]{1,1000})`")
# Longer lines are no prose, and no link of a reader's document stands in them.
_LINE_MAX = 20_000


@dataclass(frozen=True)
class Block:
    """Fenced code. `line`: of its first line of content."""

    language: str
    lines: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Page:
    """(line, text) pairs; `prose` is what stands outside fences; `codes` is inline code."""

    path: str
    headings: tuple[tuple[int, str], ...]
    links: tuple[tuple[int, str], ...]
    codes: tuple[tuple[int, str], ...]
    prose: tuple[tuple[int, str], ...]
    blocks: tuple[Block, ...]

    @property
    def anchors(self) -> frozenset[str]:
        """As code hosts make them of headings; a second heading of the same words gets a number."""
        seen: dict[str, int] = {}
        found = set()
        for _, text in self.headings:
            slug = _slug(text)
            found.add(f"{slug}-{seen[slug]}" if slug in seen else slug)
            seen[slug] = seen.get(slug, 0) + 1
        return frozenset(found)

    @property
    def words(self) -> int:
        return sum(len(text.split()) for _, text in self.prose)


def read_page(path: str, data: bytes) -> Page:
    prose, blocks = _split(data.decode("utf-8", "replace").splitlines())
    headings = [(n, found[2]) for n, line in prose if (found := _HEADING.match(line))]
    spoken = [(n, line) for n, line in prose if len(line) <= _LINE_MAX]
    return Page(
        path=path,
        headings=tuple(headings),
        links=tuple((n, found[1]) for n, line in spoken for found in _LINK.finditer(_CODE.sub("", line))),
        codes=tuple((n, found[1].strip()) for n, line in spoken for found in _CODE.finditer(line)),
        prose=tuple(prose),
        blocks=tuple(blocks),
    )


def _split(lines: Iterable[str]) -> tuple[list[tuple[int, str]], list[Block]]:
    """What stands outside fences, and the fences."""
    prose: list[tuple[int, str]] = []
    blocks: list[Block] = []
    fence, language, begin, inside = "", "", 0, list[str]()
    for number, line in enumerate(lines, start=1):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2]:
                blocks.append(Block(language, tuple(inside), begin))
                fence, inside = "", []
            else:
                inside.append(line)
        elif found:
            fence, language, begin = found[1], found[2].lower(), number + 1
        else:
            prose.append((number, line))
    if fence:
        blocks.append(Block(language, tuple(inside), begin))
    return prose, blocks


def _slug(heading: str) -> str:
    text = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading) if len(heading) <= _LINE_MAX else ""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def commands_of(block: Block) -> Iterator[tuple[int, str]]:
    """(line, command) of a shell block: continued lines are joined, the prompt and comments are left out."""
    joined, begin = "", 0
    for offset, line in enumerate(block.lines):
        text = line.strip().removeprefix("$ ")
        if not joined:
            begin = block.line + offset
        if text.endswith("\\"):
            joined += text[:-1] + " "
            continue
        whole = (joined + text).strip()
        joined = ""
        if whole and not whole.startswith("#"):
            yield begin, whole
