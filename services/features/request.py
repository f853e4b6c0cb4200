"""The feature form as a typed model. `docs/parameters.md` lists the defaults."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from services.workflow.options import (
    AnalyticsPlatform,
    Complexity,
    DeploymentStrategy,
    DocumentKind,
    EngineName,
    FlagService,
    Methodology,
    MonitoringStack,
)
from services.workflow.tasks import STEP_KEYS

TITLE_MAX = 200
DESCRIPTION_MAX = 100_000
DOCUMENT_MAX_BYTES = 1_000_000
DOCUMENTS_MAX = 20
CORRECTIONS_MAX = 10_000
NAME_MAX = 200
COST_LIMIT_MAX = 100_000


def _clean(text: str) -> str:
    """Text is kept as typed; control characters other than tab and line breaks are refused."""
    bad = sorted({f"U+{ord(c):04X}" for c in text if (ord(c) < 32 and c not in "\t\n\r") or 127 <= ord(c) < 160})
    if bad:
        raise ValueError(f"holds control characters ({', '.join(bad[:3])}); remove them")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise ValueError("holds a broken character (an unpaired surrogate); type it again")
    return text


def _stated(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; say what the feature is")
    return text


Text = Annotated[str, AfterValidator(_clean)]
Stated = Annotated[str, AfterValidator(_clean), AfterValidator(_stated)]


def _known_step(key: str) -> str:
    if key not in STEP_KEYS:
        raise ValueError(f"names no step; use one of {', '.join(STEP_KEYS)}")
    return key


class StepEngine(BaseModel):
    """Another engine for one step, by the key of its task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: Annotated[str, AfterValidator(_known_step)]
    engine: EngineName


class FeatureRequest(BaseModel):
    """What a run is asked to build. Frozen with the run, so that nothing moves under it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Stated = Field(max_length=TITLE_MAX)
    description: Stated = Field(max_length=DESCRIPTION_MAX)
    methodology: Methodology
    complexity: Complexity
    deployment_strategy: DeploymentStrategy = DeploymentStrategy.CANARY
    test_coverage_min: int = Field(default=80, ge=1, le=100, description="percent of branches")
    performance_budget: Text = Field(default="", max_length=200, description="for example: p95 < 200 ms")
    rollout_percentage: int = Field(
        default=5,
        ge=1,
        le=100,
        description="percent in the first stage: of requests for canary, of people for feature-flag and a-b-test",
    )
    feature_flag_service: FlagService = FlagService.CUSTOM
    analytics_platform: AnalyticsPlatform = AnalyticsPlatform.CUSTOM
    monitoring_stack: MonitoringStack = MonitoringStack.GRAFANA
    engine: EngineName = EngineName.BLUEPRINT
    step_engines: tuple[StepEngine, ...] = Field(
        default=(), description="steps that another engine does; every step at most once"
    )
    cost_limit_usd: float | None = Field(
        default=None,
        gt=0,
        le=COST_LIMIT_MAX,
        allow_inf_nan=False,
        description="USD that models may cost in the whole run; none: no limit",
    )
    corrections: Text = Field(
        default="", max_length=CORRECTIONS_MAX, description="one instruction a line; they win over the text"
    )

    @field_validator("step_engines")
    @classmethod
    def _each_step_once(cls, chosen: tuple[StepEngine, ...]) -> tuple[StepEngine, ...]:
        if len({choice.step for choice in chosen}) < len(chosen):
            raise ValueError("names a step twice; choose one engine for it")
        return tuple(sorted(chosen, key=lambda choice: STEP_KEYS.index(choice.step)))

    def engine_of(self, step: int) -> EngineName:
        """Who does the step with this number."""
        others = {STEP_KEYS.index(choice.step) + 1: choice.engine for choice in self.step_engines}
        return others.get(step, self.engine)


class MediaType(StrEnum):
    """What a document was uploaded as, told by its content."""

    TEXT = "text/plain"
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"

    @property
    def is_picture(self) -> bool:
        return self in (MediaType.PNG, MediaType.JPEG)


class Document(BaseModel):
    """A context document; its kind decides which steps read it. A picture has `data`, any other document has `text`.

    `data`: the file byte for byte, for engines that can see. A run keeps it as a git tree, `tree`, and not in its row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Stated = Field(max_length=NAME_MAX)
    kind: DocumentKind
    text: Text = Field(default="", max_length=DOCUMENT_MAX_BYTES)
    media_type: MediaType = MediaType.TEXT
    tree: str = ""
    data: bytes = Field(default=b"", repr=False, exclude=True)

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not self.media_type.is_picture:
            _stated(self.text)
        return self
