"""What a file is, told by its first bytes and never by its name; how large each kind may be."""

from collections.abc import Mapping

from services.features.request import DOCUMENT_MAX_BYTES, MediaType

PAGES_MAX = 200
MEGAPIXELS_MAX = 40
BYTES_MAX: Mapping[MediaType, int] = {
    MediaType.TEXT: DOCUMENT_MAX_BYTES,
    MediaType.PDF: 5_000_000,
    MediaType.PNG: 5_000_000,
    MediaType.JPEG: 5_000_000,
}
# The first ending is the one that a file gets whose name says something else.
ENDINGS: Mapping[MediaType, tuple[str, ...]] = {
    MediaType.TEXT: (".md", ".markdown", ".txt", ".text", ".rst"),
    MediaType.PDF: (".pdf",),
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
}
_SIGNATURES = (
    (b"%PDF-", MediaType.PDF),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
)


def media_type_of(data: bytes) -> MediaType:
    """Whatever begins like nothing else may be text; reading it shows whether it is."""
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), MediaType.TEXT)


def ending_of(name: str, media_type: MediaType) -> str:
    """The ending of the kind that the name has; empty when it has none of them."""
    return next((ending for ending in ENDINGS[media_type] if name.lower().endswith(ending)), "")
