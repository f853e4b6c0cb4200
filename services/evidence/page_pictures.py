"""A picture of the generated service's page, drawn by a browser inside the sandbox."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.evidence.grounds import find_ground
from services.evidence.measurements import Measurement, measured, not_measured
from services.evidence.sandbox import Limits, run_isolated

CHECK, TOOL, PICTURE = "page_picture", "uvicorn", "page.png"
_HARNESS = Path(__file__).parent / "harness"
_NEEDED = ("app/main.py", "web/index.html")
# Debian's start script reads files that the sandbox does not have; the program itself needs none of them.
_BROWSERS = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")
_PNG = b"\x89PNG\r\n\x1a\n"
# A browser reserves far more addresses than it uses memory; what it uses is watched.
_LIMITS = Limits(wall_seconds=60, cpu_seconds=60, memory_mb=None, tree_mb=3072, processes=512, open_files=4096)


def find_browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def measure_page(
    files: Mapping[str, bytes], *, environment: Path | None, allow_unsandboxed: bool = False
) -> Measurement:
    """Starts the service, makes a record of each kind, lets a browser draw `/`. The picture is in the measurement's files."""
    ground = find_ground(environment, allow_unsandboxed=allow_unsandboxed)
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
        results=[PICTURE],
        variables={"PYTHONPATH": ".", "FEATURE_FORCE": "on"},
        limits=_LIMITS,
    )
    about: Any = {"check": CHECK, "tool": TOOL, "figures": {"peak_memory_mb": result.peak_memory_mb}}
    picture = result.results.get(PICTURE, b"")
    if result.exit_code == 0 and picture.startswith(_PNG):
        reason = "The service starts, and a browser draws its page."
        return measured(result, outcome="passed", reason=reason, files={PICTURE: picture}, **about)
    said = (result.output.strip().splitlines() or [result.ended])[-1]
    return measured(result, outcome="failed", reason=f"There is no picture of the page: {said[:200]}.", **about)
