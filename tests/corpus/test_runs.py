"""Whole runs of the corpus, each with other options: by command line, in a home of their own, judged by what they leave.

`make test` takes the first of `QUICK`, each landing the others too; `make soak` takes all others, or
`GREENLIGHT_SOAK_RUNS` of them, drawn by the seed.
"""

import os
import random

import pytest

from services.settings import ROOT
from services.workflow.options import Complexity, DeploymentStrategy, Methodology
from tests.corpus import CorpusRequest, RequestKind
from tests.corpus.judged_runs import CASES, WholeRunTests
from tests.corpus.options import Row

# One of each kind of request; together every methodology, complexity, strategy, budget and coverage minimum.
QUICK = {
    "16-subscription-plans": "an issue with many rules and two resources: 95 % asked for",
    "03-guest-list": "a title and nothing else: bdd, straight to everybody",
    "28-meeting-rooms": "stories with a checklist; times that must not overlap, and expire: an A/B test",
    "04-expense-approval": "rules in a context document beside the text: ddd, complex, behind a flag",
    "31-audit-trail": "a ticket about history, export, masking and retention: tdd, so that its tests are red first",
    "43-example-circuit-breaker": "about technique, with hardly a rule: an epic, blue and green",
}
SEED = os.environ.get("GREENLIGHT_SOAK_SEED", "0")
DRAWN = int(os.environ.get("GREENLIGHT_SOAK_RUNS", str(len(CASES))))


def soaked() -> tuple[str, ...]:
    others = sorted(set(CASES) - set(QUICK))
    return tuple(sorted(random.Random(SEED).sample(others, min(DRAWN, len(others)))))


class TestQuickRuns(WholeRunTests):
    """The others stand in `test_more_runs.py`, with the long suites."""

    ids = tuple(QUICK)[:1]


@pytest.mark.soak
class TestTheOtherRuns(WholeRunTests):
    ids = soaked()


def test_the_quick_ones_differ_in_everything_that_matters() -> None:
    chosen: list[tuple[CorpusRequest, Row]] = [CASES[id_] for id_ in QUICK]
    assert {request.kind for request, _ in chosen} == set(RequestKind)
    assert {row["methodology"] for _, row in chosen} == set(Methodology)
    assert {row["deployment_strategy"] for _, row in chosen} == set(DeploymentStrategy)
    assert {row["complexity"] for _, row in chosen} == set(Complexity)
    assert (
        len({row["test_coverage_min"] for _, row in chosen})
        == len({row["performance_budget"] for _, row in chosen})
        == 3
    )
    assert any(request.documents for request, _ in chosen)


def test_every_request_is_taken_by_make_test_or_by_make_soak() -> None:
    assert "GREENLIGHT_SOAK_RUNS" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    if len(CASES) <= DRAWN:
        assert {*soaked(), *QUICK} == set(CASES)
