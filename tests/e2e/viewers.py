"""Teammates without a browser: they speak Streamlit's own protocol, so that ten of them cost next to nothing here."""

import asyncio
import time
from dataclasses import dataclass, field

import jwt
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from db.tables import User
from services.actors import Actor
from services.deps import Deps
from services.people import sign_in


def cookie_of(deps: Deps, person: Actor) -> str:
    """What the browser of somebody who has signed in would send."""
    end = time.time() + 3600
    with deps.reading() as session:
        username = session.get_one(User, person.user_id).username
    content = {
        "username": username,
        "sid": sign_in.open_browser(deps, username=username),
        "exp_date": end,
        "exp": int(end),
    }
    return f"greenlight={jwt.encode(content, deps.settings.secret('cookie_key').decode(), algorithm='HS256')}"


@dataclass
class Viewer:
    """`arrived`: text -> when a message first held it, in seconds since the epoch."""

    address: str
    cookie: str
    query: str
    marks: tuple[str, ...]
    arrived: dict[str, float] = field(default_factory=dict)
    page: str = ""
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def watch(self, seconds: float) -> None:
        """Until every mark has arrived. Raises: TimeoutError."""
        headers = {"Cookie": self.cookie, "Origin": self.address}
        async with (
            asyncio.timeout(seconds),
            websockets.connect(
                f"{self.address.replace('http', 'ws', 1)}/_stcore/stream",
                additional_headers=headers,
                subprotocols=[websockets.Subprotocol("streamlit")],
                max_size=None,
            ) as socket,
        ):
            await self.ask(socket)
            try:
                async for data in socket:
                    self.take(socket, ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode()))
                    if len(self.arrived) == len(self.marks):
                        return
            finally:
                for timer in self.timers.values():
                    timer.cancel()

    async def ask(self, socket: websockets.ClientConnection, fragment: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = "run"
        message.rerun_script.page_script_hash = self.page
        if fragment:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        await socket.send(message.SerializeToString())

    def take(self, socket: websockets.ClientConnection, message: ForwardMsg) -> None:
        now, kind = time.time(), message.WhichOneof("type")
        if kind == "navigation":
            self.page = message.navigation.page_script_hash
        if kind == "auto_rerun":
            self.restart(socket, message.auto_rerun.fragment_id, message.auto_rerun.interval)
        text = str(message.delta) if kind == "delta" else ""
        for mark in self.marks:
            if mark in text:
                self.arrived.setdefault(mark, now)

    def restart(self, socket: websockets.ClientConnection, fragment: str, interval: float) -> None:
        """What the browser's own timer does: one per fragment, asking again and again."""
        if fragment in self.timers:
            self.timers[fragment].cancel()
        self.timers[fragment] = asyncio.create_task(self.tick(socket, fragment, interval))

    async def tick(self, socket: websockets.ClientConnection, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self.ask(socket, fragment)
