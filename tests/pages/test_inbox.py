"""The inbox, and what else people see of notifications: reviewers, choices, webhooks, activity."""

from datetime import timedelta

import pytest

from services.notifications.choices import my_choices
from services.notifications.inbox import list_inbox
from services.notifications.kinds import Channel, Kind
from services.notifications.telling import Notice, link_to, notify
from services.notifications.webhooks import list_webhooks
from services.reminders.rounds import Memory, make_round
from services.reviews.reviewers import list_reviewers
from services.runs.control import cancel_run, delete_run
from tests.notifications.tellings import tell
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen


def test_an_empty_inbox_says_what_will_come(people: People) -> None:
    at = open_page(people.deps, "ada", "inbox")
    assert "Nothing waits for you." in seen(at)
    assert "Mark all as read" not in buttons(at)


def test_a_gate_is_told_and_opened_and_what_was_typed_stays_text(at_gate: People) -> None:
    make_round(at_gate.deps, Memory())
    at = open_page(at_gate.deps, "ben", "inbox")
    assert [h.value for h in at.subheader] == ["Needs you now"]
    assert "waits at gate 3" in seen(at)
    assert not [f for text in screens.markdown(at) for f in screens.FRAGMENTS if f in text]
    assert MARKUP in screens.plain_text(seen(at))
    press(at, "Open")
    assert list_inbox(at_gate.deps, at_gate.ben).needs[0].is_read


def test_reading_one_and_reading_all(people: People) -> None:
    for _ in range(3):
        tell(people.deps, people.ada, text=f"Look. {MARKUP}")
    at = open_page(people.deps, "ada", "inbox")
    first = next(button for button in at.button if button.label == "Mark as read")
    at = first.click().run()
    assert [h.value for h in at.subheader] == ["Needs you now", "For your information"]
    at = press(at, "Mark all as read")
    assert [h.value for h in at.subheader] == ["For your information"]
    assert "Mark as read" not in buttons(at)


def test_a_filter_that_finds_nothing_says_so(people: People) -> None:
    tell(people.deps, people.ada)
    at = open_page(people.deps, "ada", "inbox")
    at.button_group(key="inbox_groups").set_value(["Failures"])
    at = at.run()
    assert "Nothing of this kind." in seen(at)


def test_what_others_were_told_is_not_shown(people: People) -> None:
    tell(people.deps, people.ada)
    assert "Ada mentions you" not in seen(open_page(people.deps, "ben", "inbox"))


def test_a_member_asks_for_reviews_and_everybody_sees_whom(at_gate: People) -> None:
    at = open_page(at_gate.deps, "ada", "run", run=str(at_gate.run))
    at.multiselect(key=f"run_who_{at_gate.run}_3").set_value([at_gate.ben.user_id])
    due = at_gate.deps.now().date() + timedelta(days=3)
    at.date_input(key=f"run_until_{at_gate.run}_3").set_value(due)
    press(at, "Ask")
    (view,) = list_reviewers(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    assert (view.user_id, view.due_on, view.phase) == (at_gate.ben.user_id, due, 3)
    for page in ("run", "home"):
        shown = screens.plain_text(seen(open_page(at_gate.deps, "vera", page)))
        assert f"by {due:%Y-%m-%d}" in shown
        assert "Asked to review" in shown


def test_asking_nobody_is_answered_in_words(at_gate: People) -> None:
    at = open_page(at_gate.deps, "ada", "run", run=str(at_gate.run))
    assert "Choose at least one person." in said(press(at, "Ask"))


def test_what_happened_reads_as_sentences(at_gate: People) -> None:
    shown = screens.plain_text(seen(open_page(at_gate.deps, "vera", "run", run=str(at_gate.run))))
    assert "The run stands at gate 3" in shown
    assert "<b>bold</b> approved gate 2." in shown
    assert "started the run." in screens.plain_text(seen(open_page(at_gate.deps, "vera", "home")))


def test_a_person_chooses_what_goes_to_the_webhooks_of_the_team(people: People) -> None:
    at = open_page(people.deps, "vera", "account")
    assert "sends no e-mail" in seen(at)
    at.selectbox(key="account_told_mention").set_value(Channel.WEBHOOK)
    press(at, "Save what you are told")
    assert my_choices(people.deps, people.vera).channels[Kind.MENTION] is Channel.WEBHOOK


def test_an_address_that_is_none_is_refused_in_words(people: People) -> None:
    at = open_page(people.deps, "vera", "account")
    at.text_input(key="account_email").set_value("vera")
    assert "not an e-mail address" in said(press(at, "Save what you are told"))


def test_an_owner_adds_a_webhook_tries_it_and_reads_what_is_wrong(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at.text_input(key="team_webhook_name").set_value(f"Pager {MARKUP}"[:100])
    at.text_input(key="team_webhook_url").set_value("https://127.0.0.1:9/hook/0123456789")
    at = press(at, "Add webhook")
    assert [hook.shown_url for hook in list_webhooks(people.deps, people.ada)] == ["127.0.0.1/...6789"]
    at = press(at, "Send a test")
    assert "This host is in a private network" in said(at)
    at = press(at, "Show the secret")
    assert at.code[-1].value.startswith("whsec_")


def test_an_address_without_https_is_refused_on_the_page(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at.text_input(key="team_webhook_name").set_value("Pager")
    at.text_input(key="team_webhook_url").set_value("http://hooks.example.org/x")
    assert "Use https" in said(press(at, "Add webhook"))


@pytest.mark.parametrize("username", ["ben", "vera"])
def test_nobody_but_owners_sees_webhooks(people: People, username: str) -> None:
    assert "Add webhook" not in buttons(open_page(people.deps, username, "team"))


def test_a_notification_of_a_run_that_was_deleted_meanwhile_is_gone(at_gate: People) -> None:
    assert at_gate.ada.user_id
    with at_gate.deps.session() as session:
        notice = Notice(
            kind=Kind.MENTION, team_id=at_gate.ada.team_id, person_id=at_gate.ada.user_id, run_id=at_gate.run,
            text="Look.", link=link_to("run", run=at_gate.run), once="x",
        )  # fmt: skip
        notify(session, at_gate.deps, notice)
        session.commit()
    at = open_page(at_gate.deps, "ada", "inbox")
    cancel_run(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    delete_run(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    press(at, "Mark as read")
    assert list_inbox(at_gate.deps, at_gate.ada).needs == ()
