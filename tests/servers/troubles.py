"""Everything that can go wrong between a client and the Messages API, to be put at a chosen place of an answer.

`before` answers instead of the API; `change` changes the events of an answer; `during` acts before an event is sent. Each
returns True where nothing more is to be sent. What `is_slow` is noticed only by a client's own limits on time.
"""

import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Events = list[tuple[str, Any]]
LONGEST_SECONDS = 20.0


@dataclass(frozen=True)
class Trouble:
    name: str
    before: Callable[[Any], bool] | None = None
    change: Callable[[Events], Events] | None = None
    during: Callable[[Any, int, int], bool] | None = None
    is_slow: bool = False


def status(code: int, kind: str, message: str = "injected", *, code_name: str = "", **headers: str) -> Trouble:
    """An error as the API sends it. Header names with underscores."""

    def act(handler: Any) -> bool:
        details = {"details": {"error_code": code_name}} if code_name else {}
        inner = {"type": kind, "message": message, **details}
        body = {"type": "error", "error": inner, "request_id": "req_refused"}
        handler.send_json(code, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return Trouble(f"status {code} {code_name or kind}", before=act)


def page(code: int, body: bytes = b"<html><body>Welcome</body></html>", kind: str = "text/html") -> Trouble:
    def act(handler: Any) -> bool:
        handler.send_body(code, kind, body)
        return True

    return Trouble(f"{kind} with status {code}", before=act)


def reset_before() -> Trouble:
    return Trouble("reset before the answer", before=lambda handler: _reset(handler))


def closed_before() -> Trouble:
    return Trouble("closed before the answer", before=lambda handler: _close(handler))


def silent() -> Trouble:
    """Until the client hangs up."""
    return Trouble("no answer", before=lambda handler: _hold(handler), is_slow=True)


def garbage() -> Trouble:
    def act(handler: Any) -> bool:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        return _close(handler)

    return Trouble("another protocol", before=act)


def at(place: float, act: Callable[[Any], bool], name: str) -> Trouble:
    """`place`: share of the events that are sent before it happens, 0 to 1."""
    return Trouble(f"{name} at {place}", during=lambda handler, i, count: i >= int(place * count) and act(handler))


def reset(place: float) -> Trouble:
    return at(place, _reset, "reset")


def broken_off(place: float) -> Trouble:
    return at(place, _close, "closed without the last chunk")


def ended(place: float) -> Trouble:
    """A clean end of the stream, as if the answer were complete."""

    def act(handler: Any) -> bool:
        handler.wfile.write(b"0\r\n\r\n")
        handler.wfile.flush()
        return True

    return at(place, act, "clean end")


def stalled(place: float) -> Trouble:
    """Until the client hangs up."""
    return replace(at(place, _hold, "stall"), is_slow=True)


def pinging(place: float) -> Trouble:
    """Alive, but nothing comes any more, until the client hangs up."""

    def act(handler: Any) -> bool:
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            handler.send_event("ping", {"type": "ping"})
            time.sleep(0.02)
        return _close(handler)

    return replace(at(place, act, "pings only"), is_slow=True)


def error_event(place: float, kind: str) -> Trouble:
    def act(handler: Any) -> bool:
        handler.send_event("error", {"type": "error", "error": {"type": kind, "message": "injected"}})
        handler.wfile.write(b"0\r\n\r\n")
        return True

    return at(place, act, f"error event {kind}")


def replaced(place: float, event: str, data: str, name: str) -> Trouble:
    """One event of the answer becomes another one."""

    def change(events: Events) -> Events:
        i = int(place * len(events))
        return [*events[:i], (event, data), *events[i + 1 :]]

    return Trouble(f"{name} at {place}", change=change)


def without(*names: str) -> Trouble:
    return Trouble(f"without {', '.join(names)}", change=lambda events: [e for e in events if e[0] not in names])


def uncounted() -> Trouble:
    """As some servers answer: whole, but without a count of tokens."""

    def bare(data: Any) -> Any:
        return (
            {name: bare(inner) for name, inner in data.items() if name != "usage"} if isinstance(data, dict) else data
        )

    return Trouble("uncounted", change=lambda events: [(name, bare(data)) for name, data in events])


def with_unknown_events() -> Trouble:
    """Allowed by the API; a client passes over them."""
    more = [("message_news", {"type": "message_news", "x": 1}), ("", ": nothing"), ("ping", {"type": "ping"})]
    return Trouble("unknown events", change=lambda events: [e for event in events for e in (event, more[0], more[2])])


def swapped() -> Trouble:
    """Deltas before their block has begun."""

    def change(events: Events) -> Events:
        i = next(i for i, (name, _) in enumerate(events) if name == "content_block_start")
        return [*events[:i], events[i + 1], events[i], *events[i + 2 :]]

    return Trouble("events out of order", change=change)


def _reset(handler: Any) -> bool:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return _close(handler)


def _hold(handler: Any) -> bool:
    """A client that hangs up can be read from: it has nothing more to say."""
    select.select([handler.connection], [], [], LONGEST_SECONDS)
    return _close(handler)


def _close(handler: Any) -> bool:
    """At once: buffered writers would send what was not to be sent."""
    handler.close_connection = True
    handler.rfile.close()
    handler.connection.close()
    handler.wfile = _Nowhere()
    return True


class _Nowhere:
    """Where a handler writes whose connection is closed already."""

    closed = True

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        """Nothing to send."""

    def close(self) -> None:
        """Closed already."""
