"""Prompts for people: as a revision's agent was sent them, and as the next one of a step will be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.queries.house_rules import house_rules_text, newest_number
from db.queries.runs import find_revision, find_run
from services.actors import Actor
from services.agents.claude.prompting import first_message, system
from services.agents.claude.tools import tool_list
from services.agents.definitions import load_definitions
from services.agents.engine import Brief, HouseRules
from services.deps import Deps
from services.errors import NotFound
from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.store import form_defaults
from services.people.permissions import Action, require
from services.workflow.tasks import BY_KEY
from services.workspaces.trees import read_files

_EXAMPLE = {
    "title": "(the title of the feature)",
    "description": "(its description)",
    "methodology": "traditional",
    "complexity": "medium",
}


@dataclass(frozen=True)
class SentPrompt:
    """One request. `parts`: heading and text, in the order in which the model reads them; `data`: the request as JSON."""

    name: str
    model: str
    parts: tuple[tuple[str, str], ...]
    data: bytes


def read_prompts(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, number: int) -> tuple[SentPrompt, ...]:
    """What the agent of a revision was sent; none where no model was called or it was not kept yet. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        revision = find_revision(session, run_id, task_key, number) if run else None
        if revision is None:
            raise NotFound("This step has no such revision in your team.")
        files = read_files(session, revision.prompts) if revision.prompts else {}
    return tuple(_sent(name.removesuffix(".json"), data) for name, data in sorted(files.items()))


def next_prompt(deps: Deps, actor: Actor, *, task_key: str) -> SentPrompt:
    """As the next attempt at a step begins, with the team's own defaults for the form. Raises: NotFound."""
    require(actor, Action.VIEW)
    task = BY_KEY.get(task_key)
    if task is None:
        raise NotFound("There is no such step.")
    with deps.reading() as session:
        number = newest_number(session, actor.team_id, task.agent)
        text = house_rules_text(session, actor.team_id, task.agent, number)
    given = {name: value for name, value in form_defaults(deps, actor).items() if value not in (None, "")}
    request = FeatureRequest.model_validate({**_EXAMPLE, **given})
    brief = Brief(
        task=task,
        request=request,
        understanding=understand(request),
        documents=(),
        inputs={},
        files={},
        house_rules=HouseRules(text=text),
    )
    content = first_message(brief, load_definitions()[task.agent])
    sent = {"model": "", "tools": tool_list(), "system": system(), "messages": [{"role": "user", "content": content}]}
    return _sent("1-task", json.dumps(sent, ensure_ascii=False, indent=1).encode())


def _sent(name: str, data: bytes) -> SentPrompt:
    request: dict[str, Any] = json.loads(data)
    parts = [("Rules", _text_of(block)) for block in request.get("system", ())]
    for message in request["messages"]:
        whose = "Message" if message["role"] == "user" else "Answer before"
        parts += [(whose, _text_of(block)) for block in message["content"]]
    tools = "\n".join(f"{tool['name']}: {tool['description']}" for tool in request.get("tools", ()))
    return SentPrompt(name, request["model"], (*((("Tools", tools),) if tools else ()), *parts), data)


def _text_of(block: Mapping[str, Any]) -> str:
    return str(block["text"]) if block.get("type") == "text" else json.dumps(block, ensure_ascii=False)
