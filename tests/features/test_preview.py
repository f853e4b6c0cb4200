"""What the form says before it is complete: what can be read of it, and which law follows."""

from typing import Any

import pytest

from services.features.extract import understand
from services.features.laws import laws_of
from services.features.request import FeatureRequest
from services.features.validation import for_preview
from services.workflow.options import Complexity, Methodology
from tests.builders import REQUEST


@pytest.mark.parametrize("form", [{}, {"title": " "}, {"title": None, "description": ""}, {"methodology": "tdd"}])
def test_an_empty_form_says_nothing(form: dict[str, Any]) -> None:
    assert for_preview(form) is None


@pytest.mark.parametrize(
    "form",
    [
        {"title": "Notes"},
        {"description": "Users create a note."},
        {"title": "x" * 300, "description": "y" * 200_000, "corrections": "z" * 20_000},
        {"title": "a\x00b\ud800", "description": "x", "complexity": "huge", "test_coverage_min": "many"},
    ],
)
def test_a_form_that_could_not_start_is_read_all_the_same(form: dict[str, Any]) -> None:
    request = for_preview(form)
    assert request is not None
    assert understand(request).resources


def test_an_option_that_changes_nothing_of_it_finds_the_same_answer() -> None:
    form = REQUEST.model_dump(mode="json")
    assert for_preview(form) == for_preview({**form, "methodology": "tdd", "rollout_percentage": 50})
    assert for_preview(form) != for_preview({**form, "complexity": "epic"})


def test_the_law_follows_from_what_is_kept() -> None:
    text = "Patients create a referral with a name, a diagnosis and an iban. Doctors see referrals."
    asked = FeatureRequest(
        title="Referrals", description=text, methodology=Methodology.BDD, complexity=Complexity.SIMPLE
    )
    assert [said.split(",")[0] for said in laws_of(understand(asked))] == [
        "GDPR",
        "GDPR article 9 and HIPAA",
        "PCI DSS",
    ]
    assert laws_of(understand(REQUEST)) == ()
