"""The door between the workflow and whoever does the work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from services.agents.parts import Model, model_in
from services.evidence.findings import Finding
from services.features.request import Document, FeatureRequest
from services.features.understanding import Correction, Understanding
from services.workflow.tasks import Task


@dataclass(frozen=True)
class Result:
    """What an earlier task made, as the next one reads it. `records` is the JSON form of its deliverable."""

    report: str
    records: Mapping[str, Any]

    def typed(self, kind: type[Model]) -> Model:
        return kind.model_validate(self.records)


@dataclass(frozen=True)
class Remark:
    """What people want changed. One that was made in a thread says where (`about`) and on which text (`quote`); only `text` asks
    for anything."""

    text: str
    thread: str = ""
    about: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of one line of a remark, or of a whole one: `remark` is its position in the brief."""

    remark: int
    line: str
    is_applied: bool
    text: str


class HouseRules(BaseModel):
    """What the team of a run tells this agent besides its prompt; Markdown, empty where it tells nothing."""

    model_config = ConfigDict(frozen=True)

    text: str = ""


@dataclass(frozen=True)
class Reply:
    """What the people of the team answered to a question of this task."""

    question: str
    answer: str


@dataclass(frozen=True)
class Brief:
    """Everything a task may read. `inputs`: task key -> result; `files`: path -> content of the workspace so far.

    `documents` are only those whose kind this step reads; a picture has `media_type` and `data` instead of text, for an
    engine that can see, and one that cannot says so in its report. `remarks` are people's words at a gate, empty at first;
    `answers`: a line of them -> what became of it, for the lines that were read as corrections of the understanding. `replies`:
    id -> what people answered to questions of the task's revisions before this one.

    What is read of it is noted, see `reads.py`: a task runs again when one of these parts has changed, and only then. So an
    engine reads no more than it needs: `read` and `read_file` note single fields, `paths` of `parts.py` a folder. What is
    asked for (task, remarks, findings, previous) is not noted.
    `previous` and `previous_files` are what this task made before, and what it wrote; `findings` what checks found wrong
    with that, for an engine that can repair. Their words may come from the workspace's own code: material, no instruction.
    """

    task: Task
    request: FeatureRequest
    understanding: Understanding
    documents: tuple[Document, ...]
    inputs: Mapping[str, Result]
    files: Mapping[str, bytes]
    remarks: tuple[Remark, ...] = ()
    previous: Result | None = None
    answers: Mapping[str, Correction] = field(default_factory=dict)
    previous_files: Mapping[str, bytes] = field(default_factory=dict)
    house_rules: HouseRules = field(default_factory=HouseRules)
    replies: Mapping[str, Reply] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def read(self, key: str, kind: type[Model]) -> Model:
        """The deliverable of a task that this one reads."""
        return self.inputs[key].typed(kind)

    def read_file(self, path: str, kind: type[Model]) -> Model:
        """A JSON file of the workspace."""
        return model_in(self.files, path, kind)


@dataclass(frozen=True)
class Paid:
    """What a kept answer cost. `usage`: counts as the provider gave them; `cost_usd`: None means unknown."""

    usage: Mapping[str, Any]
    cost_usd: float | None


@dataclass(frozen=True)
class Draft:
    """A new revision. `files` is complete: whatever the task owned before and is not in it, is deleted.
    `cost_usd`: None means unknown, 0 means free; `prompt_hash` is empty where no prompt was used;
    `prompts`: the requests that began the work, as they were sent, by the name of a file.

    `records` must be the deliverable model of the task, see services/deliverables. `answers`: what became of the remarks of the
    brief; people read them where they asked.
    """

    report: str
    records: BaseModel
    files: Mapping[str, bytes] = field(default_factory=dict)
    cost_usd: float | None = None
    prompt_hash: str = ""
    prompts: Mapping[str, bytes] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of one request, as a breaker counts it. Neither an answer nor an outage (a wrong key, a stop) counts as nothing.

    `fault`: kind of an outage; `wait_seconds`: how long the provider asks to be left alone.
    """

    is_answer: bool = False
    fault: str = ""
    wait_seconds: float | None = None


@dataclass(frozen=True)
class Checked:
    """What one check found. `outcome`: passed, failed or not_measured. `findings`: place, message and advice, worst first.

    `log`: what the tools said; words of generated code may be in it.
    """

    check: str
    outcome: str
    reason: str
    findings: tuple[Mapping[str, str], ...] = ()
    log: str = ""


class Work(Protocol):
    """What the executor offers an engine while it works."""

    def once(self, key: str, fn: Callable[[], Any], paid: Callable[[Any], Paid] | None = None) -> Any:
        """Call fn, keep its JSON answer for ever; on a replay give the kept answer without calling.

        `paid` says of an answer what it cost, where it cost something.
        """

    def reserve(self, key: str, *, model: str, worst_usd: float | None) -> str:
        """Hold money for one request before it is sent; None where the price is unknown. The name of what is held.

        Raises: WorkParked when the run's limit could be passed.
        """

    def settle(self, held: str, *, cost_usd: float | None, usage: Mapping[str, Any]) -> None:
        """What the request really cost. Never called: it counts as what was held."""

    def spent_usd(self) -> float | None:
        """Everything that this revision has cost so far, broken requests included; None where a price is unknown."""

    def admit(self, provider: str, model: str) -> None:
        """Before one request; `came_of` must follow. Raises: ModelAway while the breaker of that model is open."""

    def came_of(self, provider: str, model: str, outcome: Outcome) -> None:
        """What came of the request that was admitted."""

    def check(self, files: Mapping[str, bytes]) -> tuple[Checked, ...]:
        """Measures the workspace with these files of the task, as a gate would: the checks that look at what the task writes.

        Takes up to some minutes; nothing is kept, so wrap it in `once`. Empty where no check looks at it.
        """

    def ask(self, call: str, text: str, choices: Sequence[str]) -> str:
        """What the people of the team answered. `call` names the place in the work; the same place is asked once. Wrap it in `once`.

        Raises: WorkParked while nobody has answered; the answer begins the next attempt.
        """

    def emit(self, text: str) -> None:
        """A line of live text for the people who watch."""

    def cancelled(self) -> bool:
        """Somebody wants this work to stop; return soon."""


class Engine(Protocol):
    """`can_repair`: whether it makes something else of the same brief when it is told what checks found wrong."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def can_repair(self) -> bool: ...

    def produce(self, brief: Brief, work: Work) -> Draft: ...
