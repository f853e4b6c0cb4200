"""The criteria of a run as people read them: the verdict, what it rests on, and how it came to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.queries.runs import evidence_of, find_run, verdicts_of
from db.tables import Evidence, Verdict
from services.actors import Actor
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.errors import NotFound
from services.evidence.registry import trees_of
from services.features.understanding import AcceptanceCriterion
from services.people.permissions import Action, require
from services.workflow.criteria import CRITERIA, Outcome


@dataclass(frozen=True)
class CriterionView:
    """`evidence`: ids of what the verdict rests on; `history`: (time, phase, outcome), oldest first."""

    id: str
    title: str
    rule: str
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...]
    at: datetime | None
    history: tuple[tuple[datetime, int, Outcome], ...]


@dataclass(frozen=True)
class AcceptanceView:
    """`outcome`: covered, failing, not_covered, "a person decides" or "not measured yet"."""

    id: str
    story: str
    text: str
    stated: bool
    outcome: str
    reason: str
    tests: tuple[str, ...]


def list_criteria(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[CriterionView, ...]:
    """The ten, in their order; before the first gate they are not measured."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        if find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        rows = list(verdicts_of(session, run_id))
    by_criterion: dict[str, list[Verdict]] = {}
    for row in rows:
        by_criterion.setdefault(row.criterion, []).append(row)
    views = []
    for criterion in CRITERIA:
        history = by_criterion.get(criterion.id, [])
        newest = history[-1] if history else None
        views.append(
            CriterionView(
                id=criterion.id,
                title=criterion.title,
                rule=criterion.rule,
                outcome=Outcome(newest.outcome) if newest else Outcome.NOT_MEASURED,
                reason=newest.reason if newest else "No gate has been reached yet.",
                evidence=tuple(newest.evidence) if newest else (),
                at=newest.at if newest else None,
                history=tuple((v.at, v.phase, Outcome(v.outcome)) for v in history),
            )
        )
    return tuple(views)


def list_acceptance(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[AcceptanceView, ...]:
    """Every acceptance criterion with its tests, as a test run over exactly these files saw them."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        subject = subject_of(session, deps.settings, run)
        found, why_none = _fresh_tests(evidence_of(session, run_id), trees_of(subject)["tests"])
    return tuple(
        AcceptanceView(c.id, c.story, c.text, c.stated, *_outcome(c, found, why_none))
        for c in subject.understanding.criteria
    )


def _fresh_tests(rows: Sequence[Evidence], tree: str) -> tuple[dict[str, Any], str]:
    """Criterion -> what the newest run over this tree says of it; and why there is nothing where there is nothing."""
    tests = [row for row in rows if row.check == "tests"]
    fresh = [row for row in tests if row.tree == tree]
    if not fresh:
        return {}, "Stale: the tests ran over other files than these." if tests else "The tests have not run yet."
    return fresh[-1].figures.get("criteria", {}), fresh[-1].reason


def _outcome(criterion: AcceptanceCriterion, found: dict[str, Any], why_none: str) -> tuple[str, str, tuple[str, ...]]:
    if not criterion.rules:
        return "a person decides", "No test can prove its whole meaning.", ()
    if criterion.id not in found:
        return "not measured yet", why_none, ()
    told = found[criterion.id]
    return told["outcome"], told["reason"], tuple(told["tests"])
