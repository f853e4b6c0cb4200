"""One row of options per request of the corpus, so that every pair of values of every two options occurs in some run.

Most faults come from one value or from two together; all combinations would be 184,320 runs.
Source: Kuhn, Wallace, Gallo, "Software Fault Interactions and Implications for Software Testing", IEEE TSE 30(6), 2004.
"""

from collections import Counter
from functools import cache
from itertools import combinations, product
from typing import Any

from services.workflow.options import (
    AnalyticsPlatform,
    Complexity,
    DeploymentStrategy,
    FlagService,
    Methodology,
    MonitoringStack,
)

# Field of the request -> the values that runs are made with.
VALUES: dict[str, tuple[Any, ...]] = {
    "methodology": tuple(Methodology),
    "complexity": tuple(Complexity),
    "deployment_strategy": tuple(DeploymentStrategy),
    "test_coverage_min": (60, 80, 95),
    "performance_budget": ("", "p95 < 300 ms", "p99 < 1 s and 50 rps"),
    "rollout_percentage": (1, 5, 25, 50),
    "feature_flag_service": tuple(FlagService),
    "analytics_platform": tuple(AnalyticsPlatform),
    "monitoring_stack": tuple(MonitoringStack),
}
Row = dict[str, Any]
Pair = tuple[str, Any, str, Any]


@cache
def option_rows(count: int) -> tuple[Row, ...]:
    """38 rows are enough for every pair; with more, every value still occurs about equally often.

    A row takes, option by option, the value whose pairs with those already chosen were met least.
    """
    met: Counter[Pair] = Counter()
    rows = []
    for number in range(count):
        row = _least_met(met, number)
        met.update(pairs_of(row))
        rows.append(row)
    return tuple(rows)


def _least_met(met: Counter[Pair], number: int) -> Row:
    names = list(VALUES)
    turned = names[number % len(names) :] + names[: number % len(names)]
    row: Row = {turned[0]: VALUES[turned[0]][number // len(names) % len(VALUES[turned[0]])]}
    for name in turned[1:]:
        row[name] = min(VALUES[name], key=lambda value: _weight(met, row, name, value))
    return {name: row[name] for name in names}


def _weight(met: Counter[Pair], row: Row, name: str, value: Any) -> tuple[int, int]:
    """Smallest where most pairs are new; among equals, where those that are not were met least."""
    seen = [met[pair] for pair in pairs_of({**row, name: value}) if name in (pair[0], pair[2])]
    return -seen.count(0), sum(seen)


def every_pair() -> set[Pair]:
    return {
        (one, left, other, right)
        for one, other in combinations(VALUES, 2)
        for left, right in product(VALUES[one], VALUES[other])
    }


def pairs_of(row: Row) -> set[Pair]:
    """Of a whole row, or of a part of one."""
    return {(one, row[one], other, row[other]) for one, other in combinations([n for n in VALUES if n in row], 2)}
