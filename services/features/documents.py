"""Context documents as people upload them: bytes in, clean text or a picture out, or a sentence that says what is wrong."""

from dataclasses import dataclass

from pydantic import ValidationError

from services.errors import InvalidInput, TooLarge, UserError, legible
from services.features.request import DOCUMENT_MAX_BYTES, NAME_MAX, Document, MediaType
from services.features.uploads.apart import Reading, read_apart
from services.features.uploads.contents import BYTES_MAX, ENDINGS, MEGAPIXELS_MAX, PAGES_MAX, ending_of, media_type_of
from services.features.uploads.pages import join_pages
from services.workflow.options import DocumentKind

_CALLED = {MediaType.PDF: "a PDF", MediaType.PNG: "a PNG picture", MediaType.JPEG: "a JPEG picture"}
_TEXT_ENDINGS = ENDINGS[MediaType.TEXT]


@dataclass(frozen=True)
class Upload:
    """`preview`: a smaller JPEG of a picture, made here and safe to show; empty for anything else."""

    document: Document
    preview: bytes = b""


def read_upload(*, name: str, kind: str, data: bytes) -> Upload:
    """Raises: InvalidInput, TooLarge."""
    media_type = media_type_of(data)
    short = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    short = _named(short, media_type)
    shown = legible(short)
    if len(data) > BYTES_MAX[media_type]:
        what = "a document" if media_type is MediaType.TEXT else _CALLED[media_type]
        raise TooLarge(f"{shown} has {len(data):,} bytes; {what} may have {BYTES_MAX[media_type]:,}.")
    if kind not in set(DocumentKind):
        raise InvalidInput(
            {"documents": f"'{kind[:40]}' is not a kind of document; choose one of: {', '.join(DocumentKind)}."}
        )
    if media_type is MediaType.TEXT:
        return Upload(_document(short, kind, media_type, text=_text(shown, data)))
    reading = read_apart(media_type, data)
    if reading.problem:
        raise _refusal(shown, media_type, reading)
    if media_type.is_picture:
        return Upload(_document(short, kind, media_type, data=data), reading.preview)
    text = join_pages(reading.pages)
    if len(text.encode()) > DOCUMENT_MAX_BYTES:
        raise _refusal(shown, media_type, Reading(problem="text"))
    return Upload(_document(short, kind, media_type, text=text))


def _named(short: str, media_type: MediaType) -> str:
    """The name, with the ending of what the file is. Text without a known ending is refused: it may be anything."""
    ending = ending_of(short, media_type)
    if media_type is MediaType.TEXT and not ending:
        claimed = next((kind for kind in _CALLED if ending_of(short, kind)), None)
        said = (
            f"{legible(short)} is not {_CALLED[claimed]}, whatever its name says; export it again from its source."
            if claimed
            else f"{legible(short) or 'This file'} is not Markdown or plain text; use a file that ends in "
            f"{', '.join(_TEXT_ENDINGS)}, or a PDF, PNG or JPEG."
        )
        raise InvalidInput({"documents": said})
    if not short:
        raise InvalidInput({"documents": "This file has no name; give it one."})
    if not ending:
        ending = ENDINGS[media_type][0]
        short += ending
    return short if len(short) <= NAME_MAX else short[: NAME_MAX - len(ending)] + ending


def _text(shown: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            {"documents": f"{shown} is not UTF-8 text; save it as UTF-8, or export it as plain text."}
        ) from error
    if not text.strip():
        raise InvalidInput({"documents": f"{shown} is empty."})
    return text.replace("\f", "\n")


def _document(name: str, kind: str, media_type: MediaType, *, text: str = "", data: bytes = b"") -> Document:
    try:
        return Document(name=name, kind=DocumentKind(kind), media_type=media_type, text=text, data=data)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidInput({"documents": f"{legible(name)} {said}."}) from error


def _refusal(shown: str, media_type: MediaType, reading: Reading) -> UserError:
    """The sentence for what the reader found."""
    again = "export it again from its source" if media_type is MediaType.PDF else "save it again as PNG or JPEG"
    smaller = "split it, or upload the part that matters" if media_type is MediaType.PDF else "make it smaller"
    limits = {
        "pages": f"{shown} has {reading.found:,} pages; a PDF may have {PAGES_MAX}. Upload the part that matters.",
        "text": f"{shown} holds more text than {DOCUMENT_MAX_BYTES:,} bytes. Upload the part that matters.",
        "pixels": f"{shown} has {reading.found / 1e6:,.1f} megapixels; a picture may have {MEGAPIXELS_MAX}. Make it smaller.",
        "memory": f"{shown} takes too much memory to read; {smaller}.",
        "time": f"{shown} takes too long to read; {smaller}.",
    }
    if reading.problem in limits:
        return TooLarge(limits[reading.problem])
    mended = {
        "encrypted": f"{shown} is encrypted; save it without a password and without restrictions.",
        "no pages": f"{shown} has no pages; {again}.",
        "no text": f"{shown} has no text, only pictures of pages; run text recognition (OCR) over it, "
        "or upload its pages as PNG or JPEG.",
    }
    return InvalidInput(
        {
            "documents": mended.get(
                reading.problem, f"{shown} is broken and cannot be read as {_CALLED[media_type]}; {again}."
            )
        }
    )
