"""Steps 8 and 12: what a test tries, the chain of ids, the pages that people read."""

import json
import re
import shlex
from dataclasses import replace
from functools import cache

import pytest

from services.agents.blueprint.deployment.traceability import Steps, traceability_page, traces_of
from services.agents.blueprint.deployment.troubleshooting import troubleshooting_page
from services.agents.blueprint.deployment.tutorials import steps_of
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.rules.seen_at import acts_seen
from services.agents.blueprint.testing.authorization import matrix_of, tried_share
from services.agents.blueprint.testing.criterion_marks import marked_tests
from services.agents.engine import Draft
from services.features.understanding import RuleKind
from tests.agents.chain import files_of, records_of
from tests.agents.paper_cases import CASES, drafts_of_case


@cache
def run(name: str) -> dict[str, Draft]:
    return drafts_of_case(CASES[name])


def page(name: str, path: str) -> str:
    return run(name)["documentation"].files[path].decode()


def steps(name: str, **changes: object) -> Steps:
    made = {key: records_of(draft) for key, draft in run(name).items()}
    found = Steps(
        made["business"],
        made["architecture"],
        made["backend"],
        made["data"],
        made["tests"],
        made["observability"],
        files_of(run(name).values()),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def test_marks_are_read_from_the_syntax_of_the_tests() -> None:
    source = b'import pytest\n\n\n@pytest.mark.criterion("AC-1")\n@pytest.mark.slow\ndef test_a():\n    pass\n\n\n# @pytest.mark.criterion("AC-2")\ndef test_b():\n    pass\n'
    assert marked_tests({"tests/test_a.py": source, "app/x.py": source, "tests/broken.py": b"def ("}) == {
        "AC-1": ("tests/test_a.py::test_a",)
    }


def test_a_pair_counts_as_tried_only_when_the_rule_of_a_marked_test_names_it() -> None:
    understood, design = CASES["expenses"].understanding, records_of(run("expenses")["architecture"])
    mark = b'import pytest\n\n\n@pytest.mark.criterion("AC-2.1")\ndef test_it():\n    pass\n'
    matrix = matrix_of(understood, design, {"tests/test_x.py": mark})
    tried = {(a.operation, t.role, t.expected) for a in matrix for t in a.tried if t.tests}
    assert tried == {("OP-approveExpense", "manager", "allowed"), ("OP-approveExpense", "employee", "refused")}
    assert tried_share(matrix) == (2, 12)
    assert tried_share(matrix_of(understood, design, {})) == (0, 12)


def test_the_security_report_claims_no_test_that_is_not_there() -> None:
    made = records_of(run("expenses")["security"])
    names = {name for places in marked_tests(files_of(run("expenses").values())).values() for name in places}
    assert {test for a in made.authorization for t in a.tried for test in t.tests} <= names
    assert all(r.accepted_by.startswith("nobody yet") for r in made.residual_risk)
    assert len(made.residual_risk) == len(records_of(run("expenses")["risk"]).threats)


def test_rules_are_seen_at_operations_that_exist() -> None:
    for case in CASES.values():
        plan = plan_of(case.understanding)
        for criterion in plan.provable:
            for rule in criterion.rules:
                acts = acts_seen(plan.domain, rule)
                assert acts
                assert set(acts) <= set(plan.domain.acts(rule.resource))
    clinic = plan_of(CASES["clinic"].understanding)
    count = next(r for c in clinic.provable for r in c.rules if r.kind is RuleKind.COUNT)
    assert acts_seen(clinic.domain, count) == ("confirm",)


@pytest.mark.parametrize("name", CASES)
def test_every_criterion_is_followed_through_the_records(name: str) -> None:
    found = steps(name)
    traces = traces_of(found)
    assert [t.criterion for t in traces] == [c.id for c in found.business.criteria]
    by_id = {c.id: c for c in found.business.criteria}
    for trace in traces:
        assert set(trace.operations) <= {op.id for op in found.design.operations}
        assert set(trace.events) <= {e.id for e in found.data.events}
        assert set(trace.metrics) <= {m.id for m in found.business.metrics}
        assert set(trace.runbooks) <= set(found.files)
        is_proven = by_id[trace.criterion].decided_by == "test"
        assert bool(trace.code) is bool(trace.tests) is is_proven
        assert trace.gaps == () if is_proven else trace.gaps[0].startswith("nothing implements this; a person decides")


def test_a_missing_link_is_a_gap_and_never_a_guess() -> None:
    whole = steps("expenses")
    without = {
        path: data for path, data in whole.files.items() if not path.startswith(("tests/", "observability/runbooks/"))
    }
    cut = replace(
        whole,
        files=without,
        built=whole.built.model_copy(update={"rules": ()}),
        data=whole.data.model_copy(update={"events": ()}),
        tested=whole.tested.model_copy(update={"cases": ()}),
    )
    trace = traces_of(cut)[0]
    assert (trace.code, trace.tests, trace.runbooks) == ((), (), ())
    assert trace.gaps == (
        "no code names it",
        "no test carries its mark",
        "EV-expense_created is in no tracking plan",
        "no runbook for AL-1, AL-2, AL-3, AL-4, AL-5",
    )
    told = traceability_page("T", cut, traces_of(cut))
    assert "no code names it" in told
    assert "](../observability/runbooks" not in told


def test_operations_that_no_criterion_asks_for_are_named() -> None:
    told = page("clinic", "docs/traceability.md").split("## Operations that no criterion asks for")[1]
    assert "OP-createDoctorProfile" in told
    assert "OP-createAppointment" not in told


@pytest.mark.parametrize("name", CASES)
def test_every_anchor_of_the_pages_leads_to_a_heading(name: str) -> None:
    files = run(name)["documentation"].files
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-")
        for line in files["docs/api.md"].decode().splitlines()
        if line.startswith("## ")
    }
    for path, data in files.items():
        for anchor in re.findall(r"\((?:api\.md)?#([a-z0-9-]+)\)", data.decode()):
            assert anchor in headings, f"{path} -> {anchor}"


