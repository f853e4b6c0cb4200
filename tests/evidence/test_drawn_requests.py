"""Requests that nobody thought of find a service that breaks its contract."""

import pytest

from services.evidence.drawn_requests import measure_drawn_requests
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files

pytestmark = pytest.mark.usefixtures("environments")


@pytest.mark.parametrize("id_", ["14-candidate-pipeline", "28-meeting-rooms"])
def test_the_service_of_the_blueprint_keeps_its_contract(id_: str) -> None:
    measured = measure_drawn_requests(of_the_corpus(id_))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert measured.figures["requests"] >= 5 * measured.figures["operations"] > 0


def edited(path: str, old: str, new: str) -> Subject:
    text = generated().files[path].decode()
    assert old in text, old
    return with_files(generated(), {path: text.replace(old, new, 1).encode()})


_ROUTES = "app/expenses/routes.py"
FAULTS = {
    "a value that nobody tried": (
        _ROUTES, "    values = body.model_dump()\n", "    values = body.model_dump()\n    1 / (values['amount'] % 2)\n",
        "ST101", "POST /expenses",
    ),
    "an answer of another shape": (
        _ROUTES, '    return {"items":', '    return Response(content=\'{"rows": []}\', media_type="application/json")\n    return {"items":',
        "ST108", "GET /expenses",
    ),
    "an answer of another kind": (
        _ROUTES, '    return {"items":', '    return Response(content="none", media_type="text/plain")\n    return {"items":',
        "ST105", "GET /expenses",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    path, old, new, rule, operation = FAULTS[fault]
    measured = measure_drawn_requests(edited(path, old, new))
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.rule == rule and f.message.startswith(operation)]
    assert mine, (measured.reason, [(f.rule, f.message) for f in measured.findings])
    assert all(f.task == "backend" and f.advice for f in mine)


def test_a_service_that_does_not_start_was_not_asked() -> None:
    measured = measure_drawn_requests(with_files(generated(), {"app/main.py": b"raise SystemExit\n"}))
    assert (measured.outcome, measured.figures) == ("failed", {})


def test_without_a_contract_nothing_is_drawn() -> None:
    measured = measure_drawn_requests(with_files(generated(), {"design/openapi.json": None}))
    assert (measured.outcome, "design/openapi.json" in measured.reason) == ("not_measured", True)
