"""The ten criteria, judged from evidence over exactly the tree at hand. Pure."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.evidence.measurements import percent_words
from services.features.request import FeatureRequest
from services.features.understanding import Understanding
from services.workflow.criteria import CRITERIA, Criterion, Outcome


@dataclass(frozen=True)
class EvidenceFact:
    """A measurement as the judges see it. `outcome`: passed, failed or not_measured."""

    id: str
    check: str
    outcome: str
    reason: str
    figures: Mapping[str, Any]
    tree: str
    isolation: str


@dataclass(frozen=True)
class AttestationFact:
    """Somebody's word. `item`: an acceptance criterion, or empty. `basis`: fingerprint of the files that it is about."""

    criterion: str
    item: str
    holds: bool
    name: str
    comment: str
    basis: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class WaiverFact:
    """A granted waiver."""

    criterion: str
    reason: str
    asked_by: str
    granted_by: str
    expires_at: datetime


@dataclass(frozen=True)
class Judgement:
    criterion: str
    outcome: Outcome
    reason: str
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """What a judge may look at. `trees`: check -> the tree that it would measure now; evidence over any other is stale."""

    criterion: Criterion
    request: FeatureRequest
    understanding: Understanding
    phase: int
    trees: Mapping[str, str]
    evidence: tuple[EvidenceFact, ...]
    attestations: tuple[AttestationFact, ...]
    now: datetime

    @property
    def basis(self) -> str:
        return basis_of(self.criterion, self.trees)

    def word_on(self, item: str) -> AttestationFact | None:
        """The newest word of a person on the criterion, or on one acceptance criterion."""
        words = [a for a in self.attestations if (a.criterion, a.item) == (self.criterion.id, item)]
        return words[-1] if words else None

    def say(self, outcome: Outcome, reason: str, *facts: EvidenceFact) -> Judgement:
        stamp = (
            " Measured without isolation."
            if any(f.isolation == "none" and f.outcome != "not_measured" for f in facts)
            else ""
        )
        return Judgement(self.criterion.id, outcome, reason + stamp, tuple(f.id for f in facts))


def basis_of(criterion: Criterion, trees: Mapping[str, str]) -> str:
    """A fingerprint of the files that a criterion is about: a word of a person holds for exactly these."""
    listing = "".join(f"{check} {trees.get(check, '')}\n" for check in sorted(criterion.checks))
    return hashlib.sha256(listing.encode()).hexdigest()


def judge(
    *,
    request: FeatureRequest,
    understanding: Understanding,
    phase: int,
    trees: Mapping[str, str],
    evidence: Sequence[EvidenceFact],
    now: datetime,
    attestations: Sequence[AttestationFact] = (),
    waivers: Sequence[WaiverFact] = (),
) -> tuple[Judgement, ...]:
    """One judgement per row of the table of criteria, in its order. Attestations and waivers: oldest first."""
    cases = (
        Case(criterion, request, understanding, phase, trees, tuple(evidence), tuple(attestations), now)
        for criterion in CRITERIA
    )
    return tuple(_waived(case, waivers, _judge_one(case)) for case in cases)


def _waived(case: Case, waivers: Sequence[WaiverFact], found: Judgement) -> Judgement:
    """A waiver stands in for what is not met; one that has expired is said, and leaves the criterion not met."""
    mine = [waiver for waiver in waivers if waiver.criterion == case.criterion.id]
    if not mine or found.outcome not in (Outcome.NOT_MET, Outcome.NOT_MEASURED):
        return found
    waiver = max(mine, key=lambda w: w.expires_at)
    until = f"{waiver.expires_at:%Y-%m-%d}"
    if waiver.expires_at <= case.now:
        return replace(found, outcome=Outcome.NOT_MET, reason=f"The waiver expired on {until}. {found.reason}")
    words = f"Waived until {until} by {waiver.granted_by}, asked by {waiver.asked_by}: {waiver.reason}"
    return replace(found, outcome=Outcome.WAIVED, reason=f"{words} Without it: {found.reason}")


def _judge_one(case: Case) -> Judgement:
    only_for = case.criterion.only_for
    if only_for and case.request.deployment_strategy not in only_for:
        wanted = " or ".join(strategy.value for strategy in only_for)
        return case.say(Outcome.NOT_APPLICABLE, f"Only for the deployment strategy {wanted}.")
    if case.phase < case.criterion.phase:
        return case.say(Outcome.NOT_MEASURED, f"Measured from phase {case.criterion.phase} on.")
    return JUDGES.get(case.criterion.id, _judge_checks)(case)


def _newest(case: Case, check: str) -> EvidenceFact | Judgement:
    """The newest measurement of a check over the files as they are, or why there is none."""
    facts = [fact for fact in case.evidence if fact.check == check]
    fresh = [fact for fact in facts if fact.tree == case.trees.get(check)]
    name = _name(check)
    if not facts:
        return case.say(Outcome.NOT_MEASURED, f"The check “{name}” has not run yet.")
    if not fresh:
        return case.say(Outcome.NOT_MEASURED, f"Stale: the check “{name}” ran over other files than these.", facts[-1])
    measured = [fact for fact in fresh if fact.outcome != "not_measured"]
    if not measured:
        return case.say(Outcome.NOT_MEASURED, fresh[-1].reason, fresh[-1])
    return measured[-1]


