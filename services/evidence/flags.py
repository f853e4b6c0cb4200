"""The check of the flag: its file by schema and by the vendor's own engine, the share of the form, and the switch while it runs."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from services.evidence.findings import Finding, found_in
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.papers.consistency import wanted_flag
from services.evidence.sandbox import Limits
from services.evidence.subjects import Files, Subject
from services.evidence.tool_runs import read_findings, read_found, run_tool
from services.workflow.options import FlagService

CHECK = "flags"
VERSION = 1
ENGINES = {
    FlagService.LAUNCHDARKLY: "launchdarkly-server-sdk",
    FlagService.SPLIT: "splitio-client",
    FlagService.UNLEASH: "unleashclient",
    FlagService.CUSTOM: "openfeature-provider-flagd",
}
_NAMES = {
    FlagService.LAUNCHDARKLY: "LaunchDarkly's engine",
    FlagService.SPLIT: "Split's engine",
    FlagService.UNLEASH: "Unleash's engine",
    FlagService.CUSTOM: "flagd's engine",
}
_ADVICE = {
    "flag-schema": "Write the file as the vendor reads it.",
    "flag-engine": "Write a flag that the vendor's engine can evaluate.",
    "flag-code": "Write a file that the code can decide by, or code that can read the file.",
    "flag-differs": "Decide in app/flag_file.py exactly as the vendor does, so that nobody changes sides.",
    "kill-switch": "Read the file again when it changes, and answer 404 while the flag is off.",
    "flag-service": "Let whoever has the flag reach the feature.",
    "flag-file": "Write the flag file.",
}
# How far a share among some people may be from the share of all, in standard deviations.
_SIGMAS = 4.5


def asked_for(subject: Subject) -> Files:
    places = ("app/", "flags/", "migrations/", "design/", "web/", "alembic.ini")
    return {path: data for path, data in subject.tested.items() if path.startswith(places)}


def measure_flags(subject: Subject) -> Measurement:
    """Figures: `share` of people who have it, in percent; `unlike`, for how many the vendor decides otherwise; seconds of the switch."""
    vendor = subject.request.feature_flag_service
    tool = ENGINES[vendor]
    file = str(subject.records.get("backend", {}).get("flag", {}).get("file", ""))
    if file not in subject.tested:
        return not_measured(CHECK, tool, "The backend names no flag file that is there.")
    result = run_tool(
        "flag_rounds.py",
        asked_for(subject),
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        arguments=[vendor.value, file],
        with_runtime=True,
        needs_loopback=True,
        limits=Limits(memory_mb=None),
    )
    if isinstance(result, str):
        return not_measured(CHECK, tool, result)
    about: dict[str, Any] = {"check": CHECK, "tool": tool}
    try:
        found = read_found(result)
        rows = [{**row, "advice": _ADVICE[row["rule"]]} for row in found["rows"]]
        findings = [*read_findings(rows), *_share(subject, file, found)]
    except (ValueError, KeyError, TypeError) as error:
        reason = f"The flag could not be tried: {error}."
        return measured(result, outcome="failed", reason=reason, figures={}, **about)
    figures = {key: value for key, value in found.items() if key != "rows"}
    praise = (
        f"{_NAMES[vendor]} decides as the code does for {found['people']:,} people, {found.get('share', 0):.1f} % have it; "
        f"its switch took it away within {max(found.get('seconds_off') or 0, 0.1):.1f} s and gave it back, without a restart."
    )
    outcome, reason = judged(findings, praise)
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)


def _share(subject: Subject, file: str, found: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether about as many people have it as the form asks for."""
    if "share" not in found:
        return
    wanted, people = wanted_flag(subject), int(found["people"])
    share = wanted / 100
    allowed = _SIGMAS * 100 * math.sqrt(share * (1 - share) / people)
    if abs(float(found["share"]) - wanted) > allowed:
        what = f"{found['share']:.1f} % of {people} people have the feature; the form asks for {wanted} %."
        yield found_in(file, "flag-share", what, f"Set the rollout to {wanted} %.")
