"""What the load script sends is what the service takes; what the reports say of load can be counted again."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.chain import files_of, records_of
from tests.agents.corpus_requests import drafts_of_corpus
from tests.agents.page_service import service

# Between them: unique texts and numbers, times that must not overlap, references, one per person, limits per person.
LOADED = (7, 28, *(pytest.param(number, marks=pytest.mark.soak) for number in (12, 17, 26, 33)))


@pytest.mark.parametrize("number", LOADED)
def test_nothing_that_the_load_sends_is_refused(number: int, tmp_path: Path, service_python: Path) -> None:
    files = files_of(drafts_of_corpus(number).values())
    operations = [step["operation"] for step in json.loads(files["performance/scenarios.json"])["mix"]]
    assert [re.match(r"OP-([a-z]+)", name)[1] for name in operations] == ["create", "list", "get"]  # type: ignore[index]
    with service(files, tmp_path, service_python, LOG_LEVEL="ERROR") as address:
        command = [sys.executable, "performance/load.py", "--base-url", address, "--concurrency", "2", "--seconds", "2"]
        for _ in range(2):
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            figures = json.JSONDecoder().raw_decode(done.stdout)[0] if done.stdout else {}
            assert figures.get("not_good") == {}, (done.stdout, done.stderr)
            assert figures["requests"] > 20
            assert done.returncode in (0, 1), done.stderr


def test_a_refusal_is_told_and_is_no_measurement(tmp_path: Path, service_python: Path) -> None:
    files = files_of(drafts_of_corpus(12).values())
    plan = json.loads(files["performance/scenarios.json"])
    main = plan["order"][-1]
    plan["makes"][main]["body"] = {**plan["makes"][main]["body"], "no_such_field": 1}
    files["performance/scenarios.json"] = json.dumps(plan).encode()
    with service(files, tmp_path, service_python, LOG_LEVEL="ERROR") as address:
        command = [sys.executable, "performance/load.py", "--base-url", address, "--seconds", "2"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "422" in done.stderr


@pytest.mark.parametrize("number", range(1, 49, 3))
def test_figures_of_the_capacity_multiply(number: int) -> None:
    lines = records_of(drafts_of_corpus(number)["architecture"]).capacity
    seen = 0
    for left, factor, product in re.findall(r"([\d.,]+)[a-z ]* x ([\d.]+) s = ([\d.]+)", " ".join(lines)):
        seen += 1
        assert float(left.replace(",", "")) * float(factor) == pytest.approx(float(product), rel=0.02)
    assert seen
    assert "Capacity" not in drafts_of_corpus(number)["performance"].report


def test_a_demanded_rate_is_no_daily_volume_and_fits_the_manifests() -> None:
    drafts = drafts_of_corpus(33)
    told = " ".join(records_of(drafts["architecture"]).capacity)
    assert "85,714" not in told
    pods = re.search(r"(\d+) pods", told)
    assert pods is not None
    assert f"replicas: {pods[1]}" in drafts["deployment"].files["deploy/slot-blue.yaml"].decode()


def test_a_volume_of_the_text_is_used_and_otherwise_it_is_assumed_once() -> None:
    assert "90 requests a day" in drafts_of_corpus(15)["architecture"].report
    assert "45 concerts a year" in drafts_of_corpus(18)["architecture"].report
    assert "the request names only 34 vans" in drafts_of_corpus(26)["architecture"].report
    assert drafts_of_corpus(12)["architecture"].report.count("1,000 a day, assumed") == 1
