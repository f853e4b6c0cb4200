"""What calls cost: by model and day, with every kind of token; a model without a row has no price."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agents.claude.calls import most_input_tokens
from services.agents.claude.prices import PRICES, PriceList, read_prices
from services.errors import StartError
from tests.claude.calling import REQUEST, TODAY

OWN = '[{"model": "local", "since": "2026-01-01", "source": "us", "input": "0", "output": "0", "write_5m": "0", "write_1h": "0", "read": "0"}]'
USAGE = {
    "input_tokens": 1_000,
    "cache_creation_input_tokens": 3_000,
    "cache_creation": {"ephemeral_1h_input_tokens": 1_000, "ephemeral_5m_input_tokens": 2_000},
    "cache_read_input_tokens": 10_000,
    "output_tokens": 500,
}


def test_every_kind_of_token_has_its_price() -> None:
    expected = Decimal("0.002") + Decimal("0.005") + Decimal("0.004") + Decimal("0.001") + Decimal("0.005")
    assert PriceList().cost("claude-sonnet-5-5", USAGE, TODAY) == expected


def test_a_long_prompt_has_its_own_price_for_all_of_it() -> None:
    cost = PriceList().cost("claude-haiku-5-5", {"input_tokens": 200_000, "output_tokens": 0}, TODAY)
    assert cost == Decimal("0.1")


def test_a_model_without_a_row_has_no_price() -> None:
    assert PriceList().cost("gpt-oss", USAGE, TODAY) is None
    assert PriceList().worst("gpt-oss", input_tokens=1, max_tokens=1, on=TODAY) is None


def test_a_price_holds_from_its_day_on() -> None:
    assert PriceList().of("claude-fable-5-2", date(2026, 11, 8)) is None
    assert PriceList().of("claude-fable-5-2", date(2026, 11, 9)) is not None


@pytest.mark.parametrize("row", PRICES, ids=lambda row: row.model)
def test_every_row_says_where_it_comes_from(row) -> None:  # type: ignore[no-untyped-def]
    assert "2026" in row.source
    assert row.read < row.input < row.write_5m < row.write_1h < row.output


@given(
    model=st.sampled_from([row.model for row in PRICES]),
    fresh=st.integers(0, 150_000), short=st.integers(0, 150_000), kept=st.integers(0, 150_000), read=st.integers(0, 150_000),
    out=st.integers(0, 64_000),
)  # fmt: skip
def test_no_call_costs_more_than_its_worst(
    model: str, *, fresh: int, short: int, kept: int, read: int, out: int
) -> None:
    usage = {
        "input_tokens": fresh, "cache_creation_input_tokens": short + kept, "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_1h_input_tokens": kept}, "output_tokens": out,
    }  # fmt: skip
    cost = PriceList().cost(model, usage, TODAY)
    worst = PriceList().worst(model, input_tokens=fresh + short + kept + read, max_tokens=out, on=TODAY)
    assert cost is not None
    assert worst is not None
    assert cost <= worst


@given(st.text(max_size=400))
def test_no_text_has_more_tokens_than_are_held_for_it(text: str) -> None:
    request = {**REQUEST, "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]}
    assert most_input_tokens(request) >= len(text.encode("utf-8", "surrogatepass"))


def test_a_picture_counts_as_a_picture_and_not_by_its_bytes() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 1_000_000}}
    request = {**REQUEST, "messages": [{"role": "user", "content": [picture, picture]}]}
    assert 10_000 < most_input_tokens(request) < 13_000


def test_an_operator_s_rows_win(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text(OWN)
    prices = read_prices(tmp_path / "prices.json", with_table=False)
    assert prices.cost("local", USAGE, TODAY) == 0
    assert prices.of("claude-sonnet-5-5", TODAY) is None


@pytest.mark.parametrize("text", ["", "{}", '[{"model": "x"}]', OWN.replace('"us"', '"us", "colour": "red"')])
def test_a_file_that_is_wrong_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.json").write_text(text)
    with pytest.raises(StartError, match="GREENLIGHT_MODEL_PRICES"):
        read_prices(tmp_path / "prices.json", with_table=True)
