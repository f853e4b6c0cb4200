"""One clean text from the pages of a PDF."""

from collections.abc import Sequence

# A line without words: whoever reads for meaning passes over it, whoever reads with eyes sees a new page.
SEPARATOR = "\n\n---\n\n"
# Bullets of old symbol fonts come as characters of private use; a soft hyphen is no character of the word.
_GLYPHS = {0xF0B7: "•", 0xF0A7: "•", 0xAD: None, 0x00: None}


def join_pages(pages: Sequence[str]) -> str:
    """Pages without text leave nothing."""
    return SEPARATOR.join(text for page in pages if (text := _plain(page).strip()))


def _plain(text: str) -> str:
    """Without control characters and halves of characters, which fonts may well give."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_GLYPHS)
    return "".join(_kept(c) for c in lines)


def _kept(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return " " if (code < 32 and character not in "\t\n") or 127 <= code < 160 else character
