"""How well a text stands out, by the formula of WCAG 2.2, over what is laid on what."""

import tomllib

from services.settings import ROOT

Colour = tuple[float, float, float]


def theme(scheme: str) -> dict[str, str]:
    """The colours of `light` or `dark`."""
    read = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return {name: value for name, value in read["theme"][scheme].items() if isinstance(value, str)}


def colour(text: str) -> Colour:
    """From #rrggbb; 0 to 255 each."""
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))


def over(top: Colour, share: float, below: Colour) -> Colour:
    """`share` 0..1 of one colour laid over another."""
    return tuple(t * share + b * (1 - share) for t, b in zip(top, below, strict=True))  # type: ignore[return-value]


def contrast(one: Colour, other: Colour) -> float:
    """1 to 21. Source: WCAG 2.2, relative luminance and contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: Colour) -> float:
    parts = [c / 255 for c in rgb]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
