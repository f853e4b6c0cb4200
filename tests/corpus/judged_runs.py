"""What must be true of every whole run. Whoever inherits says of which requests."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from services.evidence import dependencies, loads
from services.evidence.registry import CHECKS
from services.workflow.options import Methodology
from services.workflow.tasks import tasks_for
from tests.corpus import corpus, outside
from tests.corpus.options import option_rows
from tests.corpus.runs import RUN_SECONDS, WholeRun

CASES = {request.id: (request, row) for request, row in zip(corpus(), option_rows(len(corpus())), strict=True)}
# Not measured without a network, and it says so.
ASKS_NETWORK = {dependencies.CHECK}


def none_of(complaints: list[str], run: WholeRun) -> None:
    """Every complaint is told, and of which run."""
    assert not complaints, "\n".join([f"{len(complaints)} of {run}:", *complaints[:20]])


@pytest.mark.whole_run
@pytest.mark.timeout(RUN_SECONDS + 60)
class WholeRunTests:
    """`ids`: of the requests. One run is made for all tests of a request, see `conftest.py`."""

    ids: tuple[str, ...] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "whole_run" in metafunc.fixturenames:
            metafunc.parametrize(
                "whole_run", [CASES[id_] for id_ in self.ids], ids=self.ids, indirect=True, scope="module"
            )

    def test_the_run_is_finished(self, whole_run: WholeRun) -> None:
        assert (whole_run.exit_code, whole_run.answer.get("status")) == (0, "finished"), (
            f"{whole_run}\n{whole_run.said[-2000:]}"
        )

    def test_its_answer_tells_every_step_and_every_criterion(self, finished: WholeRun) -> None:
        """Of the performance, which is judged elsewhere, nothing is said here."""
        steps = [3, 4 if finished.row["methodology"] == Methodology.TDD else 3, 3, 3]
        assert [len(phase["steps"]) for phase in finished.answer["phases"]] == steps
        outcomes = {criterion["id"]: criterion["outcome"] for criterion in finished.answer["criteria"]}
        assert outcomes.pop("performance") != "not_applicable"
        assert outcomes.pop("test_coverage") == "met"
        assert set(outcomes.values()) <= {"met", "not_measured", "not_applicable"}

    def test_it_leaves_a_repository_with_one_commit_a_revision(self, finished: WholeRun) -> None:
        assert {p.name for p in finished.folder.iterdir()} == {".git", "tree", "reports", "records", "evidence"}
        revisions = len(tasks_for(Methodology(finished.row["methodology"])))
        assert outside.git(finished.folder, "rev-list", "--count", "HEAD") == str(revisions + 1)
        assert outside.git(finished.folder, "status", "--porcelain") == ""
        outside.git(finished.folder, "fsck", "--strict")

    def test_its_tests_pass_without_greenlight(self, finished: WholeRun, service_python: Path) -> None:
        none_of(outside.failing_tests(finished.tree, service_python), finished)

    def test_every_step_has_left_its_report_and_its_records(self, finished: WholeRun) -> None:
        tasks = tasks_for(Methodology(finished.row["methodology"]))
        reports = sorted((finished.folder / "reports").glob("*.md"))
        assert {int(path.name[:2]) for path in reports} == set(range(1, 13))
        assert len(reports) == len(tasks)
        assert set(finished.records) == {task.key for task in tasks}
        assert [path.name for path in reports if path.stat().st_size < 200] == []

    def test_no_mark_of_a_template_is_left_in_what_people_read(self, finished: WholeRun) -> None:
        typed = " ".join(
            [finished.request.title, finished.request.description, *(d.text for d in finished.request.documents)]
        )
        none_of(outside.template_marks(finished.folder, typed), finished)

    def test_nothing_leads_out_of_the_folder(self, finished: WholeRun) -> None:
        none_of(outside.ways_out(finished.tree) + outside.ways_out(finished.folder / "reports"), finished)

    def test_its_tests_pass_in_the_sandbox(self, finished: WholeRun) -> None:
        measured = finished.evidence("tests")
        failed = [f"{t['file']}::{t['name']}" for t in measured["figures"].get("tests", []) if t["outcome"] == "failed"]
        assert measured["isolation"] != "none", measured["reason"]
        none_of(failed, finished)
        assert measured["outcome"] == "passed", f"{measured['reason']}: {finished}"
        if finished.row["methodology"] == Methodology.TDD:
            red = finished.evidence("tests_red")
            assert red["outcome"] == "passed", red["reason"]

    def test_no_check_finds_fault_with_it(self, finished: WholeRun) -> None:
        """Whatever a check finds here is either a fault of the blueprint or of the check.

        How long a request takes is judged by `tests/evidence/test_loads.py`; here other tests use the machine beside it.
        """
        complaints = [
            f"{m['check']}: {m['outcome']}, {m['reason']}"
            for m in finished.measurements
            if m["check"] != loads.CHECK
            and (
                m["findings"]
                or m["outcome"] == "failed"
                or (m["outcome"] == "not_measured" and m["check"] not in ASKS_NETWORK)
            )
        ]
        none_of(complaints, finished)
        made, row = {m["check"] for m in finished.measurements}, finished.row
        due = [
            c for c in CHECKS if row["methodology"] in c.methodologies and row["deployment_strategy"] in c.strategies
        ]
        assert {check.name for check in due} == made

    def test_coverage_reaches_what_was_asked_for(self, finished: WholeRun) -> None:
        measured = finished.evidence("tests")
        figures = measured["figures"]
        assert figures.get("coverage_by_file"), f"not measured, {measured['reason']}: {finished}"
        worst = sorted(figures["coverage_by_file"].items(), key=lambda item: item[1])[:5]
        assert figures["coverage_percent"] >= finished.row["test_coverage_min"], f"least covered: {worst}"

    def test_every_criterion_with_rules_was_seen_to_fail_where_its_place_was_broken(self, finished: WholeRun) -> None:
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

    def test_every_stated_criterion_is_kept_word_for_word(self, finished: WholeRun) -> None:
        kept = [criterion["text"] for criterion in finished.records["business"]["criteria"]]
        lost = [stated.text for stated in finished.request.criteria if not any(stated.text in text for text in kept)]
        none_of(lost, finished)

    def test_its_code_is_clean_and_safe_to_the_usual_tools(self, finished: WholeRun) -> None:
        none_of(outside.ruff_findings(finished.tree), finished)
        none_of(outside.bandit_findings(finished.tree), finished)

    def test_its_contract_is_valid_openapi(self, finished: WholeRun) -> None:
        none_of(outside.openapi_complaints(finished.tree), finished)

    def test_its_migrations_go_up_and_down_and_up(
        self, finished: WholeRun, service_python: Path, tmp_path: Path
    ) -> None:
        none_of(outside.migration_troubles(finished.tree, service_python, tmp_path), finished)

    @pytest.mark.browser
    def test_a_person_creates_lists_and_changes_a_record_on_its_page(self, finished: WholeRun) -> None:
        measured = finished.evidence("page_picture")
        steps = {step["name"]: step["error"] for step in measured["figures"].get("journey") or []}
        assert measured["outcome"] == "passed", measured["reason"]
        assert {name: steps.get(name, "was not taken") for name in ("list", "create")} == {"list": "", "create": ""}

    @pytest.mark.browser
    def test_it_starts_by_the_command_of_its_readme_and_shows_its_page(
        self, finished: WholeRun, service_python: Path, tmp_path: Path, browser: Browser
    ) -> None:
        assert "make run" in (finished.tree / "README.md").read_text(encoding="utf-8")
        with outside.made_to_run(finished.tree, service_python, tmp_path) as address:
            none_of(outside.page_troubles(address, browser), finished)
