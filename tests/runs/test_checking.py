"""What an agent is told of its files while it works: the real checks, in the real sandbox, over what it can see."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.agents.engine import Checked
from services.deps import Deps
from services.evidence.measurements import Measurement
from services.evidence.registry import CHECKS
from services.evidence.rounds import run_check as run_check_for_real
from services.runs import checking, work
from services.settings import read_settings
from services.workflow.options import Methodology
from services.workflow.tasks import TESTS_RED, tasks_for
from tests.agents.chain import files_of
from tests.builders import REQUEST, a_team
from tests.claude.briefs import a_brief
from tests.claude.playing import BY_CLAUDE, Killed, Players, connected, dies_at, playing
from tests.runs.building import a_run, without_environment
from tests.servers.messages_api import Answer, MessagesApi, calls, serving

APP = b"def limit(amount: int) -> bool:\n    return amount > 500\n"
TEST = b"from app.main import limit\n\ndef test_limit() -> None:\n    assert limit(501)\n"
GOING = {"is_stopped": lambda: False}


def check(key: str, files: Mapping[str, bytes], written: Mapping[str, bytes]) -> dict[str, Checked]:
    brief = replace(a_brief(key), files=files)
    return {row.check: row for row in checking.check_work(read_settings({}), brief, written, **GOING)}


@pytest.mark.usefixtures("service_python")
def test_a_failing_test_is_named_and_a_mended_one_passes() -> None:
    wrong = check("tests", {"app/main.py": APP}, {"tests/test_limit.py": TEST.replace(b"501", b"5")})["tests"]
    assert wrong.outcome == "failed"
    assert wrong.findings[0]["place"] == "tests/test_limit.py:4"
    assert wrong.findings[0]["message"].startswith("test_limit fails: ")
    assert "assert limit(5)" in wrong.log
    right = check("tests", {"app/main.py": APP}, {"tests/test_limit.py": TEST})["tests"]
    assert (right.outcome, right.findings, right.log) == ("passed", (), "")


@pytest.mark.usefixtures("service_python")
def test_code_that_differs_from_its_contract_is_found() -> None:
    brief = a_brief("backend")
    written = dict(files_of([Players().draft("backend")]))
    assert {row.outcome for row in checking.check_work(read_settings({}), brief, written, **GOING)} == {"passed"}
    design = brief.files["design/openapi.json"].replace(b"/expenses", b"/costs")
    found = check("backend", {**brief.files, "design/openapi.json": design}, written)
    assert (found["contract"].outcome, found["migrations"].outcome) == ("failed", "passed")
    assert found["contract"].findings
    assert "tests" not in found


def test_without_an_environment_it_is_said(deps: Deps) -> None:
    settings = without_environment(deps).settings
    [row] = checking.check_work(settings, a_brief("tests"), {"tests/test_a.py": TEST}, **GOING)
    assert (row.outcome, "is missing" in row.reason or "No sandbox" in row.reason) == ("not_measured", True)


def test_what_was_stopped_runs_no_further_check() -> None:
    rows = checking.check_work(read_settings({}), a_brief("backend"), {}, is_stopped=lambda: True)
    assert {row.outcome for row in rows} <= {"not_measured"}


def test_every_check_in_the_table_is_one_of_the_gates() -> None:
    known = {row.name for row in CHECKS}
    assert {name for names in checking.CHECKS_OF.values() for name in names} <= known
    assert set(checking.CHECKS_OF) <= {task.key for task in (*tasks_for(REQUEST.methodology), TESTS_RED)}


def test_only_under_tdd_are_there_tests_before_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    monkeypatch.setattr(checking, "run_check", noting(run))
    tdd = REQUEST.model_copy(update={"methodology": Methodology.TDD})
    checking.check_work(
        read_settings({}), replace(a_brief("backend", tdd), files={"tests/acceptance/test_a.py": TEST}), {}, **GOING
    )
    checking.check_work(read_settings({}), replace(a_brief("backend"), files={}), {"app/main.py": APP}, **GOING)
    assert run.count("tests") == 1


def noting(run: list[str]) -> Callable[..., Measurement]:
    def run_check(check: Any, subject: Any) -> Measurement:
        run.append(check.name)
        return run_check_for_real(
            check, replace(subject, environments=replace(subject.environments, runtime=None, tools=None))
        )

    return run_check


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_after_a_crash_the_checks_are_not_run_again(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    monkeypatch.setattr(checking, "run_check", noting(run))
    monkeypatch.setitem(checking.CHECKS_OF, "architecture", ("pipeline",))
    turns = Players().turns("architecture")
    asks = calls(("list_files", {}), ("run_checks", {}))
    instead: dict[tuple[str, int | str], Answer] = {("architecture", n + 1): turn for n, turn in enumerate(turns)}
    with serving(MessagesApi(Players(instead={**instead, ("architecture", 0): asks}))) as api:
        engine = playing(api)
        run_id = a_run(connected(without_environment(deps)), a_team(deps), BY_CLAUDE)
        work.execute(deps, {"claude": engine}, run_id, "business", 1, 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("services.agents.claude.calls.Caller.call", dies_at("turn-3"))
            with pytest.raises(Killed):
                work.execute(deps, {"claude": engine}, run_id, "architecture", 1, 1)
        assert run == ["pipeline"]
        assert work.execute(deps, {"claude": engine}, run_id, "architecture", 1, 1) is work.Ending.DONE
        assert run == ["pipeline"]
        told = [r.data["messages"][2]["content"][1]["content"] for r in api.received if len(r.data["messages"]) == 5]
    assert '"check":"pipeline","outcome":"not_measured"' in told[0]
