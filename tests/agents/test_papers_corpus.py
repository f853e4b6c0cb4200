"""What must hold in the papers of any request, tried over requests of very different kinds."""

import re
from functools import cache

import pytest

from services.agents.blueprint.deployment.page_words import texts
from services.agents.blueprint.discovery.contracts import PROBLEMS
from services.agents.blueprint.discovery.directions import leads_on
from services.agents.blueprint.implementation.page_texts import names_of
from services.agents.blueprint.rendering import TEMPLATES
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.testing.criterion_marks import all_tests
from services.agents.engine import Draft
from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.understanding import RuleKind, Understanding
from tests.agents.chain import drafts_of, files_of, records_of
from tests.corpus import CorpusRequest, corpus

WANTED = ("05", "09", "12", "16", "18", "22", "26", "30", "33", "34", "47")
REQUESTS = {r.id: r for r in corpus() if r.id[:2] in WANTED}
# Numbers and articles that disagree with their nouns, verbs that disagree with one.
BAD_ENGLISH = re.compile(
    r"(?<![\d.:-])\b1 (?:stories|roles|steps|rules|operations|events|criteria|test files|sentences|checks|subscriptions|tests)\b"
    r"|^AC-S?[\d.]+ depend\b|\b[Aa] [aeio]\w+|\b[Aa]n (?!SLO|S\b|hour)[bcdfgjklmnpqrtvwxyz]\w+|\b[Aa]n? (?:api keys|seats)\b|staffs\b|seatses|Z first"
    r"|head of departments|who is none any more|get theirs|a person decides: a person|counted on every way|keeps right|→"
)


def asked(request: CorpusRequest) -> FeatureRequest:
    options = {"methodology": "traditional", "complexity": "medium"}
    return FeatureRequest.model_validate({"title": request.title, "description": request.description, **options})


@cache
def run(id_: str) -> dict[str, Draft]:
    return drafts_of(asked(REQUESTS[id_]), REQUESTS[id_].documents)


def understood(id_: str) -> Understanding:
    return understand(asked(REQUESTS[id_]), REQUESTS[id_].documents)


def page(id_: str, path: str) -> str:
    return run(id_)["documentation"].files[path].decode()


every = pytest.mark.parametrize("id_", REQUESTS)


@every
def test_numbers_and_articles_agree(id_: str) -> None:
    typed = " ".join(f"{REQUESTS[id_].title} {REQUESTS[id_].description}".split())
    for key in ("business", "architecture", "risk", "tests", "security", "documentation"):
        for line in run(id_)[key].report.splitlines():
            found = BAD_ENGLISH.search(line)
            assert found is None or found[0] in typed, (key, line)


@every
def test_headlines_count_what_their_tables_show(id_: str) -> None:
    security, made = run(id_)["security"], records_of(run(id_)["business"])
    rows = security.report.split("## Checks that did not run")[1].split("\n\n")[1].splitlines()[2:]
    assert f"{len(rows)} checks did not run" in security.report
    assert re.match(rf"{len(made.stories)} stor(?:y|ies) for .*; {len(made.criteria)} acceptance criteri", made.summary)


@every
def test_a_criterion_stands_with_the_story_of_its_act_and_thing_or_with_all(id_: str) -> None:
    found = understood(id_)
    stories = {s.id: s for s in found.stories}
    for criterion in (c for c in found.criteria if c.rules and c.story):
        things = {r.resource for r in criterion.rules}
        assert stories[criterion.story].resource in things, criterion
    assert {c.story for c in found.criteria} <= {*stories, ""}


@every
def test_only_steps_that_lead_on_are_to_be_faster_or_are_waited_for(id_: str) -> None:
    found, made = understood(id_), records_of(run(id_)["business"])
    resource = plan_of(found).domain.resource(found.resources[0].name)
    on = {target for verb, _, target in resource.transitions if leads_on(resource, verb)}
    back = {target for _, _, target in resource.transitions} - on
    for metric in made.metrics:
        assert metric.formula.startswith("count") or not any(metric.name.endswith(f" {state}") for state in back)
    assert not any("nobody cancels" in r.risk or "nobody refunds" in r.risk for r in made.risks)


@every
def test_what_was_not_understood_is_no_top_risk(id_: str) -> None:
    for risk in records_of(run(id_)["business"]).risks:
        if "led to nothing" in risk.risk:
            assert risk.likelihood * risk.impact <= 10


