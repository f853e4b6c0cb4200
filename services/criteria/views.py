"""The criteria of a run as people read them: the verdict as it stands now, what it rests on, and who sees to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.criteria import assignments_of, attestations_of, comments_of, waivers_of
from db.queries.people import members
from db.queries.runs import evidence_of, find_run, verdicts_of
from db.tables import Attestation, Evidence, Run, Verdict, Waiver
from services.actors import Actor
from services.criteria.current import judge_now
from services.criteria.judging import Judgement, basis_of
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.errors import NotFound
from services.evidence.registry import trees_of
from services.features.understanding import AcceptanceCriterion
from services.people.permissions import Action, require
from services.workflow.criteria import CRITERIA, Criterion, Outcome


@dataclass(frozen=True)
class WaiverView:
    """`is_granted` is None while a second person has not decided; `expires_at` only where it was granted."""

    id: UUID
    reason: str
    days: int
    asked_by: str
    asked_id: UUID
    is_granted: bool | None
    decided_by: str | None
    expires_at: datetime | None


@dataclass(frozen=True)
class CriterionView:
    """`evidence`: ids of what the verdict rests on; `history`: (time, phase, outcome), oldest first.

    `attested`: what a person must vouch for besides, empty where nothing. `basis`: what such a word is about.
    `word`: the newest word, with name, comment and time. `comments`: (name, time, text), oldest first.
    """

    id: str
    title: str
    rule: str
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...]
    at: datetime | None
    history: tuple[tuple[datetime, int, Outcome], ...]
    attested: str
    basis: str
    word: str
    waiver: WaiverView | None
    owner_id: UUID | None
    owner: str
    due_on: date | None
    comments: tuple[tuple[str, datetime, str], ...]


@dataclass(frozen=True)
class AcceptanceView:
    """`outcome`: covered, failing, not_covered, "a person decides" or "not measured yet"; `word`: what a person said of it."""

    id: str
    story: str
    text: str
    stated: bool
    outcome: str
    reason: str
    tests: tuple[str, ...]
    is_for_people: bool
    word: str


def list_criteria(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[CriterionView, ...]:
    """The ten, in their order; before the first gate they are not measured."""
    with deps.reading() as session:
        run = get_own_run(session, actor, run_id)
        history: dict[str, list[Verdict]] = {}
        for row in verdicts_of(session, run_id):
            history.setdefault(row.criterion, []).append(row)
        subject = subject_of(session, deps.settings, run)
        trees = trees_of(subject)
        found = {j.criterion: j for j in judge_now(session, subject, run, deps.now())} if history else {}
        said = _said(session, actor, run)
    return tuple(
        _view(criterion, found.get(criterion.id), history.get(criterion.id, []), trees, said) for criterion in CRITERIA
    )


@dataclass(frozen=True)
class _Said:
    """What people said of the criteria of a run; all oldest first."""

    words: Sequence[Attestation]
    waivers: Sequence[Waiver]
    assignments: Mapping[str, Any]
    comments: Sequence[Any]
    names: Mapping[UUID, str]


def _said(session: Session, actor: Actor, run: Run) -> _Said:
    return _Said(
        words=attestations_of(session, run.id),
        waivers=waivers_of(session, run.id),
        assignments=assignments_of(session, run.id),
        comments=comments_of(session, run.id),
        names={user.id: user.name for _, user in members(session, actor.team_id)},
    )


def _view(
    criterion: Criterion,
    found: Judgement | None,
    history: Sequence[Verdict],
    trees: Mapping[str, str],
    said: _Said,
) -> CriterionView:
    task = said.assignments.get(criterion.id)
    waivers = [w for w in said.waivers if w.criterion == criterion.id]
    return CriterionView(
        id=criterion.id,
        title=criterion.title,
        rule=criterion.rule,
        outcome=found.outcome if found else Outcome.NOT_MEASURED,
        reason=found.reason if found else "No gate has been reached yet.",
        evidence=found.evidence_ids if found else (),
        at=history[-1].at if history else None,
        history=tuple((v.at, v.phase, Outcome(v.outcome)) for v in history),
        attested=criterion.attested,
        basis=basis_of(criterion, trees),
        word=_word(said.words, criterion.id, ""),
        waiver=_waiver(waivers[-1]) if waivers else None,
        owner_id=task.owner_id if task else None,
        owner=said.names.get(task.owner_id, "") if task else "",
        due_on=task.due_on if task else None,
        comments=tuple((c.actor_name, c.at, c.text) for c in said.comments if c.criterion == criterion.id),
    )


def _waiver(row: Waiver) -> WaiverView:
    return WaiverView(
        row.id, row.reason, row.days, row.asked_name, row.asked_id, row.is_granted, row.decided_name, row.expires_at
    )


def _word(words: Sequence[Attestation], criterion: str, item: str) -> str:
    """The newest word of a person, as one sentence; empty where nobody said anything."""
    mine = [word for word in words if (word.criterion, word.item) == (criterion, item)]
    if not mine:
        return ""
    word = mine[-1]
    act = "attested it" if word.holds else "denied it"
    return f"{word.actor_name} {act} on {word.at:%Y-%m-%d}, until {word.expires_at:%Y-%m-%d}: {word.comment}"


def list_acceptance(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[AcceptanceView, ...]:
    """Every acceptance criterion with its tests, as a test run over exactly these files saw them."""
    with deps.reading() as session:
        run = get_own_run(session, actor, run_id)
        subject = subject_of(session, deps.settings, run)
        found, why_none = _fresh_tests(evidence_of(session, run_id), trees_of(subject)["tests"])
        words = attestations_of(session, run_id)
    return tuple(
        AcceptanceView(
            c.id,
            c.story,
            c.text,
            c.stated,
            *_outcome(c, found, why_none),
            is_for_people=not c.rules,
            word=_word(words, "acceptance_criteria", c.id),
        )
        for c in subject.understanding.criteria
    )


def get_own_run(session: Session, actor: Actor, run_id: UUID) -> Run:
    """Raises: NotFound, also for another team's run."""
    require(actor, Action.VIEW)
    run = find_run(session, actor.team_id, run_id)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    return run


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
