"""What happens around every request: a limit of its size, a span, a log line, metrics, headers."""

import logging
import os
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from app import observability
from app.problems import document

log = logging.getLogger(__name__)
MOST_BYTES = int(os.environ.get("MAX_BODY_BYTES", "1000000"))
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
# What a browser may do with the page: nothing that does not come from here.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Watched:
    """ASGI middleware."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, started = Headers(scope=scope), time.perf_counter()
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with observability.traced(scope, headers, request_id) as trace_id:
            answer = _Answer(scope, send, {**HEADERS, "X-Request-Id": request_id, "X-Trace-Id": trace_id})
            try:
                await self._answered(scope, headers, receive, answer)
            finally:
                observability.count(scope, answer.status, time.perf_counter() - started)

    async def _answered(self, scope: Any, headers: Headers, receive: Any, answer: "_Answer") -> None:
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            await document(413, "Too large", _too_large())(scope, receive, answer)
            return
        try:
            await self.app(scope, _limited(receive), answer)
        except Exception:
            log.exception("a request failed")
            if not answer.is_begun:
                await document(500, "Not your fault", "Something failed here; it was noted.")(scope, receive, answer)
            raise


class _Answer:
    """Sends what the service answers, with the headers that every answer has."""

    def __init__(self, scope: Any, send: Any, headers: dict[str, str]) -> None:
        self.scope, self.send, self.headers = scope, send, headers
        self.status, self.is_begun = 500, False

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.is_begun = message["status"], True
            told = MutableHeaders(scope=message)
            told.update(self.headers)
            if "route" in self.scope:  # records are for whoever asked, files of the page for everybody
                told.setdefault("Cache-Control", "no-store")
        await self.send(message)


def _limited(receive: Any) -> Any:
    """Counts what really comes, also where nobody said how much it would be."""
    came = 0

    async def counted() -> Any:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > MOST_BYTES:
            raise HTTPException(413, _too_large())
        return message

    return counted


def _too_large() -> str:
    return f"A request may have {MOST_BYTES:,} bytes."
