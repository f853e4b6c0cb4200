"""The only door to webhooks: one POST to one address, with a limit on time. Redirects are not followed."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from services.errors import DeliveryFailed
from services.notifications.addresses import Target, parse_target, resolve

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
AGAIN = frozenset({408, 425, 429})
MEANINGS = {
    400: "it does not understand the message; check the format",
    401: "it wants a sign-in",
    403: "it refuses messages from here",
    404: "there is nothing at this address; it may have been taken away there",
    410: "it was taken away there",
    413: "the message is too large for it",
    429: "it has had too many messages",
}


def post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> int:
    """The status of a success. Raises: DeliveryFailed for anything else, in words."""
    target = parse_target(url, allow_private=allow_private)
    number = resolve(target, allow_private=allow_private)
    try:
        with _connected(target, number) as connection:
            connection.request("POST", target.path, body=body, headers={**headers, **_names(target)})
            status = connection.getresponse().status  # what else it answers is not read
    except ssl.SSLCertVerificationError as error:
        raise DeliveryFailed("The certificate of this host cannot be trusted.", is_final=False) from error
    except TimeoutError as error:
        raise DeliveryFailed(f"No answer within {TOTAL_SECONDS:.0f} seconds.", is_final=False) from error
    except ConnectionRefusedError as error:
        raise DeliveryFailed("The host refuses the connection; nothing listens there.", is_final=False) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryFailed("The connection broke off, or the answer was no HTTP.", is_final=False) from error
    return _judged(status)


def _names(target: Target) -> dict[str, str]:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = 443 if target.is_secure else 80
    return {"Host": host if target.port == usual else f"{host}:{target.port}", "Connection": "close"}


def _judged(status: int) -> int:
    if 200 <= status < 300:
        return status
    if 300 <= status < 400:
        raise DeliveryFailed(
            f"It answers with a redirect ({status}), which is not followed. Enter the address that it leads to.",
            is_final=True,
        )
    meaning = MEANINGS.get(status, "it has a fault of its own" if status >= 500 else "it refuses the message")
    raise DeliveryFailed(f"It answers {status}: {meaning}.", is_final=status < 500 and status not in AGAIN)


@contextmanager
def _connected(target: Target, number: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to the number, which speaks for the name, and ends when its time is over, however slow the other is."""
    raw = socket.create_connection((number, target.port), timeout=CONNECT_SECONDS)
    out_of_time = threading.Event()
    with raw:
        watch = threading.Timer(TOTAL_SECONDS, lambda: _end(raw, out_of_time))
        watch.daemon = True
        watch.start()
        try:
            raw.settimeout(TOTAL_SECONDS)
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = _secured(raw, target) if target.is_secure else raw
            with closing(connection):
                yield connection
        except Exception as error:
            if out_of_time.is_set():
                raise TimeoutError from error
            raise
        finally:
            watch.cancel()


def _secured(raw: socket.socket, target: Target) -> ssl.SSLSocket:
    # On a copy of the socket, so that `raw` still ends the conversation, also in the middle of a handshake.
    return ssl.create_default_context().wrap_socket(raw.dup(), server_hostname=target.host)


def _end(raw: socket.socket, out_of_time: threading.Event) -> None:
    out_of_time.set()
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
