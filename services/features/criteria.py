"""Acceptance criteria: those stated, word for word, and those that follow from what was understood.

A stated criterion gets rules only when they are its whole meaning; otherwise a person decides.
"""

import re
from collections.abc import Sequence

from services.features import words
from services.features.cases import story_of
from services.features.fields import is_field
from services.features.rules import (
    calling,
    lifecycle,
    limits,
    lists,
    moments,
    people,
    ranges,
    required,
    telling,
    uniqueness,
    values,
)
from services.features.rules.reading import rules_of
from services.features.rules.scenarios import scenario_rules
from services.features.scene import Scene
from services.features.sentences import Sentence
from services.features.speech import goal_of, noun, spaced
from services.features.understanding import AcceptanceCriterion, CriterionKind, Resource, Rule, RuleKind, Story

_PHRASES = (
    *telling.PHRASES,
    *calling.PHRASES,
    *limits.PHRASES,
    *lists.PHRASES,
    *lifecycle.PHRASES,
    *required.PHRASES,
    *ranges.PHRASES,
    *moments.PHRASES,
    *uniqueness.PHRASES,
    *values.PHRASES,
    *people.PHRASES,
)
_DEMANDS = re.compile(
    r"\b(?:must|shall|should|has to|have to|needs to|we need to|cannot|can't|cant|can not|may not|may only|can only|required|mandatory|at most|at least|no more than|"
    r"only (?:\w+ ){1,4}(?:can|may)|never|automatically|^nobody|and nobody|always|(?:is|are) unique|up to \d|limited to|not allowed|is refused|is rejected|(?:is|are) (?:\w+ )?(?:notified|informed|alerted)|"
    r"will be (?:notified|informed)|by default|defaults to|within \d+ ?(?:ms|seconds?|milliseconds?)|(?:is|are|be|lies?|has|have|number) between \d|only once|no \w+ (?:may|can|will)|"
    r"(?:smallest|largest|minimum|maximum|highest|lowest) (?:\w+ ){1,4}is \d|need an? (?:\w+ )?\w+$|shouldn't|(?:is|are) to be|refused|rejected|turned away|not accepted|for the \w+ alone|reserved for|say no|"
    r"(?:shortest|longest) (?:\w+ ){1,4}is|no \w+ (?:runs?|goes|lasts?)|answered with 4)\b",
    re.IGNORECASE,
)
# "A rejected request can be resubmitted", "Material is blood, saliva or urine": demands by what they say.
_MOVE = re.compile(r"^(?:an? |every |each )?\w+ed (?:\w+ )?\w+ can be \w+ed\b(?! by$)")
_VALUES = re.compile(
    r"^(?:the |its )?(?!it |there |this |that )[a-z]+(?: [a-z]+)? is (?:one of .+|[a-z]+(?:, [a-z]+)+,? or [a-z]+)$"
)
_SILENT = ("out", "background", "questions")
_GIVEN = re.compile(r"^(?:scenario\b.*?)?\s*(?:given\b.*\b)?when\b.*\bthen\b", re.IGNORECASE | re.DOTALL)
_QUALITY = re.compile(
    r"\b(?:ms|milliseconds?|latency|secure|accessib\w*|availab\w*|performan\w*|scal\w*|usab\w*|encrypt\w*|uptime|wcag|p9\d|responsive|load time|throughput|requests per second)\b",
    re.IGNORECASE,
)
_CONSTRAINT = re.compile(
    r"\b(?:gdpr|hipaa|pci|law|legal|regulation|compliance|must use|must run on|budget|deadline|python|postgres\w*|kafka|redis|aws|azure|kubernetes|docker|iso \d+|brand)\b",
    re.IGNORECASE,
)


def is_stated(sentence: Sentence) -> bool:
    """Whether the text presents the sentence as something that must hold."""
    if sentence.section in _SILENT or sentence.text.endswith("?") or story_of(sentence):
        return False
    if sentence.is_bullet and sentence.section == "criteria":
        return True
    if _GIVEN.match(sentence.text):
        return True
    if is_field(sentence):
        return False
    if sentence.is_bullet and sentence.section == "" and len(sentence.words) > 3:
        return True
    return bool(_DEMANDS.search(sentence.plain)) and len(sentence.words) > 2


