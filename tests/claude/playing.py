"""Agents whose lines are known: the server answers each task with what the blueprint engine makes of the same request.

They read, write in several turns, report, and give records; so a run of all tasks ends with a workspace that works.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from services.agents.claude.calls import Caller, Pace
from services.agents.claude.engine import ClaudeEngine, make_caller
from services.agents.claude.streams import Limits
from services.agents.engine import Draft
from services.deps import Deps
from services.features.request import FeatureRequest
from services.settings import Provider
from services.workflow.options import EngineName
from services.workflow.tasks import TASKS
from tests.agents.chain import drafts_of
from tests.builders import REQUEST
from tests.claude.calling import TODAY, a_provider, client_of
from tests.servers.messages_api import KEY, Answer, MessagesApi, calls, says

BY_CLAUDE = REQUEST.model_copy(update={"engine": EngineName.CLAUDE})
FILES_IN_ONE_TURN = 12
_TASK = re.compile(r"# Your task now: `([a-z-]+)`")
_REPORT = re.compile(r"Report of task ([a-z-]+)\.")


@cache
def lines_for(request_json: str) -> dict[str, Draft]:
    return drafts_of(FeatureRequest.model_validate_json(request_json))


def connected(deps: Deps) -> Deps:
    """As in an installation where a provider is configured, so that runs of the claude engine may start."""
    return replace(deps, settings=replace(deps.settings, provider=Provider(key=KEY)))


def text_of(request: Mapping[str, Any]) -> str:
    """Everything of the first message."""
    return "\n".join(block.get("text", "") for block in request["messages"][0]["content"])


def task_of(request: Mapping[str, Any]) -> str:
    found = _TASK.search(text_of(request)) or _REPORT.search(text_of(request))
    assert found
    return found[1]


def is_for_records(request: Mapping[str, Any]) -> bool:
    return "output_config" in request


def turn_of(request: Mapping[str, Any]) -> int | str:
    """From 0; "records" for the call after the report."""
    return "records" if is_for_records(request) else sum(m["role"] == "assistant" for m in request["messages"])


@dataclass
class Players:
    """A script for the server. `instead`: (task, turn) -> another answer; the turn of records is "records"."""

    request: FeatureRequest = REQUEST
    instead: dict[tuple[str, int | str], Answer] = field(default_factory=dict)

    def __call__(self, request: dict[str, Any]) -> Answer:
        key = task_of(request)
        if is_for_records(request):
            other = self.instead.get((key, "records")) if len(request["messages"]) == 1 else None
            return other or says(self.records(key))
        turn = sum(message["role"] == "assistant" for message in request["messages"])
        return self.instead.get((key, turn)) or self.turns(key)[turn]

    def draft(self, key: str) -> Draft:
        return lines_for(self.request.model_dump_json())[key]

    def records(self, key: str) -> str:
        return self.draft(key).records.model_dump_json(exclude={"schema_version"})

    def report(self, key: str) -> str:
        return f"Report of task {key}.\n\n{self.draft(key).report}"

    def turns(self, key: str) -> list[Answer]:
        # The design as a file comes from the records.
        files = sorted(
            (path, data) for path, data in self.draft(key).files.items() if path != "design/architecture.json"
        )
        batches = [files[i : i + FILES_IN_ONE_TURN] for i in range(0, len(files), FILES_IN_ONE_TURN)]
        writes = [
            calls(
                *(("write_file", {"path": path, "content": data.decode()}) for path, data in batch),
                text="I write the next files.",
                first_id=100 * number,
            )
            for number, batch in enumerate(batches, 1)
        ]
        looks = calls(("list_files", {}), ("search_files", {"text": "order"}), text="I look around first.\n")
        return [looks, *writes, says(self.report(key))]

    @property
    def requests_in_all(self) -> int:
        """How many a run of all tasks sends when nothing goes wrong."""
        return sum(len(self.turns(key)) + 1 for key in lines_for(self.request.model_dump_json()))

    @property
    def requests_in_phase_1(self) -> int:
        return sum(len(self.turns(task.key)) + 1 for task in TASKS if task.phase == 1)


def playing(api: MessagesApi, **other: Any) -> ClaudeEngine:
    """The engine over a server of the test, as an installation would make it, without waiting."""
    provider = a_provider(api, **other)
    return ClaudeEngine(caller_for(provider))


def caller_for(provider: Provider) -> Caller:
    limits = Limits(idle_seconds=5.0, total_seconds=30.0)
    made = make_caller(provider)
    caller = Caller(
        provider, made.prices, limits=limits, pace=Pace(attempts=4, sleep=lambda _seconds: None), today=lambda: TODAY
    )
    caller._client = client_of(provider, limits.idle_seconds)
    return caller


def bodies_of(api: MessagesApi, key: str) -> list[dict[str, Any]]:
    """The requests of one task, in the order in which they came, those for records left out."""
    sent = [received.data for received in api.received]
    return [data for data in sent if not is_for_records(data) and task_of(data) == key]


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


class Killed(BaseException):
    """What no code of ours catches, as nothing catches a kill."""


def dies_at(key: str) -> Callable[..., Any]:
    """In the place of `Caller.call`: the worker is gone before the answer of this key has come."""
    real = Caller.call

    def call(self: Caller, request: dict[str, Any], **given: Any) -> Any:
        if given["key"] == key:
            raise Killed
        return real(self, request, **given)

    return call
