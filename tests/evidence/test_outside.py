"""Files from other machines: each format is told by its content, hostile ones are refused in words, nothing unbound decides."""

import json
from typing import Any

import pytest

from services.evidence.findings import Severity
from services.evidence.outside.reading import FILE_MAX_BYTES, bound_to, read_outside
from services.evidence.outside.told import UnreadableFile

TREE = "a" * 40
JUNIT = """<?xml version="1.0"?><testsuites><testsuite name="s"><properties><property name="tree" value="{tree}"/></properties>
<testcase classname="t" name="good"/><testcase classname="t" name="bad"><failure message="no &lt;way&gt;"/></testcase>
<testcase classname="t" name="later"><skipped/></testcase></testsuite></testsuites>"""
COBERTURA = '<coverage line-rate="0.91" branch-rate="0.8" version="7.6"><packages/></coverage>'
COVERAGE = {
    "meta": {"version": "7.6"},
    "totals": {"percent_covered": 91.5, "num_branches": 10, "covered_branches": 8},
    "files": {},
}
SARIF: dict[str, Any] = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Scan",
                    "version": "3",
                    "rules": [{"id": "R1", "properties": {"security-severity": "9.8"}}],
                }
            },
            "versionControlProvenance": [{"revisionId": TREE}],
            "results": [
                {
                    "ruleId": "R1",
                    "level": "warning",
                    "message": {"text": "bad\nline"},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": "app/x.py"}, "region": {"startLine": 3}}}
                    ],
                },
                {"ruleId": "R2", "suppressions": [{}], "message": {"text": "hidden"}},
            ],
        }
    ],
}
CYCLONEDX: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "metadata": {"tools": {"components": [{"name": "audit", "version": "2"}]}},
    "components": [
        {"bom-ref": "a", "name": "FastAPI", "version": "1.0"},
        {"bom-ref": "b", "name": "typing_extensions", "version": "4"},
    ],
    "vulnerabilities": [],
}
VULNERABLE = {
    **CYCLONEDX,
    "vulnerabilities": [{"id": "CVE-1", "ratings": [{"score": 9.8}], "affects": [{"ref": "a"}], "description": "bad"}],
}


def data(value: Any) -> bytes:
    return json.dumps(value).encode() if isinstance(value, dict) else str(value).encode()


@pytest.mark.parametrize(
    ("value", "check", "outcome", "said"),
    [
        (JUNIT.format(tree=TREE), "outside_tests", "failed", "1 of 3 tests pass, 1 fail, 1 are skipped."),
        (COBERTURA, "outside_coverage", "passed", "91.00 % covered, 80.00 % of branches"),
        (COVERAGE, "outside_coverage", "passed", "91.50 % covered, 80.00 % of branches"),
        (SARIF, "outside_findings", "failed", "1 finding in app/x.py:3: bad line"),
        (CYCLONEDX, "dependencies", "passed", "2 packages were audited elsewhere"),
        (VULNERABLE, "dependencies", "failed", "FastAPI 1.0: bad"),
        ({**CYCLONEDX, "vulnerabilities": None}, "dependencies", "passed", "2 packages"),
    ],
)
def test_a_file_is_told_by_its_content(value: Any, check: str, outcome: str, said: str) -> None:
    told = read_outside(data(value))
    assert (told.check, told.outcome) == (check, outcome)
    assert said in told.reason


def test_a_list_of_components_is_no_audit() -> None:
    listed = {key: value for key, value in CYCLONEDX.items() if key != "vulnerabilities"}
    told = read_outside(data(listed))
    assert (told.outcome, "tells of no audit" in told.reason) == ("not_measured", True)


def test_severities_follow_the_score_and_the_word() -> None:
    assert read_outside(data(SARIF)).findings[0].severity is Severity.CRITICAL
    assert read_outside(data(VULNERABLE)).findings[0].severity is Severity.CRITICAL


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
OUTSIDE_ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'
REFUSED: list[tuple[bytes, str]] = [
    (b"", "neither XML nor a JSON object"),
    (b"PK\x03\x04../../etc/passwd", "neither XML nor"),
    (b"\x1f\x8b\x08\x00\xff", "no text in UTF-8"),
    ("<testsuite/>".encode("utf-16"), "no text in UTF-8"),
    (BOMB.encode(), "entities, which are refused"),
    (OUTSIDE_ENTITY.encode(), "entities, which are refused"),
    (b"<testsuite>", "broken XML"),
    (b"<testsuite/>", "no test case"),
    (b"<html/>", "is not known here"),
    (b"{", "broken JSON"),
    (b"[1]", "neither XML nor"),
    (b"{}", "no report that is known"),
    (b'{"totals": {}}', "lacks its figures"),
    (b'{"totals": {"percent_covered": NaN}}', "figures that are none"),
    (b'{"totals": {"percent_covered": 900}}', "shares that are none"),
    (b'<coverage line-rate="2" branch-rate="0"/>', "shares that are none"),
    (b'{"runs": [], "version": "2.1.0"}', "no run of a tool"),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "broken JSON"),
    (b'{"a":' * 100 + b"1" + b"}" * 100, "nested more deeply"),
    (b"{" + b" " * FILE_MAX_BYTES, "it may have 5,000,000"),
]


@pytest.mark.parametrize(("content", "said"), REFUSED, ids=[said for _, said in REFUSED])
@pytest.mark.timeout(20)
def test_a_hostile_or_broken_file_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read_outside(content)


@pytest.mark.parametrize("odd", [None, 1, "x", [], [1], {"a": 1}, [[]], [{}]])
@pytest.mark.parametrize("key", ["components", "vulnerabilities", "metadata"])
def test_parts_of_any_shape_break_nothing(key: str, odd: Any) -> None:
    assert read_outside(data({**VULNERABLE, key: odd})).check == "dependencies"


@pytest.mark.parametrize("odd", [None, 1, "x", [], {"a": 1}])
@pytest.mark.parametrize("key", ["tool", "results", "versionControlProvenance"])
def test_runs_of_any_shape_break_nothing(key: str, odd: Any) -> None:
    assert read_outside(data({**SARIF, "runs": [{**SARIF["runs"][0], key: odd}]})).check == "outside_findings"


FILES = {"requirements.txt": b"fastapi==1.0 ; x\nTyping.Extensions==4\n# no==1\n"}
TREES = {"tests": TREE, "dependencies": "d" * 40}


def test_a_file_that_names_a_tree_of_the_run_is_bound_to_it() -> None:
    tree, why = bound_to(read_outside(data(SARIF)), {}, TREES)
    assert (tree, why) == (TREE, "It names the tree aaaaaaaaaaaa.")


def test_an_audit_is_bound_by_naming_every_pinned_package() -> None:
    tree, why = bound_to(read_outside(data(CYCLONEDX)), FILES, TREES)
    assert (tree, why) == ("d" * 40, "It names all 2 pinned packages with their versions.")


@pytest.mark.parametrize(
    ("value", "files"),
    [
        (CYCLONEDX, {"requirements.txt": FILES["requirements.txt"] + b"uvicorn==2\n"}),
        (CYCLONEDX, {"requirements.txt": b"fastapi==1.1\n"}),
        (CYCLONEDX, {}),
        (JUNIT.format(tree="b" * 40), FILES),
        (COVERAGE, FILES),
    ],
    ids=["a package more", "another version", "nothing pinned", "another tree", "no tree"],
)
def test_what_nothing_binds_is_said_to_be_unbound(value: Any, files: dict[str, bytes]) -> None:
    tree, why = bound_to(read_outside(data(value)), files, TREES)
    assert tree == ""
    assert why.startswith("Not bound to these files")
