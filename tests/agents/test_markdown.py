"""What people typed is shown as typed, and as few backslashes as possible stand in the raw text."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from services.agents.blueprint import markdown

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = ("a", "b_c", " ", "  ", "*", "_", "`", "[", "]", "(", ")", "!", "#", "-", "+", "=", "1.", "2)", ":", "://", ":red[", "$", "~", "~~", "<b>", ">", "&lt;", "&", "|", "\\", "{", "12:30")  # fmt: skip
# What Streamlit adds to Markdown: colours and icons, and formulas.
DIRECTIVE = re.compile(r"(?<!\\)(?<!\w:):[A-Za-z_][\w-]*(?:\[|/|:)|(?<!\\)\$")


def shown(source: str) -> str:
    """The text of the first cell of a table."""
    tokens = READER.parse(f"| a |\n|---|\n| {source} |\n")
    cell = next(t for t in tokens[::-1] if t.type == "inline")
    assert {c.type for c in cell.children or ()} <= {"text", "text_special"}
    return "".join(c.content for c in cell.children or ())


@settings(deadline=None, database=None, derandomize=True, max_examples=400)
@example(":red[x] :smile: :material/check: $a$ ~~b~~ [x](y) ![i](u) `c` **d** <b> &amp; https://example.org")
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_it_is_shown_as_typed(typed: str) -> None:
    made = markdown.text(typed)
    assert shown(made) == " ".join(typed.split())
    assert not DIRECTIVE.search(made)


@pytest.mark.parametrize(
    ("typed", "block"),
    [("# a", "heading_open"), ("- a", "bullet_list_open"), ("1. a", "ordered_list_open"), ("> a", "blockquote_open"), ("---", "hr"), ("+ a", "bullet_list_open")],
)  # fmt: skip
def test_a_line_that_is_typed_begins_no_block(typed: str, block: str) -> None:
    assert block in {t.type for t in READER.parse(typed)}
    assert [t.type for t in READER.parse(markdown.text(typed))] == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize(
    "typed", ["Business analysis: PROC-88", "at 12:30 (by hand), C#, no!", "created_at of POST /orders/{id}", "a > b & c; 3-4", "-", "test_a.py::test_b"]
)  # fmt: skip
def test_raw_text_stays_readable(typed: str) -> None:
    assert markdown.text(typed) == typed
