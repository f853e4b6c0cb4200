"""Who answers for the models here, and whether they do: what the page of agents and the command line show."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import Action, require
from services.settings import Provider

if TYPE_CHECKING:
    from services.agents.claude.trial import Trial


@dataclass(frozen=True)
class Connection:
    """Without the key. `models`: what for -> name."""

    kind: str
    address: str
    models: dict[str, str]


def find_connection(deps: Deps, actor: Actor) -> Connection | None:
    """None where no model is configured."""
    require(actor, Action.VIEW)
    return describe(deps.settings.provider) if deps.settings.provider else None


def describe(provider: Provider) -> Connection:
    models = {"agents": provider.model, "hard tasks": provider.strong_model, "records": provider.records_model}
    return Connection(provider.kind.value, provider.address, models)


def try_connection(deps: Deps, actor: Actor) -> "tuple[Trial, ...]":
    """One tiny call to each model; it costs next to nothing. Raises: NotFound where no model is configured."""
    require(actor, Action.START_RUN)
    if deps.settings.provider is None:
        raise NotFound("No model is configured here; docs/claude.md says how.")
    from services.agents.claude.trial import try_models  # the SDK takes a second to load

    return try_models(deps.settings.provider)