def _judge_checks(case: Case) -> Judgement:
    """Met when every check of the criterion passes over the files as they are; the first that fails is the reason."""
    found = [_newest(case, check) for check in case.criterion.checks]
    facts = [fact for fact in found if isinstance(fact, EvidenceFact)]
    failed = [fact for fact in facts if fact.outcome == "failed"]
    unknown = [judgement for judgement in found if isinstance(judgement, Judgement)]
    if failed:
        return case.say(Outcome.NOT_MET, " ".join(fact.reason for fact in failed), *facts)
    if unknown:
        seen = tuple(id_ for one in found for id_ in ((one.id,) if isinstance(one, EvidenceFact) else one.evidence_ids))
        return Judgement(case.criterion.id, Outcome.NOT_MEASURED, " ".join(j.reason for j in unknown), seen)
    held = " ".join(fact.reason for fact in facts)
    if not case.criterion.attested:
        return case.say(Outcome.MET, held, *facts)
    outcome, words = _attested(case, case.word_on(""), case.criterion.attested)
    return case.say(outcome, f"{held} {words}", *facts)


def _attested(case: Case, word: AttestationFact | None, what: str) -> tuple[Outcome, str]:
    """What a person's word on something is worth now. `what`: the end of a sentence."""
    if word is None:
        return Outcome.NOT_MEASURED, f"Nobody has attested yet that {what}."
    on = f"{word.name} on {word.at:%Y-%m-%d}"
    if word.basis != case.basis:
        return Outcome.NOT_MEASURED, f"Stale: the word of {on} was about other files than these."
    if word.expires_at <= case.now:
        return Outcome.NOT_MEASURED, f"Stale: the word of {on} expired on {word.expires_at:%Y-%m-%d}."
    if not word.holds:
        return Outcome.NOT_MET, f"{on} denied that {what}: {word.comment}"
    return Outcome.MET, f"{on} attested that {what}."


def _name(check: str) -> str:
    return check.replace("_", " ")


def _judge_coverage(case: Case) -> Judgement:
    fact = _newest(case, "tests")
    if isinstance(fact, Judgement):
        return fact
    percent, minimum = float(fact.figures["coverage_percent"]), case.request.test_coverage_min
    if fact.outcome == "failed" and fact.figures.get("failed"):
        return case.say(
            Outcome.NOT_MET, f"{fact.figures['failed']} tests fail, so their coverage proves nothing.", fact
        )
    outcome = Outcome.MET if percent >= minimum else Outcome.NOT_MET
    return case.say(outcome, f"{percent_words(percent)} of lines and branches, {minimum} % asked for.", fact)


def _judge_acceptance(case: Case) -> Judgement:
    fact = _newest(case, "tests")
    if isinstance(fact, Judgement):
        return fact
    found: Mapping[str, Any] = fact.figures["criteria"]
    ids = [criterion.id for criterion in case.understanding.criteria]
    if not ids:
        return case.say(Outcome.NOT_MEASURED, "The request has no acceptance criterion; state at least one.", fact)
    outcomes = {id_: found.get(id_, {}).get("outcome") for id_ in ids}
    covered = [id_ for id_, outcome in outcomes.items() if outcome == "covered"]
    broken = [id_ for id_, outcome in outcomes.items() if outcome not in ("covered", None)]
    words = {id_: _attested(case, case.word_on(id_), id_) for id_, outcome in outcomes.items() if outcome is None}
    denied = [id_ for id_, (outcome, _) in words.items() if outcome is Outcome.NOT_MET]
    still_open = [id_ for id_, (outcome, _) in words.items() if outcome is Outcome.NOT_MEASURED]
    attested = len(words) - len(denied) - len(still_open)
    share = f"{len(covered)} of {len(ids)} proven by tests" + (f", {attested} attested by people" if attested else "")
    if broken or denied:
        no = [f"not proven: {_named(broken)}"] if broken else []
        no += [f"denied by people: {_named(denied)}"] if denied else []
        return case.say(Outcome.NOT_MET, f"{share}; {'; '.join(no)}.", fact)
    if still_open:
        return case.say(Outcome.NOT_MEASURED, f"{share}; a person has to decide on {_named(still_open)}.", fact)
    return case.say(Outcome.MET, f"{share}; each proven one fails when its rule is broken.", fact)


def _judge_performance(case: Case) -> Judgement:
    """Where neither a budget nor an objective is named there is nothing to keep."""
    fact = _newest(case, "performance")
    if isinstance(fact, EvidenceFact) and fact.outcome == "passed" and fact.figures.get("budgets") == []:
        return case.say(Outcome.NOT_APPLICABLE, "Neither the request nor the architecture names a limit.", fact)
    return _judge_checks(case)


def _named(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:6])
    return f"{shown} and {len(ids) - 6} more" if len(ids) > 6 else shown


# The others are judged by whether their checks pass.
JUDGES: dict[str, Callable[[Case], Judgement]] = {
    "acceptance_criteria": _judge_acceptance,
    "test_coverage": _judge_coverage,
    "performance": _judge_performance,
}
