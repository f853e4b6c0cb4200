"""`make bench`: what a run of the twelve agents costs with a model, with and without the prompt cache, and how much is left to win.

Nothing is asked of a provider. Scripted agents talk to the server of the tests, which keeps every request; tokens are counted
as four bytes each, prices are those of `services/agents/claude/prices.py`, and the clock is that of `cache_layouts.py`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from benchmarks.cache_layouts import LAYOUTS, Bill, Layout, Run, Sent, bound, replay, total, uncached
from services.agents.claude.prices import PRICES, PriceList
from services.workflow.tasks import TASKS, Task
from tests.claude.briefs import a_brief
from tests.claude.calling import TODAY
from tests.claude.playing import Players, playing
from tests.claude.working import Workers
from tests.fakes.paying_work import PayingWork
from tests.servers.messages_api import Answer, MessagesApi, serving

TODAYS = PriceList()
# The rule that most models had: what is read from the cache costs a tenth of the input. Today's models cost less.
AT_A_TENTH = PriceList(tuple(row.model_copy(update={"read": row.input / 10}) for row in PRICES))
SHOWN_LAYOUTS, DAY_SECONDS = 5, 86_400.0


def recorded(script: Players, graph: Sequence[Task] = TASKS) -> dict[str, list[Sent]]:
    """The real engine plays every task against the server of the tests; what it sent, byte for byte."""
    answers: list[int] = []

    def answering(request: dict[str, Any]) -> Answer:
        answer = script(request)
        answers.append(answer.tokens)
        return answer

    sent: dict[str, list[Sent]] = {}
    with serving(MessagesApi(answering)) as api:
        engine = playing(api)
        for task in graph:
            before = len(api.received)
            draft = engine.produce(a_brief(task.key, script.request), PayingWork())
            assert draft.files == script.draft(task.key).files
            received = zip(api.received[before:], answers[before:], strict=True)
            sent[task.key] = [Sent(request.data, tokens) for request, tokens in received]
    return sent


def saved(cost: Decimal, plain: Decimal) -> str:
    return f"{1 - cost / plain:.0%}"


def print_agents(sent: Run, now: Mapping[str, Bill], plain: Mapping[str, Bill]) -> None:
    print("\n| agent | task | requests | prompt tokens | read from the cache | answers | USD | uncached | saved |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for task in TASKS:
        bill, before = now[task.key], plain[task.key]
        print(
            f"| {task.agent} | {task.key} | {len(sent[task.key])} | {bill.prompt:,} | {bill.read / bill.prompt:.0%} | "
            f"{bill.output:,} | {bill.usd:.2f} | {before.usd:.2f} | {saved(bill.usd, before.usd)} |"
        )
    prompt, read = sum(bill.prompt for bill in now.values()), sum(bill.read for bill in now.values())
    count, output = sum(map(len, sent.values())), sum(b.output for b in now.values())
    print(
        f"| all | | {count} | {prompt:,} | {read / prompt:.0%} | {output:,} | **{total(now):.2f}** | "
        f"**{total(plain):.2f}** | **{saved(total(now), total(plain))}** |"
    )


def print_layouts(sent: Run, plain: Decimal, prices: PriceList) -> None:
    least = bound(TASKS, sent, prices)
    own = Layout(is_own=True)
    tried = {
        layout: total(replay(TASKS, sent, layout, prices))
        for layout in (own, Layout(is_own=True, is_warmed=True), *LAYOUTS)
    }
    ranked = sorted(tried, key=lambda layout: tried[layout])
    shown = [*ranked[:SHOWN_LAYOUTS], *(one for one in (own, Layout()) if one not in ranked[:SHOWN_LAYOUTS])]
    print(f"\n| marks, the best of {len(tried)} | USD | saved | above the bound |\n|---|---:|---:|---:|")
    for layout in shown:
        print(
            f"| {layout.name} | {tried[layout]:.3f} | {saved(tried[layout], plain)} | {tried[layout] / least - 1:.1%} |"
        )
    print(f"| bound: no marks can cost less | {least:.3f} | {saved(least, plain)} | |")
    print(f"\nAs sent costs {tried[own] / tried[ranked[0]]:.3f} of the best simulated layout.")


def print_totals(name: str, sent: Run, prices: PriceList) -> None:
    now, plain = total(replay(TASKS, sent, Layout(is_own=True), prices)), total(uncached(sent, prices))
    output = sum(one.output_tokens for requests in sent.values() for one in requests)
    rates = prices.of(sent[TASKS[0].key][0].body["model"], TODAY)
    assert rates is not None
    answers = rates.output * output / 1_000_000
    print(
        f"{name}: {now:.2f} USD, {plain:.2f} uncached, {saved(now, plain)} saved; answers alone are {answers:.2f}, which no cache "
        f"makes cheaper, and no marks save more than {saved(bound(TASKS, sent, prices), plain)}."
    )


def main() -> None:
    long, short = recorded(Workers()), recorded(Players())
    now, plain = replay(TASKS, long, Layout(is_own=True), TODAYS), uncached(long, TODAYS)
    print_agents(long, now, plain)
    print_layouts(long, total(plain), TODAYS)
    slow = total(replay(TASKS, long, Layout(is_own=True), TODAYS, gate_seconds=DAY_SECONDS))
    print(
        f"\nWhere people take a day at each gate instead of half an hour: {slow:.2f} USD, {saved(slow, total(plain))} saved."
    )
    print_totals("The same with reads at a tenth of the input", long, AT_A_TENTH)
    print_totals("Agents that write at once, without reading", short, TODAYS)


if __name__ == "__main__":
    main()
