"""What the form says of time and money before a start: with what it is taken from, and n/a where there is nothing."""

import pytest

from pages.components.costs import usd
from pages.components.outlook import sentences
from services.deps import Deps
from services.settings import MODEL
from tests.builders import a_team
from tests.claude.playing import BY_CLAUDE, connected
from tests.metrics.test_expected import finished

FORM = {"engine": "claude", "complexity": "simple"}


def test_a_few_runs_are_told_with_their_number_and_range(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    for minutes, cost in ((10, 2.5), (30, 4.0)):
        finished(there, actor, minutes * 60, request=BY_CLAUDE, usd=cost, model=MODEL)
    time, money = sentences(there, actor, {**FORM, "cost_limit_usd": "9"})
    told = "the last 2 simple runs with claude of your team: 10 minutes to 30 minutes"
    assert time == f"A run works for about 20 minutes ({told}), and waits for people at four gates."
    assert money == "It costs about 3.25 USD (2.50 USD to 4.00 USD). At most 9.00 USD: there its limit stops it."


def test_of_more_runs_the_middle_half_is_told(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    for n in range(1, 6):
        finished(there, actor, n * 600, request=BY_CLAUDE, usd=float(n), model=MODEL)
    time, money = sentences(there, actor, FORM)
    assert "the last 5 simple runs with claude of your team: half of them 20 minutes to 40 minutes" in time
    assert money == "It costs about 3.00 USD (half of them 2.00 USD to 4.00 USD)."


def test_an_unknown_price_is_told_as_such(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    finished(there, actor, 600, request=BY_CLAUDE, usd=None, model=MODEL)
    time, money = sentences(there, actor, FORM)
    assert "about 10 minutes (the last simple run with claude of your team: 10 minutes), and" in time
    assert money == "What it costs is n/a: the price of a model is not known. No limit stops it."


@pytest.mark.parametrize("typed", ["", "much", "-3", "nan", "inf", None])
def test_what_is_no_amount_is_no_limit(deps: Deps, typed: str | None) -> None:
    assert "No limit stops it." in sentences(connected(deps), a_team(deps), {**FORM, "cost_limit_usd": typed})[1]


@pytest.mark.parametrize(
    ("amount", "words"),
    [(None, "n/a"), (0.0, "0.00 USD"), (0.0042, "0.0042 USD"), (0.5, "0.50 USD"), (1234.5, "1234.50 USD")],
)
def test_amounts_that_are_small_do_not_look_like_nothing(amount: float | None, words: str) -> None:
    assert usd(amount) == words
