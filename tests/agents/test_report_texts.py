"""Reports say what differs between projects, in whole words, and nothing of what a service does not have."""

import re

import pytest

from services.agents.blueprint.discovery.resilience_plans import MESSAGES
from services.agents.blueprint.implementation.ports import methods_of
from services.features.understanding import Integration
from tests.agents.chain import files_of, records_of
from tests.agents.corpus_requests import drafts_of_corpus

OWN = ("architecture", "backend", "frontend", "data", "performance", "deployment", "observability")
NUMBERS = range(1, 49, 4)
# What stood in reports and is wrong in each of them.
WRONG = (r"\b1 (?:steps|roles|lines|cases|files|operations|days)\b", r"get theirs", r"mend the emitter", r"come slowly")
LOWER = r"(?<![\w./-])(?:datadog|newrelic|launchdarkly|unleash|mixpanel|amplitude|pagerduty)(?![\w./-])"


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_and_names_are_written_as_people_write_them(number: int) -> None:
    drafts = drafts_of_corpus(number)
    for key in OWN:
        report = drafts[key].report
        if key == "architecture":
            report = report.split("## Strategies")[1].split("## Decisions")[0]
        text = re.sub(r"```.*?```|`[^`]*`", "", report, flags=re.DOTALL).replace("\\", "")
        for pattern in (*WRONG, LOWER):
            assert not re.search(pattern, text), (key, re.search(pattern, text))


@pytest.mark.parametrize("number", NUMBERS)
def test_what_a_service_does_not_have_is_not_told(number: int) -> None:
    drafts = drafts_of_corpus(number)
    design = records_of(drafts["architecture"])
    fields = [field for entity in design.entities for field in entity.fields]
    page, watched = drafts["frontend"].report, records_of(drafts["observability"])
    assert ("two decimals" in page) is any(field.type == "money" for field in fields)
    deletes = any(op.verb == "delete" for op in design.operations)
    assert (b"deleting asks first" in drafts["frontend"].files["web/tests/PAGE.md"]) is deletes
    told = any("circuit_breaker_state" in signal for signal in watched.signals)
    assert told is any("another system" in trace for trace in watched.traces)
    assert told or len(design.resilience) == 1


@pytest.mark.parametrize("number", NUMBERS)
def test_architecture_and_code_tell_the_same_of_repeats(number: int) -> None:
    drafts = drafts_of_corpus(number)
    planned = {plan.dependency.lower(): plan.retries for plan in records_of(drafts["architecture"]).resilience}
    built = {plan.dependency.lower(): plan.retries for plan in records_of(drafts["backend"]).resilience}
    assert built == {name: planned[name] for name in built}
    attempts = re.search(rb"^ATTEMPTS = (\d+)", drafts["backend"].files["app/outbox.py"], re.MULTILINE)
    assert attempts is not None
    assert all(f"{attempts[1].decode()} attempts" in told for told in built.values())


@pytest.mark.parametrize(
    "kind", ["payment", "email", "sms", "chat", "storage", "queue", "identity", "calendar", "other"]
)
def test_only_messages_are_never_repeated_at_once(kind: str) -> None:
    methods = methods_of(Integration(name="it", kind=kind, purpose=""))
    assert all(method.is_repeated for method in methods) is (kind not in MESSAGES)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_rare_event_is_not_called_stale_and_rules_are_told_once(number: int) -> None:
    drafts = drafts_of_corpus(number)
    rules = records_of(drafts["data"]).quality
    fresh = [rule for rule in rules if rule.kind == "freshness"]
    assert len(fresh) == 1
    assert "of all" in fresh[0].threshold
    table = drafts["data"].report.split("## Quality rules")[1].split("##")[0]
    assert table.count("\n| ") - 1 == len({rule.kind for rule in rules})
    assert all(rule.id in files_of(drafts.values())["analytics/plan.py"].decode() for rule in rules)


def test_a_time_for_records_says_nothing_of_events() -> None:
    """Deliveries are removed after 14 days; what is counted of them is kept."""
    records = records_of(drafts_of_corpus(47)["data"])
    assert {event.retention_days for event in records.events} == {395}
