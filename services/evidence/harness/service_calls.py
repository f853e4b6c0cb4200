"""The workspace's service from outside: starts it, signs in, makes records."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ADDRESS = "http://127.0.0.1:8000"
READY_SECONDS = 30
EXAMPLES: dict[str, Any] = {"integer": 12, "number": 12.5, "boolean": True}
FORMATS = {"date": "2026-01-15", "date-time": "2026-01-15T09:30:00", "email": "someone@example.org"}


class Service:
    """Tokens are asked for once per person and role. `folder`: of the workspace, for its contract and its design."""

    def __init__(self, folder: Path = Path(), address: str = ADDRESS) -> None:
        self._tokens: dict[tuple[str, str], str] = {}
        self._address = address
        self.contract: dict[str, Any] = _read(folder / "design/openapi.json")
        self.creations = _creations(self.contract, _read(folder / "design/architecture.json"))

    def token(self, user: str, role: str) -> str:
        """Empty where the service does not sign people in."""
        if (user, role) not in self._tokens:
            try:
                self._tokens[user, role] = str(self.send("POST", "/sign-in", {"user": user, "role": role})["token"])
            except (OSError, ValueError, KeyError):
                return ""
        return self._tokens[user, role]

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Raises: OSError for a refusal, ValueError for an answer that is no JSON."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self._address + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def make(self, path: str, body: Any, *, user: str, role: str) -> int:
        token = self.token(user, role)
        return int(
            self.send(
                "POST", path, body, {"Authorization": f"Bearer {token}"} if token else {"X-Role": role, "X-User": user}
            )["id"]
        )

    def make_planned(self, plan: Mapping[str, Any], when: Callable[[Mapping[str, int]], Any]) -> dict[str, list[int]]:
        """Entity -> ids of its records, as the plan of the journey wants them. What is refused is told and left out."""
        made: dict[str, list[int]] = {}
        for record in plan["records"]:
            try:
                body = self.body(record, made, when)
                made.setdefault(record["entity"], []).append(
                    self.make(self.creations[record["entity"]], body, user=record["user"], role=record["role"])
                )
            except (OSError, ValueError, LookupError) as error:
                sys.stderr.write(f"no {record['entity']} was made: {_reason(error)}\n")
        return made

    def body(
        self, record: Mapping[str, Any], made: Mapping[str, list[int]], when: Callable[[Mapping[str, int]], Any]
    ) -> dict[str, Any]:
        """What is sent to make a planned record."""
        return {name: self._value(value, made, when) for name, value in record["values"].items()}

    def _value(self, value: Any, made: Mapping[str, list[int]], when: Callable[[Mapping[str, int]], Any]) -> Any:
        if not isinstance(value, dict):
            return value
        if "refers_to" in value:
            return made[value["refers_to"]][value["number"]]
        return when(value).isoformat()

    def make_by_contract(self) -> None:
        """One at each path that takes a new record, for a workspace without a plan."""
        try:
            for path, item in self.contract["paths"].items():
                if "post" in item and "{" not in path:
                    self._make_one(path, item["post"])
        except (OSError, ValueError, KeyError) as error:
            sys.stderr.write(f"no record was made: {_reason(error)}\n")

    def _make_one(self, path: str, operation: dict[str, Any]) -> None:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = self.contract["components"]["schemas"][reference.rsplit("/", 1)[1]]
        body = {name: example(schema["properties"][name]) for name in schema.get("required", [])}
        named = [
            p["schema"]["enum"][0]
            for p in operation.get("parameters", [])
            if p["in"] == "header" and "enum" in p["schema"]
        ]
        role = next(iter(operation.get("x-roles", named)), "")
        self.make(path, body, user="ben", role=role)


def _creations(contract: Mapping[str, Any], design: Mapping[str, Any]) -> dict[str, str]:
    """Entity -> path that takes a new one, by the design beside the contract."""
    return {
        op["resource"]: op["path"]
        for op in design.get("operations", [])
        if op["verb"] == "create" and op["path"] in contract["paths"]
    }


def _reason(error: Exception) -> str:
    return error.read().decode(errors="replace")[:300] if isinstance(error, urllib.error.HTTPError) else str(error)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {"paths": {}}


def example(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "string":
        is_link = str(schema.get("pattern", "")).startswith("^http")
        text = "https://example.org/a" if is_link else FORMATS.get(schema.get("format", ""), "Example")
        return text[: schema.get("maxLength", len(text))]
    return EXAMPLES.get(schema.get("type", ""), 1)


@contextmanager
def running(
    command: list[str],
    address: str,
    *,
    log: Path | None = None,
    folder: Path = Path(),
    variables: Mapping[str, str] | None = None,
) -> Iterator[bool]:
    """Whether it answers. `variables` come beside those of this process. `log`: where to what it prints goes."""
    with started(command, log=log, folder=folder, variables=variables) as process:
        yield answers(process, address)


@contextmanager
def started(
    command: list[str], *, log: Path | None = None, folder: Path = Path(), variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """As `running`, without waiting."""
    environment = {**os.environ, **(variables or {})}
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb")) if log else None
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)  # noqa: S603
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)


def answers(process: subprocess.Popen[bytes], address: str) -> bool:
    """Whether it does within `READY_SECONDS`, and has not ended before."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.02)
    return False
