"""Context documents as people upload them: bytes in, clean text out, or a sentence that says what is wrong."""

from pydantic import ValidationError

from services.errors import InvalidInput, TooLarge, legible
from services.features.request import DOCUMENT_MAX_BYTES, NAME_MAX, Document
from services.workflow.options import DocumentKind

ENDINGS = (".md", ".markdown", ".txt", ".text", ".rst")


def read_document(*, name: str, kind: str, data: bytes) -> Document:
    """Raises: InvalidInput, TooLarge."""
    short = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    ending = next((e for e in ENDINGS if short.lower().endswith(e)), "")
    short = short if len(short) <= NAME_MAX else short[: NAME_MAX - len(ending)] + ending
    shown = legible(short)
    if not ending:
        raise InvalidInput(
            {
                "documents": f"{shown or 'This file'} is not Markdown or plain text; use a file that ends in {', '.join(ENDINGS)}."
            }
        )
    if len(data) > DOCUMENT_MAX_BYTES:
        raise TooLarge(f"{shown} has {len(data):,} bytes; a document may have {DOCUMENT_MAX_BYTES:,}.")
    if kind not in set(DocumentKind):
        raise InvalidInput(
            {"documents": f"'{kind[:40]}' is not a kind of document; choose one of: {', '.join(DocumentKind)}."}
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            {"documents": f"{shown} is not UTF-8 text; save it as UTF-8, or export it as plain text."}
        ) from error
    if not text.strip():
        raise InvalidInput({"documents": f"{shown} is empty."})
    try:
        return Document(name=short, kind=DocumentKind(kind), text=text.replace("\f", "\n"))
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidInput({"documents": f"{shown} {said}."}) from error
