"""What the test of each rule needs: bodies at the boundary, states, roles. A rule without them cannot be proven."""

from collections.abc import Callable, Mapping

from services.agents.blueprint.bodies import source
from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.rule_code import Code
from services.agents.blueprint.rules.trial_acts import ACT_TRIALS
from services.agents.blueprint.rules.trial_basics import CannotProve, Trial, by_others, change_of, ready_state, role_for
from services.agents.blueprint.rules.trial_lists import LIST_TRIALS
from services.agents.blueprint.rules.trial_values import VALUE_TRIALS
from services.features.understanding import RuleKind

__all__ = ["CannotProve", "Trial", "by_others", "change_of", "ready_state", "role_for", "source", "trial_of"]
TRIALS: Mapping[RuleKind, Callable[[Domain, Code], Trial]] = {**VALUE_TRIALS, **LIST_TRIALS, **ACT_TRIALS}


def trial_of(domain: Domain, code: Code) -> Trial:
    """Raises: CannotProve."""
    if code.asked in ("query", "export", "history"):
        act = code.asked if code.asked != "query" else "list"
        outside = [a for a in code.rule.actors if a not in domain.roles(code.rule.resource, act)]
        if outside:
            raise CannotProve(f"another rule does not let {outside[0]} {act} it")
    make = TRIALS.get(code.rule.kind)
    return make(domain, code) if make else {}
