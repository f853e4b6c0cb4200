"""Numbers as people read them: money from minor units, time from seconds. The request's currency is not known here."""

from services.features.understanding import DataField, FieldType

_UNITS = (
    (31_536_000, "year"),
    (2_592_000, "month"),
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)


def duration(seconds: int) -> str:
    """The largest unit that divides it: 172800 is "2 days"."""
    size, name = next((u for u in _UNITS if seconds >= u[0] and seconds % u[0] == 0), (1, "second"))
    number = seconds // size
    return f"{number} {name}{'s' if number != 1 else ''}"


def money(minor: int) -> str:
    return f"{minor / 100:,.2f}"


def value_of(field: DataField | None, value: int | str | None) -> str:
    """A value of a rule as people write it; without a field it is a state."""
    if value is None:
        return ""
    if field is not None and field.type is FieldType.MONEY and str(value).lstrip("-").isdigit():
        return money(int(value))
    return str(value).replace("_", " ")


def plain(number: float) -> str:
    """1234567 is "1,234,567"; small numbers keep two digits."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}".rstrip("0").rstrip(".") if number >= 1 else f"{number:.2g}"


def size(count: float) -> str:
    """Bytes in decimal units."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= limit:
            return f"{plain(count / limit)} {unit}"
    return f"{plain(count)} bytes"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 rule", "3 rules"; `many` where an s is not enough."""
    return f"{number} {one if number == 1 else many or one + 's'}"
