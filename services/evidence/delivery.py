"""The checks of what ships: the pipeline, and the manifests with the scripts that roll out and back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.evidence.findings import Finding, found_in
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.sandbox import SandboxResult
from services.evidence.subjects import Subject
from services.evidence.tool_runs import read_findings, read_found, run_tool
from services.workflow.options import DeploymentStrategy

PIPELINE, MANIFESTS = "pipeline", "manifests"
VERSION = 1
_ADVICE = {
    "schema": "Write it as the schema of this file asks for.",
    "kubernetes": "Write the manifest as the API has it.",
    "yaml": "Mend the YAML.",
    "shell": "Mend the script; nobody can roll back with it.",
}
_MAKE = re.compile(r"(?:^|run:|&&|;)[ \t]*make[ \t]+([\w.-]+)", re.MULTILINE)
_SCRIPT = re.compile(r"(?:^|\s)(?:sh|bash)\s+((?!-)[\w./-]+\.sh)")
_PINNED = re.compile(r"@[0-9a-f]{40}$|^\./|^docker://.*@sha256:[0-9a-f]{64}$")
_TARGET = re.compile(r"^([A-Za-z0-9_.-]+)\s*:(?!=)", re.MULTILINE)
# The longest that a rung may take, in minutes. Source: the rollback ladder of the workflow.
_LADDER = {1: 1, 2: 5, 3: 15}
_NO_TRAFFIC_RUNG = (DeploymentStrategy.DIRECT, DeploymentStrategy.FEATURE_FLAG, DeploymentStrategy.A_B_TEST)


def measure_pipeline(subject: Subject) -> Measurement:
    """By the vendor's schema, zizmor, and whether what it calls is there and it asks for the coverage of the form."""
    result = _run(subject, PIPELINE)
    if isinstance(result, str):
        return not_measured(PIPELINE, "zizmor", result)
    return _measured(subject, result, PIPELINE, "zizmor", _pipeline_faults, "is valid by its schema; zizmor finds nothing of high severity, and what it calls is there.")  # fmt: skip


def measure_manifests(subject: Subject) -> Measurement:
    """Dockerfile, Kubernetes, compose and shell by their own validators, and whether they fit the service and the form."""
    result = _run(subject, MANIFESTS)
    if isinstance(result, str):
        return not_measured(MANIFESTS, "kubernetes-validate", result)
    return _measured(subject, result, MANIFESTS, "kubernetes-validate", _manifest_faults, "are valid and fit the service: probes, ports, secrets, share and ladder.")  # fmt: skip


def _run(subject: Subject, what: str) -> SandboxResult | str:
    return run_tool(
        "delivery_files.py",
        subject.files,
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        arguments=[what],
    )


