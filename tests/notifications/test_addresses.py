"""Where a message may go: what people typed leads neither into our own network nor to more than one mailbox."""

import pytest

from services.errors import DeliveryFailed
from services.notifications.addresses import is_public, parse_target, resolve
from services.notifications.mail import is_address
from services.notifications.posting import post

REFUSED = (
    ("", "not an address"),
    ("hooks.example.org/x", "not an address"),
    ("ftp://hooks.example.org/x", "not an address"),
    ("file:///etc/passwd", "not an address"),
    ("https://", "not an address"),
    ("https://[::1", "not an address"),
    ("https://hooks.example.org:port/x", "not an address"),
    ("https://user:secret@hooks.example.org/x", "must not hold a user name"),
    ("http://hooks.example.org/x", "Use https"),
    ("http://127.0.0.1/x", "Use https"),
    ("https://hooks.example.org/a b", "without spaces"),
    ("https://hooks.example.org/\r\nHost: x", "without spaces"),
    ("https://h\u00f6st.example.org/", "plain characters"),
    (f"https://hooks.example.org/{'x' * 2_000}", "at most 2,000"),
)
PRIVATE = (
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::", "2001:db8::1"),
)
PUBLIC = ("1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1")
INSIDE = ("https://127.0.0.1/x", "https://localhost/x", "https://127.1/x", "https://2130706433/x", "https://[::1]/x",
          "https://0x7f.1/x", "https://169.254.169.254/latest/meta-data")  # fmt: skip


@pytest.mark.parametrize(("url", "sentence"), REFUSED)
def test_an_address_that_will_not_do_says_why(url: str, sentence: str) -> None:
    with pytest.raises(DeliveryFailed, match=sentence) as refused:
        parse_target(url, allow_private=False)
    assert refused.value.is_final


def test_an_address_is_taken_apart_and_shown_without_its_secret() -> None:
    target = parse_target(" https://hooks.example.org/services/T0/B0/abcdefgh?x=1 ", allow_private=False)
    assert (target.host, target.port, target.path) == ("hooks.example.org", 443, "/services/T0/B0/abcdefgh?x=1")
    assert target.shown == "hooks.example.org/...?x=1"
    assert "abcdefgh" not in target.shown


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_only_where_it_is_allowed_plain_http_reaches_this_machine(host: str) -> None:
    assert not parse_target(f"http://{host}:9/x", allow_private=True).is_secure
    with pytest.raises(DeliveryFailed, match="Use https"):
        parse_target("http://192.168.1.1/x", allow_private=True)


@pytest.mark.parametrize("number", PRIVATE)
def test_a_number_of_a_private_network_is_not_public(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", PUBLIC)
def test_any_other_number_is(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize("url", INSIDE)
def test_whatever_leads_inside_is_refused_before_a_connection_is_made(url: str) -> None:
    with pytest.raises(DeliveryFailed, match="GREENLIGHT_ALLOW_PRIVATE_WEBHOOKS"):
        post(url, b"{}", {}, allow_private=False)


def test_a_name_is_looked_up_once_and_its_number_is_what_is_called() -> None:
    target = parse_target("http://localhost:9/x", allow_private=True)
    assert resolve(target, allow_private=True) in ("127.0.0.1", "::1")


def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    with pytest.raises(DeliveryFailed, match="Nobody knows this host") as failed:
        post("https://no-such-host.invalid/x", b"{}", {}, allow_private=False)
    assert not failed.value.is_final


@pytest.mark.parametrize("text", ["ada@example.org", "a.b+c@mail.example.co.uk"])
def test_an_address_is_an_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@localhost", "a@b@c.org", "ada@example.org\nBcc: eve@x.org", "ada@ex ample.org", "<a@b.org>",
     "a@b.org,c@d.org", f"{'x' * 250}@b.org", "grüße@example.org"],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert not is_address(text)
