"""A change of step 9 passes when it answers as before for less; everything else is told as what it is."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.evidence.measurements import Measurement
from services.evidence.optimisations import measure_change
from tests.agents.chain import drafts_of, files_of
from tests.agents.test_optimisations import OWN_LISTS

DATABASE = "app/database.py"


def sides() -> tuple[dict[str, bytes], dict[str, bytes]]:
    drafts = drafts_of(OWN_LISTS, until="performance")
    before = files_of(draft for key, draft in drafts.items() if key != "performance")
    return before, files_of(drafts.values())


def measured(environment: Path, changes: Mapping[str, tuple[bytes, bytes]]) -> Measurement:
    """The plain service against one that differs from it only there."""
    before, _ = sides()
    after = dict(before)
    for path, (old, new) in changes.items():
        assert before[path].count(old) == 1, path
        after[path] = before[path].replace(old, new)
    return measure_change(before, after, environment=environment)


def test_what_step_9_changes_costs_less_and_answers_as_before(environment: Path) -> None:
    before, after = sides()
    found = measure_change(before, {**after, "found.json": b"[]"}, environment=environment)
    assert found.outcome == "passed", (found.reason, found.log)
    rows = {row["name"]: row for row in found.figures["requests"]}
    assert set(rows) == {
        "create expense",
        "list expense",
        "list expense by state",
        "get expense",
        "update expense",
        "approve expense",
        "the page",
    }
    assert all(row["is_same"] and row["before"]["status"] < 300 for row in rows.values())
    changed = rows["update expense"]
    assert (changed["before"]["statements"], changed["after"]["statements"]) == (5, 3)
    # Three thousand records are there, of which one person has a few.
    listed = rows["list expense"]
    assert listed["after"]["instructions"] * 5 < listed["before"]["instructions"] > 3_000
    assert rows["the page"]["after"]["bytes"] * 2 < rows["the page"]["before"]["bytes"]
    assert all(side["milliseconds"] > 0 for row in rows.values() for side in (row["before"], row["after"]))
    assert "for less: database calls" in found.reason


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"app/expenses/rules.py": (b'    return "id"\n', b'    return "-id"\n')}, "“list expense” is answered otherwise"),
        ({"app/expenses/routes.py": (b"    cache.put(KIND, id, found)\n", b"    cache.put(KIND, id, found)\n    session.get(Expense, id + 1)\n")}, "It costs more than before"),
        ({"app/clock.py": (b"now()", b"now( )")}, "so the change only adds code"),
        ({"app/main.py": (b"app = create_app()", b"app = create_app(1)")}, "the service after the change does not answer"),
    ],
    ids=["another answer", "one more query", "nothing gained", "does not start"],
)  # fmt: skip
def test_a_change_that_is_none_fails(changes: dict[str, tuple[bytes, bytes]], told: str, environment: Path) -> None:
    found = measured(environment, changes)
    assert found.outcome == "failed", found.reason
    assert told in found.reason


def test_without_a_change_nothing_is_measured(environment: Path) -> None:
    before, _ = sides()
    found = measure_change(before, {**before, "performance/README.md": b"more"}, environment=environment)
    assert (found.outcome, found.reason) == ("not_measured", "Step 9 changed nothing in the code.")


def test_a_workspace_without_a_contract_is_not_asked(environment: Path) -> None:
    before, after = sides()
    del after["design/openapi.json"]
    found = measure_change(before, after, environment=environment)
    assert found.outcome == "not_measured"
    assert "design/openapi.json" in found.reason


def test_a_forged_result_is_not_believed(environment: Path) -> None:
    """The service itself writes what the harness should have written, and stops it."""
    forged = b'\nimport os, signal, pathlib\nif pathlib.Path.cwd().name == "after":\n    pathlib.Path("../found.json").write_text("[1, {\\"name\\": 2}]")\n    os.kill(os.getppid(), signal.SIGKILL)\n'
    before, _ = sides()
    after = {**before, "app/clock.py": before["app/clock.py"] + forged}
    found = measure_change(before, after, environment=environment)
    assert found.outcome == "failed"
    assert found.figures["requests"] == []
