"""Which engines a feature may choose here: one with a model only where a provider is configured."""

from services.errors import InvalidInput
from services.features.request import FeatureRequest
from services.settings import Settings
from services.workflow.options import EngineName


def offered_engines(settings: Settings) -> tuple[EngineName, ...]:
    return tuple(EngineName) if settings.provider else (EngineName.BLUEPRINT,)


def check_engines(settings: Settings, request: FeatureRequest) -> None:
    """That of the run and those of single steps. Raises: InvalidInput with what to do."""
    offered = offered_engines(settings)
    problems: dict[str, str] = {}
    if request.engine not in offered:
        problems["engine"] = f"{_cannot(request.engine)} Choose blueprint."
    missing = [choice for choice in request.step_engines if choice.engine not in offered]
    if missing:
        steps = ", ".join(choice.step for choice in missing)
        problems["step_engines"] = f"{_cannot(missing[0].engine)} Choose another engine for {steps}."
    if problems:
        raise InvalidInput(problems)


def _cannot(engine: EngineName) -> str:
    return f"No model is configured here, so {engine.value} cannot work; docs/claude.md says how."
