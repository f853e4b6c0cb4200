"""Dependencies are pinned or it is found; without the network they are not audited, and no tool's silence is taken for a clean bill."""

import json
from dataclasses import replace
from typing import Any

import pytest

from services.evidence.dependencies import measure_dependencies, read_audit
from tests.evidence.subjects import generated, with_files


def test_offline_nothing_is_said_to_be_audited_and_two_ways_on_are_named() -> None:
    measured = measure_dependencies(generated())
    assert measured.outcome == "not_measured"
    assert "GREENLIGHT_AUDIT_DEPENDENCIES=1" in measured.reason
    assert "CycloneDX" in measured.reason


@pytest.mark.parametrize(
    "line", [b"fastapi\n", b"fastapi>=1\n", b"x @ https://example.org/x.whl\n", b"-r other.txt\n", b"fastapi==1.*\n"]
)
def test_what_is_not_pinned_is_found_with_its_line(line: bytes) -> None:
    measured = measure_dependencies(with_files(generated(), {"requirements.txt": b"alembic==1.0\n" + line}))
    assert measured.outcome == "failed"
    assert [(f.place, f.rule) for f in measured.findings] == [("requirements.txt:2", "requirement-unpinned")]


def test_comments_markers_and_hashes_are_no_fault() -> None:
    text = b'# why\nfastapi[all]==1.0 ; python_version > "3" \\\n    --hash=sha256:ab\n'
    assert measure_dependencies(with_files(generated(), {"requirements.txt": text})).outcome == "not_measured"


def test_without_the_environment_of_tools_it_is_not_measured() -> None:
    subject = replace(generated(), audits_dependencies=True)
    bare = replace(subject, environments=replace(subject.environments, tools=None))
    assert "make run" in measure_dependencies(bare).reason


KNOWN: dict[str, Any] = {"id": "PYSEC-1", "fix_versions": ["2.0"], "description": "bad"}


@pytest.mark.parametrize(
    ("rows", "outcome", "said"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], "passed", "1 pinned packages have no known vulnerability."),
        ([{"name": "a", "version": "1", "vulns": [KNOWN]}], "failed", "a 1: bad"),
        ([{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}], "not_measured", "1 were skipped"),
    ],
)  # fmt: skip
def test_a_report_is_read_as_what_it_says(rows: list[dict[str, Any]], outcome: str, said: str) -> None:
    measured = read_audit(json.dumps({"dependencies": rows}), "", 1.0)
    assert (measured.outcome, said in measured.reason) == (outcome, True), measured.reason


@pytest.mark.parametrize("report", ["", "[]", "{}", '{"dependencies": [1]}', '{"dependencies": [{"vulns": []}, null]}'])
def test_no_report_is_no_audit(report: str) -> None:
    assert read_audit(report, "connection refused", 1.0).outcome == "not_measured"
