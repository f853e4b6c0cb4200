"""Acceptance criteria: those stated, word for word, and those that follow from what was understood.

A stated criterion gets a rule only when its whole meaning is one that a test can prove; otherwise a person decides.
"""

import re
from collections.abc import Sequence

from services.features import words
from services.features.sentences import Sentence
from services.features.understanding import AcceptanceCriterion, CriterionKind, Resource, Story, UseCase

_HEADINGS = ("acceptance", "criteria", "requirements", "done when", "definition of done", "rules")
_MARKS = re.compile(
    r"\b(must|shall|must not|cannot|may not|is required|are required|at most|at least)\b", re.IGNORECASE
)
_GIVEN = re.compile(r"^given\b.*\bwhen\b.*\bthen\b", re.IGNORECASE | re.DOTALL)
_LOCKED = re.compile(r"\b(must not|cannot|can not|may not|can't)\b.*\b(chang|edit|updat|modif)", re.IGNORECASE)
_REQUIRED = re.compile(
    r"^(?:the |an? |each |every )?([\w -]{2,40}?) (?:is|are|must be) (?:required|mandatory|given|present)\b",
    re.IGNORECASE,
)
# A sentence with one of these says more than "somebody does something"; its whole meaning is not proven by that.
_CONDITIONS = re.compile(
    r"\d|\b(if|unless|only|when|within|before|after|until|not|never|without|except|while|above|below|over|under)\b",
    re.IGNORECASE,
)
_QUALITY = re.compile(r"\b(ms|seconds?|latency|secure|accessib|availab|performan|scal|usab|encrypt)", re.IGNORECASE)


def stated_criteria(
    sentences: Sequence[Sentence],
    from_documents: Sequence[Sentence],
    stories: Sequence[Story],
    resources: Sequence[Resource],
    cases: Sequence[UseCase],
) -> tuple[AcceptanceCriterion, ...]:
    """Ids AC-S1, AC-S2, ...; the text is kept word for word."""
    chosen = [(s, True) for s in sentences if _is_stated(s)] + [(s, False) for s in from_documents if _is_stated(s)]
    unique = {sentence.text: (sentence, in_request) for sentence, in_request in chosen}
    return tuple(
        AcceptanceCriterion(
            id=f"AC-S{number}",
            story=_story_of(sentence, stories),
            text=sentence.text,
            kind=CriterionKind.QUALITY if _QUALITY.search(sentence.text) else CriterionKind.FUNCTIONAL,
            rule=_rule(sentence, resources, cases),
            stated=True,
            span=(sentence.start, sentence.end) if in_request else None,
        )
        for number, (sentence, in_request) in enumerate(unique.values(), start=1)
    )


def derived_criteria(
    stories: Sequence[Story],
    resources: Sequence[Resource],
    cases: Sequence[UseCase],
    stated: Sequence[AcceptanceCriterion],
) -> tuple[AcceptanceCriterion, ...]:
    """One per story, and one per required choice of the main resource that nobody stated."""
    covered = {criterion.rule for criterion in stated if criterion.rule}
    by_name = {resource.name: resource for resource in resources}
    found = []
    for story in stories:
        verb = story.goal.split(" ", 1)[0]
        rule = ("allowed", verb, story.resource)
        if rule not in covered:
            text = _derived_text(story, verb, by_name[story.resource])
            found.append(AcceptanceCriterion(id=f"AC-{story.id[3:]}.1", story=story.id, text=text, rule=rule))
    main = resources[0]
    for number, field in enumerate([f for f in main.fields if f.choices or f.required][:3], start=2):
        if not stories or any(rule[:2] == ("required", field.name) for rule in covered):
            continue
        kind = "choices" if field.choices else "required"
        allowed = f"accepts only {', '.join(field.choices)} as" if field.choices else "is refused without"
        text = f"When {words.article(main.label.lower())} is created, the service {allowed} {field.name.replace('_', ' ')}."
        if kind == "required":
            text = f"Creating {words.article(main.label.lower())} without {field.name.replace('_', ' ')} is refused, and the field is named."
        found.append(
            AcceptanceCriterion(id=f"AC-1.{number}", story=stories[0].id, text=text, rule=(kind, field.name, main.name))
        )
    return tuple(found)


def _derived_text(story: Story, verb: str, resource: Resource) -> str:
    who, what = words.article(story.actor).capitalize(), words.article(resource.label.lower())
    if verb in words.TRANSITIONS and resource.transitions:
        before = next((source for name, source, _ in resource.transitions if name == verb), resource.states[0])
        return f"{who} can {verb} {what} that is {before}; afterwards it is {words.TRANSITIONS[verb]}."
    if verb in words.CREATE:
        return f"{who} can {verb} {what}; it gets an id and can be read back unchanged."
    if verb in words.READ:
        return f"{who} can {verb} {words.plural(resource.label.lower())}, page by page, and one by its id."
    if verb in words.DELETE:
        return f"{who} can {verb} {what}; afterwards it is not found."
    return f"{who} can {verb} {what}; the change is there when it is read again."


def _is_stated(sentence: Sentence) -> bool:
    under_heading = sentence.is_bullet and any(word in sentence.heading for word in _HEADINGS)
    return under_heading or bool(_GIVEN.match(sentence.text)) or bool(_MARKS.search(sentence.text))


def _story_of(sentence: Sentence, stories: Sequence[Story]) -> str:
    """The story that shares most words with the sentence; the first one where none does."""
    told = {words.singular(w) for w in sentence.words}
    ranked = [
        (len(told & {words.singular(w) for w in f"{s.goal} {s.actor}".split()}), -n, s.id)
        for n, s in enumerate(stories)
    ]
    return max(ranked)[2]


def _rule(sentence: Sentence, resources: Sequence[Resource], cases: Sequence[UseCase]) -> tuple[str, ...]:
    told = sentence.words
    named = [r for r in resources if r.name.rsplit("_", 1)[-1] in {words.singular(w) for w in told}]
    resource = named[0] if named else resources[0]
    locked = next((state for state in resource.states[1:] if state in told), None)
    if locked and _LOCKED.search(sentence.text) and not re.search(r"\d|\b(if|unless|except)\b", sentence.text):
        return ("locked", locked, resource.name)
    required = _REQUIRED.match(sentence.text.strip())
    if required:
        field = words.identifier("_".join(words.singular(w) for w in required[1].lower().split()), "value")
        if any(f.name == field and f.required for f in resource.fields):
            return ("required", field, resource.name)
    if not named or _CONDITIONS.search(sentence.text):
        return ()
    exact = [c for c in cases if c.text == sentence.text and c.resource == resource.name]
    return ("allowed", exact[0].verb, resource.name) if len(exact) == 1 else ()
