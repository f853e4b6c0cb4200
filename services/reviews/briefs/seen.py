"""Two states of a run that a brief is about: what somebody approved, and what is there now; and single facts of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Show(StrEnum):
    """Which part of a step is meant; of `CRITERIA`, the page of the success criteria."""

    REPORT = "report"
    RECORDS = "records"
    FILES = "files"
    REVISIONS = "revisions"
    CRITERIA = "criteria"


@dataclass(frozen=True)
class Source:
    """Where something stands. `revision` 0: the newest. `path` and `line` of a file, where it is one.

    `against`: the revision to compare with, where the place is a difference.
    """

    task: str
    show: Show
    revision: int = 0
    path: str = ""
    line: int = 0
    against: int = 0


@dataclass(frozen=True)
class Fact:
    """`name` is what people call it: "expense.amount, maximum", "app/access.py:31"."""

    name: str
    value: str
    source: Source


Facts = dict[str, Fact]


@dataclass(frozen=True)
class Made:
    """The revision of a task, as far as it concerns a brief."""

    number: int
    output_hash: str
    records: Mapping[str, Any]


@dataclass(frozen=True)
class SeenFile:
    """`text` is None where the file is no text, or too large to be read here."""

    task: str
    revision: int
    text: str | None
    is_too_large: bool = False


@dataclass(frozen=True)
class SeenCheck:
    """The newest measurement of a check."""

    outcome: str
    reason: str
    figures: Mapping[str, Any]
    findings: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Seen:
    """`files`: only those that differ from the other state. `verdicts`: criterion -> (outcome, reason)."""

    made: Mapping[str, Made] = field(default_factory=dict)
    files: Mapping[str, SeenFile] = field(default_factory=dict)
    checks: Mapping[str, SeenCheck] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def rows(self, task: str, table: str) -> Iterator[Mapping[str, Any]]:
        """The rows of a table; none where the step has not worked, or left something else there."""
        found = self.made[task].records.get(table) if task in self.made else None
        yield from (row for row in found or () if isinstance(row, Mapping))

    def texts(self, task: str, table: str) -> tuple[str, ...]:
        found = self.made[task].records.get(table) if task in self.made else None
        return tuple(str(item) for item in found or () if isinstance(item, str))

    def record(self, task: str, name: str) -> Any:
        return self.made[task].records.get(name) if task in self.made else None

    def in_records(self, task: str) -> Source:
        return Source(task, Show.RECORDS, self.made[task].number)

    def below(self, *prefixes: str) -> Iterator[tuple[str, SeenFile, str]]:
        """(path, file, text) of what can be read."""
        for path, file in self.files.items():
            if path.startswith(prefixes) and file.text is not None:
                yield path, file, file.text
