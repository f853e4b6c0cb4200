"""Names that are made of what people write."""

import pytest

from services.features.words import identifier


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Order history and cancellation in my account", "order_history_and_cancellation"),
        ("Track samples from the freezer to the report", "track_samples_from_the_freezer"),
        ("A title of exactly forty characters, here", "a_title_of_exactly_forty_characters_here"),
        ("Short", "short"),
        ("b" * 60, "b" * 40),
    ],
)
def test_a_long_name_ends_with_a_whole_word(title: str, name: str) -> None:
    assert identifier(title, "feature") == name
