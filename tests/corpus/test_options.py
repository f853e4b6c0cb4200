"""The rows of options cover what they promise, and are the same on every machine."""

import pytest

from services.features.request import FeatureRequest
from services.features.validation import to_request
from tests.corpus import corpus
from tests.corpus.options import VALUES, every_pair, option_rows, pairs_of

ROWS = option_rows(len(corpus()))


def test_every_pair_of_values_of_every_two_options_occurs() -> None:
    missing = every_pair() - {pair for row in ROWS for pair in pairs_of(row)}
    assert not missing, f"{len(missing)} pairs are in no row, for example {sorted(map(str, missing))[:3]}"


def test_there_is_one_row_per_request_and_no_two_are_alike() -> None:
    assert len({tuple(row.values()) for row in ROWS}) == len(ROWS) == len(corpus())


@pytest.mark.parametrize("row", ROWS[:5], ids=str)
def test_a_row_is_a_request_as_a_form_would_give_it(row: dict[str, object]) -> None:
    form = {"title": "Parcels", "description": "Porters hand over parcels.", **row}
    assert to_request({name: str(value) for name, value in form.items()}) == FeatureRequest.model_validate(form)


def test_no_value_is_neglected() -> None:
    for name, values in VALUES.items():
        fair = len(ROWS) / len(values)
        assert all(sum(row[name] == value for row in ROWS) > 0.75 * fair for value in values), name
