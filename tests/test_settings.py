"""Settings of messages: read from the environment, refused at the start where they could not work or would not be safe."""

import pytest

from services.errors import StartError
from services.settings import read_settings

MAIL = {"GREENLIGHT_SMTP_HOST": "mail.example.org", "GREENLIGHT_SMTP_FROM": "greenlight@example.org"}


def test_without_a_host_there_is_no_mail() -> None:
    assert read_settings({"GREENLIGHT_SMTP_PASSWORD": "x"}).mail is None


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("ssl", 465), ("none", 25)])
def test_the_port_follows_from_the_security(security: str, port: int) -> None:
    mail = read_settings({**MAIL, "GREENLIGHT_SMTP_SECURITY": security}).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security) == ("mail.example.org", port, security)


def test_a_password_is_nowhere_in_what_is_printed() -> None:
    settings = read_settings({**MAIL, "GREENLIGHT_SMTP_PASSWORD": "correct horse"})
    assert "correct horse" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({**MAIL, "GREENLIGHT_SMTP_FROM": ""}, "GREENLIGHT_SMTP_FROM"),
        ({**MAIL, "GREENLIGHT_SMTP_SECURITY": "tls"}, "'starttls', 'ssl' or 'none'"),
        ({**MAIL, "GREENLIGHT_SMTP_SECURITY": "none", "GREENLIGHT_SMTP_PASSWORD": "x"}, "in the clear"),
        ({**MAIL, "GREENLIGHT_SMTP_PORT": "many"}, "GREENLIGHT_SMTP_PORT must be a number"),
        ({"GREENLIGHT_REPAIR_ROUNDS": "6"}, "a number from 0 to 5"),
        ({"GREENLIGHT_REPAIR_ROUNDS": "-1"}, "a number from 0 to 5"),
        ({"GREENLIGHT_PORT": "many"}, "GREENLIGHT_PORT must be a number"),
        ({"GREENLIGHT_URL": "greenlight.example.org"}, "GREENLIGHT_URL must begin with"),
        ({"GREENLIGHT_URL": "javascript:x"}, "GREENLIGHT_URL must begin with"),
        ({"GREENLIGHT_URL": "https://user:x@example.org"}, "GREENLIGHT_URL must begin with"),
    ],
)
def test_what_could_not_work_stops_the_start(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(StartError, match=sentence):
        read_settings(given)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8501"),
        ({"GREENLIGHT_HOST": "::1", "GREENLIGHT_PORT": "80"}, "http://[::1]:80"),
        ({"GREENLIGHT_URL": "https://green.example.org/app/"}, "https://green.example.org/app"),
    ],
)
def test_links_begin_where_people_call(given: dict[str, str], url: str) -> None:
    assert read_settings(given).public_url == url


def test_there_are_two_rounds_of_repair_unless_somebody_wants_others() -> None:
    assert [read_settings({"GREENLIGHT_REPAIR_ROUNDS": given}).repair_rounds for given in ("", "0", "5")] == [2, 0, 5]
