"""What the same requests cost under other cache marks, in the order in which a run sends them. No text is changed, only marks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.agents.claude.prices import PriceList
from services.workflow.tasks import Task
from tests.claude.calling import TODAY
from tests.servers.prompt_cache import MARKS_MAX, PromptCache, positions

Body = dict[str, Any]
# Assumptions of the clock: until an answer begins, how fast it comes, what the tools take, how long people are at a gate.
FIRST_TOKEN_SECONDS, TOKENS_PER_SECOND, TOOLS_SECONDS, GATE_SECONDS = 2.0, 60.0, 0.5, 1_800.0
WARM_UP = "warm-up"


@dataclass(frozen=True)
class Sent:
    """A request as it was recorded, and how long its answer was."""

    body: Body
    output_tokens: int

    @property
    def seconds(self) -> float:
        return FIRST_TOKEN_SECONDS + self.output_tokens / TOKENS_PER_SECOND + TOOLS_SECONDS


Run = Mapping[str, Sequence[Sent]]  # task key -> its requests in their order


@dataclass(frozen=True)
class Layout:
    """How long the cache keeps what ends at a place, "5m" or "1h"; "": no mark there.

    `request`: the part that all agents share; `reads`: what the task reads; `first`: the whole first message while it is the
    newest; `loop`: the newest turn of ours. `is_warmed`: a request without an answer goes before each phase. `is_own`: the
    marks that the product has set stay.
    """

    request: str = ""
    reads: str = ""
    first: str = ""
    loop: str = ""
    is_warmed: bool = False
    is_own: bool = False

    @property
    def name(self) -> str:
        marks = {"request": self.request, "reads": self.reads, "first message": self.first, "each turn": self.loop}
        told = ", ".join(f"{place} {ttl}" for place, ttl in marks.items() if ttl)
        return ("as sent" if self.is_own else told or "no mark") + (", warmed" if self.is_warmed else "")

    def marked(self, body: Body) -> Body:
        """The same request with these marks. What is for records is small and keeps none."""
        if self.is_own or "output_config" in body:
            return body
        bare = without_marks(body)
        messages = bare["messages"]
        first = messages[0]["content"]
        reads = [i for i, block in enumerate(first) if block.get("text", "").startswith('<data>\n{"kind":"reads"')]
        places = [
            (first[0], self.request),
            *((first[i], self.reads) for i in reads[-1:]),
            (messages[-1]["content"][-1], self.first if len(messages) == 1 else self.loop),
        ]
        for block, ttl in places[:MARKS_MAX]:
            if ttl:
                block["cache_control"] = {"type": "ephemeral", "ttl": ttl}
        return bare


# 1h before 5m, as the API wants it.
LAYOUTS = tuple(
    Layout(request, reads, first, loop, is_warmed=is_warmed)
    for request, reads in (("", ""), ("5m", ""), ("1h", ""), ("", "5m"), ("5m", "5m"), ("1h", "5m"), ("1h", "1h"))
    for first in ("", "5m")
    for loop in ("", "5m")
    for is_warmed in ((False, True) if request else (False,))
)


@dataclass
class Bill:
    """USD, and tokens of the prompt by how they were paid."""

    usd: Decimal = Decimal(0)
    fresh: int = 0
    written: int = 0
    read: int = 0
    output: int = 0

    @property
    def prompt(self) -> int:
        return self.fresh + self.written + self.read

    def add(self, prices: PriceList, one: Sent, usage: Mapping[str, Any]) -> None:
        counted = {**usage, "output_tokens": one.output_tokens}
        cost = prices.cost(one.body["model"], counted, TODAY)
        assert cost is not None
        self.usd += cost
        self.fresh += usage["input_tokens"]
        self.written += usage["cache_creation_input_tokens"]
        self.read += usage["cache_read_input_tokens"]
        self.output += one.output_tokens


def without_marks(body: Body) -> Body:
    """A copy that can be marked anew."""
    messages = [
        {
            **message,
            "content": [{k: v for k, v in block.items() if k != "cache_control"} for block in message["content"]],
        }
        for message in body["messages"]
    ]
    return {**body, "messages": messages}


def replay(
    graph: Sequence[Task], sent: Run, layout: Layout, prices: PriceList, *, gate_seconds: float = GATE_SECONDS
) -> dict[str, Bill]:
    """Task key -> bill, and one for warming. Two requests at the same time both pay for what neither has written before."""
    now = [0.0]
    cache = PromptCache(lambda: now[0], delay_seconds=FIRST_TOKEN_SECONDS)
    bills: dict[str, Bill] = {}
    for at, key, one in _in_time(graph, sent, is_warmed=layout.is_warmed, gate_seconds=gate_seconds):
        now[0] = at
        bills.setdefault(key, Bill()).add(prices, one, cache.usage(layout.marked(one.body)))
    return bills


def uncached(sent: Run, prices: PriceList) -> dict[str, Bill]:
    """The same requests without any mark."""
    bills = {key: Bill() for key in sent}
    for key, requests in sent.items():
        for one in requests:
            bills[key].add(prices, one, PromptCache(lambda: 0.0).usage(without_marks(one.body)))
    return bills


def bound(graph: Sequence[Task], sent: Run, prices: PriceList) -> Decimal:
    """Below this no marks can come: a block is written once if it is ever read again, at the lower price, and kept for ever."""
    rows = [(one, list(positions(without_marks(one.body)))) for _, _, one in _in_time(graph, sent)]
    last = {place.prefix: number for number, (_, places) in enumerate(rows) for place in places}
    seen: set[str] = set()
    bill = Bill()
    for number, (one, places) in enumerate(rows):
        paid = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        before = 0
        for place in places:
            is_known, is_needed = place.prefix in seen, last[place.prefix] > number
            how = (
                "cache_read_input_tokens"
                if is_known
                else "cache_creation_input_tokens"
                if is_needed
                else "input_tokens"
            )
            paid[how] += place.tokens - before
            before = place.tokens
            seen |= {place.prefix} if is_needed else set()
        bill.add(prices, one, paid)
    return bill.usd


def total(bills: Mapping[str, Bill]) -> Decimal:
    return sum((bill.usd for bill in bills.values()), Decimal(0))


def _in_time(
    graph: Sequence[Task], sent: Run, *, is_warmed: bool = False, gate_seconds: float = GATE_SECONDS
) -> Iterator[tuple[float, str, Sent]]:
    """(seconds, task, request) as they go out: tasks of a phase beside each other, each when what it reads is done."""
    began = 0.0
    for phase in sorted({task.phase for task in graph if task.key in sent}):
        tasks = [task for task in graph if task.phase == phase and task.key in sent]
        if is_warmed:
            yield began, WARM_UP, _warming(sent[tasks[0].key][0])
            began += FIRST_TOKEN_SECONDS
        rows: list[tuple[float, str, Sent]] = []
        ended: dict[str, float] = {}
        for task in tasks:
            at = max([began, *(ended[key] for key in task.reads if key in ended)])
            for one in sent[task.key]:
                rows.append((at, task.key, one))
                at += one.seconds
            ended[task.key] = at
        yield from sorted(rows, key=lambda row: row[0])
        began = max(ended.values()) + gate_seconds


def _warming(first: Sent) -> Sent:
    """What a task begins with, up to the end of the part that all agents share."""
    message = first.body["messages"][0]
    shared = [{**message, "content": message["content"][:1]}]
    return replace(first, body={**first.body, "max_tokens": 0, "messages": shared}, output_tokens=0)