@every
def test_the_same_threat_is_one_row_and_a_named_test_exists(id_: str) -> None:
    threats = records_of(run(id_)["risk"]).threats
    assert len({(t.entry_point, t.threat) for t in threats}) == len(threats)
    names = set(all_tests(files_of(run(id_).values())))
    for risk in records_of(run(id_)["security"]).residual_risk:
        if risk.state != "no test was found":
            assert set(risk.state.removeprefix("a test is written: ").split(", ")) <= names
    token = next(r for r in records_of(run(id_)["security"]).residual_risk if "A token that was made" in r.threat)
    assert "test_platform_sign_in.py" in token.state


@every
def test_what_two_requests_could_both_pass_is_said_to_have_its_turn_and_has_it(id_: str) -> None:
    plan = plan_of(understood(id_))
    told, files = run(id_)["architecture"].report, files_of(run(id_).values())
    counting = {RuleKind.OVERLAP, RuleKind.COUNT, RuleKind.RATE}
    is_counted = bool({r.kind for c in plan.provable for r in c.rules} & counting)
    assert ("one turn at a time" in told) is is_counted
    assert any(b"limits.take_turn(" in data for path, data in files.items() if path.endswith("/rules.py")) is is_counted
    assert "kept by the database itself" not in told


@every
def test_every_button_of_the_guide_is_on_the_page(id_: str) -> None:
    plan = plan_of(understood(id_))
    names = names_of(plan, plan.domain.understanding.actors)
    known = {*texts().values(), *names.values(), *(f"New {names[f'entity.{r.name}']}" for r in plan.resources)}
    guide = page(id_, "docs/user-guide.md")
    assert set(re.findall(r"\*\*(.+?)\*\*", guide)) <= known
    first = re.findall(r"^\| (.+?) \|", guide.split("## What you may meet")[1], re.MULTILINE)[2:]
    entities = names[f"entities.{plan.resources[0].name}"].lower()
    assert set(first) <= {text.replace("{entities}", entities) for text in texts().values()}


@every
def test_the_changelog_lists_what_people_gain_and_nothing_of_the_run(id_: str) -> None:
    rows = re.findall(r"^- (.+)$", page(id_, "CHANGELOG.md"), re.MULTILINE)
    assert rows
    assert all(re.search(r" can .+\((?:US-\d+|OP-\w+)\)$", row) for row in rows)


@every
def test_nothing_is_said_to_implement_a_criterion_without_a_rule(id_: str) -> None:
    people = {c.id for c in records_of(run(id_)["business"]).criteria if c.decided_by == "person"}
    for trace in records_of(run(id_)["documentation"]).traces:
        if trace.criterion in people:
            assert not trace.operations
            assert "nothing implements this" in trace.gaps[0]


@every
def test_examples_are_as_the_service_would_answer(id_: str) -> None:
    design = records_of(run(id_)["architecture"])
    limited = {
        (r.resource, r.act or "create")
        for c in plan_of(understood(id_)).provable
        for r in c.rules
        if r.kind is RuleKind.RATE
    }
    for op in design.operations:
        assert (429 in op.errors) is ((op.resource, op.verb) in limited)
    for example in design.examples:
        op = next(o for o in design.operations if o.id == example.operation)
        assert "is missing" not in example.error
        if op.method in ("PATCH", "POST") and op.verb != "create":
            times = dict(re.findall(r'"(created_at|changed_at)": "(.+?)"', example.response))
            assert times["changed_at"] > times["created_at"]


def test_titles_of_problems_are_those_of_the_service() -> None:
    source = "\n".join(
        p.read_text(encoding="utf-8") for p in TEMPLATES.rglob("*") if p.is_file() and "frontend" not in p.parts
    )
    for code in (401, 403, 404, 409, 412, 422, 429):
        assert f'"{PROBLEMS[code][0]}"' in source


def test_questions_are_asked_only_where_they_can_be() -> None:
    asked_of = {id_: " ".join(understood(id_).questions) for id_ in REQUESTS}
    assert not any("Who may delete a record" in told for told in asked_of.values())
    assert "address for the e-mail to whoever made the record" in asked_of["22-shop-orders"]
    assert "How does the money move" in asked_of["09-charity-donations"]
    assert "“spreadsheet”" in asked_of["12-lab-samples"]
    assert "“wiki page”" in asked_of["34-incident-log"]
    assert not asked_of["30-api-keys"]


def test_a_title_that_is_a_sentence_is_cut_to_a_name() -> None:
    assert page("47-example-webhook-delivery", "docs/user-guide.md").startswith(
        "# User guide: Webhook delivery system\n"
    )
