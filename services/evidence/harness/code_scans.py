"""Runs in the sandbox: bandit or detect-secrets over the folder at hand, as the first argument says; writes `found.json`.

What the workspace says about itself is not listened to: no configuration of its own, no marks that silence a line.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_UNHEARD = "detect_secrets.filters.allowlist.is_line_allowlisted"


def main(scan: str) -> None:
    found = {"source": source, "secrets": secrets}[scan]()
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


def source() -> dict[str, Any]:
    done = _run("-m", "bandit", "--recursive", ".", "--ignore-nosec", "--format", "json", "--quiet", codes=(0, 1))
    report = json.loads(done)
    return {
        "skipped": [f"{row['filename']}: {row['reason']}" for row in report["errors"]],
        "files": sum(1 for name in report["metrics"] if name != "_totals"),
        "rows": [
            {
                "path": row["filename"].removeprefix("./"),
                "line": row["line_number"],
                "rule": row["test_id"],
                "severity": row["issue_severity"],
                "confidence": row["issue_confidence"],
                "message": row["issue_text"],
                "cwe": row.get("issue_cwe", {}).get("id"),
            }
            for row in report["results"]
        ],
    }


def secrets() -> dict[str, Any]:
    report = json.loads(
        _run("-m", "detect_secrets", "scan", "--all-files", "--no-verify", "--disable-filter", _UNHEARD, ".")
    )
    files = [path for path in Path().rglob("*") if path.is_file()]
    return {
        "files": len(files),
        "rows": [
            {"path": path.removeprefix("./"), "line": row["line_number"], "rule": row["type"]}
            for path, rows in report["results"].items()
            for row in rows
        ],
    }


def _run(*words: str, codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode not in codes:
        sys.exit(f"{words[1]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1])
