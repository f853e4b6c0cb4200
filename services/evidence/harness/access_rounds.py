"""Runs in the sandbox: who may do what on the running service, tried; and what hostile requests get; writes `found.json`."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
from before_and_after import creation
from disclosures import EVENTS, LOG, disclosures, marked_fields
from page_journey import read_plan
from service_calls import ADDRESS, Service, running

SECRET = "of-this-check-alone-and-of-nothing-else-at-all"  # noqa: S105
STRANGER = "somebody else"
_REFUSED = (401, 403, 404)
_LEAKS = ("Traceback", "sqlalchemy", "sqlite3.", "SELECT ", ' File "')
_TEXTS = (
    "' OR '1'='1",
    '"; DROP TABLE x; --',
    "{{7*7}}${7*7}",
    "a\r\nX-Injected: yes",
    "\u0000",
    "\u202e\ud7ff",
    "<script>1</script>",
    "x" * 70_000,
)
_IDS = ("0", "-1", "9223372036854775808", "1e9", "1%00", "%27%20OR%201=1", "..%2f..%2fetc%2fpasswd", "x" * 3_000)
_HEADERS = {"x-content-type-options": "nosniff", "content-security-policy": "", "referrer-policy": ""}


class Round:
    def __init__(self) -> None:
        self.service = Service()
        self.design: dict[str, Any] = json.loads(Path("design/architecture.json").read_text(encoding="utf-8"))
        self.rows: list[dict[str, Any]] = []
        self.matrix: list[dict[str, Any]] = []
        self.requests = 0
        self.made: dict[str, list[int]] = {}
        self.owners: dict[str, Mapping[str, Any]] = {}
        self.marked = marked_fields(self.design)
        self.kept: list[str] = []

    def tell(self, rule: str, message: str, severity: str = "high") -> None:
        row = {"path": "app/main.py", "rule": rule, "severity": severity, "message": message}
        if row not in self.rows and len(self.rows) < 100:
            self.rows.append(row)

    def send(self, method: str, path: str, body: Any = None, token: str = "", raw: bytes | None = None, kind: str = "application/json") -> tuple[int, str]:  # fmt: skip
        """(status, text); a service that breaks off counts as 500."""
        self.requests += 1
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
        request = urllib.request.Request(ADDRESS + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read(200_000).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read(200_000).decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            return 500, str(error)

    def token(self, role: str, user: str = STRANGER, *, secret: str = SECRET, expires: int = 3_600) -> str:
        return jwt.encode({"sub": user, "role": role, "exp": int(time.time()) + expires}, secret, algorithm="HS256")


def main() -> None:
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "app.main:app",
        "--port",
        "8000",
        "--log-level",
        "error",
        "--no-access-log",
    ]
    settings = {"SIGN_IN": "local", "FEATURE_FORCE": "on", "TOKEN_SECRET": SECRET, "PYTHONPATH": str(Path.cwd()), "EVENT_LOG": str(EVENTS), "PYTHONUNBUFFERED": "1"}  # fmt: skip
    with running(command, f"{ADDRESS}/health", variables=settings, log=LOG) as answers:
        if not answers:
            sys.exit("the service does not answer")
        found = Round()
        make(found)
        for operation in found.design["operations"]:
            roles(found, operation)
            strangers(found, operation)
        hostile(found)
        headers(found)
    for rule, message in disclosures(found.marked, found.kept):
        found.tell(rule, message)
    told = {"rows": found.rows, "matrix": found.matrix, "requests": found.requests, "marked": found.kept}
    Path("found.json").write_text(json.dumps(told), encoding="utf-8")


def make(found: Round) -> None:
    """The planned records; what is sensitive in them has a value of its own where the service takes it."""
    for record in (read_plan(Path()) or {"records": []})["records"]:
        try:
            asked = creation(found.service, record, found.made)
        except (ValueError, LookupError):
            continue
        entity, token = record["entity"], found.token(asked.role, asked.user)
        marked = {name: value for name, value in found.marked.get(entity, {}).items() if name in asked.body}
        tries: list[dict[str, str]] = [marked, {}] if marked else [{}]
        for values in tries:
            status, text = found.send("POST", asked.path, {**asked.body, **values}, token)
            if status == 201:
                found.made.setdefault(entity, []).append(int(json.loads(text)["id"]))
                found.owners.setdefault(entity, record)
                found.kept += [f"{entity}.{name}" for name in values]
                break


def path_of(found: Round, operation: Mapping[str, Any]) -> str:
    ids = found.made.get(operation["resource"], [1])
    return str(operation["path"]).replace("{id}", str(ids[0]))


def body_of(operation: Mapping[str, Any]) -> Any:
    return {} if operation["method"] in ("POST", "PATCH", "PUT") else None


def roles(found: Round, operation: Mapping[str, Any]) -> None:
    """Whoever is not named is refused; who is named is not turned away for being who they are."""
    everybody = sorted({role for one in found.design["operations"] for role in one["roles"]})
    path, body = path_of(found, operation), body_of(operation)
    owner = str(found.owners.get(operation["resource"], {}).get("user", STRANGER))
    for role in [*everybody, "a role that nobody has"]:
        is_named = role in operation["roles"]
        people = (owner, STRANGER) if is_named and operation["method"] != "DELETE" else (STRANGER,)
        got = [found.send(operation["method"], path, body, found.token(role, user))[0] for user in people]
        found.matrix.append(
            {"operation": operation["id"], "role": role, "expected": "allowed" if is_named else "refused", "got": got}
        )
        if not is_named and got[0] not in _REFUSED:
            found.tell(
                "role-not-refused",
                f"{operation['id']} answers {got[0]} to {role}, who is not named for it.",
                "critical",
            )
        if is_named and operation["method"] != "DELETE" and all(status in (401, 403) for status in got):
            found.tell("role-refused", f"{operation['id']} answers {got[0]} to {role}, who is named for it.")


def strangers(found: Round, operation: Mapping[str, Any]) -> None:
    """Without a token, and with one that is forged, expired or unsigned."""
    path, body, role = path_of(found, operation), body_of(operation), operation["roles"][0]
    unsigned = jwt.encode({"sub": "x", "role": role, "exp": 9_999_999_999}, "", algorithm="none")
    tokens = {
        "no token": "",
        "a forged token": found.token(role, secret="x" * 40),
        "an expired token": found.token(role, expires=-60),
        "an unsigned token": unsigned,
    }
    for name, token in tokens.items():
        status, _ = found.send(operation["method"], path, body, token)
        if status not in _REFUSED:
            found.tell("caller-not-refused", f"{operation['id']} answers {status} to {name}.", "critical")


def hostile(found: Round) -> None:
    for operation in found.design["operations"]:
        token, path = found.token(operation["roles"][0]), path_of(found, operation)
        for method, place, body, raw, kind in requests(found, operation, path):
            status, text = found.send(method, place, body, token, raw, kind)
            if status >= 500:
                found.tell(
                    "server-error", f"{method} {operation['path']} answers {status} to {shown(place, body, raw)}."
                )
            if leak := next((mark for mark in _LEAKS if mark in text), None):
                found.tell(
                    "answer-leaks",
                    f"{method} {operation['path']} tells of its inside (“{leak.strip()}”) when it gets {shown(place, body, raw)}.",
                )


def requests(
    found: Round, operation: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str, Any, bytes | None, str]]:
    method, plain = str(operation["method"]), "application/json"
    if "{id}" in operation["path"]:
        for id_ in _IDS:
            yield method, operation["path"].replace("{id}", id_), body_of(operation), None, plain
    if method == "GET":
        for text in _TEXTS[:7]:
            yield (
                method,
                f"{path}?state={quote(text)}&after={quote(text)}&limit={quote(text)}&q={quote(text)}",
                None,
                None,
                plain,
            )
        return
    if method == "DELETE":
        return
    values = found.owners.get(operation["resource"], {}).get("values", {})
    for text in _TEXTS:
        yield method, path, dict.fromkeys(values, text) or {"x": text}, None, plain
    for raw, kind in (
        (b"{", plain),
        (b"[]", plain),
        (b"null", plain),
        (b'"x"', plain),
        (b"[" * 5_000, plain),
        (b"a=1", "text/plain"),
        (b"\xff\xfe", plain),
    ):
        yield method, path, None, raw, kind


def shown(place: str, body: Any, raw: bytes | None) -> str:
    told = place if body in (None, {}) and raw is None else repr(raw if raw is not None else next(iter(body.values())))
    return told[:60]


def headers(found: Round) -> None:
    for path in (
        "/",
        *(op["path"] for op in found.design["operations"] if op["method"] == "GET" and "{" not in op["path"]),
    ):
        request = urllib.request.Request(ADDRESS + path)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                sent = {name.lower(): value for name, value in answer.headers.items()}
        except urllib.error.HTTPError as error:
            sent = {name.lower(): value for name, value in error.headers.items()}
        except OSError:
            continue
        for name, value in _HEADERS.items():
            if (name not in sent or value not in sent[name]) and (path == "/" or value):
                found.tell("header-missing", f"{path} is sent without {name}{f': {value}' if value else ''}.")


if __name__ == "__main__":
    main()
