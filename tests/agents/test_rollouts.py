"""One mechanism shares a feature out, and what is deployed, scheduled and promised agrees with it."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from services.agents.engine import Draft
from services.workflow.options import DeploymentStrategy, FlagService
from tests.agents.chain import drafts_of, files_of, records_of
from tests.agents.corpus_requests import drafts_of_corpus
from tests.builders import REQUEST

S = DeploymentStrategy


@cache
def made(**options: object) -> dict[str, Draft]:
    return drafts_of(REQUEST.model_copy(update={"rollout_percentage": 25, **options}))


def manifests(drafts: dict[str, Draft]) -> list[dict[str, object]]:
    files = drafts["deployment"].files
    texts = [data for path, data in files.items() if path.startswith("deploy/") and path.endswith(".yaml")]
    return [document for text in texts for document in yaml.safe_load_all(text)]


@pytest.mark.parametrize("strategy", S)
@pytest.mark.parametrize("flags", FlagService)
def test_either_traffic_or_the_flag_is_the_rollout(strategy: S, flags: FlagService) -> None:
    drafts = made(deployment_strategy=strategy, feature_flag_service=flags)
    stages = records_of(drafts["deployment"]).stages
    flag = records_of(drafts["backend"]).flag
    if strategy in (S.FEATURE_FLAG, S.A_B_TEST):
        assert {s.traffic_percent for s in stages} == {100}
        assert [s.flag_percent for s in stages] == [s.share_percent for s in stages]
        assert flag.rollout_percentage == 25
    else:
        assert {s.flag_percent for s in stages} == {100}
        assert [s.traffic_percent for s in stages] == [s.share_percent for s in stages]
        assert flag.rollout_percentage == 100
    assert all(s.share_percent == s.traffic_percent * s.flag_percent / 100 for s in stages)


@pytest.mark.parametrize("strategy", S)
def test_no_manifest_overrules_the_flag(strategy: S) -> None:
    assert "FEATURE_FORCE" not in json.dumps(manifests(made(deployment_strategy=strategy)))


@pytest.mark.parametrize("strategy", S)
def test_every_claim_that_is_mounted_is_made(strategy: S) -> None:
    documents = manifests(made(deployment_strategy=strategy))
    text = json.dumps(documents)
    claims = {d["metadata"]["name"] for d in documents if d["kind"] == "PersistentVolumeClaim"}  # type: ignore[index]
    assert claims == {"expense-approvals-data"}
    assert "emptyDir" not in text
    assert '"claimName": "expense-approvals-data"' in text
    assert b"analytics.pipeline" in made(deployment_strategy=strategy)["deployment"].files["deploy/jobs.yaml"]


@pytest.mark.parametrize("strategy", S)
def test_a_stage_that_nobody_sees_waits_for_no_requests(strategy: S) -> None:
    for stage in records_of(made(deployment_strategy=strategy)["deployment"]).stages:
        assert ("requests on" in stage.guards) is (stage.share_percent > 0)


@pytest.mark.parametrize("strategy", S)
def test_the_headline_promises_only_rungs_that_there_are(strategy: S) -> None:
    records = records_of(made(deployment_strategy=strategy)["deployment"])
    possible = [r for r in records.rollback if r.target.startswith("under") and r.command != "-"]
    minutes = [r.target.split()[1] for r in possible]
    assert f"in under {', '.join(minutes[:-1])} and {minutes[-1]} minutes" in records.summary
    assert "not possible" not in " ".join(r.action for r in possible)


def test_guards_follow_the_availability_that_is_asked_for() -> None:
    text = f"{REQUEST.description} The service must be available 99.95 % of the time."
    draft = made(description=text, deployment_strategy=S.CANARY)["deployment"]
    assert all("at most 0.05 %; judged from 2,000 requests on" in stage.guards for stage in records_of(draft).stages)
    assert "what 99.95 % availability leaves" in draft.report.replace("\\", "")


@pytest.mark.parametrize(("number", "schedule"), [(8, "* * * * *"), (7, "17 * * * *")])
def test_the_sweep_comes_as_often_as_the_shortest_rule_asks(number: int, schedule: str) -> None:
    """One request waits for 15 minutes, the other for 30 days."""
    jobs = yaml.safe_load_all(drafts_of_corpus(number)["deployment"].files["deploy/jobs.yaml"])
    found = {job["metadata"]["name"].rsplit("-", 1)[1]: job["spec"]["schedule"] for job in jobs}
    assert found["sweep"] == schedule


def test_what_is_kept_elsewhere_today_is_the_first_open_point() -> None:
    drafts = made(description=f"Today this is a spreadsheet. {REQUEST.description}")
    records = records_of(drafts["deployment"])
    assert records.checklist[0].startswith("Open: what is kept in a spreadsheet today is not imported")
    assert "not imported" in records.migrations[1]
    assert "nothing to move" in records_of(made()["deployment"]).migrations[1]


@pytest.mark.parametrize("share", ["25", "50", "100"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_canary_keeps_the_version_before_until_it_is_promoted(share: str, *, is_first: bool, tmp_path: Path) -> None:
    for path, data in files_of(made(deployment_strategy=S.CANARY).values()).items():
        if path.startswith(("deploy/", "flags/")):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.parent.mkdir()
    answer = "exit 1" if is_first else "echo i:0"
    kubectl.write_text(
        f'#!/bin/sh\necho "$@" >> "$CALLS"\ncase "$*" in *" get deployment"*) {answer} ;; *"apply --filename -"*) cat >> "$CALLS" ;; esac\n'
    )
    kubectl.chmod(0o755)
    variables = {"PATH": f"{kubectl.parent}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls")}
    variables |= {"NAMESPACE": "shop", "IMAGE": "i:1", "SHARE": share}
    subprocess.run(["sh", "deploy/rollout.sh"], cwd=tmp_path, env={**os.environ, **variables}, check=True)
    calls = (tmp_path / "calls").read_text()
    assert "set-by-the-pipeline" not in calls
    assert ("image: i:0" in calls) is not is_first
    assert ("set env deployment/expense-approvals-stable FEATURE_FORCE=off" in calls) is (is_first and share != "100")
    assert ("set image deployment/expense-approvals-stable service=i:1" in calls) is (share == "100")
    assert f"canary-weight={'0' if share == '100' else share}" in calls
