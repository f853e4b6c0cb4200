"""Messages on their way: real servers on loopback that take, refuse, fail and dawdle."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta

import pytest

from services.actors import Actor, Role
from services.deps import Deps
from services.notifications import deliveries, posting
from services.notifications.deliveries import ATTEMPTS_MAX, LEASE, deliver_next, pause_seconds, run_deliveries
from services.notifications.kinds import Channel
from services.notifications.messages import Format
from services.notifications.webhooks import list_given_up, read_secret, renew_secret, send_again
from services.people.teams import change_member
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.notifications.servers import receiver
from tests.notifications.tellings import TEXT, a_webhook, private, tell, wants
from tests.notifications.tellings import deliveries as rows
from tests.runs.building import at_once

ON_SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def the_same_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's own clock does not follow the one of a test."""
    monkeypatch.setattr(deliveries, "database_now", lambda _session, here: here)


@pytest.fixture
def ada(deps: Deps) -> Actor:
    ada = a_team(deps)
    wants(deps, ada, Channel.WEBHOOK)
    return ada


def work_off(deps: Deps) -> int:
    count = 0
    while deliver_next(deps):
        count += 1
    return count


def test_a_message_arrives_once_with_a_signature_that_verifies(deps: Deps, ada: Actor) -> None:
    deps = private(deps)
    with receiver() as there:
        hook = a_webhook(deps, ada, there.address)
        tell(deps, ada)
        assert (work_off(deps), work_off(deps)) == (1, 0)
    (got,) = there.received
    secret = base64.b64decode(read_secret(deps, ada, webhook_id=hook).removeprefix("whsec_"))
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert int(got.headers["webhook-timestamp"]) == int(deps.now().timestamp())
    body = json.loads(got.body)
    assert (body["type"], body["text"], body["person"]) == ("greenlight.mention", TEXT, ada.name)
    assert body["url"] == "http://127.0.0.1:8501/run?run=1"
    assert got.path == "/hook"


@ON_SQLITE
def test_a_renewed_secret_signs_otherwise(deps: Deps, ada: Actor) -> None:
    hook = a_webhook(private(deps), ada, "http://127.0.0.1:9")
    before = read_secret(deps, ada, webhook_id=hook)
    renew_secret(deps, ada, webhook_id=hook)
    assert read_secret(deps, ada, webhook_id=hook) != before


@ON_SQLITE
def test_chat_formats_read_people_s_text_as_text(deps: Deps, ada: Actor) -> None:
    deps = private(deps)
    with receiver() as there:
        a_webhook(deps, ada, there.address, Format.SLACK)
        a_webhook(deps, ada, there.address, Format.TEAMS)
        tell(deps, ada, text="<!channel> *now* & @here")
        work_off(deps)
    slack, teams = sorted((json.loads(got.body) for got in there.received), key=lambda body: "attachments" in body)
    assert "&lt;!channel&gt;" in slack["text"]
    assert "<!channel>" not in json.dumps(slack)
    assert "*now*" not in slack["blocks"][0]["text"]["text"]
    card = teams["attachments"][0]["content"]
    assert card["body"][1]["inlines"][0]["text"] == f"{ada.name}: <!channel> *now* & @here"
    assert card["actions"][0]["url"] == "http://127.0.0.1:8501/run?run=1"


def test_what_fails_is_tried_again_later_with_the_same_id_and_arrives_once(
    deps: Deps, ada: Actor, clock: Clock
) -> None:
    deps = private(deps)
    with receiver(answers=[500, 503, 200]) as there:
        a_webhook(deps, ada, there.address)
        tell(deps, ada)
        for _ in range(3):
            work_off(deps)
            clock.advance(hours=2)
        assert work_off(deps) == 0
    assert len({got.headers["webhook-id"] for got in there.received}) == 1
    assert len(there.received) == 3
    (row,) = rows(deps)
    assert (row.attempts, row.problem, row.given_up_at) == (3, None, None)
    assert row.sent_at


def test_after_the_last_try_an_owner_sees_it_and_can_send_it_again(deps: Deps, ada: Actor, clock: Clock) -> None:
    deps = private(deps)
    with receiver(answers=[500]) as there:
        a_webhook(deps, ada, there.address)
        tell(deps, ada)
        for _ in range(ATTEMPTS_MAX + 2):
            work_off(deps)
            clock.advance(hours=2)
        assert len(there.received) == ATTEMPTS_MAX
        (late,) = list_given_up(deps, ada)
        assert (late.where, late.attempts, late.text) == ("Chat", ATTEMPTS_MAX, TEXT)
        assert late.problem == "It answers 500: it has a fault of its own."
        there.answers = [204]
        send_again(deps, ada, delivery_id=late.id)
        work_off(deps)
    assert list_given_up(deps, ada) == ()
    assert rows(deps)[0].sent_at


