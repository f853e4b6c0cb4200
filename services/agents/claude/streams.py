"""One HTTP exchange: a request goes out, an answer streams in. Strict, where the SDK accepts what breaks off quietly.

The SDK opens the stream; its events are read here, pings included, so that the limit on time holds on a server that only
pings. An answer counts when `message_stop` has come.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.agents.claude.faults import Fault, fault_of

ANSWER_MAX = 8_000_000
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Limits:
    """`idle_seconds`: between two bytes; `total_seconds`: one answer from the request to its end."""

    idle_seconds: float = 90.0
    total_seconds: float = 900.0


@dataclass(frozen=True)
class Reply:
    """`blocks` can be sent back as they are. `usage`: the API's own words and counts."""

    blocks: list[dict[str, Any]]
    stop_reason: str
    usage: dict[str, Any]
    request_id: str | None = None
    refusal: str = ""

    @property
    def text(self) -> str:
        return "".join(block["text"] for block in self.blocks if block["type"] == "text")

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """None when the answer was cut: half a call parses, and would be run. Some servers say end_turn with a call."""
        if self.stop_reason == "max_tokens":
            return []
        return [block for block in self.blocks if block["type"] == "tool_use"]


@dataclass
class Assembly:
    """An answer in the making; also what is known of a broken one.

    `output_bytes` bounds its output tokens, as long as nothing is thought that is not shown.
    """

    blocks: list[dict[str, Any]] = field(default_factory=list)
    partial_json: dict[int, str] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    stop_reason: str = ""
    refusal: str = ""
    arrived_characters: int = 0
    output_bytes: int = 0
    is_begun: bool = False
    is_stopped: bool = False

    @property
    def thinks(self) -> bool:
        return any(block["type"] in ("thinking", "redacted_thinking") for block in self.blocks)


def ask(
    client: Any,
    request: dict[str, Any],
    *,
    limits: Limits,
    on_text: Callable[[str], None],
    is_stopped: Callable[[], bool],
    assembly: Assembly,
) -> Reply:
    """Fills `assembly` while it reads, so that the caller knows what a broken answer has cost. Raises: Fault."""
    try:
        with client.messages.create(**request, stream=True) as stream:
            _read(client, stream, limits=limits, on_text=on_text, is_stopped=is_stopped, assembly=assembly)
            request_id = stream.response.headers.get("request-id")
    except Exception as error:
        raise fault_of(error) from error
    return _finished(assembly, request_id)


def _read(
    client: Any,
    stream: Any,
    *,
    limits: Limits,
    on_text: Callable[[str], None],
    is_stopped: Callable[[], bool],
    assembly: Assembly,
) -> None:
    response = stream.response
    kind = response.headers.get("content-type", "")
    if "text/event-stream" not in kind:
        raise Fault("no_such_server", f"content type {kind or 'not given'}", is_billed=False)
    began = looked = time.monotonic()
    for event in stream.raw_events(response):
        _take(assembly, event, on_text, client, response)
        now = time.monotonic()
        if now - began > limits.total_seconds:
            raise Fault("too_slow", f"{limits.total_seconds:.0f} seconds are allowed")
        if now - looked > LOOK_SECONDS:
            looked = now
            if is_stopped():
                raise Fault("stopped")
        if assembly.is_stopped:
            return


def _finished(assembly: Assembly, request_id: str | None) -> Reply:
    if not assembly.is_begun:
        raise Fault("ended_early", "nothing came")
    if not assembly.is_stopped or not assembly.stop_reason:
        raise Fault("ended_early")
    return Reply(assembly.blocks, assembly.stop_reason, assembly.usage, request_id, assembly.refusal)


