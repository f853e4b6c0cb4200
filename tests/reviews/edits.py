"""Twenty-four edits of a finished blueprint run, and by hand which steps each of them makes run.

`runs` was written from what the generators say: who takes which field and which file. An edit of a report runs nothing
itself. What is made differently is made by an engine that stands in for the blueprint in that one step.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel

from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from tests.fakes.scripted_engine import ScriptedEngine

Change = Callable[[Draft], Draft]


@dataclass(frozen=True)
class Edit:
    """Of one step: its report by a person, a remark that corrects nothing, or another result."""

    step: str
    what: str
    runs: frozenset[str]
    report: str = ""
    remark: str = ""
    change: Change | None = None

    @property
    def engine(self) -> ScriptedEngine:
        change = self.change

        def act(brief: Brief, work: Work) -> Draft:
            draft = BlueprintEngine().produce(brief, work)
            return change(draft) if change else draft

        return ScriptedEngine({self.step: act}, name="edited")


def field(name: str, value: object) -> Change:
    """Another value of one field of the records; the files stay as they are."""
    return lambda draft: replace(draft, records=draft.records.model_copy(update={name: value}))


def first(name: str, **values: object) -> Change:
    """Other values in the first row of one field of the records."""

    def change(draft: Draft) -> Draft:
        rows: tuple[BaseModel, ...] = getattr(draft.records, name)
        changed = (rows[0].model_copy(update=values), *rows[1:])
        return replace(draft, records=draft.records.model_copy(update={name: changed}))

    return change


def appended(path: str, text: str) -> Change:
    return lambda draft: _with_file(draft, path, draft.files[path] + text.encode())


def described(text: str) -> Change:
    """Another description of the contract as a whole."""

    def change(draft: Draft) -> Draft:
        document: dict[str, Mapping[str, object]] = json.loads(draft.files["design/openapi.json"])
        document["info"] = {**document["info"], "description": text}
        return _with_file(draft, "design/openapi.json", json.dumps(document).encode())

    return change


def _with_file(draft: Draft, path: str, data: bytes) -> Draft:
    assert draft.files[path] != data
    return replace(draft, files={**draft.files, path: data})


def _runs(*keys: str) -> frozenset[str]:
    return frozenset(keys)


READ_BY_NOBODY = (
    Edit("business", "report", _runs(), report="We asked three teams."),
    Edit("business", "remark", _runs("business"), remark="Say more about the market."),
    Edit("architecture", "report", _runs(), report="We drew it on a board."),
    Edit("architecture", "summary", _runs("architecture"), change=field("summary", "Another summary.")),
    Edit("risk", "summary", _runs("risk"), change=field("summary", "Another summary.")),
    Edit("backend", "Makefile", _runs("backend"), change=appended("Makefile", "\n# Another line.\n")),
    Edit("frontend", "report", _runs(), report="Keyboard first."),
    Edit("data", "summary", _runs("data"), change=field("summary", "Another summary.")),
    Edit("tests", "remark", _runs("tests"), remark="Say more about the journeys."),
    Edit("security", "list of checks", _runs("security"), change=appended("security/checks.md", "\nAsk Ada.\n")),
    Edit("performance", "report", _runs(), report="We ran it at night."),
    Edit("documentation", "report", _runs(), report="Read the tutorial first."),
)
READ_LATER = (
    Edit("business", "metrics", _runs("business", "data", "observability", "documentation"), change=first("metrics", target="above 99 %")),
    Edit("architecture", "quality", _runs("architecture", "performance"), change=first("quality", measure="p95 below 1 s")),
    Edit("architecture", "contract", _runs("architecture", "frontend", "documentation"), change=described("Another sentence.")),
    Edit("risk", "threats", _runs("risk", "security"), change=first("threats", threat="Somebody guesses an id")),
    Edit("backend", "code", _runs("backend", "security", "performance", "observability"), change=appended("app/main.py", "\n# Another line.\n")),
    Edit("frontend", "style", _runs("frontend", "performance"), change=appended("web/styles.css", "\n/* Another line. */\n")),
    Edit("frontend", "script", _runs("frontend", "security", "performance"), change=appended("web/app.js", "\n// Another line.\n")),
    Edit("data", "events", _runs("data", "documentation"), change=first("events", trigger="when somebody is ready")),
    Edit("tests", "code", _runs("tests", "security", "documentation"), change=appended("tests/test_service.py", "\n# Another line.\n")),
    Edit("performance", "code", _runs("performance", "observability"), change=appended("app/database.py", "\n# Another line.\n")),
    Edit("deployment", "stages", _runs("deployment", "documentation"), change=first("stages", guards="everything")),
    Edit("observability", "alerts", _runs("observability", "documentation"), change=first("alerts", windows="a week")),
)  # fmt: skip
EDITS = (*READ_BY_NOBODY, *READ_LATER)
