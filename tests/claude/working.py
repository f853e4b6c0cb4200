"""Agents who work as long as agents do: they read what they were given and the code, write a few files a turn, look at them
again and mend them, and report. What they write in the end is what the blueprint engine makes of the same request.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from services.workflow.tasks import owner_of, tasks_for
from tests.agents.chain import files_of
from tests.claude.playing import Players, lines_for
from tests.servers.messages_api import Answer, calls, says

READ_IN_ONE_TURN, WRITTEN_IN_ONE_TURN = 3, 2
CODE_FILES, CODE_BYTES = 18, 24_000
UNFINISHED = "TO BE FINISHED\n"
Call = tuple[str, dict[str, Any]]
T = TypeVar("T")


class Workers(Players):
    """About twenty turns a task; see `turns`."""

    def turns(self, key: str) -> list[Answer]:
        talk = [
            ("I look around before I decide.", [("list_files", {}), ("search_files", {"text": "order"})]),
            *(("I read what was decided before me.", batch) for batch in batched(self._given(key), READ_IN_ONE_TURN)),
            *(
                ("Next I read the code that this touches.", batch)
                for batch in batched(self._code(key), READ_IN_ONE_TURN)
            ),
            *self._written(key),
        ]
        acts = [calls(*batch, text=f"{said}\n", first_id=100 * turn) for turn, (said, batch) in enumerate(talk)]
        return [*acts, says(self.report(key))]

    def _given(self, key: str) -> list[Call]:
        """The whole of what the block of the task shows condensed."""
        task = next(task for task in tasks_for(self.request.methodology) if task.key == key)
        return [("read_file", {"path": f"reads/{name}.{kind}"}) for name in task.reads for kind in ("md", "json")]

    def _code(self, key: str) -> list[Call]:
        """Some files of the tasks that this one reads, the same number of each."""
        graph = tasks_for(self.request.methodology)
        task = next(task for task in graph if task.key == key)
        made = lines_for(self.request.model_dump_json())
        files = files_of(made[name] for name in task.reads)
        share = CODE_FILES // max(1, len(task.reads))
        chosen = [
            path
            for name in task.reads
            for path in sorted(
                p for p, data in files.items() if owner_of(graph, p) == name and len(data) <= CODE_BYTES
            )[:share]
        ]
        return [("read_file", {"path": path}) for path in chosen]

    def _written(self, key: str) -> Iterator[tuple[str, Sequence[Call]]]:
        """Two files a turn; every third turn the first of them is read again and mended."""
        files = sorted((p, d.decode()) for p, d in self.draft(key).files.items() if p != "design/architecture.json")
        for number, batch in enumerate(batched(files, WRITTEN_IN_ONE_TURN)):
            first, text = batch[0]
            is_mended = number % 3 == 0
            told = [(first, UNFINISHED + text if is_mended else text), *batch[1:]]
            yield "I write the next files.", [("write_file", {"path": path, "content": said}) for path, said in told]
            if is_mended:
                yield "I look at it again.", [("read_file", {"path": first, "last_line": 80})]
                yield "One place is to be mended.", [("edit_file", {"path": first, "old": UNFINISHED, "new": ""})]


def batched(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]
