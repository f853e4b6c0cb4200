"""Agents whose first version of a file is wrong, and who mend it when they are told what checks found."""

from dataclasses import dataclass, field
from typing import Any

from tests.claude.playing import Players, is_for_records, task_of, text_of
from tests.servers.messages_api import Answer, calls, says


@dataclass(frozen=True)
class Mistake:
    """`wrong` stands in the first version of the file in the place of `right`."""

    task: str
    path: str
    right: str
    wrong: str


FAILING_TEST = Mistake(
    "tests", "tests/test_expenses.py", '"surprise": 1}).status_code == 422', '"surprise": 1}).status_code == 200'
)
UNTIDY_DESIGN = Mistake("architecture", "design/openapi.json", '"openapi"', '"OUT-OF-ORDER": 1, "openapi"')
BROKEN_SERVICE = Mistake("performance", "app/main.py", "app = create_app()", "app = create_app(1)")


@dataclass
class Repairing(Players):
    """`mends`: whether they do anything about it but reporting."""

    mistakes: tuple[Mistake, ...] = ()
    mends: bool = True
    told: list[str] = field(default_factory=list)

    def __call__(self, request: dict[str, Any]) -> Answer:
        mine = [mistake for mistake in self.mistakes if mistake.task == task_of(request)]
        if not mine or is_for_records(request):
            return super().__call__(request)
        if '"kind":"findings"' not in text_of(request):
            return _spoiled(super().__call__(request), mine)
        turn: int = sum(message["role"] == "assistant" for message in request["messages"])
        if turn == 0:
            self.told.append(text_of(request))
        answers = [*self._mending(mine), says(self.report(mine[0].task))]
        return answers[turn]

    def _mending(self, mistakes: list[Mistake]) -> list[Answer]:
        looks = calls(*(("read_file", {"path": m.path}) for m in mistakes), first_id=9_000)
        edits = calls(
            *(("edit_file", {"path": m.path, "old": m.wrong, "new": m.right}) for m in mistakes), first_id=9_100
        )
        return [looks, edits] if self.mends else [looks]


def _spoiled(answer: Answer, mistakes: list[Mistake]) -> Answer:
    wrong = {mistake.path: mistake for mistake in mistakes}
    for block in answer.blocks:
        if block.get("name") == "write_file" and block["input"]["path"] in wrong:
            mistake = wrong[block["input"]["path"]]
            block["input"]["content"] = block["input"]["content"].replace(mistake.right, mistake.wrong, 1)
    return answer
