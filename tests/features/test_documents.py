"""Context documents: bytes in, text or a picture out, or a sentence that says what is wrong."""

import pytest

from services.errors import InvalidInput, TooLarge
from services.features.documents import read_upload
from services.features.request import DOCUMENT_MAX_BYTES, Document, MediaType
from services.workflow.options import DocumentKind
from tests.uploads import a_pdf, a_picture, an_encrypted_pdf, opened


def document(data: bytes, name: str = "notes.md", kind: str = "business") -> Document:
    return read_upload(name=name, kind=kind, data=data).document


def read(data: bytes, name: str = "notes.md", kind: str = "business") -> str:
    return document(data, name, kind).text


def refusal(data: bytes, name: str = "notes.md", kind: str = "business") -> str:
    with pytest.raises(InvalidInput) as refused:
        read(data, name, kind)
    assert set(refused.value.problems) == {"documents"}
    return str(refused.value)


@pytest.mark.parametrize(
    "text", ["plain", "# Heading\n\n- point\ttab", "ملاحظات 😀 <b>x</b> {{7*7}}", "both\r\nkinds\n", "  kept  "]
)
def test_text_is_kept_as_it_is(text: str) -> None:
    assert read(text.encode()) == text


def test_a_byte_order_mark_is_no_text() -> None:
    assert read(b"\xef\xbb\xbfnotes") == "notes"


def test_a_form_feed_is_a_new_line() -> None:
    assert read(b"one\x0ctwo") == "one\ntwo"


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_is_accepted(kind: DocumentKind) -> None:
    assert document(b"x", "a.txt", kind.value).kind is kind


@pytest.mark.parametrize("kind", ["", "secret", "BUSINESS", "x" * 1000])
def test_an_unknown_kind_is_refused_and_the_known_ones_named(kind: str) -> None:
    said = refusal(b"x", kind=kind)
    assert said.endswith(f"choose one of: {', '.join(DocumentKind)}.")
    assert len(said) < 200


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "a.txt", "a.text", "a.rst", "A.MD", "ملاحظات.md", "a b.txt"])
def test_markdown_and_plain_text_are_known_by_their_ending(name: str) -> None:
    assert document(b"x", name, "data").name == name


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/notes.md", "notes.md"), ("C:\\Users\\ada\\notes.md", "notes.md"), (" notes.md ", "notes.md")],
)
def test_only_the_last_part_of_a_path_is_its_name(name: str, kept: str) -> None:
    assert document(b"x", name, "data").name == kept


@pytest.mark.parametrize("name", ["a.docx", "a.csv", "a", "a.md.exe", "a.md/", "md"])
def test_any_other_ending_is_refused_by_name(name: str) -> None:
    assert "is not Markdown or plain text; use a file that ends in .md" in refusal(b"x", name=name)


@pytest.mark.parametrize("name", ["", "   ", "/"])
def test_a_file_without_a_name_is_refused(name: str) -> None:
    assert refusal(b"x", name=name).startswith("This file is not Markdown")


@pytest.mark.parametrize("name", ["no\x00tes.md", "no\x1btes.md", "no\x7ftes.md", "no\ud800tes.md"], ids=ascii)
def test_a_name_that_cannot_be_kept_is_refused_in_words(name: str) -> None:
    assert "pydantic" not in refusal(b"x", name=name)


def test_a_long_name_is_still_known_by_its_ending() -> None:
    assert len(document(b"x", "n" * 250 + ".md", "data").name) <= 200


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfen\x00o\x00", b"caf\xe9", b"\x89PNG", b"\xc0\x80", b"\xed\xa0\x80", b"text " + b"\x80"],
    ids=["utf-16", "latin-1", "png", "overlong", "surrogate", "half"],
)
def test_what_is_not_utf_8_is_refused_in_words(data: bytes) -> None:
    assert refusal(data) == "notes.md is not UTF-8 text; save it as UTF-8, or export it as plain text."


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data) == "notes.md is empty."


@pytest.mark.parametrize(
    "data", [b"GIF89a\x01\x00\x01", b"a\x00b", b"\x1b[31mred", b"a\x7fb", "a\u0085b".encode()],
    ids=["gif", "NUL", "escape", "DEL", "NEL"],
)  # fmt: skip
def test_control_characters_are_refused_in_words(data: bytes) -> None:
    assert "control characters" in refusal(data)


def test_a_million_bytes_fit() -> None:
    assert len(read(b"x" * DOCUMENT_MAX_BYTES)) == DOCUMENT_MAX_BYTES == 1_000_000


@pytest.mark.parametrize("data", [b"x" * 1_000_001, b"\xff" * 1_000_001, "é".encode() * 500_001])
def test_one_byte_more_is_refused_and_the_limit_named(data: bytes) -> None:
    with pytest.raises(TooLarge, match=rf"notes.md has {len(data):,} bytes; a document may have 1,000,000."):
        read(data)


def test_a_pdf_is_read_as_text_page_by_page() -> None:
    found = document(a_pdf("Meals are at most 40 EUR.", "Managers approve."), "rules.pdf")
    assert (found.media_type, found.data) == (MediaType.PDF, b"")
    assert found.text == "Meals are at most 40 EUR.\n\n---\n\nManagers approve."


