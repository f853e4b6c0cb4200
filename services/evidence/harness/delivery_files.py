"""Runs in the sandbox: pipeline files or manifests, as the first argument says, through the validators of the tools' environment.

Writes `found.json`: `rows` of what is wrong, `checked` and `unchecked` files with what looked at them or why nothing could.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

BIN = Path(sys.executable).parent
_SCHEMAS = {
    ".github/workflows/": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    ".circleci/config.yml": "vendor.circle-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
    "bitbucket-pipelines.yml": "vendor.bitbucket-pipelines",
}
_COMPOSE = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_SEVERITIES = {"High": "high", "Medium": "medium", "Low": "low", "Informational": "low", "Unknown": "low"}
_LINT = {"error": "high", "warning": "medium", "info": "low", "style": "low"}


def main(what: str) -> None:
    rows: list[dict[str, Any]] = []
    told: dict[str, Any] = {"rows": rows, "checked": {}, "unchecked": {}, "documents": {}}
    {"pipeline": pipeline, "manifests": manifests}[what](rows, told)
    Path("found.json").write_text(json.dumps(told), encoding="utf-8")


def pipeline(rows: list[dict[str, Any]], told: dict[str, Any]) -> None:
    for path in files():
        schema = next((name for start, name in _SCHEMAS.items() if path == start or path.startswith(start)), None)
        if schema is None:
            continue
        told["documents"][path] = documents(path, rows)
        rows += by_schema(path, schema)
        told["checked"][path] = schema
    if any(path.startswith(".github/") for path in told["checked"]):
        rows += by_zizmor()


def manifests(rows: list[dict[str, Any]], told: dict[str, Any]) -> None:
    for path in files():
        name = path.rsplit("/", 1)[-1]
        if name == "Dockerfile" or name.endswith(".Dockerfile"):
            rows += by_hadolint(path)
            told["checked"][path] = "hadolint"
        elif name in _COMPOSE:
            told["documents"][path] = documents(path, rows)
            rows += by_schema(path, "vendor.compose-spec")
            told["checked"][path] = "compose-spec"
        elif path.endswith((".yaml", ".yml")) and path.startswith(("deploy/", "k8s/", "kubernetes/")):
            told["documents"][path] = found = documents(path, rows)
            told["unchecked"] |= dict(by_kubernetes(path, found, rows))
            told["checked"][path] = "kubernetes-validate"
        elif path.endswith(".sh"):
            rows += by_shell(path)
            told["checked"][path] = "sh -n"


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


def documents(path: str, rows: list[dict[str, Any]]) -> list[Any]:
    try:
        return [d for d in yaml.safe_load_all(Path(path).read_text(encoding="utf-8")) if d is not None]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        rows.append(
            row(path, "yaml", "high", f"It is no YAML: {str(error).splitlines()[0]}", mark.line + 1 if mark else None)
        )
        return []


def row(path: str, rule: str, severity: str, message: str, line: int | None = None) -> dict[str, Any]:
    return {"path": path, "rule": rule, "severity": severity, "message": message, "line": line}


def by_schema(path: str, schema: str) -> Iterator[dict[str, Any]]:
    code, text = run("check-jsonschema", "--builtin-schema", schema, "--output-format", "json", path)
    if code not in (0, 1):
        sys.exit(f"check-jsonschema ended with {code}: {text[-300:]}")
    for error in json.loads(text).get("errors", []) + json.loads(text).get("parse_errors", []):
        place = error.get("path", "$")
        yield row(path, "schema", "high", f"{place}: {str(error.get('message', error))[:200]}")


def by_zizmor() -> Iterator[dict[str, Any]]:
    code, text = run("zizmor", "--offline", "--no-config", "--format", "json", "--persona", "regular", ".github")
    if code == 3:
        yield row(".github/workflows", "zizmor", "high", "zizmor cannot read the workflows.")
        return
    if code not in (0, 11, 12, 13, 14):
        sys.exit(f"zizmor ended with {code}: {text[-300:]}")
    for found in json.loads(text):
        places = [place for place in found["locations"] if place["symbolic"].get("kind") == "Primary"] or found[
            "locations"
        ]
        place = places[0]
        path = place["symbolic"]["key"].get("Local", {}).get("verbatim_path", ".github/workflows")
        line = place["concrete"]["location"]["start_point"]["row"] + 1
        severity = _SEVERITIES.get(found["determinations"]["severity"], "low")
        yield row(path, f"zizmor-{found['ident']}", severity, found["desc"], line)


def by_hadolint(path: str) -> Iterator[dict[str, Any]]:
    code, text = run("hadolint", "--no-color", "--format", "json", "--disable-ignore-pragma", path)
    if code not in (0, 1):
        sys.exit(f"hadolint ended with {code}: {text[-300:]}")
    for found in json.loads(text):
        yield row(path, found["code"], _LINT.get(found["level"], "low"), found["message"], found["line"])


def by_kubernetes(path: str, found: list[Any], rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What it cannot check is answered with its reason; what is wrong goes to the rows."""
    import kubernetes_validate

    for number, document in enumerate(found, start=1):
        name = f"{path}, document {number}"
        if not isinstance(document, dict) or "kind" not in document or "apiVersion" not in document:
            rows.append(row(path, "kubernetes", "high", f"Document {number} has no kind or apiVersion."))
            continue
        try:
            kubernetes_validate.validate(document, "1.31", strict=True)
        except kubernetes_validate.ValidationError as error:
            place = ".".join(str(part) for part in error.path)
            rows.append(row(path, "kubernetes", "high", f"{document['kind']} {place}: {error.message[:200]}"))
        except kubernetes_validate.SchemaNotFoundError:
            yield name, f"there is no schema for {document['apiVersion']} {document['kind']}"


def by_shell(path: str) -> Iterator[dict[str, Any]]:
    done = subprocess.run(["sh", "-n", path], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        yield row(path, "shell", "high", f"The shell cannot read it: {done.stderr.strip()[-200:]}")


def run(program: str, *words: str) -> tuple[int, str]:
    done = subprocess.run([str(BIN / program), *words], capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stdout or done.stderr


if __name__ == "__main__":
    main(sys.argv[1])
