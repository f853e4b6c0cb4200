"""Plays a task with a model: the prompt, the talk, the files, the report, the records."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.agents.claude.calls import Caller
from services.agents.claude.conversation import Conversation
from services.agents.claude.outside import Outside
from services.agents.claude.prices import read_prices
from services.agents.claude.prompting import REPAIR, conventions, first_message, readable, rules, system
from services.agents.claude.tools import Desk, tool_list
from services.agents.definitions import Definition, load_definitions
from services.agents.engine import Brief, Draft, Work
from services.deliverables.base import Deliverable
from services.deliverables.registry import REGISTRY
from services.settings import Provider, ProviderKind
from services.workflow.tasks import tasks_for


@dataclass(frozen=True)
class ClaudeEngine:
    """Stands behind the door of `services/agents/engine.py`."""

    caller: Caller
    definitions: dict[str, Definition] = field(default_factory=load_definitions)
    name: str = "claude"
    version: str = "1"
    can_repair: bool = True

    def produce(self, brief: Brief, work: Work) -> Draft:
        house_rules = brief.house_rules.text
        definition = self.definitions[brief.task.agent]
        provider = self.caller.provider
        desk = Desk(
            task=brief.task,
            graph=tasks_for(brief.request.methodology),
            allowed=definition.tools,
            given={**brief.files, **readable(brief)},
            written=dict(brief.previous_files),
        )
        conversation = Conversation(
            caller=self.caller,
            work=work,
            desk=desk,
            outside=Outside(work, desk, time.monotonic),
            model=provider.strong_model if definition.model == "strong" else provider.model,
            records_model=provider.records_model,
            system=system(),
            scope=_scope(house_rules),
        )
        report = conversation.report(first_message(brief, definition))
        records, answers = conversation.records(REGISTRY[brief.task.key], report, brief.remarks)
        return Draft(
            report=report,
            records=records,
            files={**desk.written, **_records_file(brief.task.key, records)},
            cost_usd=work.spent_usd(),
            prompt_hash=prompt_hash(definition, house_rules),
            prompts={f"{name}.json": _as_sent(request) for name, request in conversation.begun.items()},
            answers=answers,
        )


def _records_file(key: str, records: Deliverable) -> dict[str, bytes]:
    """The design as a file is made from the records, so that the two cannot disagree."""
    if key != "architecture":
        return {}
    text = json.dumps(records.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False)
    return {"design/architecture.json": f"{text}\n".encode()}


def prompt_hash(definition: Definition, house_rules: str = "") -> str:
    """SHA-256 over everything that instructs an agent: the rules, the conventions, the tools, its own prompt, house rules."""
    own = [house_rules] if house_rules else []
    text = json.dumps([rules(), conventions(), REPAIR, tool_list(), definition.prompt, *own], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _scope(house_rules: str) -> str:
    """Begins the names of answers, kept and paid: those to other house rules are answers to another question."""
    return f"{hashlib.sha256(house_rules.encode()).hexdigest()[:12]}/" if house_rules else ""


def _as_sent(request: Mapping[str, Any]) -> bytes:
    """As JSON for people. A picture is named by its hash; it is kept with the documents of the run."""
    return json.dumps(_without_pictures(request), ensure_ascii=False, indent=1).encode()


def _without_pictures(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("type") == "base64":
        return {**value, "data": f"sha256 {hashlib.sha256(base64.b64decode(value['data'])).hexdigest()}"}
    if isinstance(value, Mapping):
        return {key: _without_pictures(inner) for key, inner in value.items()}
    return [_without_pictures(inner) for inner in value] if isinstance(value, list) else value


def make_engine(provider: Provider) -> ClaudeEngine:
    """Raises: StartError for a file of prices or a prompt that cannot be used."""
    return ClaudeEngine(make_caller(provider))


def make_caller(provider: Provider) -> Caller:
    """The table of prices is Anthropic's; the clouds have their own, which only an operator knows."""
    prices = read_prices(provider.prices_file, with_table=provider.kind is ProviderKind.ANTHROPIC)
    return Caller(provider, prices)
