"""A budget is kept when the running service keeps it; what this machine cannot tell is not told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.evidence.loads import asked_of, judged, judged_rows, measure_performance
from services.evidence.subjects import Subject
from services.features.extract import understand
from services.features.quantities import parse_budget
from tests.builders import REQUEST
from tests.evidence.subjects import generated, with_files

pytestmark = pytest.mark.usefixtures("environments")
ROUTES = "app/expenses/routes.py"


def with_budget(budget: str) -> Subject:
    """The same service, judged by another budget."""
    request = REQUEST.model_copy(update={"performance_budget": budget})
    return replace(generated(), request=request, understanding=understand(request))


def slowed(subject: Subject, seconds: float, name: str = "list_expenses") -> Subject:
    text = subject.files[ROUTES].decode()
    head = next(line for line in text.splitlines() if line.startswith(f"def {name}("))
    start = text.index(head)
    end = text.index(":\n", text.index(")", start)) + 2
    body = f"    __import__('time').sleep({seconds})\n"
    return with_files(subject, {ROUTES: (text[:end] + body + text[end:]).encode()})


def verdicts(figures: Mapping[str, Any]) -> dict[str, str]:
    return {row["budget"]: row["verdict"] for row in figures["budgets"]}


def test_a_service_that_keeps_its_budgets_is_measured_and_says_how_well() -> None:
    measured = measure_performance(with_budget("p95 < 400 ms and error rate < 1%"))
    assert measured.outcome == "passed", (measured.reason, measured.log[-1000:])
    found = verdicts(measured.figures)
    assert found["p95 at most 400 ms"] in ("kept", "marginal")
    assert found["errors at most 1 %"] == "kept"
    row = measured.figures["operations"]["list expense"]
    assert 0 < row["p50"] <= row["p95"] <= row["p99"]
    assert sum(measured.figures["histogram"].values()) > 100
    assert "cores" in measured.figures["machine_told"]


def test_one_slow_operation_breaks_the_budget_and_is_named() -> None:
    measured = measure_performance(slowed(with_budget("p95 < 50 ms"), 0.06))
    assert measured.outcome == "failed"
    (finding,) = measured.findings
    assert (finding.rule, finding.task) == ("budget-broken", "performance")
    assert "list expense" in finding.message


@pytest.mark.parametrize(
    ("budget", "worst", "verdict", "outcome"),
    [
        ("p95 < 100 ms", 75.0, "kept", "passed"),
        ("p95 < 100 ms", 75.1, "marginal", "passed"),
        ("p95 < 100 ms", 100.0, "marginal", "passed"),
        ("p95 < 100 ms", 100.1, "broken", "failed"),
        ("50 rps", 1.0, "kept", "passed"),
        ("51 rps", 1.0, "not measured here", "not_measured"),
    ],
)
def test_a_figure_is_judged_by_its_limit_and_a_rate_beyond_this_machine_is_never_a_pass(
    budget: str, worst: float, verdict: str, outcome: str
) -> None:
    asked = [(quantity, "the request") for quantity in parse_budget(budget)]
    operations = {"list": {"p95": worst}, "get": {"p95": 1.0}}
    rows = tuple(judged_rows(asked, operations, rate=50.0, faults=0, requests=100))
    assert [row.verdict for row in rows] == [verdict]
    assert judged(rows, faults=0, operations=2, rate=50.0)[0] == outcome


def test_answers_of_500_fail_whatever_the_time() -> None:
    subject = with_budget("p95 < 900 ms")
    text = subject.files[ROUTES].decode()
    head = next(line for line in text.splitlines() if line.startswith("def get_expense("))
    start = text.index(head)
    end = text.index(":\n", text.index(")", start)) + 2
    body = "    if __import__('time').monotonic_ns() % 3 == 0:\n        raise RuntimeError\n"
    measured = measure_performance(with_files(subject, {ROUTES: (text[:end] + body + text[end:]).encode()}))
    assert measured.outcome == "failed"
    assert "server-error" in {f.rule for f in measured.findings}, (measured.reason, measured.log[-800:])


def test_a_service_that_does_not_start_was_not_fast() -> None:
    measured = measure_performance(with_files(generated(), {"app/main.py": b"raise SystemExit\n"}))
    assert (measured.outcome, measured.figures) == ("failed", {})


def test_limits_come_from_the_form_first_then_the_text_then_the_architecture() -> None:
    assert [(q.value, source) for q, source in asked_of(with_budget("p95 < 200 ms")) if q.kind == "latency"] == [
        (200.0, "the request")
    ]
    assert {source for _, source in asked_of(generated())} == {"QS-1 of step 2, assumed", "QS-2 of step 2, assumed"}
