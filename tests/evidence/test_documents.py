"""What is wrong in documents is found with its line and what to do; what the blueprint writes is clean."""

import pytest

from services.evidence.papers.diagrams import diagram_fault
from services.evidence.papers.documents import EXPECTED, measure_documents
from services.evidence.papers.pages import read_page
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files, with_records

HONEST = ("03-guest-list", "04-expense-approval", "28-meeting-rooms", "43-example-circuit-breaker")


@pytest.fixture(scope="module")
def subject() -> Subject:
    return generated()


@pytest.mark.parametrize("id_", HONEST)
def test_documents_of_the_blueprint_are_clean(id_: str) -> None:
    measured = measure_documents(of_the_corpus(id_))
    assert (measured.outcome, measured.findings) == ("passed", ()), measured.reason
    assert measured.figures["links"] > 20
    assert measured.isolation == "nothing was run"


def text_of(subject: Subject, path: str) -> str:
    return subject.files[path].decode()


ADDED = [
    ("docs/api.md", "\nSee [more](nowhere.md).\n", "link-broken", "leads nowhere"),
    ("docs/api.md", "\nSee [more](architecture.md#not-there).\n", "anchor-broken", "names a heading"),
    ("docs/api.md", "\n![picture](../design/picture.png)\n", "link-broken", "leads nowhere"),
    ("README.md", "\n```sh\nmake fly\n```\n", "command-unknown", "“make fly”"),
    ("README.md", "\nCall `make fly` first.\n", "command-unknown", "“make fly”"),
    ("README.md", "\n```sh\ncd deploy && sh deploy/rollback/9-gone.sh\n```\n", "command-unknown", "9-gone.sh"),
    ("README.md", "\n```sh\npython -m app.gone\n```\n", "command-unknown", "app.gone"),
    ("README.md", "\n```sh\nTOKEN=x \\\n  python tools/gone.py\n```\n", "command-unknown", "tools/gone.py"),
    ("docs/integration.md", "\nSend `POST /expenditures`.\n", "operation-unknown", "POST /expenditures"),
    ("docs/user-guide.md", "\nTODO: write this.\n", "mark-left", "TODO:"),
    ("docs/user-guide.md", "\nHello {{ user.name }}.\n", "mark-left", "{{ user.name }}"),
    ("docs/architecture.md", "\n```mermaid\nflowchart LR\n  a[one --> b\n```\n", "diagram-broken", "not closed"),
    ("docs/architecture.md", "\n```mermaid\nflowchrt LR\n  a --> b\n```\n", "diagram-broken", "no kind of diagram"),
]


@pytest.mark.parametrize(("path", "added", "rule", "said"), ADDED, ids=[f"{rule} {said}" for _, _, rule, said in ADDED])
def test_what_is_wrong_in_a_document_is_found_with_its_line(
    subject: Subject, path: str, added: str, rule: str, said: str
) -> None:
    changed = text_of(subject, path) + added
    (finding,) = measure_documents(with_files(subject, {path: changed.encode()})).findings
    assert (finding.rule, finding.task) == (rule, "documentation")
    assert said in finding.message
    name, line = finding.place.split(":")
    assert name == path
    assert len(text_of(subject, path).splitlines()) < int(line) <= len(changed.splitlines())
    assert finding.advice.endswith(".")


@pytest.mark.parametrize("path", EXPECTED)
def test_every_expected_document_is_missed(subject: Subject, path: str) -> None:
    found = measure_documents(with_files(subject, {path: None}))
    assert found.outcome == "failed"
    assert (path, "document-missing") in {(f.place, f.rule) for f in found.findings}


@pytest.mark.parametrize("path", [path for path in EXPECTED if path != "CHANGELOG.md"])
def test_a_document_that_says_nothing_is_none(subject: Subject, path: str) -> None:
    found = measure_documents(with_files(subject, {path: b"# Title\n\nSoon.\n"}))
    assert (f"{path}:1", "document-empty") in {(f.place, f.rule) for f in found.findings}


def test_an_operation_that_the_reference_leaves_out_is_missed(subject: Subject) -> None:
    without = text_of(subject, "docs/api.md").replace("POST /expenses/{id}/approve", "POST /somewhere")
    found = measure_documents(with_files(subject, {"docs/api.md": without.encode()}))
    assert {"operation-undocumented", "operation-unknown"} == {f.rule for f in found.findings}
    assert any("approveExpense" in f.message for f in found.findings)


def test_a_change_that_the_changelog_does_not_tell_is_missed(subject: Subject) -> None:
    told = (*subject.records["documentation"]["changelog"], "A clerk can fly (US-9)")
    (finding,) = measure_documents(with_records(subject, "documentation", changelog=told)).findings
    assert (finding.place, finding.rule) == ("CHANGELOG.md", "changelog-incomplete")


def test_a_document_that_no_link_leads_to_is_told_and_fails_nothing(subject: Subject) -> None:
    found = measure_documents(with_files(subject, {"docs/hidden.md": b"# Hidden\n\nNobody comes here.\n"}))
    assert [(f.place, f.rule) for f in found.findings] == [("docs/hidden.md", "document-unreachable")]
    assert found.outcome == "passed"
    assert "docs/hidden.md" in found.reason


@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 200_000,
        b"[a](" * 100_000,
        b"`" * 300_001,
        b"\xff\xfe\x00" * 10_000,
        b"```sh\n" + b"make x && " * 20_000 + b"\n```",
        b"```mermaid\nflowchart LR\n" + b"[" * 100_000 + b"\n```",
        b"{{" * 100_000,
    ],
    ids=["brackets", "links", "ticks", "no text", "commands", "diagram", "marks"],
)
@pytest.mark.timeout(20)
def test_a_hostile_document_is_read_in_time_and_passes_for_nothing(subject: Subject, hostile: bytes) -> None:
    assert measure_documents(with_files(subject, {"docs/api.md": hostile})).outcome == "failed"


def test_a_heading_is_linked_as_code_hosts_do_it() -> None:
    page = read_page("a.md", b"# A `b` c!\n## Twice\n## Twice\n```\n# no heading\n```\n")
    assert page.anchors == {"a-b-c", "twice", "twice-1"}


@pytest.mark.parametrize(
    "diagram",
    [
        'flowchart LR\n  a["x (y)"] -->|z| b(["c"])\n  subgraph s [T]\n  d[("db")]\n  end',
        "sequenceDiagram\n  participant A\n  A->>B: x\n  B--)A: y\n  loop each\n  A->>B: z\n  end",
        "erDiagram\n  A ||--o{ B : has\n  A {\n    int id\n  }",
        "stateDiagram-v2\n  [*] --> a\n  state b {\n  c --> d\n  }",
    ],
)
def test_a_sound_diagram_is_left_alone(diagram: str) -> None:
    assert diagram_fault(diagram.splitlines()) is None
