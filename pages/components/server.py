"""The web server around the screens: security headers, readiness, and the worker child of an embedded installation."""

import contextlib
import gc
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from services import bootstrap
from services.people import setup
from services.reminders.loops import telling
from services.settings import Settings, read_settings

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
    "frame-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'"
)
HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "SAMEORIGIN"}
# The cookie component's own page has an inline script; no other page may have one.
COMPONENTS = "/component/"


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inline = str(scope.get("path", "")).startswith(COMPONENTS)
        policy = POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'") if inline else POLICY

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = {**HEADERS, "content-security-policy": policy}
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in added.items())]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def web_settings() -> Settings:
    """With the address that the server really listens on, unless GREENLIGHT_HOST names the one that people call."""
    settings = read_settings()
    listens = st.get_option("server.address") or "0.0.0.0"  # noqa: S104  (what Streamlit does without one)
    return settings if "GREENLIGHT_HOST" in os.environ else replace(settings, host=listens)


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    # From the first request on, st.navigation decides what is shown; never a file of pages/ by its address.
    PagesManager.uses_pages_directory = False
    settings = web_settings()
    deps = bootstrap.web_deps(settings)
    code = setup.new_setup_code(deps)
    if code:
        print(f"First visit: the one-time code is {code}", file=sys.stderr, flush=True)  # noqa: T201
    gc.collect()
    gc.freeze()
    # Workers elsewhere may have a role of their own that reads no account; an embedded one tells people itself.
    tells = contextlib.nullcontext() if settings.embedded_worker else telling(deps)
    with bootstrap.worker_beside(settings), tells:
        yield {}


async def _ready(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ready"})


def middleware() -> list[Middleware]:
    return [Middleware(SecurityHeaders)]


def routes() -> list[Route]:
    return [Route("/api/ready", _ready)]
