"""What changed between two revisions: signs and words first, colour second; whatever the content is, it is only text here."""

import html
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from pages.components.address import asked_revision
from services.actors import Actor
from services.deps import Deps
from services.reviews.differences.files import FileDifference, Hunk, Line
from services.reviews.differences.records import RecordChange, RecordDifference
from services.reviews.differences.reports import Paragraph, ReportDifference
from services.reviews.differences.revisions import RevisionDifference, compare_revisions
from services.reviews.differences.sequences import Change, Piece
from services.runs.views import RunView

# Laid over whatever stands behind, so that one table does for the light and the dark scheme; the contrast is a test.
ADDED, REMOVED = "#1a9e4b", "#e0403a"
ROW_SHARE, WORD_SHARE = 0.13, 0.22
FAINT = 0.78  # opacity of line numbers and headings

_OPEN_FILES = 3
_VALUE_MAX = 400
_NOTHING: tuple[Any, ...] = (None, "", [], {})
# What no eye sees and what turns the order of letters around.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SIGNS = {Change.ADDED: "+", Change.REMOVED: "−", Change.CHANGED: "±", Change.SAME: ""}
_TAGS = {Change.ADDED: "ins", Change.REMOVED: "del"}


def _tint(colour: str, share: float) -> str:
    return f"color-mix(in srgb,{colour} {share:.0%},transparent)"


_STYLE = f"""<style>
.gl-diff{{border:1px solid color-mix(in srgb,currentColor 16%,transparent);border-radius:8px;overflow:hidden;font-size:13px}}
.gl-diff table{{border-collapse:collapse;width:100%;margin:0}}
.gl-diff td{{padding:2px 8px;border:0;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;text-align:left}}
.gl-diff .code td{{font:12px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-variant-ligatures:none;tab-size:4;padding:0 8px}}
.gl-diff td.n{{width:1%;min-width:2.4em;padding:0 6px;text-align:right;white-space:nowrap;user-select:none;opacity:{FAINT}}}
.gl-diff td.s{{width:1%;padding-right:0;font-weight:700;user-select:none}}
.gl-diff td.f{{width:34%}}
.gl-diff tr.added td{{background:{_tint(ADDED, ROW_SHARE)}}}
.gl-diff tr.removed td{{background:{_tint(REMOVED, ROW_SHARE)}}}
.gl-diff ins,.gl-diff del{{color:inherit;border-radius:3px}}
.gl-diff ins{{background:{_tint(ADDED, WORD_SHARE)};text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:2px}}
.gl-diff del{{background:{_tint(REMOVED, WORD_SHARE)};text-decoration:line-through;text-decoration-thickness:1px}}
.gl-diff tr.added .whole,.gl-diff tr.removed .whole{{background:none;text-decoration:none}}
.gl-diff .about,.gl-diff summary{{padding:4px 8px;background:color-mix(in srgb,currentColor 5%,transparent)}}
.gl-diff summary{{cursor:pointer;overflow-wrap:anywhere}}
.gl-diff .about span{{opacity:{FAINT}}}
.gl-diff details.same div{{padding:2px 8px;white-space:pre-wrap;overflow-wrap:anywhere;opacity:{FAINT}}}
.gl-diff details+details{{border-top:1px solid color-mix(in srgb,currentColor 16%,transparent)}}
@media(max-width:640px){{.gl-diff td.n:first-child,.gl-diff tr.removed td.n:nth-child(2){{display:none}}.gl-diff tr.removed td.n:first-child{{display:table-cell}}.gl-diff td.f{{width:40%}}.gl-diff td{{padding-left:5px;padding-right:5px}}}}
</style>"""


def draw_comparison(deps: Deps, actor: Actor, run: RunView, task_key: str, number: int, others: Sequence[int]) -> None:
    """One revision beside another that is chosen here, the one before it at first. `others`: numbers, newest first."""
    known = [other for other in others if other != number]
    if not known:
        return
    earlier = [other for other in known if other < number]
    first = asked_revision(known, earlier[0] if earlier else known[-1])
    other = st.selectbox(
        f"Compare revision {number} with",
        known,
        index=known.index(first),
        format_func=lambda n: f"revision {n}",
        key=f"run_compare_{run.id}_{task_key}_{number}",
    )
    found = compare_revisions(
        deps, actor, run_id=run.id, task_key=task_key, before=min(number, other), after=max(number, other)
    )
    draw_difference(found)


def draw_difference(found: RevisionDifference) -> None:
    st.markdown(f"##### From revision {found.before} to revision {found.after}")
    if found.is_same:
        st.markdown("Nothing is different.")
        return
    st.markdown(f":small[:gray[{_summary(found)}]]")
    if not found.report.is_same:
        st.markdown("**Report**")
        st.html(report_html(found.report))
    if found.records.changes:
        st.markdown("**Records**")
        st.html(records_html(found.records))
    if found.files:
        st.markdown("**Files**")
        st.html(files_html(found.files))
    if found.files_left_out:
        st.markdown(f":small[:gray[{found.files_left_out:,} more files are different and not shown.]]")


def _summary(found: RevisionDifference) -> str:
    paragraphs = sum(p.kind is not Change.SAME for p in found.report.paragraphs)
    fields = len(found.records.changes) + found.records.left_out
    files = len(found.files) + found.files_left_out
    parts = ((paragraphs, "paragraph"), (fields, "record field"), (files, "file"))
    told = ", ".join(f"{n:,} {_plural(what, n)}" for n, what in parts if n)
    unchanged = found.unchanged_files
    rest = f"; {unchanged:,} {_plural('file', unchanged)} the same" if unchanged else ""
    return f"Different: {told or 'the size of the report'}{rest}"


