"""One task's talk with a model: turns with tools until the report, then the records. Every answer is kept once it is paid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from services.agents.claude.calls import Caller
from services.agents.claude.faults import Fault, in_words
from services.agents.claude.live_text import LiveText
from services.agents.claude.outside import Outside
from services.agents.claude.prompting import FOR_A_WHILE, Block
from services.agents.claude.records import json_in, read_records, repair, request_for
from services.agents.claude.remarks import read_answers
from services.agents.claude.streams import Reply
from services.agents.claude.tools import Desk, tool_list
from services.agents.claude.untrusted import clean
from services.agents.engine import Answer, Paid, Remark, Work
from services.deliverables.base import Deliverable

TURNS_MAX = 60
CALLS_IN_ONE_TURN = 20
ANSWER_TOKENS, LONGEST_ANSWER_TOKENS = 16_000, 32_000
SHORTEST_REPORT = 40
WRITE_THE_REPORT = "Your report is missing. Write it now, complete, as the rules say."
LAST_TURN = "This was your last turn with tools. Write your report now."
_BEGINS = {"turn-1": "1-task", "records-1": "2-records", "records-2": "3-records-mended"}
NOT_DONE = "Not done: at most {} calls in one turn. Ask again."


@dataclass
class Conversation:
    """`model` works with tools, `records_model` reads the report. `scope` begins the names of what is kept and paid.

    `begun`: the requests that are no more of the same talk, by name, as they are sent.
    """

    caller: Caller
    work: Work
    desk: Desk
    outside: Outside
    model: str
    records_model: str
    system: list[Block]
    scope: str = ""
    begun: dict[str, dict[str, Any]] = field(default_factory=dict)

    def report(self, first: list[Block]) -> str:
        """The agent's last message, after its work with the tools. Raises: ModelFailed, WorkParked."""
        messages: list[dict[str, Any]] = [{"role": "user", "content": first}]
        must_report = False
        for turn in range(1, TURNS_MAX + 1):
            must_report = must_report or turn == TURNS_MAX
            reply = self._turn(turn, messages, must_report=must_report)
            if _is_report(reply.text) and (must_report or not reply.tool_calls):
                return clean(reply.text).strip()
            messages.append({"role": "assistant", "content": _sendable(reply)})
            content = self._results(turn, reply.tool_calls)
            if not reply.tool_calls:
                content, must_report = [{"type": "text", "text": WRITE_THE_REPORT}], True
            elif turn == TURNS_MAX - 1:
                content.append({"type": "text", "text": LAST_TURN})
            messages.append({"role": "user", "content": content})
        raise AssertionError("the last turn gives a report or raises")

    def records(
        self, kind: type[Deliverable], report: str, remarks: Sequence[Remark] = ()
    ) -> tuple[Deliverable, tuple[Answer, ...]]:
        """The records, and what the report says of the remarks. Raises: ModelFailed when one repair did not help, WorkParked."""
        files = self.desk.all_files()
        request = request_for(
            self.records_model, kind, report=report, files=sorted(files), max_tokens=ANSWER_TOKENS, remarks=remarks
        )
        first = self._kept("records-1", request)
        found = read_records(kind, first.text, files)
        if isinstance(found, Deliverable):
            return found, read_answers(remarks, json_in(first.text))

        def problem(reply: Reply) -> Fault | None:
            wrong = read_records(kind, reply.text, files)
            return None if isinstance(wrong, Deliverable) else Fault("wrong_records", "; ".join(wrong[:3]))

        mended = self._kept("records-2", repair(request, first.text, found), problem=problem)
        found = read_records(kind, mended.text, files)
        assert isinstance(found, Deliverable)
        return found, read_answers(remarks, json_in(mended.text))

    def _turn(self, turn: int, messages: list[dict[str, Any]], *, must_report: bool) -> Reply:
        request: dict[str, Any] = {
            "model": self.model,
            "max_tokens": ANSWER_TOKENS,
            "tools": tool_list(),
            "system": self.system,
            "messages": _marked(messages),
        }
        if must_report:
            request["tool_choice"] = {"type": "none"}

        def problem(reply: Reply) -> Fault | None:
            return Fault("no_report") if must_report and not _is_report(reply.text) else None

        return self._kept(f"turn-{turn}", request, listens=True, problem=problem)

    def _results(self, turn: int, calls: list[dict[str, Any]]) -> list[Block]:
        results: list[Block] = []
        for number, call in enumerate(calls, 1):
            if number > CALLS_IN_ONE_TURN:
                kept: Mapping[str, Any] = {"text": NOT_DONE.format(CALLS_IN_ONE_TURN), "is_error": True, "writes": {}}
            else:
                key = f"{self.scope}turn-{turn}-tool-{number}"
                kept = self.work.once(key, partial(self._used, call, key))
                self.outside.count(str(call["name"]), kept)
            self.desk.apply(kept["writes"])
            result: Block = {"type": "tool_result", "tool_use_id": call["id"], "content": kept["text"]}
            results.append({**result, "is_error": True} if kept["is_error"] else result)
        return results

    def _used(self, call: dict[str, Any], key: str) -> dict[str, Any]:
        name, given = str(call["name"]), call["input"]
        is_outside = self.outside.answers(name)
        answer = self.outside.answer(name, given, call=key) if is_outside else self.desk.answer(name, given)
        if answer.said:
            self.work.emit(clean(answer.said))
        return {
            "text": clean(answer.text),
            "is_error": answer.is_error,
            "writes": dict(answer.writes),
            "seconds": answer.seconds,
        }

    def _kept(
        self,
        key: str,
        request: dict[str, Any],
        *,
        listens: bool = False,
        problem: Callable[[Reply], Fault | None] = lambda _reply: None,
    ) -> Reply:
        """An answer that can be used; on a replay the one of before, without asking.

        What was refused, cut or has a problem is paid and not kept: another attempt may go better.
        """

        name = f"{self.scope}{key}"  # of the answer and of what it cost

        def ask() -> dict[str, Any]:
            reply = self._whole(name, request, listens=listens)
            fault = _unusable(reply) or problem(reply)
            if fault:
                raise in_words(fault, who=self.caller.provider.address, model=str(request["model"]))
            return asdict(reply)

        def paid(answer: dict[str, Any]) -> Paid:
            return Paid(answer["usage"], self.caller.cost_usd(str(request["model"]), answer["usage"]))

        if begins := _BEGINS.get(key):
            self.begun[begins] = {**request, "messages": list(request["messages"])}  # ours grows
        return Reply(**self.work.once(name, ask, paid))

    def _whole(self, key: str, request: dict[str, Any], *, listens: bool) -> Reply:
        """Asked once more with more room where it was cut."""
        live = LiveText(self.work) if listens else _Silent()
        reply = self.caller.call(request, work=self.work, key=key, listener=live)
        if reply.stop_reason == "max_tokens":
            live.begins_again()
            longer = {**request, "max_tokens": LONGEST_ANSWER_TOKENS}
            reply = self.caller.call(longer, work=self.work, key=key, listener=live)
        live.flush()
        return reply


