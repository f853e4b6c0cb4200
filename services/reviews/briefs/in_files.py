"""Facts of the files, read line by line by patterns; nothing of them is run or parsed as code."""

import json
import re
from collections.abc import Iterator
from typing import Any

from services.reviews.briefs.seen import Fact, Facts, Seen, SeenFile, Show, Source

_CODE = ("app/", "web/", "analytics/")
_UPGRADE = re.compile(r"^def upgrade\b.*?(?=^def |\Z)", re.DOTALL | re.MULTILINE)
_DOWNGRADE = re.compile(r"^def downgrade\b[^\n]*\n(?P<body>.*?)(?=^def |\Z)", re.DOTALL | re.MULTILINE)
_DESTROYS = re.compile(
    r"\b(?:drop_table|drop_column|drop_constraint|rename_table|drop\s+table|drop\s+column|drop\s+database|truncate|delete\s+from)\b"
    r"|\balter_column\b",
    re.IGNORECASE,
)
_ROLES = re.compile(r'^\s*"(?P<op>OP-\w+)"\s*:\s*frozenset\(\((?P<roles>[^)]*)\)', re.MULTILINE)
_ASKS = re.compile(r'\ballowed\(\s*"(?P<op>OP-\w+)"')
_HOST = re.compile(r"https?://(?P<host>[\w.-]+\.[a-z]{2,})", re.IGNORECASE)
_REQUIREMENT = re.compile(r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?P<version>(?:[=<>!~]=?|===)[^;#\s]+)?")
_LISTED = re.compile(r'"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?P<version>[=<>!~][^";]*)?(?:;[^"]*)?"')
_TEST = re.compile(r"^\s*(?:async\s+)?def (?P<name>test_\w+)", re.MULTILINE)
_SILENCED = re.compile(
    r"#\s*(?:nosec|noqa|pragma:\s*no cover|type:\s*ignore)|pytest\.mark\.(?:skip|xfail)|pytest\.skip\(|eslint-disable"
)
_RISKY = re.compile(
    r"\bverify\s*=\s*False|\bshell\s*=\s*True|\b(?:eval|exec)\(|\bpickle\.loads?\(|yaml\.load\(|allow_origins\s*=\s*\[\s*[\"']\*|innerHTML|verify_signature[\"']?\s*:\s*False"
)
_RIGHTS = re.compile(
    r"privileged:\s*true|hostNetwork:\s*true|runAsNonRoot:\s*false|allowPrivilegeEscalation:\s*true|permissions:\s*write-all|(?:contents|packages|id-token|actions):\s*write|USER\s+(?:root|0)\b|pull_request_target"
)
_GUARDS = re.compile(
    r"runAsNonRoot:\s*true|allowPrivilegeEscalation:\s*false|readOnlyRootFilesystem:\s*true|drop:\s*\[ALL\]|^USER\s+(?!root\b|0\b)\S+",
    re.MULTILINE,
)
_METHODS = ("get", "put", "post", "delete", "patch")
_SHIPPED = ("deploy/", ".github/", "Dockerfile")
_MOST = 2_000  # facts of one kind; more are hostile


def destructive_migrations(seen: Seen) -> Facts:
    """Statements on the way up that lose data or break the version before."""
    found: Facts = {}
    for path, file, text in seen.below("migrations/"):
        for upgrade in _UPGRADE.finditer(text):
            found |= _lines(path, file, text, _DESTROYS, upgrade.start(), upgrade.end())
        if path.endswith(".sql"):
            found |= _lines(path, file, text, _DESTROYS, 0, len(text))
    return found


def downgrades(seen: Seen) -> Facts:
    """Migration -> whether it has a way back."""
    found: Facts = {}
    for path, file, text in seen.below("migrations/versions/"):
        back = _DOWNGRADE.search(text)
        body = re.sub(r'""".*?"""|#[^\n]*', "", back["body"], flags=re.DOTALL).strip() if back else ""
        has_none = body in ("", "pass", "return", "...") or body.startswith("raise")
        found[path] = _fact(path, file, "" if has_none else "reversible", path, text[: back.start()] if back else "")
    return found


def migrations(seen: Seen) -> Facts:
    """Migration -> its text: one that was applied somewhere must not change."""
    return {path: _fact(path, file, text, path) for path, file, text in seen.below("migrations/versions/")}


def roles(seen: Seen) -> Facts:
    """Operation -> who may call it, as the code says."""
    found: Facts = {}
    for path, file, text in seen.below("app/"):
        for match in _some(_ROLES, text):
            who = ", ".join(sorted(re.findall(r"[\"']([^\"']+)[\"']", match["roles"])))
            found[match["op"]] = _fact(match["op"], file, who, path, text[: match.start("op")])
    return found


def asked(seen: Seen) -> Facts:
    """Operation -> asked for before it does anything."""
    return _named(seen, _ASKS, "op", "asked", "app/")


def hosts(seen: Seen) -> Facts:
    return _named(seen, _HOST, "host", "called", *_CODE)


def dependencies(seen: Seen) -> Facts:
    found: Facts = {}
    for path, file, text in seen.below("requirements", "pyproject.toml", "web/package.json"):
        for line, content in enumerate(text.splitlines()[:_MOST], start=1):
            for name, version in _required(path, content[:2_000]):
                source = Source(file.task, Show.FILES, file.revision, path, line)
                found.setdefault(name.lower(), Fact(f"{name} in {path}", version, source))
    return found


def test_names(seen: Seen) -> Facts:
    return {
        f"{path}::{match['name']}": _fact(f"{path}::{match['name']}", file, "there", path, text[: match.start("name")])
        for path, file, text in seen.below("tests/", "web/tests/")
        for match in _some(_TEST, text)
    }


def silenced(seen: Seen) -> Facts:
    return _matching(seen, _SILENCED, *_CODE, "tests/", "migrations/")


def risky_calls(seen: Seen) -> Facts:
    return _matching(seen, _RISKY, *_CODE)


def rights(seen: Seen) -> Facts:
    return _matching(seen, _RIGHTS, *_SHIPPED)


def guards(seen: Seen) -> Facts:
    """Lines that keep a container from doing more than it must."""
    return _matching(seen, _GUARDS, *_SHIPPED)


def rollback_files(seen: Seen) -> Facts:
    return {path: _fact(path, file, "there", path) for path, file, _ in seen.below("deploy/rollback/")}


def served(seen: Seen) -> Facts:
    """What the contract offers: "GET /expenses"."""
    found: Facts = {}
    for path, file, text in seen.below("design/openapi.json"):
        for name in _operations(text):
            found[name] = _fact(name, file, "offered", path)
    return found


def unreadable(seen: Seen) -> Facts:
    """Files that are too large to be looked into: no place to hide."""
    return {path: _fact(path, file, "too large", path) for path, file in seen.files.items() if file.is_too_large}


def _operations(text: str) -> Iterator[str]:
    try:
        paths: Any = json.loads(text).get("paths", {})
        yield from (f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in _METHODS)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return


def _required(path: str, line: str) -> Iterator[tuple[str, str]]:
    if path.startswith("requirements") and not line.lstrip().startswith(("#", "-")):
        match = _REQUIREMENT.match(line)
        if match:
            yield match["name"], match["version"] or ""
    elif path.endswith(".toml"):
        yield from (
            (match["name"], match["version"] or "")
            for match in _some(_LISTED, line)
            if re.match(r'\s*(?:dependencies\s*=|")', line)
        )


def _named(seen: Seen, pattern: re.Pattern[str], group: str, value: str, *prefixes: str) -> Facts:
    found: Facts = {}
    for path, file, text in seen.below(*prefixes):
        for match in _some(pattern, text):
            found.setdefault(match[group], _fact(match[group], file, value, path, text[: match.start()]))
    return found


def _matching(seen: Seen, pattern: re.Pattern[str], *prefixes: str) -> Facts:
    found: Facts = {}
    for path, file, text in seen.below(*prefixes):
        found |= _lines(path, file, text, pattern, 0, len(text))
    return found


def _lines(path: str, file: SeenFile, text: str, pattern: re.Pattern[str], start: int, end: int) -> Facts:
    """Lines of a stretch in which the pattern is; the same line twice counts twice."""
    found: Facts = {}
    number = text.count("\n", 0, start) + 1
    for offset, line in enumerate(text[start:end].split("\n")):
        if pattern.search(line[:2_000]) and len(found) < _MOST:
            words = line.strip()
            times = sum(key.startswith(f"{path} {words} ") for key in found) if len(found) < 50 else len(found)
            source = Source(file.task, Show.FILES, file.revision, path, number + offset)
            found[f"{path} {words} {times}"] = Fact(f"{path}:{number + offset}", words, source)
    return found


def _fact(name: str, file: SeenFile, value: str, path: str, before: str = "") -> Fact:
    """`before`: the text of the file up to the place; without it the whole file is meant."""
    line = before.count("\n") + 1 if before else 0
    return Fact(name, value, Source(file.task, Show.FILES, file.revision, path, line))


def _some(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for number, match in enumerate(pattern.finditer(text)):
        if number >= _MOST:
            return
        yield match