@ON_SQLITE
@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (302, "It answers with a redirect (302), which is not followed. Enter the address that it leads to."),
        (404, "It answers 404: there is nothing at this address; it may have been taken away there."),
        (400, "It answers 400: it does not understand the message; check the format."),
    ],
)
def test_what_another_try_would_not_help_is_given_up_at_once(
    deps: Deps, ada: Actor, status: int, sentence: str
) -> None:
    deps = private(deps)
    with receiver(answers=[status]) as there:
        a_webhook(deps, ada, there.address)
        tell(deps, ada)
        work_off(deps)
    assert [(late.problem, late.attempts) for late in list_given_up(deps, ada)] == [(sentence, 1)]
    assert [got.path for got in there.received] == ["/hook"]


@ON_SQLITE
@pytest.mark.parametrize("told", [{"pause_seconds": 3}, {"drips": True}], ids=["silent", "a byte now and then"])
def test_a_slow_receiver_is_left_when_its_time_is_over(
    deps: Deps, ada: Actor, told: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.5)
    deps = private(deps)
    with receiver(**told) as there:
        a_webhook(deps, ada, there.address)
        tell(deps, ada)
        begun = time.monotonic()
        work_off(deps)
        assert time.monotonic() - begun < 2.5
    (row,) = rows(deps)
    assert (row.sent_at, row.given_up_at, row.attempts) == (None, None, 1)
    assert row.problem == "No answer within 0 seconds."


@ON_SQLITE
def test_where_nothing_listens_it_is_tried_again(deps: Deps, ada: Actor, free_port: int) -> None:
    deps = private(deps)
    a_webhook(deps, ada, f"http://127.0.0.1:{free_port}")
    tell(deps, ada)
    work_off(deps)
    assert rows(deps)[0].problem == "The host refuses the connection; nothing listens there."


def test_senders_at_the_same_moment_send_each_message_once(deps: Deps, ada: Actor) -> None:
    deps = private(deps)
    with receiver(pause_seconds=0.05) as there:
        a_webhook(deps, ada, there.address)
        for _ in range(10):
            tell(deps, ada)
        sent = at_once(*[lambda: work_off(deps)] * 4)
    assert len(there.received) == 10
    assert len({got.headers["webhook-id"] for got in there.received}) == 10
    assert sum(count for count in sent if isinstance(count, int)) == 10
    assert all(row.attempts == 1 and row.sent_at for row in rows(deps))


@ON_SQLITE
def test_a_sender_that_is_slower_than_its_lease_writes_nothing(deps: Deps, ada: Actor, clock: Clock) -> None:
    deps = private(deps)
    with receiver(pause_seconds=0.6) as there:
        a_webhook(deps, ada, there.address)
        tell(deps, ada)
        slow = threading.Thread(target=work_off, args=(deps,))
        slow.start()
        while not there.received:
            time.sleep(0.01)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        there.pause_seconds = 0
        assert work_off(deps) == 1
        sent_at = rows(deps)[0].sent_at
        clock.advance(minutes=1)
        slow.join()
    assert rows(deps)[0].sent_at == sent_at
    assert len(there.received) == 2


@ON_SQLITE
def test_what_breaks_senders_again_and_again_is_given_up(deps: Deps, ada: Actor, clock: Clock) -> None:
    a_webhook(private(deps), ada, "http://127.0.0.1:9")
    tell(deps, ada)
    for _ in range(ATTEMPTS_MAX):
        assert deliveries._take(deps)
        clock.advance(seconds=LEASE.total_seconds() + 1)
    assert not deliver_next(deps)
    assert [late.problem for late in list_given_up(deps, ada)] == ["Sending it was broken off again and again."]


@ON_SQLITE
def test_whoever_left_is_written_to_no_more(deps: Deps, ada: Actor) -> None:
    ben = a_member(deps, ada.team_id, username="ben")
    wants(deps, ben, Channel.WEBHOOK)
    deps = private(deps)
    with receiver() as there:
        a_webhook(deps, ada, there.address)
        tell(deps, ben)
        assert ben.user_id
        change_member(deps, ada, user_id=ben.user_id, role=Role.MEMBER, disciplines=(), is_active=False)
        work_off(deps)
    assert there.received == []
    assert [late.problem for late in list_given_up(deps, ada)] == ["This person has left the team."]


def test_pauses_double_are_spread_and_stay_bounded() -> None:
    assert [pause_seconds(attempt, 1.0) for attempt in (1, 2, 3)] == [10, 20, 40]
    assert pause_seconds(3, 0.5) == 20
    assert pause_seconds(60, 1.0) == 3_600
    assert pause_seconds(5, 0.0) == 0


@ON_SQLITE
def test_the_loop_sends_until_it_is_told_to_stop(deps: Deps, ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "TURN_SECONDS", 0.01)
    deps, stop = private(deps), threading.Event()
    with receiver() as there:
        a_webhook(deps, ada, there.address)
        loop = threading.Thread(target=run_deliveries, args=(deps, stop))
        loop.start()
        tell(deps, ada)
        deadline = time.monotonic() + 10
        while not there.received and time.monotonic() < deadline:
            time.sleep(0.02)
        stop.set()
        loop.join()
    assert len(there.received) == 1


def test_a_lease_outlasts_every_sending() -> None:
    assert timedelta(seconds=posting.TOTAL_SECONDS + posting.CONNECT_SECONDS) * 3 < LEASE
