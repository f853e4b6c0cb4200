"""The workspace's own tests, run in the sandbox with our configuration, and read with suspicion."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from services.evidence.failed_tests import failed_tests, forbidden, low_coverage, not_red
from services.evidence.findings import Finding, worst_first
from services.evidence.grounds import Ground, find_ground
from services.evidence.measurements import MeasuredOutcome, Measurement, measured, not_measured, percent_words
from services.evidence.proofs import Proof, read_failing, read_proofs
from services.evidence.sabotage import Places, prepared, sabotaged
from services.evidence.sandbox import SandboxResult, run_isolated
from services.evidence.source_tests import SourceTests, find_tests, forbidden_acts
from services.evidence.test_reports import (
    TestOutcome,
    UnreadableReport,
    judge_criteria,
    read_collected,
    read_coverage,
    read_junit,
)

_TOOL = "pytest"
HARNESS = Path(__file__).parent / "harness"
RESULTS = ("junit.xml", "coverage.json", "collected.json", "breakages.json")
RED_FOLDER = "tests/acceptance"
# pytest's own exit codes for "all passed" and "some failed"; others mean that it did not come to an end.
_CAME_TO_AN_END = (0, 1)


def measure_tests(
    files: Mapping[str, bytes],
    *,
    environment: Path | None,
    minimum_percent: int,
    rules: Places | None = None,
    allow_unsandboxed: bool = False,
) -> Measurement:
    """Runs `tests/` with branch coverage of `app/`, and again over broken rules.

    `rules`: criterion -> the places that keep it; where none is known the whole application is broken.
    """
    ground = find_ground(environment, allow_unsandboxed=allow_unsandboxed)
    if isinstance(ground, str):
        return not_measured("tests", _TOOL, ground)
    banned = forbidden_acts(files)
    if banned:
        reason = f"Tests may not change how they are reported: {', '.join(banned[:3])}."
        return replace(not_measured("tests", _TOOL, reason), findings=worst_first(forbidden(banned)))
    with ThreadPoolExecutor(1) as beside:  # each keeps one core busy
        broken = beside.submit(_broken_by_place, ground, files, rules or {})
        result = _run(ground, files, ["tests"], with_coverage=True)
    try:
        tests = _read_tests(result)
        _check_against_source(tests, find_tests(files))
        percent, by_file = read_coverage(result.results.get("coverage.json"))
        _check_covered_files(by_file, files)
    except UnreadableReport as error:
        return _not_ended("tests", result, error, files)
    failed = [test for test in tests if test.outcome == "failed"]
    figures = {
        "tests": [asdict(test) for test in tests],
        "passed": sum(test.outcome == "passed" for test in tests),
        "failed": len(failed),
        "skipped": sum(test.outcome == "skipped" for test in tests),
        "coverage_percent": percent,
        "coverage_minimum": minimum_percent,
        "coverage_by_file": by_file,
        "criteria": judge_criteria(tests, _proofs(ground, files, tests, broken.result())),
        "peak_memory_mb": result.peak_memory_mb,
    }
    outcome: MeasuredOutcome = "passed" if not failed and percent >= minimum_percent else "failed"
    reason = f"{figures['passed']} of {len(tests)} tests pass; coverage {percent_words(percent)}, {minimum_percent} % asked for."
    findings = (
        *failed_tests(result.results.get("junit.xml"), files),
        *low_coverage(percent, minimum_percent, by_file),
    )
    return _measured("tests", result, outcome, reason, figures, findings)


def measure_red(
    files: Mapping[str, bytes], *, environment: Path | None, allow_unsandboxed: bool = False
) -> Measurement:
    """Red means: acceptance tests are there, and every one fails while there is no application yet."""
    ground = find_ground(environment, allow_unsandboxed=allow_unsandboxed)
    if isinstance(ground, str):
        return not_measured("tests_red", _TOOL, ground)
    result = _run(ground, files, [RED_FOLDER])
    try:
        tests = _read_tests(result)
    except UnreadableReport as error:
        return _not_ended("tests_red", result, error, files)
    figures = {"tests": [asdict(test) for test in tests], "failed": sum(t.outcome == "failed" for t in tests)}
    green = [test for test in tests if test.outcome != "failed"]
    if not tests:
        return _measured("tests_red", result, "failed", "No acceptance test was collected.", figures)
    if green:
        reason = f"{green[0].name} passes before any code exists."
        return _measured("tests_red", result, "failed", reason, figures, not_red(test.id for test in green))
    return _measured("tests_red", result, "passed", f"All {len(tests)} acceptance tests fail before the code.", figures)


def _run(
    ground: Ground,
    files: Mapping[str, bytes],
    targets: Sequence[str],
    *,
    with_coverage: bool = False,
    is_broken: bool = False,
    plugins: Sequence[str] = (),
) -> SandboxResult:
    loaded = ["no:cacheprovider", "anyio", "pytest_bdd.plugin", "greenlight_plugin", *plugins]
    words = ["-P", "-m", "pytest", "-q"]
    words += [word for plugin in loaded for word in ("-p", plugin)]
    words += ["-c", str(HARNESS / "pytest.ini"), "--rootdir=.", "--confcutdir=.", "--strict-markers"]
    if is_broken:  # nobody reads why a test fails there, and telling it takes longer than the test
        words += ["--tb=native", "--assert=plain"]
    if with_coverage:
        words += ["-p", "pytest_cov", "--cov", "--cov-config", str(HARNESS / "coverage.ini")]
        words += ["--cov-report=json:coverage.json"]
    return run_isolated(
        [*words, "--junitxml=junit.xml", *targets],
        files=files,
        environment=ground.environment,
        level=ground.level,
        readonly=[HARNESS],
        results=RESULTS,
        variables={"PYTHONPATH": str(HARNESS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


def _read_tests(result: SandboxResult) -> tuple[TestOutcome, ...]:
    """Raises: UnreadableReport, also when the report and the exit code tell different stories."""
    if result.ended != "exit":
        raise UnreadableReport(f"they were stopped ({result.ended})")
    tests = read_junit(result.results.get("junit.xml"))
    if result.exit_code not in _CAME_TO_AN_END:
        raise UnreadableReport(f"pytest ended with code {result.exit_code}")
    if (result.exit_code == 1) != any(test.outcome == "failed" for test in tests):
        raise UnreadableReport("exit code and report disagree")
    collected = read_collected(result.results.get("collected.json"))
    if collected != len(tests):
        raise UnreadableReport(f"{collected} tests were collected, {len(tests)} reported")
    return tests


def _check_against_source(tests: Sequence[TestOutcome], source: SourceTests) -> None:
    """Raises: UnreadableReport when the report tells of other tests than the source holds."""
    reported = {test.id.split("[", 1)[0] for test in tests}
    absent = sorted(source.declared - reported)
    invented = sorted(id_ for id_ in reported - source.declared if id_.split("::", 1)[0] not in source.generating)
    problems = (
        (source.doubled, "is defined twice, so one hides the other"),
        (absent, "is in the source and not in the report"),
        (invented, "is in the report and not in the source"),
    )
    for names, what in problems:
        if names:
            raise UnreadableReport(f"{names[0]} {what}")


def _check_covered_files(by_file: Mapping[str, float], files: Mapping[str, bytes]) -> None:
    """Raises: UnreadableReport when coverage was taken over other files than those of the application."""
    other = set(by_file) ^ {path for path in files if path.startswith("app/") and path.endswith(".py")}
    if other:
        raise UnreadableReport(f"coverage was not taken over exactly the application: {sorted(other)[0]}")


def _broken_by_place(ground: Ground, files: Mapping[str, bytes], rules: Places) -> Mapping[str, Proof]:
    """Criterion -> what was seen when the places that keep its rule were broken."""
    if not rules:
        return {}
    sabotage = prepared(files, rules)
    result = _run(ground, sabotage.files, ["tests"], is_broken=True, plugins=["greenlight_round"])
    return read_proofs(result.results.get("breakages.json"), sabotage)


def _proofs(
    ground: Ground, files: Mapping[str, bytes], tests: Sequence[TestOutcome], known: Mapping[str, Proof]
) -> Mapping[str, Proof]:
    """Criterion -> what was seen when its rule was broken; where no place of it is known, when everything was."""
    others = {criterion for test in tests for criterion in test.criteria} - known.keys()
    if not others:
        return known
    result = _run(ground, sabotaged(files), ["tests"], is_broken=True, plugins=["greenlight_broken"])
    return {**known, **dict.fromkeys(others, Proof(read_failing(result.results.get("breakages.json"))))}


def _not_ended(check: str, result: SandboxResult, error: UnreadableReport, files: Mapping[str, bytes]) -> Measurement:
    found = failed_tests(result.results.get("junit.xml"), files)
    return _measured(check, result, "not_measured", f"The tests did not come to an end: {error}.", {}, found)


def _measured(
    check: str,
    result: SandboxResult,
    outcome: MeasuredOutcome,
    reason: str,
    figures: Mapping[str, object],
    findings: Iterable[Finding] = (),
) -> Measurement:
    return measured(result, check=check, tool=_TOOL, outcome=outcome, reason=reason, figures=figures, findings=findings)
