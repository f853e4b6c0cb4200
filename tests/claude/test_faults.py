"""The table of faults: each is injected into a real HTTP exchange; the call succeeds, or ends with the right words."""

from collections.abc import Iterator

import pytest

from services.agents.claude.faults import KINDS, Fault, in_words
from services.agents.claude.streams import Limits
from services.errors import GreenlightError, ModelAway, ModelFailed, WorkParked
from tests.claude.calling import REQUEST, TEXT, Heard, a_caller, a_provider
from tests.claude.troubling import ENDING, PASSING, named
from tests.fakes.paying_work import PayingWork
from tests.servers import troubles as t
from tests.servers.messages_api import KEY, MessagesApi, says, serving
from tests.servers.troubles import Trouble


@pytest.fixture(scope="module")
def server() -> Iterator[MessagesApi]:
    with serving(MessagesApi(lambda _request: says(TEXT))) as api:
        yield api


@pytest.fixture
def api(server: MessagesApi) -> MessagesApi:
    server.begin_anew(lambda _request: says(TEXT))
    return server


def test_there_are_at_least_forty_faults() -> None:
    assert len({trouble.name for trouble in PASSING} | {row[0].name for row in ENDING}) >= 40


@pytest.mark.parametrize("trouble", PASSING, ids=named)
def test_what_passes_is_asked_again_and_the_answer_is_whole(api: MessagesApi, trouble: Trouble) -> None:
    api.troubles = [trouble]
    work, heard = PayingWork(), Heard()
    reply = a_caller(a_provider(api)).call(REQUEST, work=work, key="k", listener=heard)
    assert (reply.text, "".join(heard.pieces), heard.again) == (TEXT, TEXT, 1)
    assert len(api.received) == 2
    assert [cost is not None for _, cost in work.payments.values()] == [True, True]
    assert reply.usage["output_tokens"] > 100


@pytest.mark.parametrize(("trouble", "kind", "ends_as", "requests"), ENDING, ids=named)
def test_what_stays_ends_the_call_with_its_kind(
    api: MessagesApi, trouble: Trouble, kind: str, ends_as: type[GreenlightError], requests: int
) -> None:
    api.troubles = [trouble] * 5
    with pytest.raises((ModelAway, ModelFailed)) as caught:
        a_caller(a_provider(api)).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    assert (getattr(caught.value, "kind", ""), type(caught.value)) == (kind, ends_as)
    assert len(api.received) == requests
    assert api.address in str(caught.value) or "claude-sonnet-5-5" in str(caught.value)


def test_a_broken_answer_counts_at_least_what_was_billed(api: MessagesApi) -> None:
    unreadable = t.replaced(0.1, "content_block_delta", "{", "malformed JSON")  # and the server goes on writing
    for trouble in (
        unreadable,
        t.reset(0.3),
        t.stalled(0.7),
        t.ended(0.9),
        t.silent(),
        t.error_event(0.5, "api_error"),
    ):
        api.troubles, api.billed, work = [trouble], [], PayingWork()
        caller = a_caller(a_provider(api))
        caller.call(REQUEST, work=work, key="k", listener=Heard())
        billed = sum(caller.prices.cost(model, usage, caller.today()) or 0 for model, usage in api.billed)
        assert float(billed) <= work.held_usd <= sum(worst or 0 for worst, _ in work.payments.values())


def test_an_answer_that_nobody_counted_costs_what_was_held_for_it(api: MessagesApi) -> None:
    api.troubles, work = [t.uncounted(), None], PayingWork()
    caller = a_caller(a_provider(api))
    reply = caller.call(REQUEST, work=work, key="k", listener=Heard())
    assert (reply.text, len(api.received), caller.cost_usd(REQUEST["model"], reply.usage)) == (TEXT, 1, None)
    [(worst, cost)] = work.payments.values()
    assert cost == worst
    assert cost


def test_a_refused_request_costs_nothing(api: MessagesApi) -> None:
    api.troubles, work = [t.status(529, "overloaded_error")], PayingWork()
    a_caller(a_provider(api)).call(REQUEST, work=work, key="k", listener=Heard())
    assert [cost == 0 for _, cost in work.payments.values()] == [True, False]


