"""How a person wants to be told, and where a team is told outside."""

import pytest

from db.tables import Event, Webhook
from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput, NotAllowed
from services.notifications.choices import my_choices, save_choices
from services.notifications.kinds import Channel, Kind
from services.notifications.messages import Format
from services.notifications.webhooks import WEBHOOKS_MAX, add_webhook, list_webhooks, remove_webhook, try_webhook
from tests.builders import a_member, a_team
from tests.notifications.servers import receiver
from tests.notifications.tellings import a_webhook, all_of, deliveries, mailing, private, tell, wants


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


def test_at_first_everything_stays_in_the_inbox(deps: Deps, ada: Actor) -> None:
    mine = my_choices(deps, ada)
    assert set(mine.channels.values()) == {Channel.INBOX}
    assert (mine.email, mine.sends_mail, mine.has_webhook) == ("", False, False)


def test_a_choice_is_kept_changed_and_taken_back(deps: Deps, ada: Actor) -> None:
    deps = mailing(deps, 1)
    for channel in (Channel.EMAIL, Channel.WEBHOOK, Channel.INBOX, Channel.EMAIL):
        save_choices(deps, ada, email=" ada@example.org ", channels={Kind.REVIEW: channel})
        mine = my_choices(deps, ada)
        assert (mine.email, mine.channels[Kind.REVIEW]) == ("ada@example.org", channel)
    assert {k for k, c in mine.channels.items() if c is not Channel.INBOX} == {Kind.REVIEW}


def test_a_choice_is_one_person_s(deps: Deps, ada: Actor) -> None:
    wants(mailing(deps, 1), ada, Channel.EMAIL, email="ada@example.org")
    ben = a_member(deps, ada.team_id, username="ben")
    tell(deps, ben)
    assert my_choices(deps, ben).email == ""
    assert deliveries(deps) == []


@pytest.mark.parametrize(
    ("email", "has_mail", "sentence"),
    [
        ("", True, "Enter the e-mail address"),
        ("ada", True, "not an e-mail address"),
        ("ada@example.org\nBcc: eve@example.org", True, "not an e-mail address"),
        ("ada@example.org", False, "sends no e-mail"),
    ],
)
def test_a_choice_that_could_not_work_is_refused(
    deps: Deps, ada: Actor, email: str, has_mail: bool, sentence: str
) -> None:
    given = mailing(deps, 1) if has_mail else deps
    with pytest.raises(InvalidInput, match=sentence):
        save_choices(given, ada, email=email, channels={Kind.REVIEW: Channel.EMAIL})
    assert my_choices(deps, ada).channels[Kind.REVIEW] is Channel.INBOX


def test_the_address_of_a_webhook_stands_sealed_in_the_database(deps: Deps, ada: Actor) -> None:
    add_webhook(deps, ada, name="Chat", form=Format.SLACK, url="https://hooks.example.org/services/T0/B0/abcdefghij")
    (row,) = all_of(deps, Webhook)
    (event,) = all_of(deps, Event)
    assert "abcdefg" not in f"{row!r} {event!r}"
    assert [(hook.name, hook.shown_url) for hook in list_webhooks(deps, ada)] == [("Chat", "hooks.example.org/...ghij")]


@pytest.mark.parametrize(
    ("name", "url", "field"),
    [("", "https://x.example.org/", "name"), ("Chat", "http://x.example.org/", "url"), ("Chat", "javascript:x", "url")],
)
def test_a_webhook_that_will_not_do_is_refused(deps: Deps, ada: Actor, name: str, url: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_webhook(deps, ada, name=name, form=Format.JSON, url=url)
    assert set(refused.value.problems) == {field}
    assert list_webhooks(deps, ada) == ()


def test_a_team_has_so_many_webhooks_at_most(deps: Deps, ada: Actor) -> None:
    for _ in range(WEBHOOKS_MAX):
        a_webhook(private(deps), ada, "http://127.0.0.1:9")
    with pytest.raises(InvalidInput, match="at most 10"):
        a_webhook(private(deps), ada, "http://127.0.0.1:9")


def test_a_removed_webhook_takes_what_was_on_its_way_with_it(deps: Deps, ada: Actor) -> None:
    hook = a_webhook(private(deps), ada, "http://127.0.0.1:9")
    wants(deps, ada, Channel.WEBHOOK)
    tell(deps, ada)
    remove_webhook(deps, ada, webhook_id=hook)
    assert deliveries(deps) == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_trial_says_in_words_what_is_wrong(deps: Deps, ada: Actor) -> None:
    deps = private(deps)
    with receiver(answers=[200, 404]) as there:
        hook = a_webhook(deps, ada, there.address)
        trials = [try_webhook(deps, ada, webhook_id=hook) for _ in range(2)]
    trials.append(try_webhook(deps, ada, webhook_id=hook))
    assert [(trial.arrived, trial.sentence) for trial in trials] == [
        (True, "The test message arrived."),
        (False, "It answers 404: there is nothing at this address; it may have been taken away there."),
        (False, "The host refuses the connection; nothing listens there."),
    ]
    assert deliveries(deps) == []


def test_a_member_reaches_no_webhook(deps: Deps, ada: Actor) -> None:
    hook = a_webhook(private(deps), ada, "http://127.0.0.1:9")
    ben = a_member(deps, ada.team_id, username="ben")
    with pytest.raises(NotAllowed):
        try_webhook(deps, ben, webhook_id=hook)
    assert my_choices(deps, ben).has_webhook
