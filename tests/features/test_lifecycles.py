"""States and moves of a whole request: what the text names, what leads back, and no state that nobody named."""

import pytest

from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.understanding import Resource, RuleKind, Understanding
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


ACTS = (
    ("A shop assistant can mark an order as shipped.", "ship an order", "ship"),
    ("Porters mark orders as ordered.\n\nStates: open, ordered, received.", "order an order", "order"),
    ("Door staff checks the order in.", "check in an order", "check_in"),
    ("Managers mark an order as overdue.", "mark an order as overdue", "mark_overdue"),
)


@pytest.mark.parametrize(("text", "goal", "verb"), ACTS)
def test_an_act_that_is_told_by_its_end_is_the_move_to_that_state(text: str, goal: str, verb: str) -> None:
    known = understood(f"An order has a total. Clerks enter an order. {text}")
    story = next(s for s in known.stories if s.goal == goal)
    assert story.verb == verb
    assert verb in [v for v, _, _ in known.resources[0].transitions]
    assert any(r.act == verb for c in known.criteria if c.story == story.id for r in c.rules)


def test_who_marks_a_record_does_not_make_it() -> None:
    known = understood(
        "An order has a total. Clerks enter an order. Buyers mark an order as ordered.\n\n"
        "- The buyer gets an e-mail when the order is ordered."
    )
    told = next(c for c in known.criteria if c.stated)
    assert [r.actors for r in told.rules] == [("buyer",)]


def test_a_phrasal_act_is_refused_the_second_time() -> None:
    known = understood(
        "An order has a total. Visitors place an order. The door staff checks the order in.\n\n"
        "- Given an order that was checked in, when the door staff checks it in again, then this is not possible"
    )
    (rule,) = next(c for c in known.criteria if c.stated).rules
    assert (rule.kind, rule.act, rule.states) == (RuleKind.BLOCKED, "check_in", ("checked_in",))
