"""Runs in the sandbox: the workspace's migrations up, down and up again on SQLite, and compared with its models; writes `found.json`."""

import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

_ADDRESS = "sqlite:///rounds.db"


def main() -> None:
    os.environ["DATABASE_URL"] = _ADDRESS
    sys.path.insert(0, str(Path.cwd()))
    config = Config("alembic.ini")
    config.set_main_option("sqlalchemy.url", _ADDRESS)
    found: dict[str, Any] = {"rows": [], "revisions": 0, "tables": 0}
    rounds(config, found)
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


def rounds(config: Config, found: dict[str, Any]) -> None:
    scripts = ScriptDirectory.from_config(config)
    heads = scripts.get_heads()
    revisions = [(r.revision, str(Path(r.path).relative_to(Path.cwd()))) for r in scripts.walk_revisions()][::-1]
    found["revisions"] = len(revisions)
    if len(heads) != 1:
        tell(found, "alembic.ini", "heads", f"There are {len(heads)} newest revisions; one has to follow another.")
        return
    if not all(one_round(config, revision, path, found) for revision, path in revisions):
        return
    newest = schema()
    found["tables"] = len(newest)
    models(found)
    if not done(config, command.downgrade, "base", revisions[0][1], found):
        return
    if left := sorted(set(schema()) - {"alembic_version"}):
        tell(found, revisions[0][1], "left-behind", f"On the way down it leaves {', '.join(left[:4])} behind.")
    if done(config, command.upgrade, "head", revisions[-1][1], found) and schema() != newest:
        tell(found, revisions[-1][1], "not-reversible", "Down to nothing and up again leads to another schema.")


def one_round(config: Config, revision: str, path: str, found: dict[str, Any]) -> bool:
    """One revision up, down and up again; whether the next one can follow."""
    before = schema()
    if not done(config, command.upgrade, revision, path, found):
        return False
    after = schema()
    if before == after:
        tell(found, path, "empty-upgrade", "The migration changes nothing on the way up.")
    if not done(config, command.downgrade, "-1", path, found):
        return False
    if schema() != before:
        tell(found, path, "not-reversible", "The way down does not lead back to the schema before it.")
    if not done(config, command.upgrade, revision, path, found):
        return False
    if schema() != after:
        tell(found, path, "not-reversible", "Down and up again leads to another schema.")
    return True


def models(found: dict[str, Any]) -> None:
    """What the application's models ask for beside what the migrations made."""
    package = importlib.import_module("app")
    for module in pkgutil.walk_packages(package.__path__, "app."):
        if module.name.rsplit(".", 1)[-1] not in ("deliver", "sweep", "__main__"):
            importlib.import_module(module.name)
    engine = create_engine(_ADDRESS)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    for difference in differences[:20]:
        named = difference[0] if isinstance(difference, list) else difference
        tell(found, "migrations/versions", "models-differ", f"The models differ from the migrations: {words(named)}.")


def words(difference: Any) -> str:
    names = [getattr(part, "name", part) for part in difference if isinstance(part, str) or hasattr(part, "name")]
    return " ".join(str(name) for name in names if name)[:160]


def schema() -> dict[str, Any]:
    engine = create_engine(_ADDRESS)
    inspector = inspect(engine)
    found = {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            "indexes": sorted(
                (str(i["name"]), str(i["column_names"]), bool(i["unique"])) for i in inspector.get_indexes(table)
            ),
            "keys": sorted(str(k["constrained_columns"]) for k in inspector.get_foreign_keys(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
    engine.dispose()
    return found


def done(config: Config, act: Any, to: str, path: str, found: dict[str, Any]) -> bool:
    try:
        act(config, to)
    except Exception as error:  # noqa: BLE001  (whatever a migration of somebody else's raises is the finding)
        tell(
            found,
            path,
            "migration-fails",
            f"{act.__name__} {to} fails: {said(error)}",
        )
        return False
    return True


def said(error: Exception) -> str:
    return f"{type(error).__name__} {str(error)[:160]}".replace("\n", " ").strip()


def tell(found: dict[str, Any], path: str, rule: str, message: str) -> None:
    found["rows"].append({"path": path, "rule": rule, "severity": "high", "message": message})


if __name__ == "__main__":
    main()
