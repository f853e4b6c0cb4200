"""Runs in the sandbox: the flag file by its schema, by the vendor's engine and by the workspace's own code, and its switch on the
running service; writes `found.json`. Arguments: the environment of generated code, the vendor, the file.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
from flag_schemas import SCHEMAS
from service_calls import ADDRESS, Service, running
from vendor_flags import decide, switched_off

PEOPLE = [f"person {number}" for number in range(2_000)]
# The file is read again when it changes; a second is what file systems tell apart.
SWITCH_SECONDS = 5


def main(runtime: str, vendor: str, name: str) -> None:
    python, file = str(Path(runtime) / "bin" / "python"), Path(name)
    found: dict[str, Any] = {"rows": [], "people": len(PEOPLE)}
    try:
        text = file.read_text(encoding="utf-8")
        errors = sorted(jsonschema.Draft202012Validator(SCHEMAS[vendor]).iter_errors(json.loads(text)), key=str)
    except (OSError, ValueError) as error:
        return write(found, "flag-file", f"The flag file cannot be read: {error}")
    for wrong in errors[:10]:
        tell(found, "flag-schema", f"{wrong.json_path}: {wrong.message[:160]}")
    try:
        own = decided(python)
    except ValueError as error:
        return write(found, "flag-code", f"app/flag_file.py cannot decide by it: {error}")
    found["key"] = own["key"]
    found["share"] = 100 * sum(own["on"]) / len(PEOPLE)
    try:
        vendors = decide(vendor, file, own["key"], PEOPLE)
    except Exception as error:  # noqa: BLE001  (whatever the vendor's engine raises over this file is the finding)
        return write(
            found, "flag-engine", f"The vendor's engine cannot evaluate it: {type(error).__name__} {str(error)[:160]}"
        )
    unlike = sum(one is not other for one, other in zip(own["on"], vendors, strict=True))
    found["unlike"] = unlike
    if unlike:
        tell(
            found,
            "flag-differs",
            f"For {unlike} of {len(PEOPLE)} people the vendor's engine decides otherwise than the code.",
        )
    if any(own["on"]):
        switch(python, vendor, file, own, found)
    return write(found)


def decided(python: str) -> dict[str, Any]:
    """Raises: ValueError with what the code said last."""
    script = str(Path(__file__).with_name("own_flags.py"))
    done = subprocess.run(  # noqa: S603
        [python, script], input=json.dumps(PEOPLE), capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(Path.cwd()), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    if done.returncode:
        raise ValueError((done.stderr.strip().splitlines() or ["no reason"])[-1][:160])
    return dict(json.loads(done.stdout))


def switch(python: str, vendor: str, file: Path, own: dict[str, Any], found: dict[str, Any]) -> None:
    """Off and on again by the vendor's switch, on a service that goes on running."""
    text = file.read_text(encoding="utf-8")
    off = switched_off(vendor, text, own["key"])
    person = PEOPLE[own["on"].index(True)]
    design = json.loads(Path("design/architecture.json").read_text(encoding="utf-8"))
    listed = next((op for op in design["operations"] if op["method"] == "GET" and "{" not in op["path"]), None)
    if listed is None:
        return
    command = [python, "-m", "uvicorn", "app.main:app", "--port", ADDRESS.rsplit(":", 1)[1], "--log-level", "error"]
    with running(
        command, f"{ADDRESS}/health", variables={"SIGN_IN": "local", "PYTHONPATH": str(Path.cwd())}
    ) as answers:
        if not answers:
            tell(found, "flag-service", "The service does not start with this flag file.")
            return
        service = Service()
        token = service.token(person, listed["roles"][0])
        if status(service, listed["path"], token) == 404:
            tell(found, "flag-service", f"{listed['path']} answers 404 to somebody who has the feature.")
            return
        for content, wanted, name in ((off, True, "off"), (text, False, "on")):
            file.write_text(content, encoding="utf-8")
            seconds = until(service, listed["path"], token, is_gone=wanted)
            found[f"seconds_{name}"] = seconds
            if seconds is None:
                tell(
                    found,
                    "kill-switch",
                    f"{SWITCH_SECONDS} s after the switch is turned {name}, the service has not followed.",
                )
                return


def until(service: Service, path: str, token: str, *, is_gone: bool) -> float | None:
    began = time.monotonic()
    while time.monotonic() - began < SWITCH_SECONDS:
        if (status(service, path, token) == 404) is is_gone:
            return round(time.monotonic() - began, 2)
        time.sleep(0.05)
    return None


def status(service: Service, path: str, token: str) -> int:
    try:
        service.send("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    except OSError as error:
        return int(getattr(error, "code", 0))
    except ValueError:
        return 200
    return 200


def tell(found: dict[str, Any], rule: str, message: str) -> None:
    found["rows"].append({"path": sys.argv[3], "rule": rule, "severity": "high", "message": message})


def write(found: dict[str, Any], rule: str = "", message: str = "") -> None:
    if rule:
        tell(found, rule, message)
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
