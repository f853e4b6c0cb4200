"""A critical change in a run of the corpus is named by the brief, with its place, whatever stands around it."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.evidence.subjects import Subject
from services.reviews.briefs.changes import KINDS, critical_changes
from services.reviews.briefs.fitting import WORDS_MAX
from services.reviews.briefs.sections import write
from services.reviews.briefs.seen import SeenCheck
from tests.corpus.judged_runs import CASES
from tests.evidence.subjects import generated, of_the_corpus, with_records
from tests.reviews.briefs.plants import PLANTS, Plant, planted
from tests.reviews.briefs.states import situation

IDS = sorted(CASES)
# Each plant in another run; these few are also what the property tests draw from.
SOME = IDS[:6]


def runs_from(number: int) -> Iterator[Subject]:
    yield from (of_the_corpus(id_) for id_ in [*IDS[number:], *IDS[:number]])


@pytest.mark.parametrize("number", range(len(PLANTS)), ids=[plant.__name__ for plant in PLANTS])
def test_a_planted_change_is_named_with_its_place(number: int) -> None:
    subject, there = planted(PLANTS[number], runs_from(number))
    case = situation(subject, there.subject, checks=there.checks, verdicts=there.verdicts)
    brief = write(case)
    [line] = [line for section in brief.sections for line in section.lines if line.words.startswith(there.kind)]
    assert there.place in line.text
    assert line.items[0].source.task or not there.place.startswith(("app/", "migrations/"))
    assert brief.words <= WORDS_MAX
    assert "Look at this first" in brief.text


@pytest.mark.parametrize("id_", IDS[:12])
def test_where_nothing_was_planted_nothing_is_named(id_: str) -> None:
    subject = of_the_corpus(id_)
    brief = write(situation(subject, subject))
    assert brief.lead == "Nothing that you approved has changed."
    assert "Look at this first" not in brief.text
    assert brief.words < 60


@pytest.mark.parametrize("number", range(0, len(PLANTS), 3), ids=[plant.__name__ for plant in PLANTS[::3]])
def test_a_planted_change_does_not_drown_when_everything_was_made_again(number: int) -> None:
    """Between the planted run and what was approved lies a change of the whole request."""
    subject, there = planted(PLANTS[number], runs_from(number))
    other = generated(subject.request.model_copy(update={"corrections": renaming(subject)}))
    brief = write(situation(other, there.subject, checks=there.checks, verdicts=there.verdicts))
    assert there.kind in brief.text
    assert brief.words <= WORDS_MAX


def renaming(subject: Subject) -> str:
    return f"rename {subject.understanding.resources[0].label.lower()} to parcel"


FIRST_SIGHT = [p for p in PLANTS if p.__name__ in {"outside_system", "personal_field", "critical_finding", "finding_of_step_8", "destructive_migration"}]  # fmt: skip


@pytest.mark.parametrize("plant", FIRST_SIGHT, ids=lambda plant: plant.__name__)
def test_who_has_approved_nothing_is_told_what_is_critical_in_itself(plant: Plant) -> None:
    _, there = planted(plant, runs_from(3))
    nothing: dict[str, SeenCheck] = {}
    checks = (nothing, there.checks[1]) if there.checks else None
    brief = write(situation(None, there.subject, checks=checks))
    [line] = [line for section in brief.sections for line in section.lines if line.words == there.kind]
    assert there.place in line.text
    assert brief.words <= WORDS_MAX


@given(before=st.sampled_from(SOME), after=st.sampled_from(SOME), approved=st.integers(0, 4), phase=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_no_brief_of_the_corpus_is_too_long_and_every_critical_kind_is_in_it(
    before: str, after: str, approved: int, phase: int
) -> None:
    """Also where what was approved was another request altogether."""
    first, second = of_the_corpus(before), of_the_corpus(after)
    case = situation(first if approved else None, second, phase=phase, approved=approved)
    brief = write(case)
    assert brief.words <= WORDS_MAX
    assert [c.kind for c in critical_changes(case.before, case.after) if KINDS[c.kind] not in brief.text] == []


@given(texts=st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=60), words=st.integers(1, 300))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hostile_texts_do_not_make_a_brief_long(texts: list[str], words: int) -> None:
    subject = of_the_corpus(SOME[0])
    rows = [{**dict(subject.records["risk"]["threats"][0]), "id": text, "threat": f"{text} " * words} for text in texts]
    hostile = with_records(
        with_records(subject, "risk", threats=rows), "business", assumptions=[f"{t} " * words for t in texts]
    )
    for before in (None, subject):
        brief = write(situation(before, hostile))
        assert brief.words <= WORDS_MAX
        assert len(brief.text) < 12_000


def test_the_plants_are_of_at_least_twenty_kinds() -> None:
    kinds = {planted(plant, runs_from(number))[1].kind for number, plant in enumerate(PLANTS)}
    assert len(kinds) >= 20
