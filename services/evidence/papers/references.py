"""Ids and files that results cite: each must be somewhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.evidence.findings import Finding, Severity, found_in
from services.evidence.subjects import Subject

# Ids as steps give them; the letters before the hyphen say whose they are.
_ID = re.compile(
    r"(?<![\w-])(US-\d+|AC-(?:S\d+|\d+\.\d+)|SM-\d+|BR-\d+|DEP-\d+|OP-[a-z]\w*|EV-[a-z]\w*|QS-\d+|ADR-\d+|TH-\d+|SR-\d+|SP-\d+|"
    r"DQ-\d+|SLO-\d+|AL-\d+)(?![\w-])"
)
# Which step gives the ids that begin so; before it has worked, earlier ones may already speak of what it will give.
_GIVEN_BY = {
    **dict.fromkeys(("US", "AC", "SM", "BR", "DEP"), "business"),
    **dict.fromkeys(("OP", "EV", "QS", "ADR"), "architecture"),
    **dict.fromkeys(("TH", "SR", "SP"), "risk"),
    "DQ": "data",
    **dict.fromkeys(("SLO", "AL"), "observability"),
}
# (task, list of records, key) that names a file of the workspace.
_FILES = (
    ("backend", "endpoints", "file"),
    ("backend", "rules", "file"),
    ("tests", "cases", "file"),
    ("observability", "alerts", "runbook"),
    ("documentation", "pages", "path"),
    ("security", "findings", "file"),
)
_DOCUMENTS = ("docs/", "README.md", "security/", "deploy/", "observability/runbooks/")


def broken_references(subject: Subject) -> Iterator[Finding]:
    known = _defined(subject) | _own_words(subject)
    for task, records in subject.records.items():
        for id_ in _unknown(_cited(records), known, subject):
            what = f"{id_} is cited and no step has given that id."
            yield Finding(
                "id-unknown", Severity.HIGH, f"records/{task}.json, {id_}", what, "Cite an id that is there.", task
            )
    for path, data in subject.files.items():
        if path.startswith(_DOCUMENTS) and path.endswith(".md"):
            for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
                for id_ in _unknown(set(_ID.findall(line)), known, subject):
                    what = f"{id_} is cited and no step has given that id."
                    yield found_in(path, "id-unknown", what, "Cite an id that is there.", line=number)
    yield from _missing_files(subject)


def _unknown(cited: set[str], known: set[str], subject: Subject) -> list[str]:
    return sorted(id_ for id_ in cited - known if _GIVEN_BY[id_.split("-", 1)[0]] in subject.records)


def _missing_files(subject: Subject) -> Iterator[Finding]:
    for task, rows, key in _FILES:
        for row in subject.records.get(task, {}).get(rows, ()):
            if row[key] and row[key] not in subject.files:
                what = f"The file {row[key]} is named and is not there."
                yield Finding("file-missing", Severity.HIGH, f"records/{task}.json, {rows}", what, "Write it, or name one that is there.", task)  # fmt: skip
    for row in subject.records.get("backend", {}).get("endpoints", ()):
        source = subject.files.get(row["file"], b"").decode("utf-8", "replace")
        if row["file"] in subject.files and not re.search(rf"\bdef {re.escape(row['function'])}\(", source):
            what = f"{row['file']} has no function {row['function']}, which is said to answer {row['operation']}."
            yield found_in(row["file"], "function-missing", what, "Name the function that answers it.")


def _defined(subject: Subject) -> set[str]:
    """Whatever any record has as its id, or names as what it is about where step 2 or 6 gives the name."""
    found: set[str] = set()
    for records in subject.records.values():
        for row in _rows(records):
            id_ = row.get("id")
            if isinstance(id_, str):
                found.add(id_)
    return found | {criterion.id for criterion in subject.understanding.criteria}


def _own_words(subject: Subject) -> set[str]:
    """Ids that the people's own text has, such as the number of a ticket: they are quoted and belong elsewhere."""
    texts = [subject.request.title, subject.request.description, subject.request.corrections]
    texts += [criterion.text for criterion in subject.understanding.criteria]
    return {id_ for text in texts for id_ in _ID.findall(text)}


def _cited(value: Any) -> set[str]:
    return {id_ for text in _texts(value) for id_ in _ID.findall(text)}


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _rows(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _rows(inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