def _take(assembly: Assembly, event: Any, on_text: Callable[[str], None], client: Any, response: Any) -> None:
    if event.event == "ping" or not event.data:
        return
    assembly.arrived_characters += len(event.data)
    if assembly.arrived_characters > ANSWER_MAX:
        raise Fault("unreadable", f"an answer of more than {ANSWER_MAX:,} characters")
    try:
        data = json.loads(event.data)
        name = data["type"]
        if event.event == "error" or name == "error":
            raise client._make_status_error("", body=data, response=response)  # noqa: SLF001  (types its own error events)
        _ACTS.get(name, _unknown)(assembly, data, on_text)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Fault("unreadable", f"event {event.event or 'without a name'}: {type(error).__name__}") from error


def _unknown(_assembly: Assembly, _data: dict[str, Any], _on_text: Callable[[str], None]) -> None:
    """The API says that new kinds of events may come, and that clients pass over them."""


def _message_start(assembly: Assembly, data: dict[str, Any], _on_text: Callable[[str], None]) -> None:
    assembly.usage.update(_counts(data["message"].get("usage")))
    assembly.is_begun = True


def _block_start(assembly: Assembly, data: dict[str, Any], on_text: Callable[[str], None]) -> None:
    if not assembly.is_begun or data["index"] != len(assembly.blocks):
        raise ValueError("a block out of order")
    block = dict(data["content_block"])
    assembly.blocks.append(block)
    if block["type"] == "text" and block["text"]:
        on_text(block["text"])


def _block_delta(assembly: Assembly, data: dict[str, Any], on_text: Callable[[str], None]) -> None:
    index, delta = data["index"], data["delta"]
    block = assembly.blocks[index]
    written = delta.get("text") or delta.get("partial_json") or delta.get("thinking") or ""
    assembly.output_bytes += len(written.encode("utf-8", "surrogatepass"))
    if delta["type"] == "text_delta":
        block["text"] += delta["text"]
        on_text(delta["text"])
    elif delta["type"] == "input_json_delta":
        assembly.partial_json[index] = assembly.partial_json.get(index, "") + delta["partial_json"]
    elif delta["type"] == "thinking_delta":
        block["thinking"] = block.get("thinking", "") + delta["thinking"]
    elif delta["type"] == "signature_delta":
        block["signature"] = block.get("signature", "") + delta["signature"]


def _block_stop(assembly: Assembly, data: dict[str, Any], _on_text: Callable[[str], None]) -> None:
    index = data["index"]
    if assembly.blocks[index]["type"] == "text":
        assembly.blocks[index]["text"] = _mended(assembly.blocks[index]["text"])
    if assembly.blocks[index]["type"] == "tool_use":
        assembly.blocks[index]["input"] = _input(assembly.partial_json.get(index, ""), assembly.blocks[index])


def _input(text: str, block: dict[str, Any]) -> dict[str, Any]:
    """Arguments that are no JSON object become none; the tool then says what it misses."""
    try:
        value = json.loads(text) if text else block.get("input") or {}
    except ValueError:
        return {}
    return _mended(value) if isinstance(value, dict) else {}


def _mended(value: Any) -> Any:
    """Halves of characters, which no database keeps and no request can send back, are joined or marked."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    return [_mended(inner) for inner in value] if isinstance(value, list) else value


def _message_delta(assembly: Assembly, data: dict[str, Any], _on_text: Callable[[str], None]) -> None:
    assembly.usage.update(_counts(data.get("usage")))
    delta = data["delta"]
    assembly.stop_reason = delta.get("stop_reason") or ""
    details = delta.get("stop_details") or {}
    assembly.refusal = str(details.get("category") or "") if assembly.stop_reason == "refusal" else ""


def _message_stop(assembly: Assembly, _data: dict[str, Any], _on_text: Callable[[str], None]) -> None:
    assembly.is_stopped = True


def _counts(usage: Any) -> dict[str, Any]:
    """Counts as they came, without what is not said."""
    return {key: value for key, value in (usage or {}).items() if value is not None}


_ACTS: dict[str, Callable[[Assembly, dict[str, Any], Callable[[str], None]], None]] = {
    "message_start": _message_start,
    "content_block_start": _block_start,
    "content_block_delta": _block_delta,
    "content_block_stop": _block_stop,
    "message_delta": _message_delta,
    "message_stop": _message_stop,
}
