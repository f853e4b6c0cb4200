"""The client of the claude engine before a judge that nobody here wrote: how it meets faults is its verdict, not ours."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from services.agents.claude.calls import Caller, Pace
from services.agents.claude.clients import make_client
from services.agents.claude.engine import ClaudeEngine
from services.agents.claude.prices import PriceList
from services.agents.claude.streams import Limits
from services.errors import ModelFailed
from services.settings import Provider
from tests.claude.briefs import a_brief
from tests.claude.calling import REQUEST, Heard
from tests.claude.playing import Players
from tests.fakes.paying_work import PayingWork
from tests.servers.judge import Judge, judging

TEXT = "The quick brown fox jumps over the lazy dog. " * 5
KEY = "judged"
LIMITS = Limits(idle_seconds=1.0, total_seconds=20.0)
STALL_SECONDS = 5.0


def fails(status: int, **more: Any) -> dict[str, Any]:
    return {"type": "fail", "status": status, **more}


def breaks(kind: str, *, after_chunks: int = 3, **more: Any) -> dict[str, Any]:
    """At the first piece of text, where nothing else is said; what comes before is begin, block, ping."""
    return {"type": "stream_fault", "kind": kind, "after_chunks": after_chunks, **more}


def says(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "reply", "text": text, **more}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    # Slow enough that it is still writing when a client hangs up; else it would take the answer for one that was read.
    with judging("--stream-chunk-delay-ms", "1") as running:
        yield running


def a_caller(judge: Judge) -> Caller:
    """Really waits, but not long: the judge looks at the clock."""
    provider = Provider(key=KEY, base_url=judge.address)
    pace = Pace(first_seconds=0.1, draw=lambda _low, high: high)
    caller = Caller(provider, PriceList(), limits=LIMITS, pace=pace)
    caller._client = make_client(provider, idle_seconds=LIMITS.idle_seconds)
    return caller


@pytest.mark.parametrize(
    ("faults", "injected"),
    [
        ([fails(429, retry_after=1)], 1),
        ([fails(529, retry_after=1)], 1),
        ([fails(500, times=3)], 3),
        ([breaks("truncate")], 1),
        ([breaks("truncate", after_chunks=0)], 1),
        ([breaks("disconnect")], 1),
        ([breaks("malformed")], 1),
        ([breaks("stall", stall_seconds=STALL_SECONDS)], 1),
        ([fails(500), breaks("disconnect"), breaks("truncate"), breaks("malformed")], 4),
    ],
    ids=[
        "429",
        "529",
        "500 three times",
        "truncate",
        "truncate at once",
        "disconnect",
        "malformed",
        "stall",
        "one after the other",
    ],
)
def test_faults_that_pass_are_met_without_a_finding(judge: Judge, faults: list[Any], injected: int) -> None:
    judge.begin_anew(*faults, says(TEXT, times=None))
    reply = a_caller(judge).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    assert reply.text == TEXT
    verdict = judge.verdict()
    assert (verdict["findings"], verdict["faults_injected"], verdict["attempts"]) == ([], injected, injected + 1)


def test_a_request_that_is_wrong_is_not_repeated(judge: Judge) -> None:
    judge.begin_anew(fails(400, times=None))
    with pytest.raises(ModelFailed, match="refused the request as wrong"):
        a_caller(judge).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    verdict = judge.verdict()
    assert (verdict["findings"], verdict["faults_injected"], verdict["attempts"]) == ([], 1, 1)


def test_a_quota_is_waited_for_as_long_as_it_says() -> None:
    with judging("--rpm", "60") as judge:
        judge.begin_anew(says(TEXT, times=None))
        caller = a_caller(judge)
        limited: list[Any] = []
        for _ in range(300):  # the slower the machine, the more fit into the quota of a minute
            assert caller.call(REQUEST, work=PayingWork(), key="k", listener=Heard()).text == TEXT
            limited = [row for row in judge.requests() if row["status"] == 429]
            if limited:
                break
        assert judge.verdict()["findings"] == []
        assert [row["retry_after"] > 0 for row in limited] == [True]


def test_a_whole_task_under_faults_is_the_task_without_them(judge: Judge) -> None:
    players = Players()
    with_tools: dict[str, Any] = {"match": {"tools": True}}
    without: dict[str, Any] = {"match": {"tools": False}}
    looks = {"type": "reply", "text": "I look.", "tool_calls": [{"name": "list_files"}], **with_tools}
    judge.begin_anew(
        *(
            fails(529, retry_after=1, **with_tools),
            breaks("truncate", **with_tools),
            breaks("disconnect", **with_tools),
        ),
        *(looks, looks, looks, says(players.report("business"), **with_tools)),
        *(fails(429, retry_after=1, **without), breaks("malformed", **without)),
        *(says(players.records("business"), **without), says(players.records("business"), **without)),
    )
    draft = ClaudeEngine(a_caller(judge)).produce(a_brief("business"), PayingWork())
    wanted = players.draft("business")
    assert (draft.report, draft.records) == (players.report("business").strip(), wanted.records)
    verdict = judge.verdict()
    assert (verdict["findings"], verdict["faults_injected"], judge.pending()) == ([], 5, [])
    assert (verdict["calls"], verdict["attempts"]) == (3, 8)


def test_the_judge_finds_fault_with_a_client_that_takes_half_an_answer(judge: Judge) -> None:
    judge.begin_anew(breaks("truncate"), says(TEXT, times=None))
    with anthropic.Anthropic(api_key=KEY, base_url=judge.address).messages.stream(**REQUEST) as stream:
        assert stream.get_final_message().stop_reason is None
    verdict = judge.verdict()
    assert [(row["severity"], row["code"]) for row in verdict["findings"]] == [("error", "truncated_stream_accepted")]
