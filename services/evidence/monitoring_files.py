"""What the files of each monitoring stack ask for: alerts, queries, panels; read, never run."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from services.evidence.findings import Finding, found_in
from services.evidence.subjects import Files
from services.workflow.options import MonitoringStack

_PROMETHEUS = "observability/prometheus/rules.yaml"
FILES: dict[MonitoringStack, tuple[str, ...]] = {
    MonitoringStack.GRAFANA: (_PROMETHEUS, "observability/grafana/dashboard.json"),
    MonitoringStack.CUSTOM: (_PROMETHEUS, "observability/dashboard.json"),
    MonitoringStack.DATADOG: tuple(f"observability/datadog/{name}.json" for name in ("slos", "monitors", "dashboard")),
    MonitoringStack.NEWRELIC: tuple(f"observability/newrelic/{name}.json" for name in ("alerts", "dashboard")),
}
_ALERT = re.compile(r"\bAL-\d+\b")
_NRQL = re.compile(r"^\s*SELECT\s+.+\s+FROM\s+\w+", re.IGNORECASE | re.DOTALL)
_DATADOG_TYPES = {
    "slo alert",
    "metric alert",
    "query alert",
    "service check",
    "event-v2 alert",
    "log alert",
    "composite",
}
_KINDS = {"Counter": (), "Gauge": (), "Summary": ("_count", "_sum"), "Histogram": ("_bucket", "_count", "_sum")}


@dataclass(frozen=True)
class Query:
    """`language`: promql, datadog or nrql. `where`: the alert or panel that asks it."""

    path: str
    where: str
    text: str
    language: str


@dataclass
class Asked:
    """Everything that the files of a stack say."""

    queries: list[Query]
    alerts: dict[str, str]  # id of the alert -> file that has it
    recorded: set[str]  # names that rules record
    findings: list[Finding]

    def wrong(
        self, path: str, rule: str, message: str, advice: str = "Write it as the monitoring system reads it."
    ) -> None:
        self.findings.append(found_in(path, rule, message, advice))


def read_stack(stack: MonitoringStack, files: Files) -> Asked:
    asked = Asked([], {}, set(), [])
    for path in FILES[stack]:
        if path not in files:
            asked.wrong(path, "file-missing", "The file is not there.", f"Write it for {stack.value}.")
            continue
        try:
            _READERS[path.removeprefix("observability/")](path, _load(path, files[path]), asked)
        except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            asked.wrong(
                path, "shape", f"It cannot be read: {type(error).__name__} {str(error)[:140]}".replace("\n", " ")
            )
    return asked


def _load(path: str, data: bytes) -> Any:
    text = data.decode("utf-8")
    return json.loads(text) if path.endswith(".json") else yaml.safe_load(text)


def _rules(path: str, data: Any, asked: Asked) -> None:
    seen: set[str] = set()
    for group in data["groups"]:
        for rule in group["rules"]:
            name = str(rule.get("record") or rule["alert"])
            asked.queries.append(Query(path, name, str(rule["expr"]), "promql"))
            if "record" in rule:
                asked.recorded.add(name)
                continue
            if name in seen:
                asked.wrong(path, "alert-twice", f"Two alerts have the name {name}.", "Give each a name of its own.")
            seen.add(name)
            _alert(path, str(rule.get("labels", {}).get("alert") or name.replace("_", "-")), asked)
            if rule.get("labels", {}).get("severity") not in ("page", "ticket"):
                asked.wrong(path, "severity", f"{name} has no severity of page or ticket.", "Say who is woken by it.")
            if not rule.get("annotations", {}).get("runbook"):
                asked.wrong(path, "alert-runbook", f"{name} names no runbook.", "Name the runbook in its annotations.")


def _alert(path: str, text: str, asked: Asked) -> None:
    found = _ALERT.search(text)
    if found is None:
        asked.wrong(path, "alert-unknown", f"“{text[:80]}” names no alert of step 11.", "Name the alert, as AL-1.")
        return
    asked.alerts[found[0]] = path


def _grafana(path: str, data: Any, asked: Asked) -> None:
    if not str(data["title"]).strip():
        asked.wrong(path, "shape", "The dashboard has no title.")
    for panel in data["panels"]:
        title = str(panel["title"])
        if not {"h", "w", "x", "y"} <= panel["gridPos"].keys() or not panel["type"]:
            asked.wrong(path, "shape", f"The panel {title} has no place or type.")
        for target in panel["targets"]:
            asked.queries.append(Query(path, title, str(target["expr"]), "promql"))


def _plain_dashboard(path: str, data: Any, asked: Asked) -> None:
    for panel in data["panels"]:
        asked.queries.append(Query(path, str(panel["title"]), str(panel["promql"]), "promql"))


def _datadog_slos(path: str, data: Any, asked: Asked) -> None:
    for slo in data:
        for part in ("numerator", "denominator"):
            asked.queries.append(Query(path, str(slo["name"]), str(slo["query"][part]), "datadog"))
        for threshold in slo["thresholds"]:
            if threshold["timeframe"] not in ("7d", "30d", "90d") or not 0 < threshold["target"] < 100:
                asked.wrong(path, "shape", f"{slo['name']} has a target or timeframe that Datadog does not know.")


def _datadog_monitors(path: str, data: Any, asked: Asked) -> None:
    for monitor in data:
        name = str(monitor["name"])
        _alert(path, name, asked)
        if monitor["type"] not in _DATADOG_TYPES:
            asked.wrong(path, "shape", f"{name} has the type {monitor['type']}, which Datadog does not know.")
        if not re.search(r"[<>]=?\s*[\d.]+\s*$", str(monitor["query"])):
            asked.wrong(path, "query-invalid", f"The query of {name} compares with nothing.", "End it with a limit.")
        if "runbook" not in str(monitor["message"]).lower():
            asked.wrong(path, "alert-runbook", f"{name} names no runbook.", "Name the runbook in its message.")


def _datadog_dashboard(path: str, data: Any, asked: Asked) -> None:
    for widget in data["widgets"]:
        definition = widget["definition"]
        for request in definition.get("requests", ()):
            asked.queries.append(Query(path, str(definition["title"]), str(request["q"]), "datadog"))


def _newrelic_alerts(path: str, data: Any, asked: Asked) -> None:
    for condition in data["conditions"]:
        name = str(condition["name"])
        _alert(path, name, asked)
        asked.queries.append(Query(path, name, str(condition["nrql"]["query"]), "nrql"))
        if not condition["terms"] or not all(isinstance(t["threshold"], int | float) for t in condition["terms"]):
            asked.wrong(path, "shape", f"{name} has no limit.")
        if not condition["runbookUrl"]:
            asked.wrong(path, "alert-runbook", f"{name} names no runbook.", "Name the runbook.")


def _newrelic_dashboard(path: str, data: Any, asked: Asked) -> None:
    for page in data["pages"]:
        for widget in page["widgets"]:
            for query in widget["rawConfiguration"].get("nrqlQueries", ()):
                asked.queries.append(Query(path, str(widget["title"]), str(query["query"]), "nrql"))


_READERS = {
    "prometheus/rules.yaml": _rules,
    "grafana/dashboard.json": _grafana,
    "dashboard.json": _plain_dashboard,
    "datadog/slos.json": _datadog_slos,
    "datadog/monitors.json": _datadog_monitors,
    "datadog/dashboard.json": _datadog_dashboard,
    "newrelic/alerts.json": _newrelic_alerts,
    "newrelic/dashboard.json": _newrelic_dashboard,
}


def is_nrql(text: str) -> bool:
    """The shape only: nothing here knows the language whole."""
    return bool(_NRQL.match(text))


def emitted(files: Files) -> dict[str, frozenset[str]]:
    """Series that the code makes -> their labels, by the calls that make metrics in it."""
    found: dict[str, frozenset[str]] = {}
    for path, data in files.items():
        if path.startswith("app/") and path.endswith(".py"):
            found |= dict(_made(data))
    return found


def _made(data: bytes) -> Iterator[tuple[str, frozenset[str]]]:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KINDS and node.args:
            name = _text(node.args[0])
            labels = frozenset(_texts(node.args[2])) if len(node.args) > 2 else frozenset()
            if name:
                yield name, labels
                for ending in _KINDS[node.func.id]:
                    yield f"{name}{ending}", labels | ({"le"} if ending == "_bucket" else set())


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _texts(node: ast.expr) -> list[str]:
    return [_text(element) for element in node.elts] if isinstance(node, ast.Tuple | ast.List) else []


def targets_of_slo_file(files: Files) -> Mapping[str, float]:
    """SLO -> target in percent, of `observability/slo.yaml`. Raises: ValueError, KeyError, TypeError, YAMLError."""
    found = {}
    for document in yaml.safe_load_all(files["observability/slo.yaml"].decode("utf-8")):
        name = re.search(r"SLO-\d+", str(document["metadata"]["displayName"]))
        found[name[0] if name else "?"] = 100 * float(document["spec"]["objectives"][0]["target"])
    return found
