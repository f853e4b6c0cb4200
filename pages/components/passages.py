"""A revision as it is read and discussed: its report, its records and its files, each thread below what it is about."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.components import address, threads
from pages.components.frame import plain
from pages.components.records import draw_records
from pages.components.report import draw_report
from services.actors import Actor
from services.deps import Deps
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.discussions import ThreadView
from services.reviews.passages import lines_of_file, paragraphs_of, records_of, sections_of, title_of
from services.reviews.threads import LINES_MAX
from services.runs.views import RevisionView, RunView, read_revision_file

_LANGUAGES = {"py": "python", "json": "json", "md": "markdown", "yml": "yaml", "yaml": "yaml", "html": "html", "js": "javascript",
              "css": "css", "sql": "sql", "toml": "toml", "sh": "bash", "feature": "gherkin"}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One revision in front of somebody, with the threads of its task as they stand in it."""

    deps: Deps
    actor: Actor
    run: RunView
    revision: RevisionView
    threads: tuple[ThreadView, ...]

    def of(self, kind: AnchorKind) -> list[ThreadView]:
        return [thread for thread in self.threads if thread.anchor.kind is kind]

    def draw_talk(self, found: Sequence[ThreadView], key: str, choose: Callable[[], Anchor]) -> None:
        """The threads about something, and the way to begin another one."""
        threads.draw_threads(self.deps, self.actor, self.run, found)
        made = (self.revision.task_key, self.revision.number)
        threads.draw_new(
            self.deps, self.actor, self.run, revision=made, key=f"run_comment_{self.revision.id}_{key}", choose=choose
        )

    def draw_outdated(self, found: Sequence[ThreadView]) -> None:
        if found:
            st.markdown(":small[:gray[What these are about is not in this revision:]]")
        threads.draw_threads(self.deps, self.actor, self.run, found)


def open_of(reading: Reading, kind: AnchorKind) -> int:
    return sum(thread.is_open for thread in reading.of(kind))


def draw_report_of(reading: Reading, name: str) -> None:
    pieces = paragraphs_of(reading.revision.report)
    found = reading.of(AnchorKind.PARAGRAPH)
    for section in sections_of(reading.revision.report):
        numbers = range(section.first, section.last + 1)
        with st.container():
            draw_report(section.text, name)
            places = {Anchor(AnchorKind.PARAGRAPH, "", n, n): title_of(pieces[n - 1].text) for n in numbers}
            here = [thread for thread in found if thread.now and thread.now.first in numbers]
            reading.draw_talk(here, str(section.first), _one_of(places, f"{reading.revision.id}_{section.first}"))
    reading.draw_outdated([thread for thread in found if thread.now is None])


def draw_records_of(reading: Reading) -> None:
    rows = records_of(reading.revision.records)
    found = reading.of(AnchorKind.RECORD)

    def below(name: str) -> None:
        mine = [row for row in rows if row.place == name or row.place.startswith(f"{name}[")]
        places = {Anchor(AnchorKind.RECORD, row.place): _row_title(row.place, row.text) for row in mine}
        here = [thread for thread in found if thread.now in places]
        if places:
            reading.draw_talk(here, name, _one_of(places, f"{reading.revision.id}_{name}"))

    draw_records(reading.revision.records, below)
    reading.draw_outdated([thread for thread in found if thread.now is None])


def draw_files_of(reading: Reading) -> None:
    revision, found = reading.revision, reading.of(AnchorKind.LINES)
    gone = [thread for thread in found if thread.now is None]
    if not revision.files:
        st.markdown("This step writes no files; its result is the report and the records.")
        reading.draw_outdated(gone)
        return
    sizes = {file.path: file.size for file in revision.files}
    talked = Counter(thread.anchor.place for thread in found if thread.is_open)
    path = st.selectbox(
        f"{len(sizes)} files",
        list(sizes),
        index=address.asked_file(list(sizes)),
        format_func=lambda p: f"{p} ({sizes[p]:,} bytes){_count(talked[p])}",
        key=f"run_file_{reading.run.id}_{revision.task_key}",
    )
    data = read_revision_file(
        reading.deps,
        reading.actor,
        run_id=reading.run.id,
        task_key=revision.task_key,
        path=path,
        number=revision.number,
    )
    language = _LANGUAGES.get(path.rsplit(".", 1)[-1])
    st.code(data.decode("utf-8", "replace"), language=language, line_numbers=True, height=480)
    here = [thread for thread in found if thread.now and thread.now.place == path]
    reading.draw_talk(here, path, lambda: _choose_lines(path, data, language, f"{revision.id}_{path}"))
    reading.draw_outdated(gone)


def _count(number: int) -> str:
    return f" · {number} open thread{'s' if number > 1 else ''}" if number else ""


def _one_of(places: dict[Anchor, str], key: str) -> Callable[[], Anchor]:
    def choose() -> Anchor:
        return st.selectbox(
            "About", list(places), format_func=lambda anchor: plain(places[anchor]), key=f"run_about_{key}"
        )

    return choose


def _row_title(place: str, text: str) -> str:
    """The key of a row and what stands in it first."""
    key = place.partition("[")[2].removesuffix("]")
    words = text.splitlines()[1 if text.startswith(f"id: {key}\n") else 0].partition(": ")
    return title_of(" · ".join(filter(None, [key, words[2] or words[0]])))


def _choose_lines(path: str, data: bytes, language: str | None, key: str) -> Anchor:
    lines = lines_of_file(data)
    most = max(1, len(lines))
    with st.container(horizontal=True):
        first = int(st.number_input("From line", 1, most, 1, key=f"run_first_{key}", width=120))
        last = int(st.number_input("To line", 1, most, first, key=f"run_last_{key}", width=120))
    last = max(first, last)
    st.code(
        "\n".join(line.text for line in lines[first - 1 : min(last, first + LINES_MAX - 1)]),
        language=language,
        height=min(200, 60 + 20 * (last - first)),
    )
    return Anchor(AnchorKind.LINES, path, first, last)
