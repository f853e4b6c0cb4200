"""The check of consistency: what the twelve steps say agrees, and every value of the form is honoured where it must be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.evidence.findings import Finding, Severity
from services.evidence.measurements import Measurement, judged, not_measured, only_read
from services.evidence.papers.references import broken_references
from services.evidence.subjects import Subject
from services.features.quantities import parse_budget
from services.workflow.options import Complexity, DeploymentStrategy

CHECK = "consistency"
VERSION = 1
Records = Mapping[str, Mapping[str, Any]]
_BY_FLAG = (DeploymentStrategy.FEATURE_FLAG, DeploymentStrategy.A_B_TEST)
_IN_STAGES = (DeploymentStrategy.CANARY, *_BY_FLAG)


@dataclass(frozen=True)
class FormValue:
    """A value of the form that a step must show in its records. `said` finds it there; None where the step says nothing."""

    field: str
    task: str
    place: str
    said: Callable[[Mapping[str, Any]], Any]
    wanted: Callable[[Subject], Any]


def _first_share(deployment: Mapping[str, Any]) -> Any:
    return next((stage["share_percent"] for stage in deployment["stages"] if stage["share_percent"]), None)


def _wanted_share(subject: Subject) -> int:
    """Straight to everybody and a switch of environments have no smaller share before everybody."""
    asked = subject.request
    return asked.rollout_percentage if asked.deployment_strategy in _IN_STAGES else 100


def wanted_flag(subject: Subject) -> int:
    """Percent of people for whom the flag is on in the first stage; everybody where traffic is what grows."""
    asked = subject.request
    return asked.rollout_percentage if asked.deployment_strategy in _BY_FLAG else 100


FORM = (
    FormValue("methodology", "tests", "methodology", lambda r: r["methodology"], lambda s: s.request.methodology.value),
    FormValue("coverage minimum", "tests", "coverage_minimum", lambda r: r["coverage_minimum"], lambda s: s.request.test_coverage_min),
    FormValue("deployment strategy", "deployment", "strategy", lambda r: r["strategy"], lambda s: s.request.deployment_strategy.value),
    FormValue("rollout percentage", "deployment", "stages", _first_share, _wanted_share),
    FormValue("rollout percentage", "backend", "flag.rollout_percentage", lambda r: r["flag"]["rollout_percentage"], wanted_flag),
    FormValue("feature flag service", "backend", "flag.provider", lambda r: r["flag"]["provider"], lambda s: s.request.feature_flag_service.value),
    FormValue("analytics platform", "data", "platform", lambda r: r["platform"], lambda s: s.request.analytics_platform.value),
    FormValue("monitoring stack", "observability", "stack", lambda r: r["stack"], lambda s: s.request.monitoring_stack.value),
)  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """Two steps that must name the same things. `all_of`: whether the second must name everything that the first has."""

    what: str
    first: tuple[str, Callable[[Mapping[str, Any]], Sequence[str]]]
    second: tuple[str, Callable[[Mapping[str, Any]], Sequence[str]]]
    all_of: bool = True


def _ids(records: Mapping[str, Any], key: str, name: str = "id") -> list[str]:
    return [str(row[name]) for row in records.get(key, ())]


_OPERATIONS = ("architecture", lambda r: _ids(r, "operations"))
AGREEMENTS = (
    Agreement("operation", _OPERATIONS, ("backend", lambda r: _ids(r, "endpoints", "operation"))),
    Agreement("operation", _OPERATIONS, ("security", lambda r: _ids(r, "authorization", "operation"))),
    Agreement("operation", _OPERATIONS, ("documentation", lambda r: list(r["operations_documented"]))),
    Agreement("operation", _OPERATIONS, ("frontend", lambda r: _ids(r, "calls", "operation")), all_of=False),
    Agreement("event", ("architecture", lambda r: _ids(r, "events", "name")), ("data", lambda r: _ids(r, "events", "name"))),
    Agreement("alert's runbook", ("observability", lambda r: _ids(r, "alerts", "runbook")), ("documentation", lambda r: list(r["runbooks"]))),
)  # fmt: skip
# How a demand that waits for somebody begins; whom it waits for follows.
_OPEN = "open: "
# As step 9 writes them, whatever the form said.
_UNITS = {"latency": "ms", "throughput": "rps", "rate": "%", "availability": "%"}
# The page itself tells who saw the feature; step 2 plans the events of operations.
_OF_THE_PAGE = "_exposed"


def measure_consistency(subject: Subject) -> Measurement:
    """Nothing is run: the records of all steps and the files that they name are read."""
    records = subject.records
    if not records:
        return not_measured(
            CHECK, "greenlight", "No step has handed over a result yet, so there is nothing to compare."
        )
    findings = [
        *_form(subject),
        *_budget(subject),
        *_complexity(subject),
        *_agreements(records),
        *_criteria(subject),
        *_compliance(records),
        *broken_references(subject),
    ]
    praise = (
        f"{len(records)} results name the same operations, events and criteria; "
        f"{len(FORM) + bool(subject.request.performance_budget) + 1} values of the form are honoured; every id and file that they cite is there."
    )
    outcome, reason = judged(findings, praise)
    figures = {"results": len(records), "form_values": len(FORM)}
    return only_read(CHECK, VERSION, outcome=outcome, reason=reason, figures=figures, findings=findings)


def _clash(task: str, place: str, rule: str, message: str, advice: str, severity: Severity = Severity.HIGH) -> Finding:
    return Finding(rule, severity, f"records/{task}.json, {place}", message, advice, task)


def _form(subject: Subject) -> Iterator[Finding]:
    for row in FORM:
        records = subject.records.get(row.task)
        if records is None:
            continue
        said, wanted = _said(row, records), row.wanted(subject)
        if said != wanted:
            what = f"The form asks for {row.field} {wanted}; the step says {'nothing of it' if said is None else said}."
            yield _clash(row.task, row.place, "form-value-ignored", what, f"Build it for {row.field} {wanted}.")


def _said(row: FormValue, records: Mapping[str, Any]) -> Any:
    try:
        return row.said(records)
    except (KeyError, TypeError, IndexError):
        return None


def _budget(subject: Subject) -> Iterator[Finding]:
    """Every limit of the performance budget stands in the plan of step 9 with its figure."""
    records = subject.records.get("performance")
    if records is None:
        return
    limits = " ".join(str(row.get("limit", "")) for row in records.get("budgets", ()))
    for target in parse_budget(subject.request.performance_budget):
        figure = f"{target.value:g} {_UNITS.get(target.kind, target.unit)}"
        if figure not in limits.replace(",", ""):
            what = f"The budget {subject.request.performance_budget} of the form asks for {figure}; no budget of step 9 says so."
            yield _clash("performance", "budgets", "form-value-ignored", what, f"Judge by {figure}.")


def _complexity(subject: Subject) -> Iterator[Finding]:
    """From complex on the work is split: a plan says which team builds what."""
    records = subject.records.get("architecture")
    needs_plan = subject.request.complexity is Complexity.EPIC
    if records is not None and needs_plan and not records.get("plan"):
        what = "The form says epic; the architecture has no plan of who builds what."
        yield _clash("architecture", "plan", "form-value-ignored", what, "Split the work between teams.")


def _agreements(records: Records) -> Iterator[Finding]:
    for row in AGREEMENTS:
        (one, names), (other, others) = row.first, row.second
        if one not in records or other not in records:
            continue
        here, there = set(names(records[one])), set(others(records[other]))
        there = {name for name in there if not name.endswith(_OF_THE_PAGE)}
        for name in sorted(there - here):
            what = f"The {row.what} {name} is named here; step “{one}” has none of that name."
            yield _clash(other, name, "name-clash", what, f"Use the names of step “{one}”.")
        for name in sorted(here - there) if row.all_of else ():
            what = f"The {row.what} {name} of step “{one}” is missing here."
            yield _clash(other, name, "name-missing", what, f"Take it in, or take it out of step “{one}”.")


def _criteria(subject: Subject) -> Iterator[Finding]:
    """Every criterion that a test can decide has a place and a test; nothing is tested that nobody asked for."""
    records = subject.records
    if not {"business", "backend", "tests"} <= records.keys():
        return
    asked = {row["id"]: row for row in records["business"]["criteria"]}
    provable = {id_ for id_, row in asked.items() if row["decided_by"] == "test"}
    suites = [records[key] for key in ("tests", "tests-red") if key in records]
    tested = {id_ for suite in suites for case in suite["cases"] for id_ in case["criteria"]}
    kept = {row["criterion"] for row in records["backend"]["rules"]}
    for id_ in sorted(provable - tested):
        yield _clash("tests", id_, "criterion-untested", f"{id_} has no test: {asked[id_]['text'][:120]}", "Write a test that fails when its rule is broken.")  # fmt: skip
    for id_ in sorted(provable - kept):
        yield _clash("backend", id_, "criterion-unbuilt", f"No place of the code is named that keeps {id_}: {asked[id_]['text'][:120]}", "Build the rule and name its place.")  # fmt: skip
    for task, extra in (("tests", tested - asked.keys()), ("backend", kept - asked.keys())):
        for id_ in sorted(extra):
            yield _clash(task, id_, "criterion-unknown", f"{id_} is no acceptance criterion of step 1.", "Name a criterion that was asked for.")  # fmt: skip
    stated = {criterion.id: criterion.text for criterion in subject.understanding.criteria}
    for id_ in sorted(asked.keys() & stated.keys()):
        if asked[id_]["text"] != stated[id_]:
            what = f"{id_} has other words than the request: {asked[id_]['text'][:120]}"
            yield _clash("business", id_, "criterion-reworded", what, f"Keep it word for word: {stated[id_][:120]}")
    for id_ in sorted(stated.keys() - asked.keys()):
        yield _clash("business", id_, "criterion-lost", f"{id_} of the request is missing: {stated[id_][:120]}", "Take it in word for word.")  # fmt: skip


def _compliance(records: Records) -> Iterator[Finding]:
    """Every sensitive field is in the inventory; every demand of a law is proven somewhere, or open with a name."""
    risk, design = records.get("risk"), records.get("architecture")
    if risk is None or design is None:
        return
    listed = set(_ids(risk, "data", "field"))
    for entity in design["entities"]:
        for field in entity["fields"]:
            name = f"{entity['name']}.{field['name']}"
            if field["sensitive"] and name not in listed:
                what = f"The {field['sensitive']} field {name} of the design is not in the inventory of data."
                yield _clash("risk", name, "sensitive-unlisted", what, "Say why it is kept, how long, and how it is protected.")  # fmt: skip
    for row in risk["compliance"]:
        if not row["evidence"] and not row["state"].startswith(_OPEN):
            what = f"{row['rule']} is said to be {row['state'] or 'done'}, and nothing shows it."
            yield _clash("risk", row["rule"], "compliance-unproven", what, "Name the test or the document that shows it, or who has to decide.")  # fmt: skip
