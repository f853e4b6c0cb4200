"""A service that lets the wrong people in, or falls over hostile values, is found out by asking it."""

import pytest

from services.evidence.service_security import measure_service_security
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files

pytestmark = pytest.mark.usefixtures("environments")


@pytest.mark.parametrize("id_", ["04-expense-approval", "14-candidate-pipeline", "47-example-webhook-delivery"])
def test_the_service_of_the_blueprint_withstands(id_: str) -> None:
    measured = measure_service_security(of_the_corpus(id_))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert measured.figures["requests"] > 100
    assert {row["expected"] for row in measured.figures["matrix"]} == {"allowed", "refused"}


def edited(path: str, old: str, new: str, subject: Subject | None = None) -> Subject:
    subject = subject or generated()
    text = subject.files[path].decode()
    assert old in text, old
    return with_files(subject, {path: text.replace(old, new, 1).encode()})


FAULTS: list[tuple[str, str, str, str, str]] = [
    ("app/access.py", 'options={"require": ["sub", "role", "exp"]}', 'options={"verify_signature": False}', "caller-not-refused", "a forged token"),
    ("app/access.py", '"OP-approveExpense": frozenset(("manager",))', '"OP-approveExpense": frozenset(("manager", "employee"))', "role-not-refused", "OP-approveExpense"),
    ("app/access.py", '"OP-createExpense": frozenset(("employee",))', '"OP-createExpense": frozenset(("nobody",))', "role-refused", "OP-createExpense"),
    ("app/problems.py", "exception_handler(OverflowError)", "exception_handler(ZeroDivisionError)", "server-error", "9223372036854775808"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "rule", "said"), FAULTS, ids=[f[3] for f in FAULTS])
def test_a_fault_is_found(path: str, old: str, new: str, rule: str, said: str) -> None:
    measured = measure_service_security(edited(path, old, new))
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, (measured.reason, [(f.rule, f.message) for f in measured.findings])
    assert all(f.task == "backend" and f.advice for f in mine)


_MADE = '    return _done(session, response, record, "candidate_created", caller)'
DISCLOSURES = {
    "sensitive-in-log": (f"    print(values)\n{_MADE}", "candidate.full_name stands in its log"),
    "sensitive-in-events": (f"    emit('candidate_offer', source=record.email)\n{_MADE}", "candidate.email stands in the events"),
}  # fmt: skip


@pytest.mark.parametrize("rule", DISCLOSURES)
def test_what_is_sensitive_is_looked_for_in_log_and_events(rule: str) -> None:
    honest = of_the_corpus("14-candidate-pipeline")
    line, said = DISCLOSURES[rule]
    measured = measure_service_security(edited("app/candidates/routes.py", _MADE, line, honest))
    assert measured.figures["marked"] == ["candidate.email", "candidate.full_name"]
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, (measured.reason, [(f.rule, f.message) for f in measured.findings])


def test_a_service_that_does_not_start_was_not_secure() -> None:
    measured = measure_service_security(with_files(generated(), {"app/main.py": b"raise SystemExit\n"}))
    assert (measured.outcome, measured.figures) == ("failed", {})