@pytest.mark.parametrize("name", CASES)
def test_the_tutorial_makes_what_it_needs_before_it_needs_it(name: str) -> None:
    drafts = run(name)
    document = json.loads(drafts["architecture"].files["design/openapi.json"])
    made = steps_of(plan_of(CASES[name].understanding), records_of(drafts["architecture"]), document)
    assert len(made) == 5
    known = {"TOKEN", "1", "2", *re.findall(r"^([A-Z_]+)=", "\n".join(s.shell for s in made), re.MULTILINE)}
    seen: set[str] = set()
    for step in made:
        for line in step.shell.splitlines():
            used = set(re.findall(r"\$([A-Z_]+)", line)) - {"TOKEN"}
            assert used <= seen
            seen |= set(re.findall(r"^([A-Z_]+)=", line))
        assert used <= known
        shlex.split(step.shell)


def test_the_tutorial_tells_times_from_now() -> None:
    told = page("clinic", "docs/tutorial.md")
    assert "$(at 86400)" in told
    assert not re.search(r"\b20\d\d-\d\d", told)


def test_the_tutorial_acts_as_another_person_where_the_maker_may_not() -> None:
    told = page("expenses", "docs/tutorial.md")
    assert "sign_in bob 'manager'" in told
    assert "nobody may do it to an own one" in told


def test_troubleshooting_is_made_from_the_rules() -> None:
    for name, case in CASES.items():
        told = troubleshooting_page(plan_of(case.understanding), records_of(run(name)["architecture"]), "T")
        assert "TOKEN" in told
        stated = [
            c.id
            for c in plan_of(case.understanding).provable
            for r in c.rules
            if r.kind in (RuleKind.RANGE, RuleKind.UNIQUE, RuleKind.OVERLAP, RuleKind.RATE)
        ]
        assert all(id_ in told for id_ in stated)


def test_an_alert_of_the_runbooks_has_its_page_and_every_path_its_people() -> None:
    told = page("shop", "docs/runbooks.md")
    for alert in records_of(run("shop")["observability"]).alerts:
        assert f"[{alert.id}](../{alert.runbook})" in told
    for op in records_of(run("shop")["architecture"]).operations:
        assert op.path.split("{")[0] in told


@pytest.mark.parametrize("name", CASES)
def test_the_reports_are_read_within_minutes(name: str) -> None:
    """Words without the lines of tables and diagrams; a reader looks up in those."""
    for key in ("business", "architecture", "risk", "security", "documentation"):
        prose = re.sub(r"```.*?```", "", run(name)[key].report, flags=re.DOTALL)
        prose = "\n".join(line for line in prose.splitlines() if not line.startswith("|"))
        assert len(prose.split()) < 600, key
        assert len(run(name)[key].report.replace("|", "").split()) < 3000, key
