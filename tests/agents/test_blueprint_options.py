"""Each option changes the artefacts of steps 5, 6 and 8 to 12, and the figures in them are computed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import NormalDist

import pytest
import yaml

from services.agents.blueprint.deployment.objectives import emitted_metrics
from services.agents.blueprint.deployment.panels import DURATION, REQUESTS
from services.agents.blueprint.deployment.rollout_plans import sample_size
from services.agents.blueprint.testing.source_scans import read_sources
from services.agents.engine import Draft
from services.workflow.options import AnalyticsPlatform, Complexity, DeploymentStrategy, FlagService, MonitoringStack
from tests.agents.chain import drafts_of, files_of, records_of
from tests.builders import REQUEST


@cache
def made(**options: object) -> dict[str, Draft]:
    return drafts_of(REQUEST.model_copy(update=options))


def written(folder: Path, drafts: dict[str, Draft]) -> Path:
    for path, data in files_of(drafts.values()).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("options", "task", "path"),
    [
        ({"analytics_platform": AnalyticsPlatform.SEGMENT}, "data", "analytics/plan.segment.json"),
        ({"analytics_platform": AnalyticsPlatform.AMPLITUDE}, "data", "analytics/plan.amplitude.json"),
        ({"analytics_platform": AnalyticsPlatform.MIXPANEL}, "data", "analytics/plan.mixpanel.json"),
        ({"analytics_platform": AnalyticsPlatform.CUSTOM}, "data", "analytics/schemas/expense_created.json"),
        ({"monitoring_stack": MonitoringStack.GRAFANA}, "observability", "observability/grafana/dashboard.json"),
        ({"monitoring_stack": MonitoringStack.CUSTOM}, "observability", "observability/dashboard.json"),
        ({"monitoring_stack": MonitoringStack.DATADOG}, "observability", "observability/datadog/monitors.json"),
        ({"monitoring_stack": MonitoringStack.NEWRELIC}, "observability", "observability/newrelic/alerts.json"),
        ({"deployment_strategy": DeploymentStrategy.BLUE_GREEN}, "deployment", "deploy/slot-green.yaml"),
        ({"deployment_strategy": DeploymentStrategy.A_B_TEST}, "deployment", "deploy/experiment.json"),
        ({"deployment_strategy": DeploymentStrategy.FEATURE_FLAG}, "deployment", "deploy/set_share.py"),
        ({"deployment_strategy": DeploymentStrategy.CANARY}, "deployment", "deploy/rollback/2-traffic-back.sh"),
    ],
)
def test_an_option_brings_its_own_file_and_no_other_option_does(
    options: dict[str, object], task: str, path: str
) -> None:
    assert path in made(**options)[task].files
    name = next(iter(options))
    others = [value for value in type(options[name]) if value is not options[name]]  # type: ignore[attr-defined]
    without = [value for value in others if path not in made(**{name: value})[task].files]
    assert without


@pytest.mark.parametrize(
    ("strategy", "first", "shares"),
    [
        (DeploymentStrategy.DIRECT, 5, [100]),
        (DeploymentStrategy.CANARY, 5, [5, 25, 50, 100]),
        (DeploymentStrategy.CANARY, 30, [30, 50, 100]),
        (DeploymentStrategy.CANARY, 100, [100]),
        (DeploymentStrategy.FEATURE_FLAG, 10, [0, 10, 25, 50, 100]),
        (DeploymentStrategy.BLUE_GREEN, 5, [0, 100]),
        (DeploymentStrategy.A_B_TEST, 20, [20, 50, 100]),
        (DeploymentStrategy.A_B_TEST, 70, [70, 100]),
    ],
)
def test_stages_grow_from_the_percentage_asked_for(strategy: DeploymentStrategy, first: int, shares: list[int]) -> None:
    draft = made(deployment_strategy=strategy, rollout_percentage=first)["deployment"]
    assert [stage["share_percent"] for stage in json.loads(draft.files["deploy/stages.json"])] == shares
    pipeline = yaml.safe_load(draft.files[".github/workflows/ci.yml"])
    assert pipeline[True]["workflow_dispatch"]["inputs"]["share"]["options"] == [str(s) for s in shares]


def test_only_an_experiment_exposes_its_control_group() -> None:
    for strategy in DeploymentStrategy:
        config = made(deployment_strategy=strategy)["frontend"].files["web/config.js"].decode()
        assert ('"control": "control"' in config) is (strategy is DeploymentStrategy.A_B_TEST)


def test_only_an_experiment_has_a_sample_size() -> None:
    assert records_of(made(deployment_strategy=DeploymentStrategy.CANARY)["deployment"]).experiment is None
    experiment = records_of(made(deployment_strategy=DeploymentStrategy.A_B_TEST)["deployment"]).experiment
    assert experiment.sample_size_per_arm == sample_size(0.10, 0.12)


def test_the_sample_size_is_that_of_the_books() -> None:
    # Fleiss, Statistical Methods for Rates and Proportions: 10 % against 12 %, power 80 %, without correction.
    assert sample_size(0.10, 0.12) == 3841
    n, p, q = sample_size(0.3, 0.35), 0.3, 0.35
    standard = ((p * (1 - p) + q * (1 - q)) / n) ** 0.5
    assert NormalDist().cdf((q - p) / standard - NormalDist().inv_cdf(0.975)) == pytest.approx(0.8, abs=0.01)


def test_the_coverage_minimum_stands_in_pipeline_and_guide() -> None:
    drafts = made(test_coverage_min=93)
    assert b"--cov-fail-under=93" in drafts["deployment"].files[".github/workflows/ci.yml"]
    assert b"93 % of branches" in drafts["documentation"].files["docs/deployment.md"]


def test_actions_are_pinned_to_commits_and_rights_are_least() -> None:
    pipeline = yaml.safe_load(made()["deployment"].files[".github/workflows/ci.yml"])
    uses = [step["uses"] for job in pipeline["jobs"].values() for step in job["steps"] if "uses" in step]
    assert uses
    assert all(len(use.split("@")[1]) == 40 for use in uses)
    assert pipeline["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("complexity", Complexity)
def test_complexity_decides_how_many_load_scenarios_there_are(complexity: Complexity) -> None:
    wanted = {Complexity.SIMPLE: 1, Complexity.MEDIUM: 2, Complexity.COMPLEX: 3, Complexity.EPIC: 4}
    assert len(records_of(made(complexity=complexity)["performance"]).scenarios) == wanted[complexity]


def test_a_budget_becomes_limits_that_the_load_script_reads() -> None:
    drafts = made(performance_budget="p99 < 150 ms, 200 requests per second, error rate < 2 %")
    limits = {b["metric"]: b["limit"] for b in json.loads(drafts["performance"].files["performance/budgets.json"])}
    assert limits == {"latency": 150, "throughput": 200, "rate": 2}
    assert records_of(drafts["performance"]).scenarios[0].concurrency == 10  # 200 a second x a third of 0.15 s
    assert all(b.measured == "not measured" for b in records_of(drafts["performance"]).budgets)


def test_a_budget_that_cannot_be_measured_is_named_and_nothing_is_made_of_it() -> None:
    draft = made(performance_budget="fast")["performance"]
    assert json.loads(draft.files["performance/budgets.json"]) == []
    assert records_of(draft).budgets[0].limit.startswith("not understood")
    assert "none is assumed" in records_of(draft).summary


def test_thresholds_of_alerts_are_burn_rate_times_budget() -> None:
    drafts = drafts_of(
        REQUEST.model_copy(
            update={"description": REQUEST.description + " The service must be available 99.9 % of the time."}
        )
    )
    records = records_of(drafts["observability"])
    first = records.objectives[0]
    assert (first.target_percent, first.budget_minutes) == (99.9, 43.2)
    own = [a for a in records.alerts if a.objective == first.id]
    assert [(a.burn_rate, a.threshold_percent, a.windows, a.severity) for a in own] == [
        (14.4, 1.44, "1h and 5m", "page"),
        (6.0, 0.6, "6h and 30m", "page"),
        (1.0, 0.1, "3d and 6h", "ticket"),
    ]


@pytest.mark.parametrize(("percentile", "most"), [(50, 75), (75, 50), (90, 20), (95, 10), (99, 14.4)])
def test_an_alert_tells_of_slow_answers_long_before_all_are_slow(percentile: int, most: float) -> None:
    records = records_of(made(performance_budget=f"p{percentile} < 100 ms")["observability"])
    assert max(a.threshold_percent for a in records.alerts if a.objective == "SLO-2") == most
    assert [p.title for p in records.panels if p.title.startswith("Latency")] == [f"Latency, p{percentile}"]


@pytest.mark.parametrize("stack", MonitoringStack)
def test_each_alert_has_a_runbook_and_each_query_a_metric_that_the_code_emits(stack: MonitoringStack) -> None:
    drafts = made(monitoring_stack=stack)
    emitted = emitted_metrics(drafts["backend"].files)
    assert {REQUESTS, DURATION} <= set(emitted)
    draft = drafts["observability"]
    assert all(alert.runbook in draft.files for alert in records_of(draft).alerts)
    assert all(any(name in panel.query for name in emitted) for panel in records_of(draft).panels)
    configuration = b"".join(data for path, data in draft.files.items() if "runbooks" not in path)
    assert all(alert.id.encode() in configuration for alert in records_of(draft).alerts)


def test_the_latency_border_is_one_that_the_histogram_has() -> None:
    for budget, border in (("p95 < 200 ms", "0.1"), ("p95 < 300 ms", "0.3"), ("p95 < 10 ms", "0.05")):
        rules = made(performance_budget=budget)["observability"].files["observability/prometheus/rules.yaml"]
        assert f'le="{border}"' in rules.decode()


PLANTED = b"""
import os, pickle, hashlib, subprocess
API_TOKEN = "sk-live-abcdef123"
def bad(session, name, data):
    session.execute(f"SELECT * FROM t WHERE name = '{name}'")
    session.execute("SELECT * FROM t WHERE name = '%s'" % name)
    eval(data)
    os.system(name)
    subprocess.run(name, shell=True)
    pickle.loads(data)
    hashlib.md5(data)
    get("https://x", verify=False)