def test_waits_grow_and_what_the_provider_asks_for_is_obeyed(api: MessagesApi) -> None:
    waited: list[float] = []
    api.troubles = [t.status(529, "overloaded_error"), t.status(429, "rate_limit_error", retry_after="7")]
    a_caller(a_provider(api), waited=waited).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    assert waited[0] == 1.0
    assert 7.0 <= sum(waited[1:]) <= 7.71


def test_unknown_events_are_passed_over(api: MessagesApi) -> None:
    api.troubles = [t.with_unknown_events()]
    reply = a_caller(a_provider(api)).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    assert (reply.text, len(api.received)) == (TEXT, 1)


def half(code: str) -> tuple[str, str]:
    return (
        "content_block_delta",
        f'{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"\\u{code}"}}}}',
    )


@pytest.mark.parametrize(
    ("halves", "joined"), [(("d83d", "de00"), "\U0001f600"), (("d83d",), "\ufffd")], ids=["both", "one"]
)
def test_halves_of_characters_are_joined_or_marked(api: MessagesApi, halves: tuple[str, ...], joined: str) -> None:
    def change(events: t.Events) -> t.Events:
        return [*events[:4], *map(half, halves), *events[4:]]

    api.troubles = [Trouble("halves", change=change)]
    reply = a_caller(a_provider(api)).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    assert joined in reply.text
    reply.text.encode()


def test_nothing_listening_is_no_connection() -> None:
    with serving(MessagesApi(lambda _request: says(TEXT))) as gone:
        provider = a_provider(gone)
    work = PayingWork()
    with pytest.raises(ModelAway, match="There is no connection to http://127") as caught:
        a_caller(provider).call(REQUEST, work=work, key="k", listener=Heard())
    assert (caught.value.kind, work.held_usd) == ("no_connection", 0.0)


def test_a_stop_closes_the_stream(api: MessagesApi) -> None:
    api.pause_seconds, work = 0.05, PayingWork()
    heard = Heard()

    def hears_and_stops(text: str) -> None:
        heard.pieces.append(text)
        work.is_stopped = True

    heard.text = hears_and_stops  # type: ignore[method-assign]
    try:
        caller = a_caller(a_provider(api), limits=Limits(idle_seconds=2.0, total_seconds=20.0))
        with pytest.raises(ModelFailed, match="Somebody stopped this run"):
            caller.call(REQUEST, work=work, key="k", listener=heard)
        assert len("".join(heard.pieces)) < len(TEXT)
    finally:
        api.pause_seconds = 0.0


def test_what_is_stopped_before_it_begins_sends_nothing(api: MessagesApi) -> None:
    with pytest.raises(ModelFailed):
        a_caller(a_provider(api)).call(REQUEST, work=PayingWork(is_stopped=True), key="k", listener=Heard())
    assert api.received == []


def test_a_limit_on_money_stops_the_call_before_it_is_sent(api: MessagesApi) -> None:
    with pytest.raises(WorkParked, match="limit"):
        a_caller(a_provider(api)).call(REQUEST, work=PayingWork(limit_usd=0.000_1), key="k", listener=Heard())
    assert api.received == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_to_do_and_never_the_key(kind: str) -> None:
    said = str(in_words(Fault(kind, f"bad {KEY}\x07 <b>"), who="http://x", model="m", secret=KEY))
    assert KEY not in said
    assert "\x07" not in said
    assert said.count(".") >= 1
    assert "{" not in said


def test_a_server_that_repeats_the_key_does_not_bring_it_to_a_screen(api: MessagesApi) -> None:
    api.troubles = [t.status(401, "authentication_error", f"no such key: {KEY}")]
    with pytest.raises(ModelAway) as caught:
        a_caller(a_provider(api)).call(REQUEST, work=PayingWork(), key="k", listener=Heard())
    assert "no such key: (key)" in str(caught.value)


def test_a_mistake_of_ours_is_not_taken_for_the_provider_s(api: MessagesApi) -> None:
    def mistaken(_text: str) -> None:
        raise ZeroDivisionError

    heard = Heard()
    heard.text = mistaken  # type: ignore[method-assign,assignment]
    with pytest.raises(ZeroDivisionError):
        a_caller(a_provider(api)).call(REQUEST, work=PayingWork(), key="k", listener=heard)
