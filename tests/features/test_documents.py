"""Context documents: bytes in, text out, or a sentence that says what is wrong."""

import pytest

from services.errors import InvalidInput, TooLarge
from services.features.documents import read_document
from services.features.request import DOCUMENT_MAX_BYTES
from services.workflow.options import DocumentKind


def read(data: bytes, name: str = "notes.md", kind: str = "business") -> str:
    return read_document(name=name, kind=kind, data=data).text


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
    assert read_document(name="a.txt", kind=kind.value, data=b"x").kind is kind


@pytest.mark.parametrize("kind", ["", "secret", "BUSINESS", "x" * 1000])
def test_an_unknown_kind_is_refused_and_the_known_ones_named(kind: str) -> None:
    said = refusal(b"x", kind=kind)
    assert said.endswith(f"choose one of: {', '.join(DocumentKind)}.")
    assert len(said) < 200


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "a.txt", "a.text", "a.rst", "A.MD", "ملاحظات.md", "a b.txt"])
def test_markdown_and_plain_text_are_known_by_their_ending(name: str) -> None:
    assert read_document(name=name, kind="data", data=b"x").name == name


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/notes.md", "notes.md"), ("C:\\Users\\ada\\notes.md", "notes.md"), (" notes.md ", "notes.md")],
)
def test_only_the_last_part_of_a_path_is_its_name(name: str, kept: str) -> None:
    assert read_document(name=name, kind="data", data=b"x").name == kept


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a", "a.md.exe", "a.md/", "md"])
def test_any_other_ending_is_refused_by_name(name: str) -> None:
    assert "is not Markdown or plain text; use a file that ends in .md" in refusal(b"x", name=name)


@pytest.mark.parametrize("name", ["", "   ", "/"])
def test_a_file_without_a_name_is_refused(name: str) -> None:
    assert refusal(b"x", name=name).startswith("This file is not Markdown")


@pytest.mark.parametrize("name", ["no\x00tes.md", "no\x1btes.md", "no\x7ftes.md", "no\ud800tes.md"], ids=ascii)
def test_a_name_that_cannot_be_kept_is_refused_in_words(name: str) -> None:
    assert "pydantic" not in refusal(b"x", name=name)


def test_a_long_name_is_still_known_by_its_ending() -> None:
    assert len(read_document(name="n" * 250 + ".md", kind="data", data=b"x").name) <= 200


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfen\x00o\x00", b"caf\xe9", b"\x89PNG\r\n\x1a\n", b"\xc0\x80", b"\xed\xa0\x80", b"text " + b"\x80"],
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