"""


def test_the_reading_finds_what_was_planted_at_its_line() -> None:
    reading = read_sources(
        {"app/bad.py": PLANTED, "web/bad.js": b"x.innerHTML = y\n", "app/broken.py": b"def (", "tests/x.py": PLANTED}
    )
    found = {(w.cwe, w.file, w.line) for w in reading.weaknesses}
    lines = [
        ("CWE-798", 3),
        ("CWE-89", 5),
        ("CWE-89", 6),
        ("CWE-95", 7),
        ("CWE-78", 8),
        ("CWE-78", 9),
        ("CWE-502", 10),
        ("CWE-327", 11),
        ("CWE-295", 12),
    ]
    assert found == {(cwe, "app/bad.py", line) for cwe, line in lines} | {("CWE-79", "web/bad.js", 1)}
    assert reading.unreadable == ("app/broken.py",)
    assert "abcdef123" not in str(reading)


def test_the_generated_service_shows_none_of_the_weaknesses_and_claims_no_attack() -> None:
    records = records_of(made()["security"])
    assert records.findings == ()
    not_run = [c for c in records.checks if not c.was_run]
    assert any(c.check == "Penetration test" for c in not_run)
    assert all(c.result.startswith("not run") for c in not_run)


def test_the_bill_of_materials_lists_every_pinned_package() -> None:
    drafts = made()
    bill = json.loads(drafts["security"].files["security/sbom.cdx.json"])
    pins = drafts["backend"].files["requirements.txt"].decode().split()
    assert [f"{c['name']}=={c['version']}" for c in bill["components"]] == pins


def test_every_role_that_may_not_is_in_the_matrix() -> None:
    access = {a.operation: a for a in records_of(made()["security"]).authorization}
    assert access["OP-approveExpense"].allowed == ("manager",)
    assert "employee" in access["OP-approveExpense"].denied


def test_the_pipeline_gives_the_same_tables_when_it_runs_twice(tmp_path: Path) -> None:
    folder = written(tmp_path, made())
    told = {"expense_id": 1, "role": "employee", "amount": 5}
    good = {
        "event": "expense_created",
        "properties": told,
        "at": "2026-01-15T10:00:00+00:00",
        "id": "a",
    }
    unknown = {**good, "id": "b", "properties": {**told, "surprise": 1}}
    undated = {"event": "expense_approved", "properties": {"expense_id": 1, "role": "manager", "amount": 5}}
    log = "\n".join(
        [
            json.dumps(good),
            json.dumps(good),
            json.dumps(unknown),
            json.dumps(undated),
            "no json",
            '{"event": 3, "properties": []}',
            "[]",
            "",
        ]
    )
    (folder / "events.jsonl").write_text(log)
    tables = [tables_after_a_run(folder) for _ in range(2)]
    assert tables[0] == tables[1]
    assert tables[0]["raw_event"] == 2
    assert tables[0]["dead_letter"] == 4
    connection = sqlite3.connect(folder / "analytics.db")
    assert connection.execute("SELECT day, events FROM daily ORDER BY day").fetchall() == [
        ("2026-01-15", 1),
        ("undated", 1),
    ]
    connection.executescript((folder / "analytics/metrics.sql").read_text())
    assert connection.execute("SELECT events FROM sm_1").fetchall() == [(1,)]
    connection.close()
    assert run(folder, "analytics.quality").stdout.count("DQ-") == len(records_of(made()["data"]).quality)
    assert "2 events removed" in run(folder, "analytics.pipeline", "--erase", "1", "--property", "expense_id").stdout


def run(folder: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *words], cwd=folder, capture_output=True, text=True, check=False
    )


def tables_after_a_run(folder: Path) -> dict[str, int]:
    done = run(folder, "analytics.pipeline")
    assert done.returncode == 0, done.stderr
    connection = sqlite3.connect(folder / "analytics.db")
    found = {
        t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("raw_event", "dead_letter", "daily")
    }
    connection.close()
    return found


@pytest.mark.parametrize("service", FlagService)
def test_the_share_can_be_set_in_the_file_of_every_flag_service(
    service: FlagService, tmp_path: Path, service_python: Path
) -> None:
    drafts = made(feature_flag_service=service, deployment_strategy=DeploymentStrategy.FEATURE_FLAG)
    folder = written(tmp_path, drafts)
    flag = records_of(drafts["backend"]).flag.file
    subprocess.run([sys.executable, "deploy/set_share.py", flag, "37"], cwd=folder, check=True)
    code = "from app.flag_file import configuration, decide; c = configuration(); print(sum(decide(c, str(n)) for n in range(4000)))"
    told = subprocess.run([service_python, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert 0.35 < int(told) / 4000 < 0.39


@pytest.mark.parametrize("strategy", DeploymentStrategy)
def test_a_rollout_script_calls_kubectl_for_its_own_strategy_only(strategy: DeploymentStrategy, tmp_path: Path) -> None:
    """A stand-in for kubectl writes down what it is asked."""
    folder = written(tmp_path / "tree", made(deployment_strategy=strategy))
    shutil.copytree(folder, tmp_path / "run")
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text('#!/bin/sh\necho "$@" >> "$CALLS"\ncase "$*" in *apply*) cat > /dev/null ;; esac\n')
    kubectl.chmod(0o755)
    calls = tmp_path / "calls"
    environment = {
        **os.environ,
        "PATH": f"{kubectl.parent}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "NAMESPACE": "shop",
        "IMAGE": "i:1",
        "SHARE": "100",
    }
    subprocess.run(
        ["sh", "deploy/rollout.sh"],
        cwd=tmp_path / "run",
        env=environment,
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    text = calls.read_text()
    assert ("set image deployment/expense-approvals-stable service=i:1" in text) is (
        strategy is DeploymentStrategy.CANARY
    )
    assert ("patch service" in text) is (strategy is DeploymentStrategy.BLUE_GREEN)
    bad = subprocess.run(
        ["sh", "deploy/rollout.sh"],
        cwd=tmp_path / "run",
        env={**environment, "SHARE": "13"},
        check=False,
        capture_output=True,
    )
    assert bad.returncode == 2
