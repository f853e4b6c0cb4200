"""Under bdd: a feature per entity, a Gherkin rule per criterion in its own words, scenarios as its rules have them.

What a rule's scenarios say stands in the macro `scenarios` of its template, beside its test; the steps that read the
sentences are the same for every rule. A rule without scenarios has its ordinary test only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.agents.blueprint.imports import module
from services.agents.blueprint.rendering import render, template_module
from services.agents.blueprint.rules.examples import NOW
from services.agents.blueprint.rules.rule_plan import Plan
from services.agents.blueprint.rules.rule_trials import trial_of
from services.agents.blueprint.rules.trial_files import SOURCES, case_of
from services.agents.blueprint.testing import gherkin_words as gherkin
from services.agents.blueprint.testing.tellers import Teller
from services.features import words
from services.features.speech import spaced
from services.features.understanding import AcceptanceCriterion, RuleKind, Story

_MADE = "Made by the blueprint engine; no model was called."
_DATED = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_STORY = (
    "CHANNELS", "DOES", "DONE", "FIELDS", "OTHER_ROLE", "ROLES_SAID", "ROLE_NAMES", "SPANS", "STATES", "THINGS", "Story",
    "any_of", "places", "seconds",
)  # fmt: skip
_SOURCES = {
    **SOURCES, "re": "import re", "Decimal": "decimal",
    **dict.fromkeys(("given", "parsers", "scenario", "then", "when"), "pytest_bdd"),
}  # fmt: skip
_OF_STORY = {**_SOURCES, **dict.fromkeys(_STORY, "tests.features.story")}


@dataclass(frozen=True)
class Scenario:
    """`lines`: of the feature file, the first one with its name."""

    name: str
    lines: tuple[str, ...]


def scenario_files(plan: Plan) -> dict[str, bytes]:
    features = [feature for resource in plan.resources if (feature := _feature(plan, resource.name))["cases"]]
    notifies = any(rule.kind is RuleKind.NOTIFY for rule in plan.domain.rules)
    bodies = {
        "story": (f"What a scenario tells, and the words that it is told in. {_MADE}", "story", {**_words(plan), "notifies": notifies}, _SOURCES),
        "conftest": (f"The sentences of the features, each with what it does. {_MADE}", "sentences", {"notifies": notifies}, _OF_STORY),
        "test_scenarios": (f"Runs the scenarios of the features beside it. {_MADE}", "scenarios", {"features": features}, _SOURCES),
    }  # fmt: skip
    made = {
        f"tests/features/{name}.py": module(said, render(f"testing/{template}.py.j2", **values).decode(), sources)
        for name, (said, template, values, sources) in bodies.items()
    }
    told = {f"tests/features/{f['file']}": render("testing/feature.feature.j2", **f) for f in features}
    return {"tests/features/__init__.py": b"", **made, **told}


def told_criteria(plan: Plan) -> tuple[str, ...]:
    """The criteria that have scenarios."""
    return tuple(case["id"] for r in plan.resources for case in _feature(plan, r.name)["cases"])


def _feature(plan: Plan, resource: str) -> dict[str, Any]:
    """The criteria whose first rule is about the entity."""
    found, taken = plan.domain.resource(resource), set[str]()
    cases = []
    for criterion in plan.provable:
        if criterion.rules[0].resource == resource:
            scenarios = _scenarios(plan, criterion, taken)
            cases += (
                [{**case_of(plan, criterion), "line": _line(criterion.text), "scenarios": scenarios}]
                if scenarios
                else []
            )
    stories = [s for s in plan.domain.understanding.stories if s.resource == resource]
    return {
        "file": f"{found.plural}.feature",
        "title": spaced(found.plural).capitalize(),
        "stories": [_story(s) for s in stories],
        "cases": cases,
        "now": f"{NOW:%Y-%m-%d %H:%M}",
        "is_dated": any(_DATED.search(line) for c in cases for s in c["scenarios"] for line in s.lines),
    }


def _scenarios(plan: Plan, criterion: AcceptanceCriterion, taken: set[str]) -> list[Scenario]:
    """`taken`: names of the feature's other scenarios; each name is there once."""
    made: list[Scenario] = []
    for rule in criterion.rules:
        code = plan.code_of(rule)
        text = str(
            template_module(code.template).scenarios(code, trial_of(plan.domain, code), Teller(plan.domain, code))
        )
        for block in _blocks(text):
            keyword, _, name = block[0].partition(": ")
            name = name[:1].upper() + name[1:]
            name = name if name not in taken else f"{name} ({criterion.id})"
            name = name if name not in taken else f"{name[:-1]}, {len(made) + 1})"
            taken.add(name)
            made.append(Scenario(name, (f"{keyword}: {name}", *block[1:])))
    return made


def _blocks(text: str) -> list[list[str]]:
    """The lines of each scenario; an outline keeps the empty line before its examples."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("Scenario"):
            found.append([])
        if line.strip():
            found[-1] += ["", line] if line.strip() == "Examples:" else [line]
    return found


def _words(plan: Plan) -> Mapping[str, Any]:
    domain, resources = plan.domain, plan.resources
    fields = {(r.name, said): (name, gherkin.type_of(r, name)) for r in resources for name, said in gherkin.fields_of(r).items()}  # fmt: skip
    return {
        "things": gherkin.things_of(domain),
        "roles": gherkin.roles_of(domain),
        "role_names": {spaced(actor): actor for actor in domain.understanding.actors},
        "does": {(r.name, said): act for r in resources for act, said in gherkin.acts_of(domain, r).items()},
        "done": {(r.name, said): act for r in resources for act, said in gherkin.done_of(domain, r).items()},
        "fields": fields,
        "spans": tuple((r.name, name) for r in resources for name in gherkin.spans_of(r)),
        "states": {(r.name, spaced(state)): state for r in resources for state in r.states},
    }


def _story(story: Story) -> str:
    benefit = f", so that {story.benefit}" if story.benefit else ""
    return _line(f"As {words.article(spaced(story.actor))}, I want to {story.goal}{benefit}.")


def _line(text: str) -> str:
    return " ".join(text.split()).removeprefix("- ")
