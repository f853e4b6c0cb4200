"""What is understood of requests as people write them: figures over the whole corpus, and limits below which none may fall.

`python -m tests.corpus.test_understanding` prints them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.understanding import AcceptanceCriterion, Understanding
from services.workflow.options import Complexity, Methodology
from tests.corpus import REQUESTS, VARIED, CorpusRequest, DecidedBy, StatedCriterion, corpus

RULES_MIN = 0.70
PROVABLE_MIN = 0.82
MAIN_MIN = 45


def understood(request: CorpusRequest) -> Understanding:
    """`understand` keeps what it has read."""
    asked = FeatureRequest(
        title=request.title,
        description=request.description,
        methodology=Methodology.TRADITIONAL,
        complexity=Complexity.MEDIUM,
    )
    return understand(asked, tuple(request.documents))


def pairs(folder: Path = REQUESTS) -> Iterator[tuple[CorpusRequest, StatedCriterion, AcceptanceCriterion | None]]:
    """Every criterion that the corpus states, with the stated one that holds its words."""
    for request in corpus(folder):
        stated = [c for c in understood(request).criteria if c.stated]
        for criterion in request.criteria:
            holding = [c for c in stated if criterion.text in c.text]
            yield request, criterion, min(holding, key=lambda c: len(c.text), default=None)


@pytest.mark.parametrize("request_", corpus(), ids=lambda r: r.id)
def test_every_stated_criterion_survives_word_for_word(request_: CorpusRequest) -> None:
    lost = [criterion.text for request, criterion, found in pairs() if request is request_ and found is None]
    assert lost == []


def test_most_criteria_are_rules() -> None:
    found = [bool(criterion and criterion.rules) for _, _, criterion in pairs()]
    assert sum(found) / len(found) >= RULES_MIN


def test_most_of_what_a_test_can_decide_is_a_rule() -> None:
    found = [bool(c and c.rules) for _, stated, c in pairs() if stated.decided_by is DecidedBy.TEST]
    assert sum(found) / len(found) >= PROVABLE_MIN


def test_what_only_a_person_can_decide_is_no_rule() -> None:
    wrong = [c.text for _, stated, c in pairs() if stated.decided_by is DecidedBy.PERSON and c and c.rules]
    assert wrong == []


def test_the_main_thing_is_the_one_that_a_reader_would_name() -> None:
    same = [understood(request).resources[0].name == request.resources[0] for request in corpus()]
    assert sum(same) >= MAIN_MIN


def test_every_rule_names_what_there_is() -> None:
    for request in corpus():
        known = understood(request)
        things = {resource.name: resource for resource in known.resources}
        for rule in (rule for criterion in known.criteria for rule in criterion.rules):
            fields = {field.name for field in things[rule.resource].fields}
            assert set(rule.fields) <= fields | {"state", "created_at", "created_by"}, (request.id, rule)
            assert set(rule.states) <= set(things[rule.resource].states), (request.id, rule)


if __name__ == "__main__":
    for folder in (REQUESTS, VARIED):
        told = list(pairs(folder))
        by_test = [c for _, stated, c in told if stated.decided_by is DecidedBy.TEST]
        found, ruled = sum(c is not None for _, _, c in told), sum(bool(c and c.rules) for _, _, c in told)
        of_tests = sum(bool(c and c.rules) for c in by_test)
        figures = f"{found} of {len(told)} stated criteria found word for word, {ruled} understood as rules"
        print(f"{folder.name}: {figures}, {of_tests} of the {len(by_test)} that a test can decide")  # noqa: T201
