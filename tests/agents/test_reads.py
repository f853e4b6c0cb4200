"""What an engine reads is noted by watching it: field by field, file by file, and never less than it was."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.agents.engine import Brief, Result
from services.agents.parts import paths
from services.agents.reads import Reads, changed_parts, part_hash, sources
from services.deliverables.discovery import Architecture
from services.features.extract import understand
from services.features.request import Document
from services.features.understanding import Correction
from services.workflow.options import DocumentKind
from services.workflow.tasks import TASKS
from tests.agents.chain import drafts_of
from tests.builders import REQUEST

DRAFT = drafts_of(REQUEST, until="architecture")["architecture"]
DESIGN = "design/architecture.json"
BRIEF = Brief(
    task=next(task for task in TASKS if task.key == "backend"),
    request=REQUEST,
    understanding=understand(REQUEST),
    documents=(Document(name="a.md", kind=DocumentKind.ARCHITECTURE, text="Postgres."),),
    inputs={"architecture": Result(DRAFT.report, DRAFT.records.model_dump(mode="json"))},
    files={**DRAFT.files, "tests/a.py": b"1", "tests/b.txt": b"2", "app/a.py": b"3"},
    answers={"More.": Correction(line="More.", is_applied=False, answer="Not understood.")},
)


def read_by(use: Callable[[Brief], object]) -> set[str]:
    reads = Reads(BRIEF)
    use(reads.brief)
    return set(reads.hashes())


READINGS: list[tuple[str, Callable[[Brief], object], set[str]]] = [
    ("nothing", lambda b: (b.task, b.remarks, b.previous), set()),
    ("a field of records", lambda b: b.read("architecture", Architecture).events, {"architecture.events"}),
    (
        "what a method of the records reads",
        lambda b: b.read("architecture", Architecture).entity("expense"),
        {"architecture.entities"},
    ),
    ("only typed", lambda b: b.read("architecture", Architecture), set()),
    ("records as they are", lambda b: b.inputs["architecture"].records["events"], {"architecture"}),
    ("dumped records", lambda b: b.read("architecture", Architecture).model_dump(), {"architecture"}),
    ("hashed records", lambda b: hash(b.read("architecture", Architecture)), {"architecture"}),
    ("records walked over", lambda b: list(b.read("architecture", Architecture)), {"architecture"}),
    ("records in words", lambda b: str(b.read("architecture", Architecture)), {"architecture"}),
    ("a report", lambda b: b.inputs["architecture"].report, {"report:architecture"}),
    ("a file", lambda b: b.files["app/a.py"], {"file:app/a.py"}),
    ("a file that is not there", lambda b: b.files.get("app/b.py"), {"file:app/b.py"}),
    ("whether there is a file", lambda b: "app/a.py" in b.files, {"files:app/a.py"}),
    ("a folder", lambda b: paths(b.files, "tests/", ".py"), {"files:tests/*.py"}),
    ("all paths", lambda b: list(b.files), {"files:"}),
    ("a field of a JSON file", lambda b: b.read_file(DESIGN, Architecture).events, {f"file:{DESIGN}:events"}),
    ("a JSON file", lambda b: b.read_file(DESIGN, Architecture).model_dump(), {f"file:{DESIGN}"}),
    ("a field of the request", lambda b: b.request.title, {"request.title"}),
    ("what is understood", lambda b: b.understanding.resources, {"understanding.resources"}),
    (
        "a changed copy",
        lambda b: replace(b, understanding=b.understanding.model_copy(update={"title": "X"})).understanding.actors,
        {"understanding.actors"},
    ),
    ("documents", lambda b: [d.text for d in b.documents], {"documents"}),
    ("whether there are documents", lambda b: bool(b.documents), {"documents"}),
    ("an answer", lambda b: b.answers.get("More."), {"told:More."}),
]


@pytest.mark.parametrize(("use", "parts"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS])
def test_what_is_read_is_noted_and_nothing_else(use: Callable[[Brief], object], parts: set[str]) -> None:
    assert read_by(use) == parts


def test_what_is_watched_is_what_it_was() -> None:
    watched = Reads(BRIEF).brief
    assert watched.read("architecture", Architecture).model_dump() == DRAFT.records.model_dump()
    assert isinstance(watched.read("architecture", Architecture), Architecture)
    assert dict(watched.files) == dict(BRIEF.files)
    assert watched.understanding.model_dump() == BRIEF.understanding.model_dump()
    assert watched.documents == BRIEF.documents


def with_records(**values: object) -> Brief:
    records = {**BRIEF.inputs["architecture"].records, **values}
    return replace(BRIEF, inputs={"architecture": Result("Another report.", records)})


def with_file(path: str, data: bytes) -> Brief:
    return replace(BRIEF, files={**BRIEF.files, path: data})


CHANGES: list[tuple[Brief, set[str]]] = [
    (BRIEF, set()),
    (with_records(), {"report:architecture"}),
    (with_records(events=[]), {"report:architecture", "architecture.events", "architecture"}),
    (with_file("app/a.py", b"4"), {"file:app/a.py"}),
    (with_file("app/b.py", b""), {"file:app/b.py", "files:app/"}),
    (with_file("app/b.txt", b""), {"files:app/"}),
    (with_file("tests/c.txt", b""), set()),
    (with_file("tests/c.py", b""), {"files:tests/*.py"}),
    (with_file(DESIGN, b"{}"), {f"file:{DESIGN}:events"}),
    (with_file(DESIGN, b"no JSON"), {f"file:{DESIGN}:events"}),
    (replace(BRIEF, request=REQUEST.model_copy(update={"title": "X"})), {"request.title"}),
    (replace(BRIEF, documents=()), {"documents"}),
    (replace(BRIEF, answers={}), {"told:More."}),
    (replace(BRIEF, inputs={}), {"report:architecture", "architecture.events", "architecture"}),
]
PARTS = (
    "report:architecture", "architecture.events", "architecture", "file:app/a.py", "file:app/b.py", "files:app/",
    "files:tests/*.py", f"file:{DESIGN}:events", "request.title", "understanding.resources", "documents", "told:More.",
)  # fmt: skip


@pytest.mark.parametrize(("brief", "changed"), CHANGES)
def test_a_change_shows_in_the_parts_that_it_touches(brief: Brief, changed: set[str]) -> None:
    read = {part: part_hash(BRIEF, part) for part in PARTS}
    assert set(changed_parts(brief, read)) == changed


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("architecture.events", {"architecture"}),
        ("tests-red", {"tests-red"}),
        ("report:data", {"data"}),
        ("file:app/main.py", {"backend", "performance"}),
        ("file:design/architecture.json:events", {"architecture"}),
        ("files:tests/*.py", {"tests"}),
        ("files:requirements.txt", {"backend"}),
        ("files:", {task.key for task in TASKS if task.owns}),
        ("request.title", set()),
        ("understanding", set()),
        ("documents", set()),
        ("told:architecture.events: more", set()),
    ],
)
def test_a_part_says_whose_work_can_change_it(part: str, keys: set[str]) -> None:
    assert sources(TASKS, part) == keys
