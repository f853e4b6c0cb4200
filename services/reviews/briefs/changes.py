"""What is critical about a fact that came, went or changed: one table of kinds, worst first, and one of what is compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.reviews.briefs import in_evidence, in_files, in_records
from services.reviews.briefs.in_records import NOBODY
from services.reviews.briefs.renames import Names
from services.reviews.briefs.seen import Facts, Seen, Show, Source
from services.workflow.options import Methodology
from services.workflow.tasks import owner_of, tasks_for

# In the order of consequence: what cannot be taken back, who may do what, whose data, what is no longer shown, what else.
KINDS: dict[str, str] = {
    "critical_finding": "Critical finding",
    "destructive_migration": "Migration that loses data",
    "authorization_dropped": "Permission no longer asked for",
    "authorization_widened": "More people may call",
    "sign_in_changed": "Sign-in or authorization decided anew",
    "protection_dropped": "Personal data less protected",
    "personal_data_added": "New personal data",
    "integration_added": "New outside system",
    "rights_widened": "Rights where it is built or runs",
    "high_finding": "High finding",
    "risky_call": "Risky code",
    "proof_lost": "Criterion that lost its proof",
    "verdict_lost": "No longer met",
    "check_lost": "Check that passed before",
    "criterion_removed": "Criterion removed",
    "criterion_changed": "Criterion reworded",
    "limit_changed": "Limit changed",
    "rollback_removed": "Way back removed",
    "rollback_changed": "Way back changed",
    "renamed": "Renamed, addresses too",
    "operation_removed": "Operation removed",
    "operation_changed": "Operation moved",
    "transition_changed": "Change of state added or removed",
    "mitigation_dropped": "Answer to a threat changed",
    "threat_added": "New severe threat",
    "feasibility_changed": "Feasibility judged anew",
    "compliance_changed": "Rule of law dropped or changed",
    "check_silenced": "Check or test switched off",
    "test_removed": "Test removed",
    "rollout_changed": "Rollout changed",
    "flag_changed": "Feature flag changed",
    "migration_rewritten": "Earlier migration rewritten",
    "dependency_added": "New dependency",
    "dependency_moved": "Dependency at another version",
    "failure_handling_changed": "Handling of failures changed",
    "alert_removed": "Alert removed or changed",
    "objective_changed": "Objective changed",
    "budget_changed": "Budget changed",
    "event_removed": "Event removed or kept otherwise",
    "left_out": "Left out now",
    "configuration_added": "To be set by operations",
    "operation_added": "New operation",
    "unreadable": "Too large to look into",
}
_TASKS = tasks_for(Methodology.TDD)
_MOOT = {"operation_removed": "authorization_dropped", "criterion_removed": "proof_lost"}
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class CriticalChange:
    """`name` is what it is about and leads to `source`; `said` the end of the sentence, often empty."""

    kind: str
    name: str
    said: str
    source: Source


# Values before and after, None where it is not there -> the kind of change, or None.
Judge = Callable[[str | None, str | None], str | None]
Says = Callable[[str | None, str | None], str]


@dataclass(frozen=True)
class Aspect:
    """Something that is compared. `tasks`: it is known to whoever saw one of these steps; empty: whoever saw any.

    `at_first`: also told of what nobody has shown the person in another form before. `is_literal`: a new name is a change.
    """

    read: Callable[[Seen], Facts]
    tasks: tuple[str, ...]
    judge: Judge
    says: Says
    at_first: bool = False
    is_literal: bool = False


def on(*, added: str | None = None, removed: str | None = None, changed: str | None = None) -> Judge:
    """Judges by what happened alone."""

    def judge(before: str | None, after: str | None) -> str | None:
        return added if before is None else removed if after is None else changed

    return judge


def _silent(before: str | None, after: str | None) -> str:
    return ""


def _now(before: str | None, after: str | None) -> str:
    return after or "gone"


def _from_to(before: str | None, after: str | None) -> str:
    """Two long texts say nothing in a line."""
    if before is None or after is None:
        return _now(before, after)
    return f"{before or 'none'} to {after or 'none'}" if len(before) + len(after) < 90 else ""


def _only_changed(before: str | None, after: str | None) -> str:
    return _from_to(before, after) if before is not None and after is not None else ""


def _personal(before: str | None, after: str | None) -> str | None:
    if not before and after:
        return "personal_data_added"
    return "protection_dropped" if before and after is not None and before != after else None


def _roles(before: str | None, after: str | None) -> str | None:
    """Only who may do more is critical; a new operation is told as that."""
    if before is None:
        return None
    if after is None or (after in ("", NOBODY) and before not in ("", NOBODY)):
        return "authorization_dropped"
    more = set(after.split(", ")) - set(before.split(", "))
    return "authorization_widened" if more and before not in ("", NOBODY) else None


def _lost(good: str, kind: str) -> Judge:
    def judge(before: str | None, after: str | None) -> str | None:
        return kind if before == good and after != good else None

    return judge


def _outcome(before: str | None, after: str | None) -> str | None:
    """A check that does not run here any more, because its files are the same, has lost nothing."""
    return "check_lost" if before == "passed" and after not in (None, "passed") else None


def _verdict(before: str | None, after: str | None) -> str | None:
    return "verdict_lost" if before == "met" and after in ("not met", "not measured", "waived") else None


def _rungs(before: str | None, after: str | None) -> str | None:
    """An empty value is a rung without a command."""
    if before is None or before == after:
        return None
    return "rollback_changed" if after and before else "rollback_removed" if before else None


def _limit(before: str | None, after: str | None) -> str | None:
    return None if before is None or after is None else "limit_changed"


def _back(before: str | None, after: str | None) -> str | None:
    return "rollback_removed" if after == "" and before != "" else None


def _finding(severity: str) -> Judge:
    def judge(before: str | None, after: str | None) -> str | None:
        return f"{severity}_finding" if after == severity and before != severity else None

    return judge


_R, _F, _E = in_records, in_files, in_evidence
# Of two aspects that tell the same kind of the same thing, the first is told: what the code says before what is said of it.
ASPECTS = (
    Aspect(_E.critical_findings, (), on(added="critical_finding"), _now, at_first=True),
    Aspect(_E.high_findings, (), on(added="high_finding"), _now, at_first=True),
    Aspect(_R.security_findings, ("security",), _finding("critical"), _silent, at_first=True),
    Aspect(_R.security_findings, ("security",), _finding("high"), _silent, at_first=True),
    Aspect(_F.destructive_migrations, ("backend",), on(added="destructive_migration"), _now, at_first=True),
    Aspect(_F.roles, ("backend",), _roles, _only_changed),
    Aspect(_F.asked, ("backend",), on(removed="authorization_dropped"), _silent),
    Aspect(_R.roles, ("architecture",), _roles, _only_changed),
    Aspect(_R.denied, ("security",), on(removed="authorization_widened"), lambda *_: "is not refused any more"),
    Aspect(_R.strategies, ("architecture",), on(removed="sign_in_changed", changed="sign_in_changed"), _from_to),
    Aspect(_R.personal_data, ("architecture", "risk"), _personal, _from_to, at_first=True),
    Aspect(_R.personal_events, ("data",), _personal, lambda *_: "sent with an event", at_first=True),
    Aspect(_R.protection, ("risk",), on(removed="protection_dropped", changed="protection_dropped"), _from_to),
    Aspect(_R.integrations, ("business", "architecture", "backend"), on(added="integration_added"), _silent, at_first=True),
    Aspect(_F.hosts, ("backend", "frontend", "data"), on(added="integration_added"), _silent),
    Aspect(_F.rights, ("deployment",), on(added="rights_widened"), _now, at_first=True),
    Aspect(_F.guards, ("deployment",), on(removed="rights_widened"), lambda before, _: f"without {before}"),
    Aspect(_F.risky_calls, ("backend", "frontend", "data"), on(added="risky_call"), _now),
    Aspect(_E.proven, (), _lost("covered", "proof_lost"), _now),
    Aspect(_R.proofs, ("business",), lambda b, a: "proof_lost" if (b, a) == ("test", "person") else None, lambda *_: "a person decides now"),
    Aspect(_R.places, ("backend",), on(removed="proof_lost"), lambda *_: "no code keeps it"),
    Aspect(_R.cases, ("tests",), on(removed="proof_lost"), lambda *_: "no test tries it"),
    Aspect(_E.verdicts, (), _verdict, _now),
    Aspect(_E.checks, (), _outcome, _now),
    Aspect(_R.criteria, ("business",), on(removed="criterion_removed", changed="criterion_changed"), _only_changed),
    Aspect(_R.limits, ("architecture",), _limit, _from_to),
    Aspect(_F.downgrades, ("backend",), _back, lambda *_: "cannot be reversed", at_first=True),
    Aspect(_F.rollback_files, ("deployment",), on(removed="rollback_removed"), _silent),
    Aspect(_R.rungs, ("deployment",), _rungs, _now),
    Aspect(_R.operations, ("architecture",), on(added="operation_added", removed="operation_removed", changed="operation_changed"), _only_changed),
    Aspect(_F.served, ("architecture",), on(added="operation_added", removed="operation_removed"), _silent),
    Aspect(_R.transitions, ("architecture",), on(added="transition_changed", removed="transition_changed"), _from_to),
    Aspect(_R.mitigations, ("risk",), on(removed="mitigation_dropped", changed="mitigation_dropped"), _from_to),
    Aspect(_R.severe_threats, ("risk",), on(added="threat_added"), _now),
    Aspect(_R.feasibility, ("risk",), on(changed="feasibility_changed"), _from_to),
    Aspect(_R.compliance, ("risk",), on(removed="compliance_changed", changed="compliance_changed"), _from_to),
    Aspect(_F.silenced, ("backend", "frontend", "data", "tests"), on(added="check_silenced"), _now),
    Aspect(_F.test_names, ("tests", "tests-red"), on(removed="test_removed"), _silent),
    Aspect(_R.stages, ("deployment",), on(added="rollout_changed", removed="rollout_changed", changed="rollout_changed"), _from_to),
    Aspect(_R.flag, ("backend",), on(changed="flag_changed"), _from_to),
    Aspect(_F.migrations, ("backend",), on(removed="migration_rewritten", changed="migration_rewritten"), _silent, is_literal=True),
    Aspect(_F.dependencies, ("backend", "frontend"), on(added="dependency_added", changed="dependency_moved"), _from_to),
    Aspect(_R.resilience, ("backend",), on(removed="failure_handling_changed", changed="failure_handling_changed"), _from_to),
    Aspect(_R.alerts, ("observability",), on(removed="alert_removed", changed="alert_removed"), _from_to),
    Aspect(_R.objectives, ("observability",), on(removed="objective_changed", changed="objective_changed"), _from_to),
    Aspect(_R.budgets, ("performance", "tests"), on(removed="budget_changed", changed="budget_changed"), _from_to),
    Aspect(_R.events, ("data",), on(removed="event_removed", changed="event_removed"), _from_to),
    Aspect(_R.left_out, ("business",), on(added="left_out"), _silent),
    Aspect(_R.configuration, ("backend",), on(added="configuration_added"), _silent),
    Aspect(_F.unreadable, (), on(added="unreadable"), _silent, at_first=True),
)  # fmt: skip


def critical_changes(before: Seen, after: Seen) -> tuple[CriticalChange, ...]:
    """Worst first; of one kind in the order in which they were found. Pure."""
    told: dict[tuple[str, str], CriticalChange] = {}
    names = Names(before, after)
    for old, new in names.pairs:
        said = f"{old} to {new}"
        told["renamed", said] = CriticalChange("renamed", said, "", after.in_records("architecture"))
    for aspect in ASPECTS:
        for key, change in _found(aspect, before, after, names):
            told.setdefault((change.kind, key), change)
    # Of what is gone as a whole, nothing else is worth a word.
    moot = {(_MOOT[kind], key) for kind, key in told if kind in _MOOT}
    return tuple(sorted((told[one] for one in told if one not in moot), key=lambda change: _RANK[change.kind]))


def _found(aspect: Aspect, before: Seen, after: Seen, names: Names) -> Iterator[tuple[str, CriticalChange]]:
    knows = any(task in before.made for task in aspect.tasks or before.made)
    if not (knows or aspect.at_first):
        return
    was = {names.now(key): fact for key, fact in aspect.read(before).items()} if knows else {}
    now = aspect.read(after)
    for key, fact in {**was, **now}.items():
        old, new = was.get(key), now.get(key)
        values = (old.value if old else None, new.value if new else None)
        # What another step brings is new with that step, not a change of what was seen.
        is_comparable = aspect.at_first or new is None or _was_seen(new.source, before)
        is_same = values[0] == values[1] if aspect.is_literal else names.are_same(*values)
        kind = None if is_same or not is_comparable else aspect.judge(*values)
        if kind:
            source = fact.source if new else _where_it_went(fact.source, after)
            yield key, CriticalChange(kind, fact.name, aspect.says(*values), source)


def _was_seen(source: Source, before: Seen) -> bool:
    """Whether the step that owns the place was: a file that a later step changes belongs to the earlier one."""
    owner = owner_of(_TASKS, source.path) if source.path else source.task
    return not source.task or owner in before.made


def _where_it_went(source: Source, after: Seen) -> Source:
    """What is gone is seen in the difference of the revisions."""
    made = after.made.get(source.task)
    return Source(source.task, Show.REVISIONS, made.number, against=source.revision) if made else source
