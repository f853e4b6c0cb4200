"""From free text to the typed model: a pipeline of small steps over sentences, each driven by tables.

Only the first 20,000 characters are read for meaning, which keeps it linear and quick; that it was cut is an assumption
in the result. Everything is a function of the text: the same request is understood in the same way.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from services.features import words
from services.features.cases import story_of, told_cases, use_cases
from services.features.corrections import (
    SOURCE,
    Draft,
    answers,
    correct_names,
    correct_things,
    in_old_names,
    lines_of,
)
from services.features.criteria import derived_criteria, rules_in, stated_criteria, story_told
from services.features.lost import lost_demands
from services.features.privacy import mark_sensitive
from services.features.quantities import quantities_in
from services.features.questions import questions_of
from services.features.request import Document, FeatureRequest
from services.features.resources import complete, moved, things_of
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence, cut, rows
from services.features.speech import goal_of
from services.features.surroundings import (
    as_written,
    currency_in,
    integrations_in,
    interfaces_in,
    kept_today_in,
    not_built_in,
)
from services.features.titles import product_name
from services.features.understanding import (
    AcceptanceCriterion,
    Correction,
    Integration,
    Story,
    Understanding,
    UseCase,
)
from services.workflow.options import Complexity

READ_MAX = 20_000
_MOST_STORIES = {Complexity.SIMPLE: 5, Complexity.MEDIUM: 7, Complexity.COMPLEX: 10, Complexity.EPIC: 12}


@lru_cache(maxsize=64)
def understand(request: FeatureRequest, documents: tuple[Document, ...] = ()) -> Understanding:
    """The typed model of a request. Any text gives a usable one; what was guessed is listed as an assumption."""
    assumptions: list[str] = []
    own = [*cut(request.title), *cut(request.description[:READ_MAX], offset=len(request.title) + 1)]
    if len(request.description) > READ_MAX:
        assumptions.append(
            f"Only the first {READ_MAX:,} of {len(request.description):,} characters were read for meaning."
        )
    read = [*own, *(s for d in documents for s in cut(d.text[:READ_MAX], source=d.name))]
    cases = use_cases(own)
    things = things_of(request, own, rows(request.description[:READ_MAX]), cases, assumptions)
    cases = _kept(cases, things)
    if not cases:
        main = next(iter(things.values()))
        cases = _assumed_cases(main, own)
        assumptions.append(
            f"The text does not say who does what, so {words.article(cases[0].actor)} creates and reads {main.name.replace('_', ' ')} records."
        )
    systems = integrations_in(read)
    scene = Scene(
        actors=list(dict.fromkeys([*(c.actor for c in cases), *_told_actors(own)])),
        things=things,
        makers=_makers(cases),
        verbs=_verbs(cases),
        systems=as_written(systems, read),
        currency=currency_in(read),
    )
    scene.owners = _owners(own, scene)
    draft, corrections = _corrected(request, scene, cases, own, read)
    complete(scene, assumptions)
    mark_sensitive(scene, read)
    cases, stories = tuple(draft.cases), tuple(s for s in draft.stories if s.id not in draft.dropped)
    resources = tuple(thing.frozen() for thing in scene.things.values())
    stated = tuple(_told_by(c, stories) for c in draft.stated if c.id not in draft.dropped)
    derived = derived_criteria(stories, resources, stated)
    criteria = (*stated, *(c for c in derived if c.id not in draft.dropped))
    integrations, kept_today = systems, kept_today_in(own)
    return Understanding(
        name=words.identifier(product_name(request.title), "feature"),
        title=request.title,
        actors=tuple(scene.actors),
        resources=resources,
        use_cases=cases,
        integrations=integrations,
        interfaces=interfaces_in(own),
        quantities=quantities_in(own, request.performance_budget),
        stories=stories,
        criteria=criteria,
        out_of_scope=tuple(" ".join(s.text.split()) for s in own if s.section == "out"),
        not_built=not_built_in(own),
        kept_today=kept_today,
        not_understood=lost_demands(own, _taken(own, scene, (*criteria, *cases, *integrations))),
        corrections=corrections,
        assumptions=tuple(assumptions),
        questions=tuple(" ".join(s.text.split()) for s in own if s.text.endswith("?") or s.section == "questions")
        + questions_of(cases, resources, criteria, scene.systems, kept_today, scene.currency),
    )


def _corrected(
    request: FeatureRequest,
    scene: Scene,
    cases: Sequence[UseCase],
    own: Sequence[Sentence],
    read: Sequence[Sentence],
) -> tuple[Draft, tuple[Correction, ...]]:
    """Stories and stated criteria, with the request's corrections applied at the moment that suits each."""
    lines = lines_of(request.corrections)
    draft = Draft(scene, list(cases))
    done = correct_things(lines, draft)
    draft.stories = list(_stories(draft.cases, own, scene.things, request.complexity))
    draft.stated = list(stated_criteria(read, draft.stories, scene))
    for case in draft.cases:
        if case.state and case.resource in scene.things:
            scene.act_for(f"mark as {case.state}", scene.things[case.resource])
    done |= _demand(lines, done, draft)
    done |= correct_names(lines, draft)
    return draft, answers(lines, done)


def _told_by(criterion: AcceptanceCriterion, stories: Sequence[Story]) -> AcceptanceCriterion:
    """A criterion whose story was dropped stays, for all stories."""
    known = any(story.id == criterion.story for story in stories)
    return criterion if known else criterion.model_copy(update={"story": ""})


