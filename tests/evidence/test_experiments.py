"""An experiment whose figures do not fit each other, or count what nobody sends, is found out before it begins."""

import json
from typing import Any

import pytest

from services.evidence.experiments import FILE, measure_experiment, sample_size
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files


@pytest.fixture(scope="module")
def subject() -> Subject:
    return of_the_corpus("28-meeting-rooms")


def changed(subject: Subject, **changes: Any) -> Subject:
    plan = {**json.loads(subject.files[FILE]), **changes}
    return with_files(subject, {FILE: json.dumps(plan).encode()})


# Computed by the closed formula of Fleiss without continuity correction.
@pytest.mark.parametrize(
    ("baseline", "effect", "size"), [(0.10, 0.02, 3841), (0.05, 0.01, 8158), (0.5, 0.1, 388), (0.2, 0.05, 1094)]
)
def test_the_sample_size_is_the_known_one(baseline: float, effect: float, size: int) -> None:
    assert sample_size(baseline, effect, 0.05, 0.8) == pytest.approx(size, abs=1)


def test_the_experiment_of_the_blueprint_is_sound(subject: Subject) -> None:
    measured = measure_experiment(subject)
    assert (measured.outcome, measured.findings) == ("passed", ()), measured.reason
    assert measured.figures["sample_size"] > 1000


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"sample_size_per_arm": 1000}, "sample-size", "1,000 people per arm; its own figures ask for"),
    ({"hypothesis": ""}, "experiment-incomplete", "hypothesis"),
    ({"guardrails": []}, "experiment-incomplete", "guardrails"),
    ({"guardrails": ["p95 latency"]}, "sample-ratio", "split of people"),
    ({"primary_metric": "people with thing_bought / people with other_exposed"}, "metric-unplanned", "thing_bought"),
    ({"primary_metric": "people with room_created"}, "exposure-missing", "who saw"),
    ({"baseline_percent": 20.0}, "experiment-clash", "baseline_percent is 20.0 here"),
    ({"baseline_percent": "ten"}, "experiment-shape", "cannot be read"),
    ({"minimum_detectable_effect_percent": 95.0}, "experiment-shape", "between 0 and 1"),
    ({"alpha": 5}, "experiment-shape", "between 0 and 1"),
]


@pytest.mark.parametrize(("changes", "rule", "said"), FAULTS, ids=[f"{f[1]} {f[2]}" for f in FAULTS])
def test_a_fault_is_found(subject: Subject, changes: dict[str, Any], rule: str, said: str) -> None:
    measured = measure_experiment(changed(subject, **changes))
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, [(f.rule, f.message) for f in measured.findings]
    assert {(f.place, f.task) for f in mine} == {(FILE, "deployment")}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'"x"', b"null"])
def test_a_file_of_any_shape_is_no_experiment(subject: Subject, data: bytes) -> None:
    assert measure_experiment(with_files(subject, {FILE: data})).outcome == "failed"


def test_where_there_is_none_nothing_is_measured() -> None:
    assert measure_experiment(generated()).outcome == "not_measured"
