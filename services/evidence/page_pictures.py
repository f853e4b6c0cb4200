"""The generated service's page in a browser inside the sandbox: pictures, its own unit tests, and a journey of a person."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from services.evidence.findings import Finding, found_in
from services.evidence.grounds import find_ground
from services.evidence.measurements import Measurement, measured, not_measured
from services.evidence.sandbox import Limits, SandboxResult, run_isolated

CHECK, TOOL, PICTURE = "page_picture", "uvicorn", "page.png"
PICTURES = (PICTURE, "page_dark.png", "page_phone.png")
_FOUND = "page.json"
_HARNESS = Path(__file__).parent / "harness"
_NEEDED = ("app/main.py", "web/index.html")
# Debian's start script reads files that the sandbox does not have; the program itself needs none of them.
_BROWSERS = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")
_PNG = b"\x89PNG\r\n\x1a\n"
# A browser reserves far more addresses than it uses memory; what it uses is watched.
_LIMITS = Limits(wall_seconds=120, cpu_seconds=120, memory_mb=None, tree_mb=3072, processes=512, open_files=4096)


def find_browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def measure_page(
    files: Mapping[str, bytes], *, environment: Path | None, allow_unsandboxed: bool = False
) -> Measurement:
    """Starts the service, makes records, lets a browser draw and use `/`. The pictures are in the measurement's files.

    Figures: `unit` and `journey` are None where the workspace has none; `accessibility` is place -> what is wrong there.
    """
    ground = find_ground(environment, allow_unsandboxed=allow_unsandboxed, needs_loopback=True)
    browser = find_browser()
    if isinstance(ground, str):
        return not_measured(CHECK, TOOL, ground)
    if browser is None:
        return not_measured(
            CHECK, TOOL, "No browser on this machine (Debian: apt install chromium), so there is no picture."
        )
    if not all(path in files for path in _NEEDED):
        return not_measured(CHECK, TOOL, "There is no page to draw.")
    result = run_isolated(
        ["-P", str(_HARNESS / "page_picture.py"), browser],
        files=files,
        environment=ground.environment,
        level=ground.level,
        readonly=[_HARNESS],
        results=[*PICTURES, _FOUND],
        variables={
            "PYTHONPATH": str(_HARNESS),
            "FEATURE_FORCE": "on",
            "SIGN_IN": "local",
        },
        limits=_LIMITS,
    )
    return _judged(result)


def _judged(result: SandboxResult) -> Measurement:
    pictures = {name: data for name in PICTURES if (data := result.results.get(name, b"")).startswith(_PNG)}
    found = _read(result.results.get(_FOUND, b""))
    unit, steps, accessibility = found.get("unit"), found.get("steps"), found.get("accessibility") or {}
    wrong = [str(problem) for problem in found.get("problems") or []]
    wrong += [f"{test['name']}: {test['error']}" for test in unit or [] if test["error"]]
    wrong += [f"{step['name']}: {step['error']}" for step in steps or [] if step["error"]]
    wrong += [f"{place}: {told[0]}" for place, told in accessibility.items() if told]
    figures = {
        "peak_memory_mb": result.peak_memory_mb,
        "unit": unit,
        "journey": steps,
        "accessibility": accessibility,
        "problems": found.get("problems") or [],
        **(found.get("vitals") or {}),
    }
    about: Any = {"check": CHECK, "tool": TOOL, "figures": figures, "files": pictures}
    if result.exit_code != 0 or PICTURE not in pictures:
        said = (result.output.strip().splitlines() or [result.ended])[-1]
        reason = f"There is no picture of the page: {said[:200]}."
        return measured(result, outcome="failed", reason=reason, findings=_findings([*wrong, reason]), **about)
    if wrong:
        reason = f"A browser draws the page, and finds {len(wrong)} fault{'s' if len(wrong) > 1 else ''}; the first is {wrong[0][:240]}."
        return measured(result, outcome="failed", reason=reason, findings=_findings(wrong), **about)
    return measured(result, outcome="passed", reason=_praise(unit, steps, accessibility), **about)


def _findings(wrong: Iterable[str]) -> tuple[Finding, ...]:
    """A browser sees the page as a whole, so each fault belongs to the page."""
    advice = "Find out whether the page or the service that it calls is wrong, and mend the page where it is the page."
    return tuple(found_in("web/", "page-fault", problem[:400], advice) for problem in wrong)


def _praise(unit: list[Any] | None, steps: list[Any] | None, accessibility: Mapping[str, Any]) -> str:
    told = ["The service starts, and a browser draws its page"]
    told += [f"{len(unit)} unit tests of the page pass"] if unit is not None else []
    told += [f"a journey of {len(steps)} steps comes to its end"] if steps is not None else []
    told += [f"{len(accessibility)} views keep the checks of accessibility"] if accessibility else []
    return f"{'; '.join(told)}."


def _read(data: bytes) -> dict[str, Any]:
    """What the harness wrote. The workspace's own code ran beside it, so that nothing is believed of its shape."""
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    rows = {name: found.get(name) for name in ("unit", "steps")}
    is_sound = all(
        value is None
        or (isinstance(value, list) and all(isinstance(row, dict) and {"name", "error"} <= set(row) for row in value))
        for value in rows.values()
    )
    return found if is_sound else {"problems": ["what the browser found cannot be read"]}
