"""E-mail, through a real SMTP server on loopback."""

import logging
import socket
from pathlib import Path

import pytest

from services.actors import Actor
from services.deps import Deps
from services.notifications import deliveries, mail
from services.notifications.deliveries import deliver_next
from services.notifications.kinds import Channel
from services.notifications.webhooks import list_given_up
from tests.builders import a_team
from tests.notifications.servers import a_certificate, mail_server
from tests.notifications.tellings import TEXT, mailing, tell, wants
from tests.notifications.tellings import deliveries as rows

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
TO = "ada@example.org"
SECRET = "the password of the mail server"


@pytest.fixture(autouse=True)
def the_same_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "database_now", lambda _session, here: here)


@pytest.fixture
def ada(deps: Deps) -> Actor:
    ada = a_team(deps)
    wants(mailing(deps, 1), ada, Channel.EMAIL, email=TO)
    return ada


def test_a_person_gets_a_message_that_says_what_and_where(deps: Deps, ada: Actor) -> None:
    with mail_server() as server:
        tell(deps, ada)
        assert deliver_next(mailing(deps, server.port))
    (message,) = server.messages
    assert server.recipients == [TO]
    assert message["Subject"].strip() == f"You are mentioned: {TEXT}"
    assert (message["To"], message["From"]) == (TO, "greenlight@example.org")
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert TEXT in text
    assert "http://127.0.0.1:8501/run?run=1" in text
    assert "http://127.0.0.1:8501/account" in text
    assert rows(deps)[0].sent_at


def test_a_rude_good_bye_does_not_send_it_twice(deps: Deps, ada: Actor) -> None:
    with mail_server(refuses={"QUIT": "500 what"}) as server:
        tell(deps, ada)
        assert [deliver_next(mailing(deps, server.port)) for _ in range(2)] == [True, False]
    assert len(server.messages) == 1
    assert rows(deps)[0].sent_at


def test_a_line_break_in_what_people_typed_adds_no_header(deps: Deps, ada: Actor) -> None:
    with mail_server() as server:
        tell(deps, ada, text="Hello\r\nBcc: eve@example.org\r\n\r\nGrüße")
        deliver_next(mailing(deps, server.port))
    assert server.recipients == [TO]
    assert server.messages[0]["Bcc"] is None
    assert server.messages[0]["Subject"].strip() == "You are mentioned: Hello Bcc: eve@example.org Grüße"


def test_the_connection_is_made_secure_before_the_password_is_said(
    deps: Deps, ada: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = a_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(user="greenlight", password=SECRET, certificate=certificate) as server:
        tell(deps, ada)
        deliver_next(mailing(deps, server.port, security="starttls", user="greenlight", password=SECRET))
    assert server.was_secure == [True]
    assert server.words.index("STARTTLS") < server.words.index("AUTH")


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(deps: Deps, ada: Actor, tmp_path: Path) -> None:
    with mail_server(user="greenlight", password=SECRET, certificate=a_certificate(tmp_path)) as server:
        tell(deps, ada)
        deliver_next(mailing(deps, server.port, security="starttls", user="greenlight", password=SECRET))
    assert "AUTH" not in server.words
    assert rows(deps)[0].problem == "The mail server's certificate cannot be trusted."


def test_a_server_without_starttls_gets_no_password(deps: Deps, ada: Actor) -> None:
    with mail_server(user="greenlight", password=SECRET) as server:
        tell(deps, ada)
        deliver_next(mailing(deps, server.port, security="starttls", user="greenlight", password=SECRET))
    assert "AUTH" not in server.words
    assert "STARTTLS" in str(rows(deps)[0].problem)


@pytest.mark.parametrize(
    ("refuses", "sentence", "is_final"),
    [
        ({"RCPT": "550 no such user"}, "The mail server does not take messages for this address (550).", True),
        ({"RCPT": "450 later"}, "The mail server does not take messages for this address (450).", False),
        ({"MAIL": "451 later"}, "The mail server refuses the message (451).", False),
        ({"DATA": "554 spam"}, "The mail server refuses the message (554).", True),
        ({"EHLO": "421 away", "HELO": "421 away"}, "The mail server refuses the message (421).", False),
    ],
)
def test_a_refusal_is_said_in_words_and_tried_again_where_that_can_help(
    deps: Deps, ada: Actor, refuses: dict[str, str], sentence: str, is_final: bool
) -> None:
    with mail_server(refuses=refuses) as server:
        tell(deps, ada)
        deliver_next(mailing(deps, server.port))
    (row,) = rows(deps)
    assert (row.problem, row.given_up_at is not None, row.sent_at) == (sentence, is_final, None)
    assert [late.where for late in list_given_up(deps, ada)] == (["e-mail"] if is_final else [])


def test_a_wrong_password_is_said_and_stands_nowhere(deps: Deps, ada: Actor, caplog: pytest.LogCaptureFixture) -> None:
    with mail_server(user="greenlight", password="another") as server, caplog.at_level(logging.DEBUG):
        tell(deps, ada)
        given = mailing(deps, server.port, user="greenlight", password=SECRET)
        deliver_next(given)
    assert rows(deps)[0].problem == "The mail server does not accept our user name and password."
    assert SECRET not in caplog.text + repr(given.settings) + str(rows(deps))
    assert TO not in caplog.text


def test_a_server_that_is_away_is_tried_again(deps: Deps, ada: Actor, free_port: int) -> None:
    tell(deps, ada)
    deliver_next(mailing(deps, free_port))
    assert rows(deps)[0].problem == "The mail server cannot be reached."
    assert rows(deps)[0].given_up_at is None


def test_a_server_that_says_nothing_is_left(deps: Deps, ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        tell(deps, ada)
        deliver_next(mailing(deps, silent.getsockname()[1]))
    assert "did not answer" in str(rows(deps)[0].problem)


def test_without_a_mail_server_it_is_given_up_with_the_reason(deps: Deps, ada: Actor) -> None:
    tell(deps, ada)
    deliver_next(deps)
    assert "GREENLIGHT_SMTP_HOST is not set" in list_given_up(deps, ada)[0].problem
