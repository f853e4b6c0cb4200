"""The head of a generated Python module: exactly what its body uses, so that no linter complains."""

import ast
from collections.abc import Mapping


def module(docstring: str, body: str, sources: Mapping[str, str]) -> bytes:
    """`sources`: name -> module it comes from; "import x" or "import x as y" for whole modules."""
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    by_module: dict[str, list[str]] = {}
    for name, origin in sources.items():
        if name in used:
            by_module.setdefault(origin, []).append(name)
    whole = sorted(origin for origin in by_module if origin.startswith("import "))
    parts = {origin: names for origin, names in by_module.items() if origin not in whole}
    lines = [f"from {origin} import {', '.join(sorted(names, key=_order))}" for origin, names in parts.items()]
    groups = [[*whole, *(line for line in lines if _is_standard(line))], [line for line in lines if _is_outside(line)]]
    groups.append([line for line in lines if not _is_standard(line) and not _is_outside(line)])
    head = "\n\n".join(
        "\n".join(sorted(group, key=lambda line: (line.startswith("from"), line))) for group in groups if group
    )
    return f'"""{docstring}"""\n\n{head}\n\n{_spaced(body)}\n'.encode()


def _order(name: str) -> tuple[int, str]:
    """As import sorters have it: constants, classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name.lower()


def _spaced(body: str) -> str:
    """Two empty lines before each definition, one at most elsewhere, as people who read it are used to."""
    lines: list[str] = []
    for line in body.strip("\n").splitlines():
        is_start = line.startswith(("def ", "class ", "@")) and not (lines and lines[-1].startswith(("@", "#")))
        while is_start and lines and not lines[-1].strip():
            lines.pop()
        if is_start and lines:
            lines += ["", ""]
        if line.strip() or not lines or lines[-1].strip():
            lines.append(line.rstrip())
    is_definition = bool(lines) and lines[0].startswith(("def ", "class ", "@"))
    return ("\n" if is_definition else "") + "\n".join(lines)


def _is_standard(line: str) -> bool:
    return line.split()[1].split(".")[0] in ("collections", "typing", "datetime", "decimal", "dataclasses", "pathlib")


def _is_outside(line: str) -> bool:
    return line.split()[1].split(".")[0] in ("fastapi", "sqlmodel", "sqlalchemy", "pydantic", "pytest", "pytest_bdd")
