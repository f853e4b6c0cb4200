"""Which engines a feature may choose here: one with a model only where a provider is configured."""

from services.errors import InvalidInput
from services.settings import Settings
from services.workflow.options import EngineName


def offered_engines(settings: Settings) -> tuple[EngineName, ...]:
    return tuple(EngineName) if settings.provider else (EngineName.BLUEPRINT,)


def check_engine(settings: Settings, engine: EngineName) -> None:
    """Raises: InvalidInput with what to do."""
    if engine not in offered_engines(settings):
        raise InvalidInput(
            {
                "engine": f"No model is configured here, so {engine.value} cannot work; docs/claude.md says how. Choose blueprint."
            }
        )
