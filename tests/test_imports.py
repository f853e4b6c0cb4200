"""What the import contracts cannot say: pages stay apart from the database, services from the screen."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "pages": {"db", "sqlmodel", "sqlalchemy", "anthropic", "dbos"},
    "services": {"streamlit", "pages", "app"},
    "db": {"streamlit", "pages", "app", "services"},
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_imports_only_downward(layer: str) -> None:
    files = [p for p in (ROOT / layer).rglob("*.py") if "templates" not in p.parts]
    assert files
    assert {f"{p.relative_to(ROOT)}: {bad}" for p in files for bad in imported(p) & FORBIDDEN[layer]} == set()


def test_only_durable_imports_dbos() -> None:
    users = [str(p.relative_to(ROOT)) for p in (ROOT / "services").rglob("*.py") if "dbos" in imported(p)]
    assert users == ["services/runs/durable.py"]


def test_only_the_claude_engine_imports_the_sdk_of_models() -> None:
    files = [p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] in ("app.py", "pages", "services", "db")]
    users = {p.relative_to(ROOT).parent.as_posix() for p in files if imported(p) & {"anthropic", "httpx2"}}
    assert users == {"services/agents/claude"}
