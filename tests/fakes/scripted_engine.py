"""The blueprint engine with other behaviour for some tasks; it remembers every brief that it was given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work

Act = Callable[[Brief, Work], Draft]


@dataclass
class ScriptedEngine:
    """`script`: task key -> what happens instead. `before` is called at the begin of every execution."""

    script: Mapping[str, Act] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    cost_usd: float | None = 0.0
    briefs: list[Brief] = field(default_factory=list)
    name: str = "blueprint"
    version: str = "scripted"
    can_repair: bool = False

    def produce(self, brief: Brief, work: Work) -> Draft:
        self.briefs.append(brief)
        self.before()
        act = self.script.get(brief.task.key)
        return act(brief, work) if act else replace(BlueprintEngine().produce(brief, work), cost_usd=self.cost_usd)

    @property
    def executed(self) -> list[str]:
        """Task keys in the order of their executions."""
        return [brief.task.key for brief in self.briefs]


def raising(error: Exception) -> Act:
    def act(brief: Brief, work: Work) -> Draft:
        raise error

    return act


def asking(text: str, *choices: str) -> Act:
    """The blueprint's draft, after the team has answered."""

    def act(brief: Brief, work: Work) -> Draft:
        work.once("ask", lambda: work.ask("ask", text, choices))
        return BlueprintEngine().produce(brief, work)

    return act


def writing(path: str, data: bytes = b"text\n") -> Act:
    """The blueprint's draft and one more file."""

    def act(brief: Brief, work: Work) -> Draft:
        draft = BlueprintEngine().produce(brief, work)
        return replace(draft, files={**draft.files, path: data})

    return act
