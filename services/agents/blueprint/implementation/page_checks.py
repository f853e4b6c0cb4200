"""What can be said of the page before a browser has seen it: bytes over the wire, contrast of its colours."""

import gzip
import re
from collections.abc import Mapping

# Text over ground, by the names of styles.css; an edge needs 3:1 (WCAG 1.4.11), text 4.5:1 (1.4.3).
_TEXT = (
    ("text", "ground"), ("text", "raised"), ("quiet", "ground"), ("quiet", "raised"), ("accent", "ground"), ("accent", "raised"),
    ("on-accent", "accent"), ("danger", "ground"), ("danger", "raised"), ("good", "ground"), ("warm", "ground"), ("warm", "raised"),
)  # fmt: skip
_EDGES = (("edge", "ground"), ("edge", "raised"), ("accent", "ground"))
_COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6})")


def served(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a browser fetches; the page's own tests stay at home."""
    return {path: data for path, data in files.items() if path.startswith("web/") and not path.startswith("web/tests/")}


def compressed(data: bytes) -> int:
    return len(gzip.compress(data, 9, mtime=0))


def contrasts(styles: str) -> dict[str, tuple[float, float]]:
    """Scheme -> (lowest contrast of text, lowest of edges)."""
    light, dark = (dict(_COLOUR.findall(part)) for part in (styles.split("@media", 1)[0], styles.split("@media", 1)[1]))
    return {
        name: (
            min(contrast(colours[a], colours[b]) for a, b in _TEXT),
            min(contrast(colours[a], colours[b]) for a, b in _EDGES),
        )
        for name, colours in (("light", light), ("dark", {**light, **dark}))
    }


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
