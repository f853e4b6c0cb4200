"""Which commands of documents a workspace has: targets of its Makefile, its modules and its scripts. Other programs are the reader's."""

import re
import sys
from collections.abc import Iterator

from services.evidence.subjects import Files

_TARGET = re.compile(r"^([A-Za-z0-9_.\-/]+)\s*:(?!=)", re.MULTILINE)
_DEFINED = re.compile(r"^\s*(?:function\s+)?(\w+)\s*\(\)")
_SEPARATORS = re.compile(r"\s*(?:&&|\|\||[;|])\s*")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_SCRIPTS = ("sh", "bash", ".", "source")
_PYTHONS = ("python", "python3", ".venv/bin/python")
# Modules that come with Python packages and are called by name.
_TOOLS_OF_PYTHON = {
    "pip",
    "venv",
    "pytest",
    "alembic",
    "uvicorn",
    "http",
    "json",
    "coverage",
    "bandit",
    "pip_audit",
    "locust",
}


class Commands:
    def __init__(self, files: Files) -> None:
        self._files = files
        makefile = files.get("Makefile", b"").decode("utf-8", "replace")
        self._targets = set(_TARGET.findall(makefile))

    def looks_like_one(self, text: str) -> bool:
        """Whether inline code is a command that can be checked, and no name of a thing."""
        words = text.split()
        return len(words) > 1 and (words[0] in ("make", *_PYTHONS) or (words[0] in _SCRIPTS[:2] and "/" in words[1]))

    def problems(self, text: str) -> Iterator[str]:
        """What of a command line does not exist; quoted parts and what stands in $(...) are left alone."""
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|\$\([^()]*\)", "_", text)
        for part in _SEPARATORS.split(bare):
            words = part.split()
            while words and (
                re.fullmatch(r"\w+=\S*", words[0]) or words[0] in ("export", "sudo", "env", "exec", "!", "(", "{", "}")
            ):
                words = words[1:]
            if words and not _DEFINED.match(part):
                yield from self._problem(words)

    def _problem(self, words: list[str]) -> Iterator[str]:
        program, rest = words[0], words[1:]
        if program == "make":
            yield from (
                f"“make {word}”: the Makefile has no such target."
                for word in rest
                if "=" not in word and not word.startswith("-") and word not in self._targets
            )
        elif program in _PYTHONS:
            yield from self._python(rest)
        elif program in _SCRIPTS and rest and "/" in rest[0] and not rest[0].startswith(("-", "/", "~", "$")):
            yield from self._file(rest[0])
        elif program.startswith("./"):
            yield from self._file(program)

    def _python(self, rest: list[str]) -> Iterator[str]:
        if rest[:1] == ["-m"] and len(rest) > 1 and _MODULE.fullmatch(rest[1]):
            first = rest[1].split(".")[0]
            path = rest[1].replace(".", "/")
            is_here = any(name in self._files for name in (f"{path}.py", f"{path}/__main__.py"))
            if not is_here and (first in _TOOLS_OF_PYTHON or first in sys.stdlib_module_names):
                return
            if not is_here:
                yield f"“python -m {rest[1]}”: the workspace has no such module."
        elif rest and rest[0].endswith(".py") and not rest[0].startswith(("/", "~", "$")):
            yield from self._file(rest[0])

    def _file(self, path: str) -> Iterator[str]:
        if path.removeprefix("./") not in self._files:
            yield f"“{path[:100]}”: the workspace has no such file."
