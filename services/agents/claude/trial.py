"""Tries the models of a provider with one tiny call each, and says in words what came of it."""

import time
from dataclasses import dataclass

from services.agents.claude.calls import connect
from services.agents.claude.engine import make_caller
from services.agents.claude.faults import Fault, told
from services.agents.claude.streams import Assembly, Limits, ask
from services.settings import Provider

LIMITS = Limits(idle_seconds=20.0, total_seconds=30.0)
MOST_TOKENS = 16


@dataclass(frozen=True)
class Trial:
    """`sentence` names the model, never the key."""

    model: str
    is_working: bool
    sentence: str


def try_models(provider: Provider, limits: Limits = LIMITS) -> tuple[Trial, ...]:
    """One call a model, a hundredth of a cent or less. Raises: StartError for a file of prices that cannot be used."""
    models = dict.fromkeys((provider.model, provider.strong_model, provider.records_model))
    return tuple(_try(provider, model, limits) for model in models)


def _try(provider: Provider, model: str, limits: Limits) -> Trial:
    request = {
        "model": model,
        "max_tokens": MOST_TOKENS,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Answer with the word: ready"}]}],
    }
    began = time.monotonic()
    try:
        client = connect(provider, limits)
        ask(client, request, limits=limits, on_text=lambda _: None, is_stopped=lambda: False, assembly=Assembly())
    except Fault as fault:
        said = told(fault, who=provider.address, model=model, secret=provider.key)
        return Trial(model, is_working=False, sentence=said)
    caller = make_caller(provider)
    known = caller.prices.of(model, caller.today())
    price = (
        f"{known.input} USD per million tokens in, {known.output} out."
        if known
        else "No price is known for it: its cost is shown as unknown, and a limit cannot be kept."
    )
    return Trial(
        model,
        is_working=True,
        sentence=f"{model} at {provider.address} answered in {time.monotonic() - began:.1f} s. {price}",
    )
