"""Whole runs of the corpus, each with other options: by command line, in a home of their own, judged by what they leave.

`make test` takes those of `QUICK`; `make soak` takes the others, or `GREENLIGHT_SOAK_RUNS` of them, drawn by the seed.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from services.settings import ROOT
from services.workflow.options import Complexity, DeploymentStrategy, Methodology
from services.workflow.tasks import tasks_for
from tests.corpus import CorpusRequest, RequestKind, corpus, outside
from tests.corpus.options import Row, option_rows
from tests.corpus.runs import RUN_SECONDS, WholeRun, taken_through

CASES = {request.id: (request, row) for request, row in zip(corpus(), option_rows(len(corpus())), strict=True)}
# One of each kind of request; together every methodology, complexity, strategy, budget and coverage minimum.
QUICK = {
    "03-guest-list": "a title and nothing else: bdd, straight to everybody",
    "04-expense-approval": "rules in a context document beside the text: ddd, complex, behind a flag",
    "16-subscription-plans": "an issue with many rules and two resources: 95 % asked for",
    "28-meeting-rooms": "stories with a checklist; times that must not overlap, and expire: an A/B test",
    "31-audit-trail": "a ticket about history, export, masking and retention: tdd, so that its tests are red first",
    "43-example-circuit-breaker": "about technique, with hardly a rule: an epic, blue and green",
}
SEED = os.environ.get("GREENLIGHT_SOAK_SEED", "0")
DRAWN = int(os.environ.get("GREENLIGHT_SOAK_RUNS", str(len(CASES))))


def soaked() -> set[str]:
    others = sorted(set(CASES) - set(QUICK))
    return set(random.Random(SEED).sample(others, min(DRAWN, len(others))))


def cases() -> list[object]:
    drawn = soaked()
    return [
        pytest.param(case, id=id_, marks=() if id_ in QUICK else pytest.mark.soak)
        for id_, case in CASES.items()
        if id_ in QUICK or id_ in drawn
    ]


@pytest.fixture(scope="module", params=cases())
def whole_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, service_python: Path
) -> Iterator[WholeRun]:
    asked, row = request.param
    with taken_through(asked, row, tmp_path_factory.mktemp("run")) as run:
        yield run


@pytest.fixture
def finished(whole_run: WholeRun) -> WholeRun:
    if whole_run.exit_code:
        pytest.skip("The run is not finished; the test of that says why.")
    return whole_run


def none_of(complaints: list[str], run: WholeRun) -> None:
    """Every complaint is told, and of which run."""
    assert not complaints, "\n".join([f"{len(complaints)} of {run}:", *complaints[:20]])


pytestmark = pytest.mark.timeout(RUN_SECONDS + 60)


@pytest.mark.whole_run
def test_the_run_is_finished(whole_run: WholeRun) -> None:
    assert (whole_run.exit_code, whole_run.answer.get("status")) == (0, "finished"), f"{whole_run}\n{whole_run.said[-2000:]}"


@pytest.mark.whole_run
def test_every_step_has_left_its_report_and_its_records(finished: WholeRun) -> None:
    tasks = tasks_for(Methodology(finished.row["methodology"]))
    reports = sorted((finished.folder / "reports").glob("*.md"))
    assert {int(path.name[:2]) for path in reports} == set(range(1, 13))
    assert len(reports) == len(tasks)
    assert set(finished.records) == {task.key for task in tasks}
    assert [path.name for path in reports if path.stat().st_size < 200] == []


@pytest.mark.whole_run
def test_no_mark_of_a_template_is_left_in_what_people_read(finished: WholeRun) -> None:
    typed = " ".join([finished.request.title, finished.request.description, *(d.text for d in finished.request.documents)])
    none_of(outside.template_marks(finished.folder, typed), finished)


@pytest.mark.whole_run
def test_nothing_leads_out_of_the_folder(finished: WholeRun) -> None:
    none_of(outside.ways_out(finished.tree) + outside.ways_out(finished.folder / "reports"), finished)


@pytest.mark.whole_run
def test_its_tests_pass_in_the_sandbox(finished: WholeRun) -> None:
    measured = finished.evidence("tests")
    failed = [f"{t['file']}::{t['name']}" for t in measured["figures"].get("tests", []) if t["outcome"] == "failed"]
    assert measured["isolation"] != "none", measured["reason"]
    none_of(failed, finished)
    assert measured["outcome"] == "passed", f"{measured['reason']}: {finished}"
    if finished.row["methodology"] == Methodology.TDD:
        red = finished.evidence("tests_red")
        assert red["outcome"] == "passed", red["reason"]


@pytest.mark.whole_run
def test_coverage_reaches_what_was_asked_for(finished: WholeRun) -> None:
    measured = finished.evidence("tests")
    figures = measured["figures"]
    assert figures.get("coverage_by_file"), f"not measured, {measured['reason']}: {finished}"
    worst = sorted(figures["coverage_by_file"].items(), key=lambda item: item[1])[:5]
    assert figures["coverage_percent"] >= finished.row["test_coverage_min"], f"least covered: {worst}"


@pytest.mark.whole_run
def test_every_criterion_with_rules_was_seen_to_fail_where_its_place_was_broken(finished: WholeRun) -> None:
    provable = {c["id"]: c["text"] for c in finished.records["business"]["criteria"] if c["decided_by"] == "test"}
    placed = {rule["criterion"] for rule in finished.records["backend"]["rules"]}
    found = finished.evidence("tests")["figures"].get("criteria", {})
    nowhere = {"outcome": "without a test", "reason": "no test carries its mark"}
    unproven = [
        f"{id_} {text!r}: {found.get(id_, nowhere)['outcome']}, {found.get(id_, nowhere)['reason']}"
        for id_, text in provable.items()
        if found.get(id_, nowhere)["outcome"] != "covered"
    ]
    none_of(unproven, finished)
    assert set(provable) <= placed, "criteria without a place in the backend's records"


@pytest.mark.whole_run
def test_every_stated_criterion_is_kept_word_for_word(finished: WholeRun) -> None:
    kept = [criterion["text"] for criterion in finished.records["business"]["criteria"]]
    lost = [stated.text for stated in finished.request.criteria if not any(stated.text in text for text in kept)]
    none_of(lost, finished)


@pytest.mark.whole_run
def test_its_code_is_clean_and_safe_to_the_usual_tools(finished: WholeRun) -> None:
    none_of(outside.ruff_findings(finished.tree), finished)
    none_of(outside.bandit_findings(finished.tree), finished)


@pytest.mark.whole_run
def test_its_contract_is_valid_openapi(finished: WholeRun) -> None:
    none_of(outside.openapi_complaints(finished.tree), finished)


@pytest.mark.whole_run
def test_its_migrations_go_up_and_down_and_up(finished: WholeRun, service_python: Path, tmp_path: Path) -> None:
    none_of(outside.migration_troubles(finished.tree, service_python, tmp_path), finished)


@pytest.mark.whole_run
@pytest.mark.browser
def test_a_person_creates_lists_and_changes_a_record_on_its_page(finished: WholeRun) -> None:
    measured = finished.evidence("page_picture")
    steps = {step["name"]: step["error"] for step in measured["figures"].get("journey") or []}
    assert measured["outcome"] == "passed", measured["reason"]
    assert {name: steps.get(name, "was not taken") for name in ("list", "create")} == {"list": "", "create": ""}


@pytest.mark.whole_run
@pytest.mark.browser
def test_it_starts_by_the_command_of_its_readme_and_shows_its_page(
    finished: WholeRun, service_python: Path, tmp_path: Path, browser: Browser
) -> None:
    assert "make run" in (finished.tree / "README.md").read_text(encoding="utf-8")
    with outside.made_to_run(finished.tree, service_python, tmp_path) as address:
        none_of(outside.page_troubles(address, browser), finished)


def test_the_quick_ones_differ_in_everything_that_matters() -> None:
    chosen: list[tuple[CorpusRequest, Row]] = [CASES[id_] for id_ in QUICK]
    assert {request.kind for request, _ in chosen} == set(RequestKind)
    assert {row["methodology"] for _, row in chosen} == set(Methodology)
    assert {row["deployment_strategy"] for _, row in chosen} == set(DeploymentStrategy)
    assert {row["complexity"] for _, row in chosen} == set(Complexity)
    assert len({row["test_coverage_min"] for _, row in chosen}) == len({row["performance_budget"] for _, row in chosen}) == 3
    assert any(request.documents for request, _ in chosen)


def test_every_request_is_taken_by_make_test_or_by_make_soak() -> None:
    assert "GREENLIGHT_SOAK_RUNS" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    if DRAWN >= len(CASES):
        assert soaked() | set(QUICK) == set(CASES)
