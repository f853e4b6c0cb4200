"""A page that is open hears of every change of a record that its person may read: the WebSocket /live.

The first message is {"token": "..."}; then come events as in record_events. It ends with the token (code 4401), or when the
feature is not there for the person (4404). Every process reads the changes of all processes from the database.
"""

import asyncio
import datetime as dt
import time
from threading import Lock
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session, col, select

from app import clock, database, flags
from app.access import Caller, claims_of
from app.problems import Problem
from app.record_events import RecordEvent, may_see, told

POLL_SECONDS, SIGN_IN_SECONDS, MOST = 1.0, 5.0, 200
# A transaction that takes long is seen late, and its events have lower numbers than others that were seen before.
_BACK = dt.timedelta(seconds=30)
NOT_KNOWN, NOT_THERE, TOO_MANY = 4401, 4404, 4429
router = APIRouter()
_open: set[int] = set()
_lock = Lock()
_read: tuple[float, list[dict[str, Any]]] = (float("-inf"), [])


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    await socket.accept()
    if len(_open) >= MOST:
        await socket.close(TOO_MANY)
        return
    _open.add(id(socket))
    try:
        await socket.close(await _told(socket))
    except WebSocketDisconnect:
        pass
    finally:
        _open.discard(id(socket))


async def _told(socket: WebSocket) -> int:
    """Tells until the end; gives the code that says why it ended."""
    try:
        first = await asyncio.wait_for(socket.receive_json(), SIGN_IN_SECONDS)
        claims = claims_of(str(first["token"]))
    except (Problem, ValueError, LookupError, TypeError, TimeoutError):
        return NOT_KNOWN
    caller = Caller(claims["sub"], claims["role"])
    if not flags.is_enabled(caller.user):
        return NOT_THERE
    seen = {event["id"] for event in await run_in_threadpool(_latest)}
    await socket.send_json({"type": "ready"})
    while time.time() < claims["exp"]:
        events = await run_in_threadpool(_latest)
        for event in events:
            if event["id"] not in seen and may_see(event["kind"], event["owner"], caller):
                await socket.send_json(told(event))
        seen = {event["id"] for event in events}
        await _wait(socket)
    return NOT_KNOWN


async def _wait(socket: WebSocket) -> None:
    """Raises: WebSocketDisconnect when the page is gone; what it says otherwise is not heard."""
    try:
        await asyncio.wait_for(socket.receive_text(), POLL_SECONDS)
    except (TimeoutError, KeyError):
        return


def _latest() -> list[dict[str, Any]]:
    """All open pages of a process read the changes together."""
    global _read
    with _lock:
        if time.monotonic() - _read[0] > POLL_SECONDS / 2:
            with Session(database.engine()) as session:
                recent = col(RecordEvent.at) > clock.now() - _BACK
                found = session.exec(select(RecordEvent).where(recent).order_by(col(RecordEvent.id))).all()
                _read = (time.monotonic(), [event.model_dump() for event in found])
        return _read[1]