def _measured(subject: Subject, result: SandboxResult, check: str, tool: str, faults: Any, praise: str) -> Measurement:
    about: dict[str, Any] = {"check": check, "tool": tool}
    try:
        found = read_found(result)
        rows = [
            {**row, "advice": _ADVICE.get(row["rule"], "Follow the rule, or say in the file why not.")}
            for row in found["rows"]
        ]
        findings = [f for f in (*read_findings(rows), *faults(subject, found)) if f.severity.value != "low"]
        checked, unchecked = dict(found["checked"]), dict(found["unchecked"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return measured(
            result, outcome="not_measured", reason=f"The validators left no report: {error}.", figures={}, **about
        )
    if not checked:
        reason = f"There is no file of the {check}, so nothing can be delivered."
        return measured(result, outcome="failed", reason=reason, figures={}, findings=findings, **about)
    more = (
        f" Not checked: {'; '.join(f'{name}, {why}' for name, why in list(unchecked.items())[:3])}."
        if unchecked
        else ""
    )
    names = ", ".join(checked) if len(checked) < 4 else f"{len(checked)} files"
    outcome, reason = judged(findings, f"{names} {praise}{more}")
    figures = {"checked": checked, "unchecked": unchecked}
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)


def _pipeline_faults(subject: Subject, found: Mapping[str, Any]) -> Iterator[Finding]:
    targets = set(_TARGET.findall(subject.files.get("Makefile", b"").decode("utf-8", "replace")))
    asked = subject.request.test_coverage_min
    asks = False
    for path, documents in found["documents"].items():
        text = subject.files[path].decode("utf-8", "replace")
        asks = asks or bool(re.search(rf"--cov-fail-under[= ]{asked}\b|fail_under\s*=\s*{asked}\b", text))
        for name in _MAKE.findall(text):
            if name not in targets:
                yield found_in(path, "command-unknown", f"It calls “make {name}”, which the Makefile does not have.", "Call a target that is there.")  # fmt: skip
        for script in _SCRIPT.findall(text):
            if script not in subject.files:
                yield found_in(
                    path, "command-unknown", f"It runs {script}, which is not there.", "Run a script that is there."
                )
        for document in documents:
            yield from _jobs(path, document)
    if found["documents"] and not asks:
        path = next(iter(found["documents"]))
        yield found_in(path, "form-value-ignored", f"The form asks for {asked} % coverage; the pipeline does not.", f"Let it fail under {asked} %.")  # fmt: skip


def _jobs(path: str, document: Any) -> Iterator[Finding]:
    jobs = document.get("jobs") if isinstance(document, dict) else None
    if not isinstance(jobs, dict):
        return
    for name, job in jobs.items():
        needs = job.get("needs", []) if isinstance(job, dict) else []
        for other in [needs] if isinstance(needs, str) else needs:
            if other not in jobs:
                yield found_in(
                    path,
                    "job-unknown",
                    f"The job {name} needs {other}, which does not exist.",
                    "Name a job of this file.",
                )
        for step in job.get("steps", []) if isinstance(job, dict) else []:
            used = step.get("uses") if isinstance(step, dict) else None
            if used and not _PINNED.search(str(used)):
                yield found_in(
                    path,
                    "action-unpinned",
                    f"{used} is not pinned to a commit.",
                    "Pin it to the commit that was looked at.",
                )


def _manifest_faults(subject: Subject, found: Mapping[str, Any]) -> Iterator[Finding]:
    for path, documents in found["documents"].items():
        for document in documents:
            if isinstance(document, dict) and document.get("kind") in ("Deployment", "StatefulSet"):
                yield from _workload(subject, path, document)
    yield from _shares(subject)
    yield from _ladder(subject)


def _workload(subject: Subject, path: str, document: Mapping[str, Any]) -> Iterator[Finding]:
    name = (document.get("metadata") or {}).get("name", "?")
    pod = ((document.get("spec") or {}).get("template") or {}).get("spec") or {}
    served = _code(subject)
    for container in pod.get("containers", []):
        where = f"{name}, container {container.get('name', '?')}"
        if not (container.get("resources") or {}).get("limits"):
            yield found_in(
                path, "limits-missing", f"{where} has no limit of resources.", "Set one, at least of memory."
            )
        for probe in ("readinessProbe", "livenessProbe"):
            asked = ((container.get(probe) or {}).get("httpGet") or {}).get("path")
            if not asked:
                yield found_in(path, "probe-missing", f"{where} has no {probe} over HTTP.", "Ask /ready or /health.")
            elif f'"{asked}"' not in served:
                yield found_in(path, "probe-unknown", f"{probe} of {where} asks {asked}, which the service does not have.", "Ask a path that it answers.")  # fmt: skip
        for variable in container.get("env", []):
            if re.search(r"SECRET|PASSWORD|_KEY$|TOKEN", str(variable.get("name"))) and "value" in variable:
                yield found_in(
                    path,
                    "secret-in-manifest",
                    f"{where} holds {variable['name']} in plain text.",
                    "Take it from a Secret.",
                )


def _code(subject: Subject) -> str:
    return "\n".join(
        data.decode("utf-8", "replace")
        for path, data in subject.files.items()
        if path.startswith("app/") and path.endswith(".py")
    )


def _shares(subject: Subject) -> Iterator[Finding]:
    """The stages that scripts and pipeline offer are those of the records."""
    stages = [
        row["share_percent"] for row in subject.records.get("deployment", {}).get("stages", []) if row["share_percent"]
    ]
    path = "deploy/stages.json"
    if stages and path in subject.files:
        text = subject.files[path].decode("utf-8", "replace")
        for share in stages:
            if not re.search(rf"(?<![\d.]){share}(?![\d.])", text):
                yield found_in(
                    path, "share-clash", f"Stage {share} % of the plan is not in it.", "Write the stages of the plan."
                )


def _ladder(subject: Subject) -> Iterator[Finding]:
    rungs: Sequence[Mapping[str, Any]] = subject.records.get("deployment", {}).get("rollback", [])
    told = {row["rung"]: row for row in rungs}
    for rung, minutes in _LADDER.items():
        if rung == 2 and subject.request.deployment_strategy in _NO_TRAFFIC_RUNG and rung not in told:
            continue
        row = told.get(rung)
        if row is None:
            yield found_in("deploy/RUNBOOK.md", "rung-missing", f"Rung {rung} of the rollback ladder is missing.", f"Say how it is taken back within {minutes} minutes.")  # fmt: skip
            continue
        if not re.search(rf"\b{minutes} minute", row["target"]):
            yield found_in("deploy/RUNBOOK.md", "rung-target", f"Rung {rung} has the target “{row['target']}”.", f"It has to be under {minutes} minutes.")  # fmt: skip
        for script in _SCRIPT.findall(f" {row['command']}"):
            if script not in subject.files:
                yield found_in(
                    script, "rung-script", f"Rung {rung} runs {script}, which is not there.", "Write the script."
                )
