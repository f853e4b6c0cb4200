"""What a request leaves out, in the words in which people say it."""

import pytest

from services.features.sentences import cut

LEFT_OUT = (
    "Gift cards are something Anna will look at next year.",
    "Refunds are something for later.",
    "Refunds are out of scope.",
    "Refunds and taxes are not part of this.",
    "Mileage is for another day.",
    "The app will follow in the next release.",
    "Refunds come later.",
    "Discounts are planned for next year.",
    "We will think about discounts in the next quarter.",
    "We'll talk about the second shop later.",
    "Discounts will be added in a later version.",
    "Discounts: not now.",
    "Payments by card, but not yet.",
    "For now we do not need discounts.",
    "There is no need for an app.",
)  # fmt: skip


@pytest.mark.parametrize("text", LEFT_OUT)
def test_what_is_put_off_is_out_of_scope(text: str) -> None:
    assert [s.section for s in cut(text)] == ["out"]


ASKED = (
    "Later it can be archived.",
    "An order can be changed later.",
    "The end date must be later than the start date.",
    "Members can book a class for next month.",
    "Holidays of the next year can be requested from October.",
    "An order that is not paid yet can be cancelled.",
    "The longest stay was a week, so no need for a maximum.",
    "Nobody may look at another person's order.",
    "Managers discuss a request and approve it.",
    "The reviewer looks at the request, and a second reviewer releases it later.",
)


@pytest.mark.parametrize("text", ASKED)
def test_what_happens_to_a_record_later_is_asked_for(text: str) -> None:
    assert {s.section for s in cut(text)} == {""}
