"""Runs in the sandbox: starts the workspace's service, makes a record of each kind, and lets a browser draw its page.

Says in one line on standard output how far it came; the picture is `page.png`.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ADDRESS = "http://127.0.0.1:8000"
READY_SECONDS = 20
EXAMPLES: dict[str, Any] = {"integer": 12, "number": 12.5, "boolean": True}
FORMATS = {"date": "2026-01-15", "date-time": "2026-01-15T09:30:00", "email": "someone@example.org"}
FLAGS = (
    "--headless", "--no-sandbox", "--log-level=3", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--user-data-dir=/tmp/profile", "--window-size=1200,760", "--virtual-time-budget=4000", "--screenshot=page.png",
)  # fmt: skip


def main(browser: str) -> None:
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--port=8000", "--log-level=warning"]
    service = subprocess.Popen(command)  # noqa: S603
    try:
        if not is_ready(service):
            sys.exit("the service does not answer")
        make_records()
        subprocess.run([browser, *FLAGS, f"{ADDRESS}/"], check=False, timeout=40)  # noqa: S603
    finally:
        service.kill()
    if not Path("page.png").exists():
        sys.exit("the browser drew nothing")


def is_ready(service: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and service.poll() is None:
        try:
            with urllib.request.urlopen(f"{ADDRESS}/", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
    return False


def make_records() -> None:
    """By the contract: one at each path that takes a new record. A page without records is a picture too."""
    try:
        contract = json.loads(Path("design/openapi.json").read_text(encoding="utf-8"))
        for path, item in contract["paths"].items():
            if "post" in item and "{" not in path:
                make_record(contract, path, item["post"])
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"no record was made: {error}\n")


def make_record(contract: dict[str, Any], path: str, operation: dict[str, Any]) -> None:
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = contract["components"]["schemas"][reference.rsplit("/", 1)[1]]
    body = {name: example(schema["properties"][name]) for name in schema.get("required", [])}
    headers = {"Content-Type": "application/json"}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "header" and "enum" in parameter["schema"]:
            headers[parameter["name"]] = parameter["schema"]["enum"][0]
    request = urllib.request.Request(ADDRESS + path, json.dumps(body).encode(), headers)
    urllib.request.urlopen(request, timeout=5).close()


def example(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "string":
        is_link = str(schema.get("pattern", "")).startswith("^http")
        text = "https://example.org/a" if is_link else FORMATS.get(schema.get("format", ""), "Example")
        return text[: schema.get("maxLength", len(text))]
    return EXAMPLES.get(schema.get("type", ""), 1)


if __name__ == "__main__":
    main(sys.argv[1])
