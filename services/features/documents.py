"""Context documents as people upload them: bytes in, clean text out, or a sentence that says what is wrong."""

from services.errors import InvalidInput, TooLarge
from services.features.request import DOCUMENT_MAX_BYTES, Document
from services.workflow.options import DocumentKind

ENDINGS = (".md", ".markdown", ".txt", ".text", ".rst")


def read_document(*, name: str, kind: str, data: bytes) -> Document:
    """Raises: InvalidInput, TooLarge."""
    short = name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200]
    if not short.lower().endswith(ENDINGS):
        raise InvalidInput(
            {
                "documents": f"{short or 'This file'} is not Markdown or plain text; use a file that ends in {', '.join(ENDINGS)}."
            }
        )
    if len(data) > DOCUMENT_MAX_BYTES:
        raise TooLarge(f"{short} has {len(data):,} bytes; a document may have {DOCUMENT_MAX_BYTES:,}.")
    if kind not in set(DocumentKind):
        raise InvalidInput(
            {"documents": f"'{kind[:40]}' is not a kind of document; choose one of: {', '.join(DocumentKind)}."}
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            {"documents": f"{short} is not UTF-8 text; save it as UTF-8, or export it as plain text."}
        ) from error
    if not text.strip():
        raise InvalidInput({"documents": f"{short} is empty."})
    if any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
        raise InvalidInput({"documents": f"{short} holds control characters, so it is no plain text."})
    return Document(name=short, kind=DocumentKind(kind), text=text.replace("\f", "\n"))