def _demand(lines: Sequence[str], done: dict[str, str], draft: Draft) -> dict[str, str]:
    """Lines that are rules: each becomes a criterion, and wins over a stated one of the same kind about the same."""
    made = {}
    for line in lines:
        sentences = cut(re.sub(r"^(?:please |also,? )+", "", in_old_names(line, lines)), source=SOURCE)
        if line in done or len(sentences) != 1:
            continue
        rules = rules_in(sentences[0], draft.scene)
        if not rules:
            continue
        same = {(r.kind, r.resource, r.act, r.fields) for r in rules}
        draft.stated = [
            c
            for c in draft.stated
            if not {(r.kind, r.resource, r.act, r.fields) for r in c.rules} <= same or not c.rules
        ]
        number = 1 + max((int(c.id[4:]) for c in draft.stated if c.id.startswith("AC-S")), default=0)
        story = story_told(sentences[0], rules, draft.stories)
        draft.stated.append(
            AcceptanceCriterion(id=f"AC-S{number}", story=story, text=line, rules=rules, stated=True, source=SOURCE)
        )
        made[line] = f"Added as AC-S{number}, proven by a test."
    return made


def _told_actors(sentences: Sequence[Sentence]) -> list[str]:
    """Who speaks in stories, also where nothing that they do was understood."""
    return [told[0] for s in sentences if (told := story_of(s))]


def _verbs(cases: Sequence[UseCase]) -> dict[str, set[str]]:
    verbs: dict[str, set[str]] = {}
    for case in cases:
        verbs.setdefault(case.resource, set()).add(case.verb)
    return verbs


def _makers(cases: Sequence[UseCase]) -> dict[str, list[str]]:
    """Thing -> who creates it; who marks an order as ordered creates none."""
    makers: dict[str, list[str]] = {}
    for case in cases:
        if case.verb in words.CREATE and not case.state:
            makers.setdefault(case.resource, []).append(case.actor)
    return makers


_HELD = (
    r"\b(?:(?:their|his|her) own|only (?:\w+ )?(?:their|his|her)(?: own)?|my(?: own)?|(?:has|have|holds?) "
    r"(?P<count>only|at most|no more than|more than|up to|a maximum of)(?: \w+)?) (?:\w+ )?THING\b"
)
_NOT_THEIRS = re.compile(r"\b(?:cannot|can't|not|never|nobody|no one)\b")


def _owners(sentences: Sequence[Sentence], scene: Scene) -> dict[str, set[str]]:
    """Thing -> who calls it their own: "customers see only their orders", "I want to see my orders" of a customer."""
    owners: dict[str, set[str]] = {}
    for sentence in sentences:
        told = story_of(sentence)
        for thing in scene.things.values():
            held = re.search(_HELD.replace("THING", f"(?:{thing.last}|{words.plural(thing.last)})"), sentence.plain)
            before = sentence.plain[: held.start()] if held else ""
            if not held or (_NOT_THEIRS.search(before) and not held["count"]) or sentence.section == "out":
                continue
            named = [(m.end(), a) for a in scene.actors for m in re.finditer(rf"\b{re.escape(a)}s?\b", before)]
            owner = told[0] if told else max(named, default=(0, ""))[1]
            owners.setdefault(thing.name, set()).update({owner} - {""})
    return owners


def _kept(cases: Sequence[UseCase], things: dict[str, Thing]) -> tuple[UseCase, ...]:
    """The use cases of the kept things, by their names."""
    kept: dict[tuple[str, str, str], UseCase] = {}
    for case in cases:
        last = case.resource.rsplit("_", 1)[-1]
        named = next((t for t in things.values() if t.last == last), None)
        made = next((t for name in words.makings(case.verb) for t in things.values() if t.last == name), None)
        thing = made or (moved(named, case.verb, things) if named else None)
        if thing:
            verb = words.MAKING_VERBS.get(thing.last, case.verb) if made and thing.last != last else case.verb
            changed = case.model_copy(update={"resource": thing.name, "verb": verb})
            kept.setdefault((case.actor, verb, thing.name), changed)
    return tuple(kept.values())


def _assumed_cases(main: Thing, sentences: Sequence[Sentence]) -> tuple[UseCase, ...]:
    told = _told_actors(sentences) or [
        words.singular(w) for s in sentences if s.section != "out" for w in s.words if words.singular(w) in words.ACTORS
    ]
    actor = told[0] if told and told[0] not in ("people", "team", "staff", "support") else "user"
    text = f"{words.article(actor)} creates and reads {main.name.replace('_', ' ')} records"
    return tuple(UseCase(actor=actor, verb=verb, resource=main.name, text=text) for verb in ("create", "view"))


def _stories(
    cases: Sequence[UseCase], sentences: Sequence[Sentence], things: dict[str, Thing], complexity: Complexity
) -> tuple[Story, ...]:
    labels = {name: name.replace("_", " ") for name in things}
    stories = []
    for number, case in enumerate(cases[: _MOST_STORIES[complexity]], start=1):
        told = next((m for s in sentences if s.text == case.text and (m := story_of(s))), None)
        stories.append(
            Story(
                id=f"US-{number}",
                actor=case.actor,
                goal=goal_of(case.verb, words.article(labels[case.resource])),
                benefit=told[2] if told else "",
                priority="must" if number <= 3 else "should",
                resource=case.resource,
                span=case.span,
            )
        )
    return tuple(stories)


def _taken(
    sentences: Sequence[Sentence], scene: Scene, understood: Sequence[UseCase | AcceptanceCriterion | Integration]
) -> Iterator[tuple[int, int]]:
    """The places of the text that gave a criterion, an act, a field, a state or another system."""
    yield from (item.span for item in understood if item.span)
    for thing in scene.things.values():
        yield from thing.told
        yield from (field.span for field in thing.fields.values() if field.span)
    names = {thing.last for thing in scene.things.values()}
    yield from (c.span for c in told_cases(sentences) if c.span and c.resource.rsplit("_", 1)[-1] in names)
