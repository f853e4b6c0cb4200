"""Facts of the records: name -> what is said of it. A record that is not as its model says is simply not read."""

from collections.abc import Callable, Mapping
from typing import Any

from services.reviews.briefs.seen import Fact, Facts, Seen

NOBODY = "nobody is asked"


def _table(
    task: str,
    table: str,
    key: str,
    value: Callable[[Mapping[str, Any]], str],
    name: Callable[[Mapping[str, Any]], str] | None = None,
) -> Callable[[Seen], Facts]:
    """A reader of one table: `key` names the field that identifies a row, `value` what is compared."""

    def read(seen: Seen) -> Facts:
        return {
            str(row[key]): Fact(name(row) if name else str(row[key]), value(row), seen.in_records(task))
            for row in seen.rows(task, table)
            if key in row
        }

    return read


def integrations(seen: Seen) -> Facts:
    """Other systems, whichever step names them first."""
    named = [("business", "dependencies", "name"), ("architecture", "resilience", "dependency")]
    named.append(("backend", "resilience", "dependency"))
    found: Facts = {}
    for task, table, key in named:
        for row in seen.rows(task, table):
            name = str(row.get(key, ""))
            if name and name != "database":
                found.setdefault(name.lower(), Fact(name, "used", seen.in_records(task)))
    return found


def personal_data(seen: Seen) -> Facts:
    """Field -> how sensitive it is; empty where it is not."""
    found = {
        f"{entity.get('name')}.{field.get('name')}": Fact(
            f"{entity.get('name')}.{field.get('name')}",
            str(field.get("sensitive") or ""),
            seen.in_records("architecture"),
        )
        for entity in seen.rows("architecture", "entities")
        for field in entity.get("fields", ())
    }
    for item in seen.rows("risk", "data"):
        name = str(item.get("field", ""))
        if name and not any(known == name or known.endswith(f".{name}") for known in found):
            found[name] = Fact(name, str(item.get("classification", "")), seen.in_records("risk"))
    return found


def personal_events(seen: Seen) -> Facts:
    return {
        str(row.get("id")): Fact(
            str(row.get("id")), "personal" if row.get("personal_data") else "", seen.in_records("data")
        )
        for row in seen.rows("data", "events")
    }


def roles(seen: Seen) -> Facts:
    """Operation -> who may call it, by the architecture."""
    return {
        str(op.get("id")): Fact(
            str(op.get("id")), ", ".join(sorted(op.get("roles", ()))) or NOBODY, seen.in_records("architecture")
        )
        for op in seen.rows("architecture", "operations")
    }


def denied(seen: Seen) -> Facts:
    """Operation and role -> refused, as step 8 says it must be."""
    return {
        f"{row.get('operation')} {role}": Fact(
            f"{row.get('operation')}, {role}", "refused", seen.in_records("security")
        )
        for row in seen.rows("security", "authorization")
        for role in row.get("denied", ())
    }


def limits(seen: Seen) -> Facts:
    """Field and limit -> its value."""
    return {
        f"{entity.get('name')}.{field.get('name')}.{limit}": Fact(
            f"{entity.get('name')}.{field.get('name')}, {limit}",
            _words(field.get(limit)),
            seen.in_records("architecture"),
        )
        for entity in seen.rows("architecture", "entities")
        for field in entity.get("fields", ())
        for limit in ("minimum", "maximum", "required", "unique", "choices")
    }


def transitions(seen: Seen) -> Facts:
    return {
        f"{entity.get('name')} {' '.join(map(str, step))}": Fact(
            f"{entity.get('name')}: {step[0]}", f"{step[1]} to {step[2]}", seen.in_records("architecture")
        )
        for entity in seen.rows("architecture", "entities")
        for step in entity.get("transitions", ())
        if len(step) == 3
    }


def proofs(seen: Seen) -> Facts:
    """Criterion -> who decides it, by step 1."""
    return _table("business", "criteria", "id", lambda row: str(row.get("decided_by", "")))(seen)


def places(seen: Seen) -> Facts:
    """Criterion -> the code that keeps it, of those that a test decides."""
    return {
        str(row.get("criterion")): Fact(str(row.get("criterion")), "kept", seen.in_records("backend"))
        for row in seen.rows("backend", "rules")
    }


def cases(seen: Seen) -> Facts:
    """Criterion -> planned in a test."""
    return {
        str(id_): Fact(str(id_), "tested", seen.in_records("tests"))
        for row in seen.rows("tests", "cases")
        for id_ in row.get("criteria", ())
    }


