"""The flag is believed when its vendor's own engine decides as the code does, and when its switch works on a running service."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.evidence.flags import measure_flags
from services.evidence.subjects import Subject
from services.workflow.options import DeploymentStrategy, FlagService
from tests.builders import REQUEST
from tests.evidence.subjects import generated, with_files, with_records

pytestmark = pytest.mark.usefixtures("environments")


def made(service: FlagService, percent: int = 20) -> Subject:
    changes = {
        "feature_flag_service": service,
        "deployment_strategy": DeploymentStrategy.FEATURE_FLAG,
        "rollout_percentage": percent,
    }
    return generated(REQUEST.model_copy(update=changes))


@pytest.mark.parametrize("service", FlagService)
def test_each_vendors_engine_decides_as_the_code_does(service: FlagService) -> None:
    measured = measure_flags(made(service))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert measured.figures["unlike"] == 0
    assert 15 < measured.figures["share"] < 25
    assert measured.figures["seconds_off"] < 5
    assert measured.tool_version


def with_flag(subject: Subject, change: Callable[[Any], None]) -> Subject:
    path = subject.records["backend"]["flag"]["file"]
    data = json.loads(subject.files[path])
    change(data)
    return with_files(subject, {path: json.dumps(data).encode()})


def first(data: Any) -> Any:
    """The one flag of a file, whatever the vendor."""
    flags = data.get("flags") or data.get("splits") or data.get("features")
    return next(iter(flags.values())) if isinstance(flags, dict) else flags[0]


def parts(data: Any) -> Any:
    return first(data)["fallthrough"]["rollout"]["variations"]


LD, SPLIT, UNLEASH, FLAGD = FlagService
FAULTS: list[tuple[FlagService, Callable[[Any], Any], str, str]] = [
    (LD, lambda d: first(d).update(offVariation="one"), "flag-schema", "offVariation"),
    (LD, lambda d: parts(d)[0].update(variation=9), "flag-code", "cannot decide by it"),
    (LD, lambda d: [parts(d)[0].update(weight=50_000), parts(d)[1].update(weight=50_000)], "flag-share", "asks for 20 %"),
    (LD, lambda d: first(d).update(salt="other"), "", ""),
    (SPLIT, lambda d: first(d)["conditions"][0]["partitions"][0].update(size="lots"), "flag-schema", "lots"),
    (SPLIT, lambda d: first(d).update(trafficAllocation=900), "flag-schema", "900"),
    (UNLEASH, lambda d: first(d).update(strategies=[]), "flag-schema", "strategies"),
    (UNLEASH, lambda d: first(d)["strategies"][0]["parameters"].update(rollout="some"), "flag-schema", "some"),
    (FLAGD, lambda d: first(d).update(state="ON"), "flag-schema", "ON"),
    (FLAGD, lambda d: first(d)["targeting"].update(fractional=[["on", 60], ["off", 40]]), "flag-share", "asks for 20 %"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "change", "rule", "said"), FAULTS, ids=[f"{f[0]} {f[2]} {f[3]}" for f in FAULTS])
def test_a_fault_of_the_file_is_found(service: FlagService, change: Callable[[Any], Any], rule: str, said: str) -> None:
    subject = with_flag(made(service), change)
    measured = measure_flags(subject)
    assert (measured.outcome == "passed") is (rule == ""), (measured.reason, measured.log)
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert bool(mine) is bool(rule), [(f.rule, f.message) for f in measured.findings]
    assert {f.place for f in mine} <= {subject.records["backend"]["flag"]["file"]}


CODE = "app/flag_file.py"
WRONG_CODE = [
    ("* 100 >> 32", "* 100 >> 32", "", ""),
    ("sum(weight for _, weight in parts) >> 32", "1 % 100", "flag-differs", "decides otherwise than the code"),
    ('return flag["state"] == "ENABLED"', "return True", "kill-switch", "has not followed"),
]


@pytest.mark.parametrize(("old", "new", "rule", "said"), WRONG_CODE, ids=[w[2] for w in WRONG_CODE])
def test_code_that_decides_otherwise_or_ignores_the_switch_is_found(old: str, new: str, rule: str, said: str) -> None:
    subject = made(FLAGD)
    text = subject.files[CODE].decode()
    assert old in text
    measured = measure_flags(with_files(subject, {CODE: text.replace(old, new).encode()}))
    assert [f.rule for f in measured.findings if said in f.message] == ([rule] if rule else []), measured.reason


def test_a_feature_that_asks_no_flag_does_not_follow_its_switch() -> None:
    subject = made(FLAGD)
    text = subject.files["app/flags.py"].decode()
    blind = text.replace("    if not is_enabled(", "    if False and not is_enabled(")
    assert blind != text
    measured = measure_flags(with_files(subject, {"app/flags.py": blind.encode()}))
    assert [f.rule for f in measured.findings] == ["kill-switch"]


def test_without_a_flag_file_nothing_is_measured() -> None:
    subject = made(FLAGD)
    flag = {**subject.records["backend"]["flag"], "file": "flags/gone.json"}
    assert measure_flags(with_records(subject, "backend", flag=flag)).outcome == "not_measured"
