"""The criteria of a run as they stand at this moment: derived from what was measured and said, never from an old verdict."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.queries.criteria import attestations_of, waivers_of
from db.queries.runs import evidence_of
from db.tables import Attestation, Evidence, Run, Verdict, Waiver
from services.criteria.judging import AttestationFact, EvidenceFact, Judgement, WaiverFact, judge
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.evidence.registry import trees_of
from services.evidence.subjects import Subject


def judge_now(session: Session, subject: Subject, run: Run, now: datetime) -> tuple[Judgement, ...]:
    return judge(
        request=subject.request,
        understanding=subject.understanding,
        phase=run.phase,
        trees=trees_of(subject),
        evidence=_facts(evidence_of(session, run.id)),
        now=now,
        attestations=_words(attestations_of(session, run.id)),
        waivers=_granted(waivers_of(session, run.id)),
    )


def keep_verdicts(session: Session, deps: Deps, run: Run, *, only: str | None = None) -> None:
    """Writes down how the criteria, or one of them, are judged now: their history."""
    subject = subject_of(session, deps.settings, run)
    tree = trees_of(subject)["tests"]
    for judgement in judge_now(session, subject, run, deps.now()):
        if only in (None, judgement.criterion):
            session.add(
                Verdict(
                    id=deps.new_id(),
                    run_id=run.id,
                    segment=run.segment,
                    phase=run.phase,
                    criterion=judgement.criterion,
                    outcome=judgement.outcome.value,
                    reason=judgement.reason,
                    evidence=list(judgement.evidence_ids),
                    tree=tree,
                    at=deps.now(),
                )
            )


def _facts(rows: Sequence[Evidence]) -> tuple[EvidenceFact, ...]:
    return tuple(EvidenceFact(str(e.id), e.check, e.outcome, e.reason, e.figures, e.tree, e.isolation) for e in rows)


def _words(rows: Sequence[Attestation]) -> tuple[AttestationFact, ...]:
    return tuple(
        AttestationFact(a.criterion, a.item, a.holds, a.actor_name, a.comment, a.basis, a.at, a.expires_at)
        for a in rows
    )


def _granted(rows: Sequence[Waiver]) -> tuple[WaiverFact, ...]:
    return tuple(
        WaiverFact(w.criterion, w.reason, w.asked_name, w.decided_name or "", w.expires_at)
        for w in rows
        if w.is_granted and w.expires_at
    )
