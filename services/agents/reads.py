"""What a revision read: the parts of its brief by name, found by watching the engine, each with a hash of its content.

| part | what it is |
|---|---|
| `architecture.operations`, `architecture` | a field of the records of a task, all of them |
| `report:architecture` | its report |
| `file:app/main.py`, `file:design/architecture.json:events` | a file, a field of a JSON file |
| `files:app/`, `files:tests/*.py` | which files there are, by prefix and suffix |
| `understanding.resources`, `request.title` | what is asked for; without the field: all of it |
| `documents` | the context documents |
| `house_rules.text` | what the team tells this agent |
| `told:<line>` | what became of a line of a remark |
| `reply:<question>` | what people answered to a question of the task |
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from services.agents.engine import Brief, Reply, Result
from services.agents.parts import Note, NotedFiles, NotedMapping, noted_items, noted_model, paths
from services.workflow.tasks import Task, owns_path

Model = TypeVar("Model", bound=BaseModel)
_NOBODYS = ("request", "understanding", "documents", "told", "reply", "house_rules")
_ASKED_FOR = ("request", "understanding")


class _NotedResult(Result):
    def __init__(self, key: str, result: Result, note: Note) -> None:
        for name, value in (("report", result.report), ("records", result.records), ("_noted", (key, note))):
            object.__setattr__(self, name, value)

    def __getattribute__(self, name: str) -> Any:
        get = super().__getattribute__
        if name in ("report", "records"):
            key, note = get("_noted")
            note(f"report:{key}" if name == "report" else key)
        return get(name)

    def typed(self, kind: type[Model]) -> Model:
        get = super().__getattribute__
        key, note = get("_noted")
        return noted_model(kind.model_validate(get("records")), f"{key}.", note)


class Reads:
    """Watches one brief. `brief` is what the engine gets, `hashes` what it has read until now."""

    def __init__(self, brief: Brief) -> None:
        self._whole, self._parts = brief, set[str]()
        note = self._parts.add
        self.brief = replace(
            brief,
            request=noted_model(brief.request, "request.", note),
            understanding=noted_model(brief.understanding, "understanding.", note),
            documents=noted_items(brief.documents, "documents", note),
            inputs={key: _NotedResult(key, result, note) for key, result in brief.inputs.items()},
            files=NotedFiles(brief.files, note),
            house_rules=noted_model(brief.house_rules, "house_rules.", note),
            answers=NotedMapping(brief.answers, "told:", note),
            replies=NotedMapping(brief.replies, "reply:", note),
        )

    def hashes(self) -> dict[str, str]:
        return {part: part_hash(self._whole, part) for part in sorted(self._parts)}


def part_hash(brief: Brief, part: str) -> str:
    """SHA-256 over the content of a part; what is not there has a hash too."""
    return content_hash(_content(brief, part))


def content_hash(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def reply_parts(replies: Mapping[str, Reply]) -> dict[str, str]:
    """Part -> hash, of answers that came while the revision was being made."""
    return {f"reply:{id_}": content_hash(_reply(reply)) for id_, reply in replies.items()}


def changed_parts(brief: Brief, read: Mapping[str, str]) -> list[str]:
    """Those that are no longer what they were when they were read."""
    return [part for part, kept in read.items() if part_hash(brief, part) != kept]


def _content(brief: Brief, part: str) -> Any:
    kind, _, name = part.partition(":")
    if kind == "report" and name:
        return brief.inputs[name].report if name in brief.inputs else None
    if kind == "file" and name:
        return _file(brief.files, *name.partition(":"))
    if kind == "files" and ":" in part:
        return paths(brief.files, *name.split("*", 1)) if "*" in name else paths(brief.files, name)
    if kind == "told":
        told = brief.answers.get(name)
        return told and told.model_dump(mode="json")
    if kind == "reply":
        return _reply(brief.replies.get(name))
    if part == "documents":
        return [(document.model_dump(mode="json"), _hash(document.data)) for document in brief.documents]
    return _field(brief, *part.split(".", 1))


def _reply(reply: Reply | None) -> list[str] | None:
    return [reply.question, reply.answer] if reply else None


def _file(files: Mapping[str, bytes], path: str, _: str, field: str) -> Any:
    data = files.get(path)
    if data is None or not field:
        return None if data is None else _hash(data)
    try:
        return json.loads(data)[field]
    except (ValueError, LookupError, TypeError):
        return _hash(data)


def _field(brief: Brief, source: str, field: str = "") -> Any:
    model: BaseModel | None = {
        "request": brief.request,
        "understanding": brief.understanding,
        "house_rules": brief.house_rules,
    }.get(source)
    if model is not None:
        return model.model_dump(mode="json", include={field} if field else None)
    records = brief.inputs[source].records if source in brief.inputs else None
    return records and (records.get(field) if field else records)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_asked_for(part: str) -> bool:
    """Whether it is of the request or of what was understood of it."""
    return part.split(".", 1)[0] in _ASKED_FOR


def sources(tasks: Iterable[Task], part: str) -> set[str]:
    """The tasks whose work can change a part. Nobody's can change what is asked for."""
    kind, _, name = part.partition(":")
    if kind == "report" and name:
        return {name}
    if kind in ("file", "files") and ":" in part:
        path = name.partition(":")[0].partition("*")[0]
        return {task.key for task in tasks if any(_meets(prefix, path, kind) for prefix in (*task.owns, *task.changes))}
    source = part.split(".", 1)[0]
    return set() if source.partition(":")[0] in _NOBODYS else {source}


def _meets(prefix: str, path: str, kind: str) -> bool:
    return owns_path(prefix, path) or (kind == "files" and prefix.startswith(path))
