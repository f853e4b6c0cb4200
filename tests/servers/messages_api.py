"""A server that speaks the Messages API on loopback: scripted answers, the API's refusals, prompt-cache counts, faults.

It answers as api.anthropic.com does where `anthropic` 2.13 can see a difference: status and types of errors, headers, the
exact events of a stream. What a request was, it keeps; what it billed, it keeps.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

from tests.servers.prompt_cache import PromptCache, TooManyMarks
from tests.servers.troubles import Trouble

MODELS = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5")
KEY = "sk-ant-test-0123456789abcdefghij"
PIECE = 40  # characters in one delta


@dataclass(frozen=True)
class Answer:
    """What a model says: blocks of text and tool calls. `output_tokens`: counted from the blocks where not given."""

    blocks: list[dict[str, Any]]
    stop_reason: str = "end_turn"
    stop_details: dict[str, Any] | None = None
    output_tokens: int | None = None

    @property
    def tokens(self) -> int:
        return self.output_tokens if self.output_tokens is not None else max(1, len(json.dumps(self.blocks)) // 4)


def says(text: str, **more: Any) -> Answer:
    return Answer([{"type": "text", "text": text}], **more)


def calls(*tools: tuple[str, dict[str, Any]], text: str = "", first_id: int = 0) -> Answer:
    """Tool calls with ids that do not repeat while `first_id` grows."""
    said = [{"type": "text", "text": text}] if text else []
    used = [
        {"type": "tool_use", "id": f"toolu_{first_id + i:06d}", "name": name, "input": given}
        for i, (name, given) in enumerate(tools)
    ]
    return Answer([*said, *used], stop_reason="tool_use")


Script = Callable[[dict[str, Any]], Answer]


@dataclass
class Received:
    """One request as it came: `body` byte for byte. `is_answered`: all of an answer is on its way, without trouble."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    is_answered: bool = False

    @property
    def data(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class MessagesApi:
    """`troubles` are used up, one a request that they are `meant_for`, before the script is asked; None is no trouble."""

    script: Script
    key: str = KEY
    models: tuple[str, ...] = MODELS
    clock: Callable[[], float] = time.monotonic
    pause_seconds: float = 0.0
    troubles: list[Trouble | None] = field(default_factory=list)
    meant_for: Callable[[dict[str, Any]], bool] = lambda _request: True
    received: list[Received] = field(default_factory=list)
    answered: int = 0
    billed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    gone: int = 0
    address: str = ""
    cache: PromptCache = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.cache = PromptCache(lambda: self.clock())

    def begin_anew(self, script: Script) -> None:
        """As if it had just been started, at the same address."""
        self.script, self.troubles, self.pause_seconds = script, [], 0.0
        self.meant_for = lambda _request: True
        self.received, self.billed, self.answered, self.gone = [], [], 0, 0
        self.cache.entries.clear()

    def next_trouble(self, request: dict[str, Any]) -> Trouble | None:
        if not self.meant_for(request):
            return None
        with self.lock:
            return self.troubles.pop(0) if self.troubles else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone, which is what many tests are about."""


@contextmanager
def serving(api: MessagesApi) -> Iterator[MessagesApi]:
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: MessagesApi

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is not the place."""

    def do_GET(self) -> None:
        self.send_json(404, _error("not_found_error", "Not found"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received, request = Received(self.path, headers, body, time.monotonic()), json.loads(body)
        with self.api.lock:
            self.api.received.append(received)
            number = len(self.api.received)
        trouble = self.api.next_trouble(request)
        if trouble and trouble.before and trouble.before(self):
            return
        refusal = _refusal(self.api, self.path, headers, request)
        if refusal:
            self.send_json(*refusal)
            return
        self._stream(received, request, trouble, f"req_{number:06d}")

    def _stream(self, received: Received, request: dict[str, Any], trouble: Trouble | None, request_id: str) -> None:
        answer = self.api.script(request)
        with self.api.lock:
            usage = self.api.cache.usage(request)
        events = list(events_of(answer, str(request["model"]), usage))
        if trouble and trouble.change:
            events = trouble.change(events)
        sent = 0
        try:
            self._begin(request_id)
            for i, (name, data) in enumerate(events):
                if trouble and trouble.during and trouble.during(self, i, len(events)):
                    return
                received.is_answered = not trouble and i + 1 == len(events)
                self.send_event(name, data)
                sent += _written(data)
                if self.api.pause_seconds:
                    time.sleep(self.api.pause_seconds)
            self.wfile.write(b"0\r\n\r\n")
            with self.api.lock:
                self.api.answered += 1
        except OSError:
            with self.api.lock:
                self.api.gone += 1
            self.close_connection = True
        finally:
            done = answer.tokens if not trouble else min(answer.tokens, sent // 4 + 1)
            with self.api.lock:
                self.api.billed.append((str(request["model"]), {**usage, "output_tokens": done}))

    def _begin(self, request_id: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("request-id", request_id)
        self.end_headers()

    def send_event(self, name: str, data: Any) -> None:
        told = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.send_raw((f"event: {name}\n" if name else "").encode() + f"data: {told}\n\n".encode())

    def send_raw(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def send_json(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        self.send_body(status, "application/json", json.dumps(data).encode(), headers)

    def send_body(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        given = {"content-type": kind, "content-length": str(len(body)), "request-id": "req_refused"}
        for name, value in {**given, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _written(data: Any) -> int:
    """Characters of the answer in one event."""
    delta = data.get("delta", {}) if isinstance(data, dict) else {}
    return len(delta.get("text") or delta.get("partial_json") or "")


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_refused"}


def _refusal(api: MessagesApi, path: str, headers: dict[str, str], request: dict[str, Any]) -> tuple[int, Any] | None:
    """As the API refuses: the path, the key, the model, then the request."""
    if path != "/v1/messages":
        return 404, _error("not_found_error", "Not found")
    if headers.get("authorization") != f"Bearer {api.key}" and headers.get("x-api-key") != api.key:
        return 401, _error("authentication_error", "invalid x-api-key")
    if request.get("model") not in api.models:
        return 404, _error("not_found_error", f"model: {request.get('model')}")
    wrong = _wrong(request)
    if wrong is None:
        try:
            PromptCache(lambda: 0.0).usage(request)
        except TooManyMarks as error:
            wrong = str(error)
    return (400, _error("invalid_request_error", wrong)) if wrong else None


def _wrong(request: dict[str, Any]) -> str | None:
    messages = request.get("messages") or []
    for name in ("temperature", "top_p", "top_k"):
        if name in request:
            return f"{name}: Extra inputs are not permitted"
    if not messages or messages[0]["role"] != "user":
        return "messages: first message must use the user role"
    if messages[-1]["role"] == "assistant":
        return "Prefilling assistant messages is not supported for this model."
    return _unanswered(messages) or _empty_text(messages)


def _unanswered(messages: list[dict[str, Any]]) -> str | None:
    for message, following in pairwise(messages):
        asked = [b["id"] for b in message["content"] if isinstance(b, dict) and b.get("type") == "tool_use"]
        given = [
            b["tool_use_id"] for b in following["content"] if isinstance(b, dict) and b.get("type") == "tool_result"
        ]
        if asked != given:
            return f"messages: tool_use ids were found without tool_result blocks immediately after: {asked}"
    return None


def _empty_text(messages: list[dict[str, Any]]) -> str | None:
    for message in messages:
        for block in message["content"]:
            if isinstance(block, dict) and block.get("type") == "text" and not block["text"].strip():
                return "messages: text content blocks must be non-empty"
    return None


def events_of(answer: Answer, model: str, usage: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The events of one stream, in the order and form of the API."""
    begun: dict[str, Any] = {
        "id": "msg_01", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {**usage, "output_tokens": 1},
    }  # fmt: skip
    yield "message_start", {"type": "message_start", "message": begun}
    yield "ping", {"type": "ping"}
    for index, block in enumerate(answer.blocks):
        yield from _block_events(index, block)
    delta = {"stop_reason": answer.stop_reason, "stop_sequence": None, "stop_details": answer.stop_details}
    yield "message_delta", {"type": "message_delta", "delta": delta, "usage": {"output_tokens": answer.tokens}}
    yield "message_stop", {"type": "message_stop"}


def _block_events(index: int, block: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if block["type"] == "text":
        begun, kind, text = {**block, "text": ""}, "text", str(block["text"])
    else:
        begun, kind, text = {**block, "input": {}}, "partial_json", json.dumps(block["input"], ensure_ascii=False)
    yield "content_block_start", {"type": "content_block_start", "index": index, "content_block": begun}
    for start in range(0, len(text), PIECE if kind == "text" else 4_000):
        piece = text[start : start + (PIECE if kind == "text" else 4_000)]
        delta = {"type": "text_delta" if kind == "text" else "input_json_delta", kind: piece}
        yield "content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta}
    yield "content_block_stop", {"type": "content_block_stop", "index": index}
