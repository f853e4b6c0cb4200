"""What a call costs: a table by model and day, in USD per million tokens. A model without a row has no price, never 0.

The SDK carries no prices. The rows were read on public pages on the day that they name; an operator's file wins over them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.errors import StartError

MILLION = Decimal(1_000_000)
_SOURCE = "Anthropic's public page of prices, read on 24 November 2026"


class Rates(BaseModel):
    """USD per million tokens. Writes into the cache by how long it keeps them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal
    output: Decimal
    write_5m: Decimal
    write_1h: Decimal
    read: Decimal


class Price(Rates):
    """`long_rates` hold for the whole request where its prompt has more than `long_over` tokens."""

    model: str
    since: date
    source: str
    long_over: int | None = None
    long_rates: Rates | None = None

    def rates(self, prompt_tokens: int) -> Rates:
        is_long = self.long_rates is not None and self.long_over is not None and prompt_tokens > self.long_over
        return self.long_rates if is_long and self.long_rates else self


def _row(model: str, since: str, rates: tuple[str, str, str, str, str], **more: Any) -> Price:
    names = dict(zip(("input", "output", "write_5m", "write_1h", "read"), map(Decimal, rates), strict=True))
    return Price(model=model, since=date.fromisoformat(since), source=_SOURCE, **names, **more)


_HAIKU_LONG = Rates(
    input=Decimal("0.50"), output=Decimal("2.50"), write_5m=Decimal("0.625"), write_1h=Decimal("1.00"), read=Decimal("0.05")
)  # fmt: skip
PRICES = (
    _row("claude-fable-5-2", "2026-11-09", ("8", "40", "10", "16", "0.20")),
    _row("claude-opus-5-5", "2026-09-01", ("4", "20", "5", "8", "0.20")),
    _row("claude-sonnet-5-5", "2026-10-07", ("2", "10", "2.50", "4", "0.10")),
    _row("claude-haiku-5-5", "2026-10-07", ("0.10", "0.50", "0.125", "0.20", "0.01"),
         long_over=100_000, long_rates=_HAIKU_LONG),
)  # fmt: skip


@dataclass(frozen=True)
class PriceList:
    """Later rows of a model hold from their day on."""

    rows: tuple[Price, ...] = PRICES

    def of(self, model: str, on: date) -> Price | None:
        known = [row for row in self.rows if row.model == model and row.since <= on]
        return max(known, key=lambda row: row.since) if known else None

    def cost(self, model: str, usage: Mapping[str, Any], on: date) -> Decimal | None:
        """Of one answer, from the counts that the API gave with it; None without a price."""
        price = self.of(model, on)
        if price is None:
            return None
        fresh, written, read, out = (_count(usage, name) for name in _COUNTS)
        kept_long = _count(usage.get("cache_creation") or {}, "ephemeral_1h_input_tokens")
        rates = price.rates(fresh + written + read)
        return (
            rates.input * fresh
            + rates.write_5m * (written - kept_long)
            + rates.write_1h * kept_long
            + rates.read * read
            + rates.output * out
        ) / MILLION

    def worst(self, model: str, *, input_tokens: int, max_tokens: int, on: date) -> Decimal | None:
        """What a call can cost at most: all of its input written for an hour, all of its output used."""
        price = self.of(model, on)
        if price is None:
            return None
        every = (price, price.long_rates) if price.long_rates else (price,)
        dearest_in = max(max(r.input, r.write_5m, r.write_1h, r.read) for r in every)
        return (dearest_in * input_tokens + max(r.output for r in every) * max_tokens) / MILLION


_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def read_prices(path: Path | None, *, with_table: bool) -> PriceList:
    """The operator's rows, then the table where it holds. Raises: StartError with what is wrong in the file."""
    own: tuple[Price, ...] = ()
    if path is not None:
        try:
            own = TypeAdapter(tuple[Price, ...]).validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise StartError(f"GREENLIGHT_MODEL_PRICES: {path} cannot be used: {str(error)[:400]}") from error
    named = {row.model for row in own}
    table = PRICES if with_table else ()
    return PriceList((*own, *(row for row in table if row.model not in named)))