def _plural(what: str, count: int) -> str:
    return what if count == 1 else f"{what}s"


def report_html(found: ReportDifference) -> str:
    if found.too_large:
        return _box(f'<div class="about">{shown(found.too_large)}</div>', "Changes of the report")
    parts = []
    for is_same, group in groupby(found.paragraphs, key=lambda p: p.kind is Change.SAME):
        paragraphs = list(group)
        parts.append(_folded(paragraphs) if is_same else f"<table>{''.join(map(_paragraph, paragraphs))}</table>")
    return _box("".join(parts), "Changes of the report")


def _folded(paragraphs: Sequence[Paragraph]) -> str:
    what = _plural("paragraph", len(paragraphs))
    text = "".join(f"<div>{shown(p.pieces[0].text)}</div>" for p in paragraphs)
    return f'<details class="same"><summary>{len(paragraphs)} {what} the same</summary>{text}</details>'


def _paragraph(paragraph: Paragraph) -> str:
    kind = paragraph.kind
    return f'<tr class="{kind}"><td class="s">{_SIGNS[kind]}</td><td>{_pieces(paragraph.pieces, whole=kind is not Change.CHANGED)}</td></tr>'


def records_html(found: RecordDifference) -> str:
    parts = []
    for table, group in groupby(found.changes, key=lambda change: change.table):
        title = shown(table.replace("_", " ").capitalize())
        parts.append(f'<div class="about"><span>{title}</span></div><table>{"".join(map(_record, group))}</table>')
    if found.left_out:
        parts.append(f'<div class="about"><span>{found.left_out:,} more changes are not shown</span></div>')
    return _box("".join(parts), "Changes of the records")


def _record(change: RecordChange) -> str:
    where = " ".join(filter(None, [change.row, change.path]))
    before, after = (_value(value) for value in (change.before, change.after))
    told = {
        Change.ADDED: f'<ins class="whole">{after}</ins>',
        Change.REMOVED: f'<del class="whole">{before}</del>',
    }.get(change.kind, f"<del>{before}</del> → <ins>{after}</ins>")
    return f'<tr class="{change.kind}"><td class="s">{_SIGNS[change.kind]}</td><td class="f">{shown(where)}</td><td>{told}</td></tr>'


def _value(value: Any) -> str:
    text = value_words(value)
    return shown(f"{text[:_VALUE_MAX]}…" if len(text) > _VALUE_MAX else text)


def value_words(value: Any) -> str:
    """JSON as people read it: "nothing", "yes", lists with commas, the filled fields of a row."""
    if value in _NOTHING:
        return "nothing"
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(value_words, value))
        case dict():
            filled = {key: item for key, item in value.items() if item not in _NOTHING}
            return "; ".join(f"{key.replace('_', ' ')}: {value_words(item)}" for key, item in filled.items())
    return str(value)


def files_html(found: Iterable[FileDifference]) -> str:
    return _box("".join(_file(file, is_open=n < _OPEN_FILES) for n, file in enumerate(found)), "Changes of files")


def _file(file: FileDifference, *, is_open: bool) -> str:
    lines = [line for hunk in file.hunks for line in hunk.lines]
    counts = [sum(line.kind is kind for line in lines) for kind in (Change.ADDED, Change.REMOVED)]
    said = {Change.ADDED: "new, ", Change.REMOVED: "removed, "}.get(file.kind, "")
    said += f"+{counts[0]:,} −{counts[1]:,}" if lines else ""
    about = f'<div class="about"><span>{shown(file.said)}</span></div>' if file.said else ""
    body = "".join(map(_hunk, file.hunks))
    if file.skipped_after:
        body += _skipped(file.skipped_after)
    table = f'<table class="code">{body}</table>' if body else ""
    mark = f"{_SIGNS[file.kind]} {shown(file.path)} ({said.rstrip(', ') or file.kind})"
    return f"<details{' open' if is_open else ''}><summary>{mark}</summary>{about}{table}</details>"


def _hunk(hunk: Hunk) -> str:
    return (_skipped(hunk.skipped) if hunk.skipped else "") + "".join(map(_line, hunk.lines))


def _skipped(count: int) -> str:
    return f'<tr><td colspan="4" class="about"><span>{count:,} {_plural("line", count)} the same</span></td></tr>'


def _line(line: Line) -> str:
    numbers = "".join(f'<td class="n">{number or ""}</td>' for number in (line.before, line.after))
    is_whole = all(piece.kind is Change.SAME for piece in line.pieces) or len(line.pieces) == 1
    text = _pieces(line.pieces, whole=is_whole)
    tag = _TAGS.get(line.kind)
    if tag and is_whole:
        text = f'<{tag} class="whole">{"".join(shown(piece.text) for piece in line.pieces)}</{tag}>'
    return f'<tr class="{line.kind}">{numbers}<td class="s">{_SIGNS[line.kind]}</td><td>{text}</td></tr>'


def _pieces(pieces: Sequence[Piece], *, whole: bool) -> str:
    mark = ' class="whole"' if whole else ""
    return "".join(
        f"<{tag}{mark}>{shown(piece.text)}</{tag}>" if (tag := _TAGS.get(piece.kind)) else shown(piece.text)
        for piece in pieces
    )


def shown(text: str) -> str:
    """As text inside HTML; what no eye sees is named by its code."""
    return html.escape(_UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text), quote=True)


def _box(body: str, label: str) -> str:
    return f'{_STYLE}<div class="gl-diff" role="region" aria-label="{label}">{body}</div>'
