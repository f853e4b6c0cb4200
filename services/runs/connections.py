"""Who answers for the models here, and whether they do: what the page of agents and the command line show."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import Action, require
from services.runs.breakers import BreakerView, close_breaker, open_breakers
from services.settings import Provider

if TYPE_CHECKING:
    from services.agents.claude.trial import Trial


@dataclass(frozen=True)
class Connection:
    """Without the key. `models`: what for -> name. `away`: one for each model that nobody asks now."""

    kind: str
    address: str
    models: dict[str, str]
    away: tuple[BreakerView, ...] = ()


def find_connection(deps: Deps, actor: Actor) -> Connection | None:
    """None where no model is configured."""
    require(actor, Action.VIEW)
    provider = deps.settings.provider
    if provider is None:
        return None
    with deps.reading() as session:
        return replace(describe(provider), away=open_breakers(session, provider.address, deps.now()))


def describe(provider: Provider) -> Connection:
    models = {"agents": provider.model, "hard tasks": provider.strong_model, "records": provider.records_model}
    return Connection(provider.kind.value, provider.address, models)


def try_connection(deps: Deps, actor: Actor) -> "tuple[Trial, ...]":
    """One tiny call to each model; it costs next to nothing. One that answers is asked by everybody again.

    Raises: NotFound where no model is configured.
    """
    require(actor, Action.START_RUN)
    if deps.settings.provider is None:
        raise NotFound("No model is configured here; docs/claude.md says how.")
    from services.agents.claude.trial import try_models  # the SDK takes a second to load

    trials = try_models(deps.settings.provider)
    for trial in trials:
        if trial.is_working:
            close_breaker(deps, deps.settings.provider.address, trial.model)
    return trials
