"""Reads generated source for known weaknesses by its syntax tree: a small, honest reading, no substitute for a scanner.

Source: CWE; severity is a table, never an adjective.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from services.agents.parts import paths

# CWE -> (severity, what to do).
WEAKNESSES = {
    "CWE-95": ("critical", "parse the input instead of running it"),
    "CWE-78": ("critical", "pass a list of arguments, without a shell"),
    "CWE-89": ("critical", "bind parameters instead of building the statement"),
    "CWE-502": ("high", "read a format that carries data only, such as JSON"),
    "CWE-798": ("high", "read it from the environment or the platform's secret store"),
    "CWE-79": ("high", "insert it as text"),
    "CWE-295": ("high", "verify certificates"),
    "CWE-327": ("medium", "use SHA-256 or better"),
    "CWE-377": ("medium", "use mkstemp"),
}
_SECRET_NAME = re.compile(r"(pass(word|wd)|secret|api_?key|token|private_?key)", re.IGNORECASE)
_PAGE = (
    (
        re.compile(r"\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write\("),
        "CWE-79",
        "markup is built from text",
    ),
    (re.compile(r"<[^>]+\son[a-z]+\s*="), "CWE-79", "an inline handler needs a policy that allows scripts"),
    (re.compile(r"\beval\(|new Function\("), "CWE-95", "text is run as script"),
)
_SQL_CALLS = ("execute", "executemany", "exec", "text", "executescript")


@dataclass(frozen=True)
class Weakness:
    cwe: str
    file: str
    line: int
    what: str

    @property
    def severity(self) -> str:
        return WEAKNESSES[self.cwe][0]

    @property
    def fix(self) -> str:
        return WEAKNESSES[self.cwe][1]


@dataclass(frozen=True)
class Reading:
    """`read` and `unreadable` name files; what could not be parsed was not looked at."""

    weaknesses: tuple[Weakness, ...]
    read: tuple[str, ...]
    unreadable: tuple[str, ...]


def read_sources(files: Mapping[str, bytes]) -> Reading:
    """All Python outside of tests, and the page."""
    found: list[Weakness] = []
    read: list[str] = []
    unreadable: list[str] = []
    sources = [path for path in paths(files, "", ".py") if not path.startswith("tests/")]
    for path in sorted([*sources, *paths(files, "web/", ".js"), *paths(files, "web/", ".html")]):
        if not path.endswith(".py"):
            found += _in_page(path, files[path].decode("utf-8", "replace"))
            read.append(path)
            continue
        try:
            found += _in_python(path, ast.parse(files[path]))
            read.append(path)
        except (SyntaxError, ValueError):
            unreadable.append(path)
    return Reading(tuple(found), tuple(read), tuple(unreadable))


def _in_page(path: str, text: str) -> Iterator[Weakness]:
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, cwe, what in _PAGE:
            if pattern.search(line):
                yield Weakness(cwe, path, number, what)


def _in_python(path: str, tree: ast.Module) -> Iterator[Weakness]:
    for node in ast.walk(tree):
        for rule in _RULES:
            told = rule(node)
            if told is not None:
                yield Weakness(told[0], path, getattr(node, "lineno", 1), told[1])


def _name(node: ast.expr) -> str:
    """ "subprocess.run" of a call's function; empty where it has no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}".lstrip(".")
    return ""


def _runs_text(node: ast.AST) -> tuple[str, str] | None:
    if isinstance(node, ast.Call) and _name(node.func) in ("eval", "exec"):
        return "CWE-95", f"{_name(node.func)} runs text as code"
    return None


def _runs_shell(node: ast.AST) -> tuple[str, str] | None:
    if not isinstance(node, ast.Call):
        return None
    if _name(node.func) in ("os.system", "os.popen") or _has(node, "shell", value=True):
        return "CWE-78", f"{_name(node.func)} hands text to a shell"
    return None


def _builds_sql(node: ast.AST) -> tuple[str, str] | None:
    if not isinstance(node, ast.Call) or not node.args or _name(node.func).rsplit(".", 1)[-1] not in _SQL_CALLS:
        return None
    built = node.args[0]
    is_format = isinstance(built, ast.Call) and _name(built.func).endswith("format")
    is_joined = isinstance(built, ast.BinOp) and isinstance(built.op, ast.Add | ast.Mod) and _holds_text(built)
    if isinstance(built, ast.JoinedStr) or is_format or is_joined:
        return "CWE-89", "a statement is built from text"
    return None


def _holds_text(node: ast.BinOp) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))


def _loads_objects(node: ast.AST) -> tuple[str, str] | None:
    if isinstance(node, ast.Call) and _name(node.func) in ("pickle.load", "pickle.loads", "marshal.loads", "yaml.load"):
        return "CWE-502", f"{_name(node.func)} makes objects from data"
    return None


def _holds_secret(node: ast.AST) -> tuple[str, str] | None:
    if (
        not isinstance(node, ast.Assign)
        or not isinstance(node.value, ast.Constant)
        or not isinstance(node.value.value, str)
    ):
        return None
    names = [_name(target) for target in node.targets]
    if len(node.value.value) >= 8 and any(_SECRET_NAME.search(name) for name in names):
        return "CWE-798", f"{names[0]} is written in the code, begins with {node.value.value[:4]!r}"
    return None


def _trusts_any_certificate(node: ast.AST) -> tuple[str, str] | None:
    if isinstance(node, ast.Call) and _has(node, "verify", value=False):
        return "CWE-295", "certificates are not verified"
    return None


def _hashes_weakly(node: ast.AST) -> tuple[str, str] | None:
    if isinstance(node, ast.Call) and _name(node.func) in ("hashlib.md5", "hashlib.sha1"):
        return "CWE-327", f"{_name(node.func)} can be collided"
    return None


def _names_temporary_file(node: ast.AST) -> tuple[str, str] | None:
    if isinstance(node, ast.Call) and _name(node.func) == "tempfile.mktemp":
        return "CWE-377", "somebody else can take the name first"
    return None


def _has(call: ast.Call, keyword: str, *, value: bool) -> bool:
    return any(k.arg == keyword and isinstance(k.value, ast.Constant) and k.value.value is value for k in call.keywords)


_RULES: tuple[Callable[[ast.AST], tuple[str, str] | None], ...] = (
    _runs_text,
    _runs_shell,
    _builds_sql,
    _loads_objects,
    _holds_secret,
    _trusts_any_certificate,
    _hashes_weakly,
    _names_temporary_file,
)
