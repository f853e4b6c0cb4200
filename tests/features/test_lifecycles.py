"""States and moves of a whole request: what the text names, what leads back, and no state that nobody named."""

import pytest

from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.understanding import Resource, Understanding
from services.workflow.options import Complexity, Methodology


def understood(text: str, title: str = "Orders") -> Understanding:
    asked = FeatureRequest(
        title=title, description=text, methodology=Methodology.TRADITIONAL, complexity=Complexity.MEDIUM
    )
    return understand(asked)


def order(text: str) -> Resource:
    return understood(f"An order has a total. Clerks enter an order. {text}").resources[0]


NAMED = (
    ("It can be active, paused or cancelled.\n\n- A paused order can be resumed.", "active paused cancelled", "pause:active>paused cancel:active>cancelled resume:paused>active"),
    ("It is active, paused or cancelled. Clerks pause and resume an order.", "active paused cancelled", "pause:active>paused cancel:active>cancelled resume:paused>active"),
    ("Clerks suspend an order, resume it and cancel it.", "open suspended cancelled", "suspend:open>suspended resume:suspended>open cancel:open>cancelled"),
    ("Clerks revoke an order.\n\n- A revoked order cannot be activated again.\n- A clerk can have at most 10 active orders.", "active revoked", "revoke:active>revoked"),
    ("Clerks revoke an order.\n\n- A clerk can have at most 10 active orders.", "active revoked", "revoke:active>revoked"),
    ("Clerks cancel an order.\n\n- A cancelled order cannot be confirmed again.", "open cancelled confirmed", "cancel:open>cancelled confirm:open>confirmed"),
    ("States: open, active, closed.\n\n- A clerk can have at most 10 active orders.", "open active closed", "activate:open>active close:active>closed"),
    ("Clerks lock an order.\n\n- A locked order can be unlocked.", "open locked", "lock:open>locked unlock:locked>open"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "states", "moves"), NAMED)
def test_the_states_are_those_that_the_text_names(text: str, states: str, moves: str) -> None:
    found = order(text)
    assert found.states == tuple(states.split())
    assert [f"{verb}:{a}>{b}" for verb, a, b in found.transitions] == moves.split()
