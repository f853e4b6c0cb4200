"""Where a webhook may lead: an address that people typed is never trusted to stay outside our own network."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.errors import DeliveryFailed

URL_MAX = 2_000
_HIDDEN_INSIDE = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_IP = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """`path` with its query, as it goes into the request line."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """Enough to recognise it by: paths of webhooks are secrets."""
        return f"{self.host}/...{self.path[-4:] if len(self.path) > 12 else ''}"


def parse_target(url: str, *, allow_private: bool) -> Target:
    """Raises: DeliveryFailed with what is wrong in words."""
    text = url.strip()
    if len(text) > URL_MAX or not text.isascii() or not text.isprintable() or " " in text:
        raise DeliveryFailed(f"An address has at most {URL_MAX:,} plain characters, without spaces.", is_final=True)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise DeliveryFailed("This is not an address. It looks like https://host/path.", is_final=True) from error
    if parts.scheme not in ("https", "http") or not host:
        raise DeliveryFailed("This is not an address. It looks like https://host/path.", is_final=True)
    if parts.username is not None or parts.password is not None:
        raise DeliveryFailed("An address must not hold a user name or password.", is_final=True)
    if parts.scheme == "http" and not (allow_private and _is_loopback_name(host)):
        raise DeliveryFailed("Use https: without it everybody on the way could read the messages.", is_final=True)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_secure = parts.scheme == "https"
    return Target(is_secure, host, port or (443 if is_secure else 80), path)


def resolve(target: Target, *, allow_private: bool) -> str:
    """The number of the address to connect to; the name is not looked up again, so it cannot change its mind.

    Raises: DeliveryFailed where any of its numbers lies in a private network.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed("Nobody knows this host. Check the name in the address.", is_final=False) from error
    numbers = [str(entry[4][0]) for entry in found]
    if not target.is_secure and not all(_ip(number).is_loopback for number in numbers):
        raise DeliveryFailed("Use https: without it everybody on the way could read the messages.", is_final=True)
    if not allow_private and not all(is_public(number) for number in numbers):
        raise DeliveryFailed(
            "This host is in a private network, which messages must not reach. Whoever runs the installation can allow "
            "it with GREENLIGHT_ALLOW_PRIVATE_WEBHOOKS=1.",
            is_final=True,
        )
    return numbers[0]


def is_public(number: str) -> bool:
    """Also looks at what is wrapped: a private IPv4 address inside an IPv6 one is private."""
    address = _ip(number)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if any(address in network for network in _HIDDEN_INSIDE):
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address.is_global and not address.is_multicast


def _ip(number: str) -> _IP:
    return ipaddress.ip_address(number.split("%", 1)[0])


def _is_loopback_name(host: str) -> bool:
    try:
        return _ip(host).is_loopback
    except ValueError:
        return host == "localhost"
