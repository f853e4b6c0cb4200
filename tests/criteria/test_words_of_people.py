"""What a person's word and a waiver are worth in a verdict; no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.criteria.judging import AttestationFact, EvidenceFact, Judgement, WaiverFact, basis_of, judge
from services.features.understanding import AcceptanceCriterion
from services.workflow.criteria import CRITERIA, Outcome, find_criterion
from tests.builders import REQUEST
from tests.criteria.test_judging import TREE, TREES, fact_of, understanding

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ATTESTED = [criterion.id for criterion in CRITERIA if criterion.attested]
OPEN = AcceptanceCriterion(id="AC-9", story="US-1", text="The team likes it.")


def basis(criterion: str) -> str:
    found = find_criterion(criterion)
    assert found is not None
    return basis_of(found, TREES)


def word(criterion: str, *, holds: bool = True, item: str = "") -> AttestationFact:
    return AttestationFact(criterion, item, holds, "Ada", "I looked.", basis(criterion), NOW - DAY, NOW + DAY)


def checks_of(criterion: str, outcome: str = "passed") -> list[EvidenceFact]:
    found = find_criterion(criterion)
    assert found is not None
    return [EvidenceFact(c, c, outcome, f"The check {c} {outcome}.", {}, TREE, "bubblewrap") for c in found.checks]


def judged(
    criterion: str,
    facts: list[EvidenceFact],
    *words: AttestationFact,
    waivers: tuple[WaiverFact, ...] = (),
    now: datetime = NOW,
) -> Judgement:
    asked = understanding()
    asked = asked.model_copy(update={"criteria": (*asked.criteria, OPEN)}) if any(w.item for w in words) else asked
    found = judge(
        request=REQUEST,
        understanding=asked,
        phase=4,
        trees=TREES,
        evidence=facts,
        now=now,
        attestations=words,
        waivers=waivers,
    )
    return next(judgement for judgement in found if judgement.criterion == criterion)


@pytest.mark.parametrize("criterion", ATTESTED)
def test_what_is_measured_and_attested_is_met_when_both_hold(criterion: str) -> None:
    assert judged(criterion, checks_of(criterion)).outcome is Outcome.NOT_MEASURED
    found = judged(criterion, checks_of(criterion), word(criterion))
    assert (found.outcome, "Ada on 2026-03-01 attested that" in found.reason) == (Outcome.MET, True)


@pytest.mark.parametrize("criterion", ATTESTED)
@pytest.mark.parametrize("outcome", ["failed", "not_measured"])
def test_no_word_makes_up_for_a_measurement(criterion: str, outcome: str) -> None:
    assert judged(criterion, checks_of(criterion, outcome), word(criterion)).outcome is not Outcome.MET


@pytest.mark.parametrize("criterion", ATTESTED)
@pytest.mark.parametrize(
    ("change", "outcome", "said"),
    [
        ({"basis": "other"}, Outcome.NOT_MEASURED, "about other files"),
        ({"expires_at": NOW}, Outcome.NOT_MEASURED, "expired on 2026-03-02"),
        ({"holds": False}, Outcome.NOT_MET, "Ada on 2026-03-01 denied that"),
    ],
)
def test_a_word_that_is_stale_or_says_no_is_no_yes(
    criterion: str, change: dict[str, object], outcome: Outcome, said: str
) -> None:
    found = judged(criterion, checks_of(criterion), replace(word(criterion), **change))  # type: ignore[arg-type]
    assert (found.outcome, said in found.reason) == (outcome, True), found.reason


def test_of_two_words_the_newer_one_counts() -> None:
    first, second = word("monitoring"), word("monitoring", holds=False)
    assert judged("monitoring", checks_of("monitoring"), first, second).outcome is Outcome.NOT_MET
    assert judged("monitoring", checks_of("monitoring"), second, first).outcome is Outcome.MET


def test_a_word_on_one_criterion_says_nothing_of_another() -> None:
    found = judged("monitoring", checks_of("monitoring"), replace(word("documentation"), basis=basis("monitoring")))
    assert found.outcome is Outcome.NOT_MEASURED


@pytest.mark.parametrize(("holds", "outcome"), [(True, Outcome.MET), (False, Outcome.NOT_MET)])
def test_what_no_test_decides_is_decided_by_a_word_on_that_one(holds: bool, outcome: Outcome) -> None:
    tests = [fact_of(ac1="covered", ac2="covered")]
    found = judged("acceptance_criteria", tests, word("acceptance_criteria", holds=holds, item="AC-9"))
    assert found.outcome is outcome, found.reason


def test_no_word_proves_what_a_test_has_to() -> None:
    """AC-1.2 is a rule: a person may say what they like."""
    words = [word("acceptance_criteria", item=item) for item in ("AC-1.2", "AC-9")]
    assert judged("acceptance_criteria", [fact_of(ac1="covered", ac2="failing")], *words).outcome is Outcome.NOT_MET


def waiver(criterion: str, expires_at: datetime = NOW + DAY) -> WaiverFact:
    return WaiverFact(criterion, "The vendor is late.", "Ada", "Ben", expires_at)


@pytest.mark.parametrize("outcome", ["failed", "not_measured"])
def test_a_waiver_stands_in_and_is_never_shown_as_met(outcome: str) -> None:
    found = judged("performance", checks_of("performance", outcome), waivers=(waiver("performance"),))
    assert found.outcome is Outcome.WAIVED
    assert found.reason.startswith("Waived until 2026-03-03 by Ben, asked by Ada: The vendor is late. Without it: ")


def test_what_is_met_needs_no_waiver() -> None:
    found = judged("performance", checks_of("performance"), waivers=(waiver("performance"),))
    assert found.outcome is Outcome.MET


@pytest.mark.parametrize("outcome", ["failed", "not_measured"])
def test_an_expired_waiver_leaves_the_criterion_not_met(outcome: str) -> None:
    found = judged("performance", checks_of("performance", outcome), waivers=(waiver("performance", NOW),))
    assert (found.outcome, found.reason.startswith("The waiver expired on 2026-03-02.")) == (Outcome.NOT_MET, True)


def test_of_two_waivers_the_longer_one_counts() -> None:
    both = (waiver("performance"), waiver("performance", NOW - DAY))
    assert judged("performance", checks_of("performance", "failed"), waivers=both).outcome is Outcome.WAIVED
