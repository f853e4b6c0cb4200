"""A pipeline, manifests and a ladder that would fail in the night are found out by day."""

import pytest

from services.evidence.delivery import measure_manifests, measure_pipeline
from services.evidence.environments import Environments
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files, with_records

CI, SERVICE = ".github/workflows/ci.yml", "deploy/service.yaml"


@pytest.fixture(scope="module")
def subject(environments: Environments) -> Subject:
    return generated()


@pytest.mark.parametrize(
    "id_", ["03-guest-list", "28-meeting-rooms", "43-example-circuit-breaker", "37-example-order-api"]
)
def test_what_the_blueprint_delivers_is_clean(environments: Environments, id_: str) -> None:
    for measure in (measure_pipeline, measure_manifests):
        measured = measure(of_the_corpus(id_))
        assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)


def edited(subject: Subject, path: str, old: str, new: str) -> Subject:
    text = subject.files[path].decode()
    assert old in text, old
    return with_files(subject, {path: text.replace(old, new, 1).encode()})


PIPELINE_FAULTS = [
    ("needs: [build]", "needs: [built]", "job-unknown", "needs built"),
    ("runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04", "schema", "runs_on"),
    ("actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683", "actions/checkout@v4", "action-unpinned", "checkout@v4"),
    ("--cov-fail-under=80", "--cov-fail-under=50", "form-value-ignored", "asks for 80 % coverage"),
    ("sh deploy/rollout.sh", "sh deploy/roll.sh", "command-unknown", "deploy/roll.sh"),
    ("pip-audit -r requirements.txt", "make audit", "command-unknown", "make audit"),
    ("pip-audit -r requirements.txt", "echo ${{ github.event.pull_request.title }}", "zizmor-template-injection", ""),
    ("jobs:", "jobs: [", "yaml", "no YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule", "said"), PIPELINE_FAULTS, ids=[f[2] + f[3] for f in PIPELINE_FAULTS])
def test_a_fault_of_the_pipeline_is_found(subject: Subject, old: str, new: str, rule: str, said: str) -> None:
    measured = measure_pipeline(edited(subject, CI, old, new))
    assert measured.outcome == "failed", (measured.reason, measured.log)
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, [(f.rule, f.message) for f in measured.findings]
    assert mine[0].place.startswith(CI)
    assert mine[0].task == "deployment"


MANIFEST_FAULTS = [
    (SERVICE, "replicas: 2", "replicas: two", "kubernetes", "replicas"),
    (SERVICE, "containerPort: 8000", "containerPorts: 8000", "kubernetes", ""),
    (SERVICE, "path: /ready", "path: /alive", "probe-unknown", "/alive"),
    (SERVICE, "livenessProbe:", "startupProbe:", "probe-missing", "livenessProbe"),
    (SERVICE, "limits:\n              memory: 512Mi", "claims: []", "limits-missing", "no limit"),
    (SERVICE, "valueFrom:\n                secretKeyRef:\n                  name: expense-approvals\n                  key: token-secret", "value: abc", "secret-in-manifest", "TOKEN_SECRET"),
    ("Dockerfile", "FROM python:3.12.8-slim-bookworm", "FROM python", "DL3006", ""),
    ("deploy/rollback/1-flag-off.sh", "set -eu", "if [", "shell", "cannot read"),
    ("deploy/stages.json", "25", "26", "share-clash", "25 %"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "old", "new", "rule", "said"), MANIFEST_FAULTS, ids=[f[3] + f[4] for f in MANIFEST_FAULTS]
)
def test_a_fault_of_the_manifests_is_found(
    subject: Subject, path: str, old: str, new: str, rule: str, said: str
) -> None:
    text = subject.files[path].decode()
    assert old in text
    measured = measure_manifests(with_files(subject, {path: text.replace(old, new).encode()}))
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, (measured.reason, [(f.rule, f.message) for f in measured.findings])
    assert mine[0].place.startswith(path)


def test_a_rung_that_is_missing_too_slow_or_without_its_script_is_found(subject: Subject) -> None:
    rungs = [dict(row) for row in subject.records["deployment"]["rollback"]]
    slow = [{**row, "target": "under 1 hour"} if row["rung"] == 2 else row for row in rungs]
    gone = [{**row, "command": "sh deploy/rollback/0-gone.sh"} if row["rung"] == 3 else row for row in rungs]
    for changed, rule in (
        ([r for r in rungs if r["rung"] != 1], "rung-missing"),
        (slow, "rung-target"),
        (gone, "rung-script"),
    ):
        measured = measure_manifests(with_records(subject, "deployment", rollback=changed))
        assert rule in {f.rule for f in measured.findings}
        assert measured.outcome == "failed"


def test_what_no_schema_knows_is_said_to_be_unchecked(subject: Subject) -> None:
    rollout = b"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: x\nspec: {}\n"
    measured = measure_manifests(with_files(subject, {"deploy/argo.yaml": rollout}))
    assert measured.outcome == "passed"
    assert (
        "Not checked: deploy/argo.yaml, document 1, there is no schema for argoproj.io/v1alpha1 Rollout"
        in measured.reason
    )


def test_a_workspace_without_a_pipeline_delivers_nothing(subject: Subject) -> None:
    assert measure_pipeline(with_files(subject, {CI: None})).outcome == "failed"