def _unusable(reply: Reply) -> Fault | None:
    if reply.stop_reason == "refusal":
        return Fault("refused", reply.refusal)
    if reply.stop_reason == "model_context_window_exceeded":
        return Fault("context_exceeded")
    return Fault("cut_off", f"{LONGEST_ANSWER_TOKENS:,} tokens") if reply.stop_reason == "max_tokens" else None


def _is_report(text: str) -> bool:
    return len(clean(text).strip()) >= SHORTEST_REPORT


class _Silent:
    """Records are for programs; nobody watches them come."""

    def text(self, text: str) -> None: ...

    def begins_again(self) -> None: ...

    def flush(self) -> None: ...


def _sendable(reply: Reply) -> list[Block]:
    """As it came, without empty texts, which the API takes from nobody."""
    blocks = [block for block in reply.blocks if block["type"] != "text" or block["text"].strip()]
    return blocks or [{"type": "text", "text": "(nothing)"}]


def _marked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first message marks its shared parts and its end; later on, the ends of the last two turns of ours take the place
    of that end, because only four marks are allowed and a lookup goes back only 20 blocks.
    """
    if len(messages) == 1:
        return messages
    newest = {len(messages) - 1, len(messages) - 3} - {0}
    marked = [{**m, "content": _with_end_marked(m["content"])} if i in newest else m for i, m in enumerate(messages)]
    if len(newest) == 2:
        *shared, last = messages[0]["content"]
        marked[0] = {**messages[0], "content": [*shared, {k: v for k, v in last.items() if k != "cache_control"}]}
    return marked


def _with_end_marked(content: list[Block]) -> list[Block]:
    return [*content[:-1], {**content[-1], "cache_control": FOR_A_WHILE}]