def stated_criteria(
    sentences: Sequence[Sentence], stories: Sequence[Story], scene: Scene
) -> tuple[AcceptanceCriterion, ...]:
    """Ids AC-S1, AC-S2, ... in the order of the text; the words are kept exactly. The scene learns from each."""
    _read(sentences, scene)  # once to learn the states and fields that later sentences name, then to understand
    chosen = _read(sentences, scene)
    return tuple(
        AcceptanceCriterion(
            id=f"AC-S{number}",
            story=story_told(sentence, rules, stories),
            text=sentence.text,
            kind=_kind_of(sentence, rules),
            rules=rules,
            stated=True,
            source=sentence.source,
            span=sentence.span,
        )
        for number, (sentence, rules) in enumerate(chosen.values(), start=1)
    )


def _read(sentences: Sequence[Sentence], scene: Scene) -> dict[str, tuple[Sentence, tuple[Rule, ...]]]:
    """Text of a stated criterion -> its sentence and its rules."""
    chosen: dict[str, tuple[Sentence, tuple[Rule, ...]]] = {}
    scene.topic = scene.speaker = scene.last_field = ""
    for sentence in sentences:
        told = story_of(sentence)
        scene.speaker = (scene.actor_of(told[0]) or scene.speaker) if told else scene.speaker
        found = _demanded(sentence, scene) if sentence.text not in chosen else None
        if found is not None:
            chosen[sentence.text] = (sentence, found)
        elif not sentence.source:
            named = scene.thing_in(sentence.plain)
            scene.topic = named.name if named and sentence.section != "out" else scene.topic
    return chosen


def _demanded(sentence: Sentence, scene: Scene) -> tuple[Rule, ...] | None:
    """The rules of a sentence that demands something; None for one that does not."""
    if is_stated(sentence):
        return rules_in(sentence, scene)
    if sentence.section in _SILENT or sentence.text.endswith("?") or story_of(sentence) or is_field(sentence):
        return None
    is_told = _MOVE.match(sentence.plain) or _VALUES.match(sentence.plain)
    if is_told:
        return rules_in(sentence, scene)
    trial = scene.copy()
    found = rules_in(sentence, trial)
    if all(rule.kind in (RuleKind.ALLOWED, RuleKind.CHOICES) for rule in found):
        return None  # "managers approve expenses" says what happens, and is a story
    scene.take(trial)
    return found


def rules_in(sentence: Sentence, scene: Scene) -> tuple[Rule, ...]:
    """Every rule that a sentence states, or none: all of it is understood or nothing."""
    if _GIVEN.match(sentence.text):
        return scenario_rules(sentence, scene)
    return rules_of(sentence, scene, _PHRASES)


def _kind_of(sentence: Sentence, rules: Sequence[Rule]) -> CriterionKind:
    if not rules and _QUALITY.search(sentence.text):
        return CriterionKind.QUALITY
    return CriterionKind.CONSTRAINT if not rules and _CONSTRAINT.search(sentence.text) else CriterionKind.FUNCTIONAL


def story_told(sentence: Sentence, rules: Sequence[Rule], stories: Sequence[Story]) -> str:
    """The story whose act and thing the sentence speaks of, by its rules or else by its words; "" stands for all stories."""
    spoken = [(rule.resource, _act_of(rule), rule.actors) for rule in rules]
    acted = (
        sentence.words[sentence.words.index("when") :]
        if _GIVEN.match(sentence.text) and "when" in sentence.words
        else sentence.words
    )
    verbs = {words.lemma(word) or word for word in acted}
    nouns = {words.singular(word) for word in sentence.words}
    spoken += [
        (s.resource, _act(s), tuple(a for a in (s.actor,) if a.rsplit(" ", 1)[-1] in nouns))
        for s in stories
        if s.verb.split("_", 1)[0] in verbs and s.resource.rsplit("_", 1)[-1] in nouns
    ]
    for resource, act, actors in spoken:
        same = [s for s in stories if s.resource == resource and _act(s) == act]
        if same:
            return next((s for s in same if s.actor in actors), same[0]).id
    return ""


def _act(story: Story) -> str:
    return words.act_of(story.verb) or story.verb


