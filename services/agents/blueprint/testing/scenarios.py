"""Criteria as scenarios of Gherkin: a stated Given, When, Then keeps its words, another is built from its rules."""

import re
from typing import Any

from services.agents.blueprint.rendering import render
from services.agents.blueprint.rules.phrases import phrase
from services.agents.blueprint.rules.rule_plan import Plan
from services.features.understanding import AcceptanceCriterion

_PARTS = re.compile(
    r"^\s*(?:given\b\s*(?P<given>.+?)[,;]?\s+)?when\b\s*(?P<when>.+?)[,;]?\s+then\b\s*(?P<then>.+?)\s*$",
    re.IGNORECASE | re.DOTALL,
)
_OPEN = "the service is open"


def feature_file(plan: Plan, cases: list[dict[str, Any]]) -> bytes:
    by_id = {c.id: c for c in plan.provable}
    told = [{**case, "steps": steps_of(plan, by_id[case["id"]])} for case in cases]
    return render("testing/feature.feature.j2", cases=told)


def steps_of(plan: Plan, criterion: AcceptanceCriterion) -> list[tuple[str, str]]:
    """(Given, When or Then; text) in order; at least one of each."""
    stated = _split(criterion.text)
    if stated:
        return stated
    found = []
    for rule in criterion.rules:
        told = phrase(rule, plan.domain.resource(rule.resource)).scenario
        found += _split(told) or [
            ("Given", _OPEN),
            ("When", _line(told)),
            ("Then", "the service does as the criterion says"),
        ]
    return found


def _split(text: str) -> list[tuple[str, str]]:
    match = _PARTS.match(text.strip().removeprefix("-").strip())
    if not match:
        return []
    return [("Given", _line(match["given"] or _OPEN)), ("When", _line(match["when"])), ("Then", _line(match["then"]))]


def _line(text: str) -> str:
    """One line of a step, without what Gherkin would read as something else."""
    return (
        " ".join(text.split())
        .rstrip(".")
        .replace("<", "below ")
        .replace(">", "above ")
        .replace("|", "/")
        .lstrip('"@#*:')
        or _OPEN
    )