def test_a_page_without_text_between_others_leaves_nothing() -> None:
    assert read(a_pdf("First.", "", "Third."), "rules.pdf") == "First.\n\n---\n\nThird."


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_kept_byte_for_byte_and_has_no_text(kind: str) -> None:
    data = a_picture(kind)
    found = document(data, "mock-up.png" if kind == "PNG" else "mock-up.jpg", "interface")
    assert (found.data, found.text, found.media_type) == (data, "", MediaType(f"image/{kind.lower()}"))


def test_a_picture_has_a_preview_for_people_and_a_pdf_has_none() -> None:
    upload = read_upload(name="wide.png", kind="interface", data=a_picture(size=(2800, 100)))
    assert (opened(upload.preview).format, opened(upload.preview).size) == ("JPEG", (1400, 50))
    assert read_upload(name="a.pdf", kind="data", data=a_pdf("Text.")).preview == b""


@pytest.mark.parametrize(
    ("data", "name", "kept"),
    [
        (a_picture(), "mock-up.PNG", "mock-up.PNG"),
        (a_picture("JPEG"), "photo.jpeg", "photo.jpeg"),
        (a_picture("JPEG"), "photo.png", "photo.png.jpg"),
        (a_picture(), "page.html", "page.html.png"),
        (a_picture(), "notes.md", "notes.md.png"),
        (a_picture(), "../../etc/mock-up.png", "mock-up.png"),
        (a_pdf("Text."), "rules", "rules.pdf"),
        (a_pdf("Text."), "rules.txt", "rules.txt.pdf"),
        (a_picture(), "n" * 300, "n" * 196 + ".png"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_the_content_decides_what_it_is_and_the_name_follows(data: bytes, name: str, kept: str) -> None:
    assert document(data, name).name == kept


@pytest.mark.parametrize(
    ("name", "called"), [("rules.pdf", "a PDF"), ("a.png", "a PNG picture"), ("a.JPEG", "a JPEG picture")]
)
def test_a_name_does_not_make_a_pdf_or_a_picture(name: str, called: str) -> None:
    said = f"{name} is not {called}, whatever its name says; export it again from its source."
    assert [refusal(data, name=name) for data in (b"plain text", b"GIF89a", b"PK\x03\x04")] == [said] * 3


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (a_pdf("", ""), "scan.pdf", "scan.pdf has no text, only pictures of pages; run text recognition (OCR) over it"),
        (an_encrypted_pdf("secret"), "a.pdf", "a.pdf is encrypted; save it without a password and without restrictions."),
        (an_encrypted_pdf("", "AES-256"), "a.pdf", "a.pdf is encrypted"),
        (a_pdf("Text.")[:150], "a.pdf", "a.pdf is broken and cannot be read as a PDF; export it again from its source."),
        (b"%PDF-1.7", "a.pdf", "a.pdf is broken"),
        (a_picture()[:60], "a.png", "a.png is broken and cannot be read as a PNG picture; save it again as PNG or JPEG."),
        (b"\x89PNG\r\n\x1a\n<html>", "a.png", "a.png is broken"),
        (a_picture("JPEG", (200, 200))[:300], "a.jpg", "a.jpg is broken and cannot be read as a JPEG picture"),
        (b"\xff\xd8\xff", "a.jpg", "a.jpg is broken"),
        (a_picture(), "", "This file has no name; give it one."),
        (a_picture(), "no\x00name.png", "control characters"),
    ],
    ids=["scan", "password", "restricted", "half a PDF", "head of a PDF", "half a PNG", "head of a PNG", "half a JPEG", "head of a JPEG",
         "no name", "name"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_what_to_do_is_said(data: bytes, name: str, said: str) -> None:
    assert said in refusal(data, name=name)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (a_pdf("x", padding=5_000_000), "a.pdf", r"a.pdf has 5,\d{3},\d{3} bytes; a PDF may have 5,000,000."),
        (a_picture() + bytes(5_000_000), "a.png", r"bytes; a PNG picture may have 5,000,000."),
        (a_pdf(*["x"] * 201), "a.pdf", "a.pdf has 201 pages; a PDF may have 200. Upload the part that matters."),
        (a_pdf(*["\n".join(["word " * 200] * 100)] * 11), "a.pdf", "more text than 1,000,000 bytes"),
        (a_picture(size=(8001, 5000), mode="1"), "a.png", "a.png has 40.0 megapixels; a picture may have 40. Make it smaller."),
    ],
    ids=["bytes of a PDF", "bytes of a picture", "pages", "text", "pixels"],
)  # fmt: skip
def test_what_is_too_large_is_refused_and_the_limit_named(data: bytes, name: str, said: str) -> None:
    with pytest.raises(TooLarge, match=said):
        document(data, name)


def test_the_largest_ones_fit() -> None:
    assert document(a_pdf(*["x"] * 200), "a.pdf").text.count("x") == 200
    assert document(a_picture(size=(8000, 5000), mode="1"), "a.png").media_type is MediaType.PNG