# Rules that name no act are kept where a record is made, or seen where it is read.
_READ = {RuleKind.FILTER, RuleKind.SORT, RuleKind.SEARCH, RuleKind.PAGE, RuleKind.EXPORT, RuleKind.HIDDEN, RuleKind.OWN, RuleKind.HISTORY}  # fmt: skip
_MADE = {RuleKind.REQUIRED, RuleKind.OPTIONAL, RuleKind.RANGE, RuleKind.CHOICES, RuleKind.FORMAT, RuleKind.UNIQUE, RuleKind.DEFAULT, RuleKind.COMPARE, RuleKind.OVERLAP, RuleKind.COUNT}  # fmt: skip
_CHANGED = {RuleKind.FIXED, RuleKind.LOCKED}


def _act_of(rule: Rule) -> str:
    if rule.act:
        return "list" if rule.act == "get" else rule.act
    kinds = ((_READ, "list"), (_MADE, "create"), (_CHANGED, "update"))
    return next((act for known, act in kinds if rule.kind in known), "")


def derived_criteria(
    stories: Sequence[Story], resources: Sequence[Resource], stated: Sequence[AcceptanceCriterion]
) -> tuple[AcceptanceCriterion, ...]:
    """One per story, and up to three on the fields of the main thing, that nobody stated."""
    covered = {(r.kind, r.resource, r.act) for c in stated for r in c.rules} | {
        (r.kind, r.resource, f) for c in stated for r in c.rules for f in r.fields
    }
    by_name = {resource.name: resource for resource in resources}
    found = []
    for story in stories:
        act = act_in(story, by_name[story.resource])
        if (RuleKind.ALLOWED, story.resource, act) not in covered:
            covered.add((RuleKind.ALLOWED, story.resource, act))
            rule = Rule(kind=RuleKind.ALLOWED, resource=story.resource, act=act, actors=(story.actor,))
            found.append(
                AcceptanceCriterion(
                    id=f"AC-{story.id[3:]}.1",
                    story=story.id,
                    text=_allowed_text(story, act, by_name[story.resource]),
                    rules=(rule,),
                )
            )
    main = resources[0]
    maker = next((s.id for s in stories if s.resource == main.name and _act(s) == "create"), "")
    number = 2
    for field in [f for f in main.fields if f.choices or f.required]:
        kind = RuleKind.CHOICES if field.choices else RuleKind.REQUIRED
        if number > 4 or (kind, main.name, field.name) in covered or field.default is not None:
            continue
        rule = Rule(kind=kind, resource=main.name, fields=(field.name,), values=field.choices)
        found.append(
            AcceptanceCriterion(
                id=f"AC-{maker[3:] or 0}.{number}",
                story=maker,
                text=_field_text(main, field.name, field.choices),
                rules=(rule,),
            )
        )
        number += 1
    return tuple(found)


def act_in(story: Story, resource: Resource) -> str:
    """The operation that a story's verb means."""
    verb = story.verb
    return verb if any(v == verb for v, _, _ in resource.transitions) else words.act_of(verb) or "update"


def _field_text(main: Resource, field: str, choices: Sequence[str]) -> str:
    what, name = words.article(main.label.lower()), noun(field)
    if choices:
        return f"When {what} is created, the service accepts only {', '.join(c.replace('_', ' ') for c in choices)} as {name}."
    return f"Creating {what} without {name} is refused, and the field is named."


def _allowed_text(story: Story, act: str, resource: Resource) -> str:
    who, what = words.article(story.actor).capitalize(), words.article(resource.label.lower())
    does = goal_of(story.verb, what)
    move = next(((s, t) for v, s, t in resource.transitions if v == act), None)
    if move:
        what = f"{what} that is {spaced(move[0])}"
        return f"{who} can {goal_of(story.verb, what)}; afterwards it is {spaced(move[1])}."
    return {
        "create": f"{who} can {does}; it gets an id and can be read back unchanged.",
        "list": f"{who} can {goal_of(story.verb, words.plural(resource.label.lower()))}, page by page, and one by its id.",
        "delete": f"{who} can {does}; afterwards it is not found.",
        "update": f"{who} can {does}; the change is there when it is read again.",
    }[act]
