"""Files as hunks of a unified diff, with line numbers, and by word inside changed lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.reviews.differences.sequences import Budget, Change, Piece, Stretch, one_side, stretches, word_pieces

BYTES_MAX = 1_000_000
LINES_MAX = 20_000
SHOWN_LINES_MAX = 2_000
LINE_CHARACTERS_MAX = 2_000
CONTEXT = 3


@dataclass(frozen=True)
class Line:
    """Numbers count from 1 and are None on the side that does not have the line."""

    kind: Change
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Hunk:
    """`skipped`: how many unchanged lines stand between it and what is above."""

    skipped: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class FileDifference:
    """`said`: a sentence about what the hunks do not show, such as "It is no text."; `skipped_after`: unchanged lines at its end."""

    path: str
    kind: Change
    hunks: tuple[Hunk, ...] = ()
    said: str = ""
    skipped_after: int = 0


def compare_files(path: str, before: bytes | None, after: bytes | None, budget: Budget) -> FileDifference:
    """None: the file is not there. Nothing is decoded before its size is known."""
    kind = Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED
    if before == after:
        return FileDifference(path, Change.SAME)
    old, new = before or b"", after or b""
    largest = max(len(old), len(new))
    if largest > BYTES_MAX:
        return FileDifference(path, kind, said=f"It is too large to compare: {largest:,} bytes.")
    if (one := _decoded(old)) is None or (other := _decoded(new)) is None:
        return FileDifference(path, kind, said=f"It is no text: {_sizes(before, after)}.")
    lines, others = _lines(one), _lines(other)
    if max(len(lines), len(others)) > LINES_MAX:
        return FileDifference(path, kind, said=f"It is too large to compare: {max(len(lines), len(others)):,} lines.")
    return _in_hunks(FileDifference(path, kind), lines, others, budget, _about_ends(one, other))


def _in_hunks(
    about: FileDifference, before: Sequence[str], after: Sequence[str], budget: Budget, said: str
) -> FileDifference:
    hunks: list[Hunk] = []
    shown = seen = 0
    cut = False
    for group in _groups(stretches(before, after, budget)):
        first = group[0].before.start
        lines = tuple(line for part in group for line in _drawn(part, before, after, budget))
        if shown + len(lines) > SHOWN_LINES_MAX:
            lines, cut = lines[: SHOWN_LINES_MAX - shown], True
        hunks.append(Hunk(first - seen, lines))
        shown, seen = shown + len(lines), group[-1].before.stop
        if cut:
            said = f"{said} Only the first {SHOWN_LINES_MAX:,} lines of the difference are shown.".strip()
            break
    return replace(about, hunks=tuple(hunks), said=said, skipped_after=0 if cut else len(before) - seen)


def _groups(parts: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """Changes with the lines around them; where the unchanged lines between two are many, a group ends."""
    group: list[Stretch] = []
    for number, part in enumerate(parts):
        if not part.is_same:
            group.append(part)
            continue
        is_first, is_last = number == 0, number == len(parts) - 1
        head, tail = 0 if is_first else CONTEXT, 0 if is_last else CONTEXT
        if len(part.before) <= head + tail:
            group.append(part)
            continue
        if group:
            yield [*group, _slice(part, 0, head)]
        group = [] if is_last else [_slice(part, len(part.before) - tail, len(part.before))]
    if group and any(not part.is_same for part in group):
        yield group


def _slice(part: Stretch, start: int, stop: int) -> Stretch:
    return Stretch(is_same=True, before=part.before[start:stop], after=part.after[start:stop])


def _drawn(part: Stretch, before: Sequence[str], after: Sequence[str], budget: Budget) -> Iterator[Line]:
    if part.is_same:
        for i, j in zip(part.before, part.after, strict=True):
            yield Line(Change.SAME, i + 1, j + 1, (Piece(Change.SAME, _shown(after[j])),))
        return
    marks = [
        word_pieces(_shown(before[i]), _shown(after[j]), budget)
        for i, j in zip(part.before, part.after, strict=False)
        if len(part.before) == len(part.after)
    ]
    for n, i in enumerate(part.before):
        pieces = one_side(marks[n], Change.ADDED) if marks else (Piece(Change.SAME, _shown(before[i])),)
        yield Line(Change.REMOVED, i + 1, None, pieces)
    for n, j in enumerate(part.after):
        pieces = one_side(marks[n], Change.REMOVED) if marks else (Piece(Change.SAME, _shown(after[j])),)
        yield Line(Change.ADDED, None, j + 1, pieces)


def _shown(line: str) -> str:
    more = len(line) - LINE_CHARACTERS_MAX
    return f"{line[:LINE_CHARACTERS_MAX]} … {more:,} more characters" if more > 0 else line


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _decoded(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _about_ends(before: str, after: str) -> str:
    """What no line shows: the end of the last one."""
    if before and after and before.endswith("\n") != after.endswith("\n"):
        return "The last line ends with a line break now." if after.endswith("\n") else "The last line break is gone."
    return ""


def _sizes(before: bytes | None, after: bytes | None) -> str:
    if before is None or after is None:
        return f"{len(before or after or b''):,} bytes"
    return f"{len(before):,} bytes before, {len(after):,} after"
