"""The differences on the screen: readable in both schemes, without colour too, and never markup of the content."""

import re
from html.parser import HTMLParser

import pytest

from pages.components import differences
from pages.components.differences import (
    ADDED,
    FAINT,
    REMOVED,
    ROW_SHARE,
    WORD_SHARE,
    files_html,
    records_html,
    report_html,
)
from services.reviews.differences.files import compare_files
from services.reviews.differences.records import compare_records
from services.reviews.differences.reports import compare_reports
from services.reviews.differences.sequences import Budget
from tests.pages.contrast import colour, contrast, over, theme
from tests.pages.homes import MARKUP

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></tr></table><style>*{display:none}</style>", "&lt;b&gt;",
    "\" onmouseover=\"alert(1)", "</del></ins></details>", "<!-- ", "]]>", MARKUP, "safe\u202etxt.exe\u202c", "a\u200bb\x07",
)  # fmt: skip
OURS = {"style", "div", "table", "tr", "td", "ins", "del", "details", "summary", "span"}
AA = 4.5


class Reader(HTMLParser):
    """Which tags and attributes are there, and what a person reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self.open and self.open[-1] == "style" else data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def drawn(before: str, after: str) -> list[str]:
    """One content as report, records, and files; its name too."""
    records = [{"threats": [{"id": text, text: text}], "summary": text} for text in (before, after)]
    return [
        report_html(compare_reports(f"{before}\n\nstays {before}", f"{after}\n\nstays {before}", Budget())),
        records_html(compare_records(*records)),
        files_html([compare_files(after, before.encode(), after.encode(), Budget())]),
        files_html([compare_files(after, None, after.encode(), Budget())]),
    ]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("other", ["something else", "x"])
def test_nothing_of_the_content_becomes_markup(text: str, other: str) -> None:
    for html in [*drawn(text, other), *drawn(other, text), *drawn(f"{text} and so on", f"{text} and so forth")]:
        read = Reader(html)
        assert read.open == []
        assert set(read.tags) <= OURS
        assert read.tags.count("style") == 1
        assert read.attributes <= {"class", "role", "aria-label", "open", "colspan"}
        assert read.comments == []


@pytest.mark.parametrize("text", [t for t in HOSTILE if t.isprintable()])
def test_hostile_text_is_read_as_it_was_typed(text: str) -> None:
    for html in drawn("x", text):
        assert text in Reader(html).text


def test_what_no_eye_sees_is_named() -> None:
    html = files_html([compare_files("a.py", b"a = 1\n", "a = 1 \u202e# \u200b\u2066\n".encode(), Budget())])
    assert "⟨U+202E⟩# ⟨U+200B⟩⟨U+2066⟩" in Reader(html).text
    assert not re.search("[\u202e\u200b\u2066]", html)


def test_signs_and_words_tell_what_colour_tells() -> None:
    html = files_html([compare_files("a.py", b"limit = 500\nkept\ngone\n", b"limit = 900\nkept\n", Budget())])
    assert "limit = <del>500</del>" in html
    assert "limit = <ins>900</ins>" in html
    assert '<td class="s">−</td><td><del class="whole">gone</del>' in html
    assert '<td class="s">+</td>' in html


def test_a_changed_field_is_told_before_and_after() -> None:
    rows = [{"entities": [{"name": "expense", "fields": [{"name": "amount", "maximum": n}]}]} for n in (500, None)]
    html = records_html(compare_records(*rows))
    assert "expense fields.amount.maximum</td><td><del>500</del> → <ins>nothing</ins>" in html


def test_a_row_that_came_is_told_by_its_filled_fields() -> None:
    row = {"id": "TH-9", "threat": "a token is stolen", "criteria": ["AC-1", "AC-2"], "owner": "", "is_open": False}
    html = records_html(compare_records({"threats": []}, {"threats": [row]}))
    assert "id: TH-9; threat: a token is stolen; criteria: AC-1, AC-2; is open: no" in html


def test_what_stayed_is_folded() -> None:
    before = "# A\n\none\n\ntwo\n\nthree"
    html = report_html(compare_reports(before, f"{before}\n\nfour", Budget()))
    assert '<details class="same"><summary>4 paragraphs the same</summary>' in html


def _backgrounds(scheme: str) -> list[tuple[str, tuple[float, float, float]]]:
    """Everything that text of a difference stands on."""
    colours, found = theme(scheme), []
    text = colour(colours["textColor"])
    for page in ("backgroundColor", "secondaryBackgroundColor"):
        plain = colour(colours[page])
        found += [(f"{page}", plain), (f"{page} heading", over(text, 0.05, plain))]
        for tint in (ADDED, REMOVED):
            row = over(colour(tint), ROW_SHARE, plain)
            found += [(f"{page} row {tint}", row)]
            found += [
                (f"{page} word {mark} on {tint}", over(colour(mark), WORD_SHARE, below))
                for mark in (ADDED, REMOVED)
                for below in (plain, row)
            ]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_a_difference_passes_the_contrast_of_wcag_aa(scheme: str) -> None:
    text = colour(theme(scheme)["textColor"])
    bad = {where: contrast(text, below) for where, below in _backgrounds(scheme) if contrast(text, below) < AA}
    faint = {
        f"faint on {where}": contrast(over(text, FAINT, below), below)
        for where, below in _backgrounds(scheme)
        if " word " not in where and contrast(over(text, FAINT, below), below) < AA
    }
    assert bad | faint == {}


def test_the_style_holds_no_colour_but_those_that_were_measured() -> None:
    assert set(re.findall("#[0-9a-f]{6}", differences._STYLE)) == {ADDED, REMOVED}
    assert set(re.findall(r"opacity:([\d.]+)", differences._STYLE)) == {str(FAINT)}
    assert "color:" not in re.sub(r"(?:color:inherit|background-color:)", "", differences._STYLE)


def test_black_on_white_is_the_most_that_there_is() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(colour("#767676"), colour("#ffffff")) == pytest.approx(4.54, abs=0.01)
