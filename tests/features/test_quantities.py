"""Numbers with a meaning, as the budget of the form states them."""

import pytest

from services.features.quantities import parse_budget, quantities_in
from services.features.sentences import cut

BUDGETS = [
    ("p95 < 200 ms", [("latency", 200, 95)]),
    ("p99 below 1.5 s", [("latency", 1500, 99)]),
    ("1,5 s", [("latency", 1500, 95)]),
    ("90th percentile 300 milliseconds", [("latency", 300, 90)]),
    ("p95 < 1,000 ms", [("latency", 1000, 95)]),
    ("300 requests per second", [("throughput", 300, None)]),
    ("50 rps", [("throughput", 50, None)]),
    ("10,000 requests per second", [("throughput", 10_000, None)]),
    ("error rate < 1 %", [("rate", 1, None)]),
    ("99.9 % uptime", [("availability", 99.9, None)]),
    ("p95 < 200 ms, 50 rps, error rate 0.1 %", [("rate", 0.1, None), ("latency", 200, 95), ("throughput", 50, None)]),
    ("p95 < 200 ms, p99 < 500 ms", [("latency", 200, 95), ("latency", 500, 99)]),
    ("fast", []),
    ("kept for 30 days", []),
    ("200", []),
    ("", []),
]


@pytest.mark.parametrize(("typed", "found"), BUDGETS)
def test_a_budget_says_what_can_be_measured(typed: str, found: list[tuple[str, float, int | None]]) -> None:
    assert [(q.kind, q.value, q.percentile) for q in parse_budget(typed)] == found


def test_the_budget_wins_over_the_text() -> None:
    (latency,) = quantities_in(cut("Answers come within 900 ms."), "p95 < 200 ms")
    assert (latency.value, latency.span) == (200, None)


def test_without_a_budget_the_text_counts() -> None:
    (latency,) = quantities_in(cut("Answers come within 900 ms."), "")
    assert (latency.value, latency.percentile, latency.span) == (900, 95, (0, 27))


@pytest.mark.parametrize("text", ["We met 5 s ago.", "It takes 3 days.", "100 % cotton"])
def test_a_number_without_a_meaning_is_left_alone(text: str) -> None:
    assert quantities_in(cut(text), "") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We answer about 90 requests a day.", [(90, "requests a day")]),
        ("Around 1,200 purchase orders per month and 3 audits a year.", [(1200, "purchase orders a month"), (3, "audits a year")]),
        ("We plan the trips of our 34 vans.", [(34, "vans")]),
        ("It takes about 20 seconds.", []),
        ("A key may send at most 60 requests per day.", []),
        ("Support spends 25 hours per week on it.", []),
    ],
)  # fmt: skip
def test_how_many_things_come_in_a_period_is_a_volume(text: str, found: list[tuple[float, str]]) -> None:
    assert [(q.value, q.unit) for q in quantities_in(cut(text), "") if q.kind == "volume"] == found