def security_findings(seen: Seen) -> Facts:
    return {
        f"{row.get('file')} {row.get('finding')}": Fact(
            f"{row.get('file')}:{row.get('line')}", str(row.get("severity", "")).lower(), seen.in_records("security")
        )
        for row in seen.rows("security", "findings")
    }


def severe_threats(seen: Seen) -> Facts:
    """Threats at 15 or more of 25."""
    return {
        str(row.get("id")): Fact(
            str(row.get("id")), f"{row['likelihood'] * row['impact']} of 25", seen.in_records("risk")
        )
        for row in seen.rows("risk", "threats")
        if _score(row) >= 15
    }


def rungs(seen: Seen) -> Facts:
    """Rung of the rollback ladder -> its command; a dash is none."""

    def command(row: Mapping[str, Any]) -> str:
        text = str(row.get("command", "")).strip()
        return "" if text in ("-", "") else text

    return _table(
        "deployment", "rollback", "rung", command, lambda row: f"rung {row['rung']}, {row.get('action', '')}"
    )(seen)


def stages(seen: Seen) -> Facts:
    return {
        f"stage {number}": Fact(
            f"stage {number}",
            f"{row.get('share_percent')} %, promoted by {row.get('promoted_by')}, guards: {row.get('guards')}",
            seen.in_records("deployment"),
        )
        for number, row in enumerate(seen.rows("deployment", "stages"), start=1)
    }


def flag(seen: Seen) -> Facts:
    found = seen.record("backend", "flag")
    asked = ("default", "rollout_percentage", "kill_switch", "provider")
    return {
        name: Fact(f"flag, {name.replace('_', ' ')}", _words(found.get(name)), seen.in_records("backend"))
        for name in asked
        if isinstance(found, Mapping)
    }


def budgets(seen: Seen) -> Facts:
    found = _table("performance", "budgets", "metric", lambda row: str(row.get("limit", "")))(seen)
    least = seen.record("tests", "coverage_minimum")
    if least is not None:
        found["coverage"] = Fact("test coverage", f"{least} %", seen.in_records("tests"))
    return found


def strategies(seen: Seen) -> Facts:
    read = _table("architecture", "strategies", "area", lambda row: str(row.get("choice", "")))
    return {area: fact for area, fact in read(seen).items() if area in ("authentication", "authorization")}


def left_out(seen: Seen) -> Facts:
    return {
        text: Fact(text, "left out", seen.in_records("business"))
        for table in ("not_built", "scope_out")
        for text in seen.texts("business", table)
    }


def feasibility(seen: Seen) -> Facts:
    verdict = seen.record("risk", "verdict")
    return {"verdict": Fact("feasibility", str(verdict), seen.in_records("risk"))} if verdict else {}


def configuration(seen: Seen) -> Facts:
    """What operations must set before it runs."""
    return {
        text: Fact(text, "set by operations", seen.in_records("backend"))
        for text in seen.texts("backend", "configuration")
    }


operations = _table("architecture", "operations", "id", lambda row: f"{row.get('method')} {row.get('path')}")
criteria = _table("business", "criteria", "id", lambda row: str(row.get("text", "")))
mitigations = _table("risk", "threats", "id", lambda row: str(row.get("mitigation", "")))
protection = _table("risk", "data", "field", lambda row: f"{row.get('protection')}, kept {row.get('retention')}")
alerts = _table("observability", "alerts", "id", lambda row: f"{row.get('threshold_percent')} %, {row.get('severity')}")
objectives = _table("observability", "objectives", "id", lambda row: f"{row.get('target_percent')} %")
events = _table("data", "events", "id", lambda row: f"{row.get('retention_days')} days")
resilience = _table(
    "backend",
    "resilience",
    "dependency",
    lambda row: f"{row.get('timeout_seconds')} s, {row.get('retries')}, {row.get('breaker')}",
)
compliance = _table("risk", "compliance", "rule", lambda row: str(row.get("demands", "")))


def _score(row: Mapping[str, Any]) -> int:
    likelihood, impact = row.get("likelihood"), row.get("impact")
    return likelihood * impact if isinstance(likelihood, int) and isinstance(impact, int) else 0


def _words(value: Any) -> str:
    match value:
        case None | "" | [] | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list():
            return ", ".join(map(str, value))
    return str(value)
