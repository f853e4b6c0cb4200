"""The workspace's service as uvicorn runs it, telling with each answer what it asked of its database.

`X-Statements`: how many statements; `X-Instructions`: how many instructions of SQLite's virtual machine they took, in
hundreds, so that reading a whole table shows and a look-up does not. One request at a time.
"""

import sys
from importlib import import_module
from typing import Any

import uvicorn
from sqlalchemy import Engine, event

EVERY = 100
asked = {"statements": 0, "instructions": 0}


def main(port: int) -> None:
    event.listen(Engine, "before_cursor_execute", _statement)
    event.listen(Engine, "connect", _connected)
    service = import_module("app.main").app

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        async def telling(message: Any) -> None:
            if message["type"] == "http.response.start":
                told = [(f"x-{name}".encode(), str(count).encode()) for name, count in asked.items()]
                message = {**message, "headers": [*message["headers"], *told]}
            await send(message)

        asked.update(dict.fromkeys(asked, 0))
        await service(scope, receive, telling)

    uvicorn.run(counted, port=port, log_level="warning")


def _statement(*_about: Any) -> None:
    asked["statements"] += 1


def _connected(connection: Any, _record: Any) -> None:
    connection.set_progress_handler(_worked, EVERY)


def _worked() -> None:
    asked["instructions"] += EVERY


if __name__ == "__main__":
    main(int(sys.argv[1]))
