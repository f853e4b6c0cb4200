"""From free text to the typed model: a pipeline of small steps over sentences, driven by the tables in `words.py`.

Only the first 20,000 characters are read for meaning, which keeps it linear and quick; that it was cut is an assumption
in the result. Everything is a function of the text: the same request is understood in the same way.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from services.features import words
from services.features.criteria_rules import derived_criteria, stated_criteria
from services.features.fields import fields_in
from services.features.quantities import quantities_in
from services.features.request import Document, FeatureRequest
from services.features.sentences import Sentence, cut
from services.features.understanding import (
    DataField,
    FieldType,
    Integration,
    Resource,
    Story,
    Understanding,
    UseCase,
)
from services.workflow.options import Complexity

READ_MAX = 20_000
_MOST_RESOURCES = {Complexity.SIMPLE: 2, Complexity.MEDIUM: 3, Complexity.COMPLEX: 4, Complexity.EPIC: 5}
_MOST_STORIES = {Complexity.SIMPLE: 5, Complexity.MEDIUM: 7, Complexity.COMPLEX: 10, Complexity.EPIC: 12}
_STORY = re.compile(
    r"as an? ([a-z][a-z -]{1,30}?),? i (?:want|need|would like)(?: to)? (.+?)(?: so that (.+))?$", re.IGNORECASE
)
_OUT_OF_SCOPE = ("out of scope", "not in scope", "non-goals", "won't", "will not be part", "excluded")
_INTEGRATIONS = ("stripe", "paypal", "slack", "email", "sms", "twilio", "s3", "kafka", "salesforce", "jira", "github", "webhook",
                 "calendar", "sap", "oauth", "ldap", "redis", "elasticsearch", "google maps", "hubspot", "sendgrid")  # fmt: skip


@lru_cache(maxsize=64)
def understand(request: FeatureRequest, documents: tuple[Document, ...] = ()) -> Understanding:
    """The typed model of a request. Any text gives a usable one; what was guessed is listed as an assumption."""
    text = f"{request.title}\n{request.description}"
    sentences = cut(text[:READ_MAX])
    assumptions: list[str] = []
    if len(text) > READ_MAX:
        assumptions.append(f"Only the first {READ_MAX:,} of {len(text):,} characters were read for meaning.")
    cases = _use_cases(sentences)
    resources = _resources(request, sentences, cases, assumptions)
    cases = _kept(cases, resources)
    if not cases:
        cases = _assumed_cases(resources[0])
        assumptions.append(
            f"The text names nobody who does something, so a user creates and reads {resources[0].label.lower()} records."
        )
    stories = _stories(cases, sentences, resources, request.complexity)
    criteria = (*stated_criteria(sentences, _document_sentences(documents), stories, resources, cases),)
    criteria = (*criteria, *derived_criteria(stories, resources, cases, criteria))
    return Understanding(
        name=words.identifier(request.title, "feature"),
        title=request.title,
        actors=tuple(dict.fromkeys(case.actor for case in cases)),
        resources=resources,
        use_cases=cases,
        integrations=_integrations(sentences),
        quantities=quantities_in(sentences, request.performance_budget),
        stories=stories,
        criteria=criteria,
        out_of_scope=tuple(s.text for s in sentences if _is_out_of_scope(s)),
        assumptions=tuple(assumptions),
        questions=tuple(s.text for s in sentences if s.text.endswith("?")) + _questions(cases, criteria),
    )


def _use_cases(sentences: Sequence[Sentence]) -> tuple[UseCase, ...]:
    found: list[UseCase] = []
    for sentence in sentences:
        if _is_out_of_scope(sentence):
            continue
        told = _STORY.search(sentence.text.rstrip("."))
        if told:
            found += _clauses(sentence, [*told[1].lower().split(), *_tokens(told[2])])
        else:
            found += _clauses(sentence, _tokens(sentence.text))
    return tuple({(c.actor, c.verb, c.resource): c for c in reversed(found)}.values())[::-1]


def _tokens(text: str) -> list[str]:
    return [t.lower() for t in re.findall(r"[A-Za-z][A-Za-z'’-]*|,", text)]


def _clauses(sentence: Sentence, tokens: list[str]) -> list[UseCase]:
    """Every "actor verb(s) object" of a sentence."""
    cases: list[UseCase] = []
    actor, position = "", 0
    while position < len(tokens):
        token = tokens[position]
        verb = words.lemma(token)
        if verb and actor and not _is_noun_here(tokens, position):
            verbs, after = _verb_chain(tokens, position)
            thing = _noun_phrase(tokens, after)
            if thing and "not" not in tokens[max(0, position - 2) : position] and not words.is_actor(thing.split()[-1]):
                name = words.identifier(thing, "item")
                cases += [
                    UseCase(actor=actor, verb=v, resource=name, text=sentence.text, span=(sentence.start, sentence.end))
                    for v in verbs
                ]
            position = after
            continue
        if words.is_actor(token) and token not in words.STOP:
            previous = tokens[position - 1] if position else ""
            qualified = previous and previous not in words.STOP | words.BREAKS | {","} and not words.lemma(previous)
            actor = f"{previous} {words.singular(token)}" if qualified else words.singular(token)
        position += 1
    return cases


def _is_noun_here(tokens: list[str], position: int) -> bool:
    """ "an order", "the review": a verb's word that follows an article is a noun."""
    return position > 0 and tokens[position - 1] in {
        "a",
        "an",
        "the",
        "each",
        "every",
        "this",
        "of",
        "per",
        "their",
        "his",
        "her",
    }


def _verb_chain(tokens: list[str], position: int) -> tuple[list[str], int]:
    """The verbs joined by commas, "and" and "or" from a place on, and the place after them."""
    verbs: list[str] = []
    while position < len(tokens):
        verb = words.lemma(tokens[position])
        if verb:
            verbs.append(verb)
        elif tokens[position] not in {",", "and", "or"}:
            break
        position += 1
    return verbs, position


def _noun_phrase(tokens: list[str], position: int) -> str:
    """The last two words of the thing named from a place on, singular; empty when there is none."""
    phrase: list[str] = []
    for word in tokens[position : position + 7]:
        ends = word == "," or word in words.BREAKS or (phrase and (word in words.STOP or word in words.MODALS))
        if ends or (phrase and words.lemma(word) and word.endswith(("ed", "ing"))):
            break
        if word not in words.STOP:
            phrase.append(word)
    if not phrase:
        return ""
    return " ".join([*phrase[-2:-1], words.singular(phrase[-1])])


def _resources(
    request: FeatureRequest, sentences: Sequence[Sentence], cases: Sequence[UseCase], assumptions: list[str]
) -> tuple[Resource, ...]:
    score: dict[str, int] = {}
    for case in cases:
        weight = 5 if case.verb in words.CREATE else 3 if case.verb in words.TRANSITIONS else 1
        score[case.resource] = score.get(case.resource, 0) + weight
    names = _merged(sorted(score, key=lambda name: (-score[name], list(score).index(name))))
    if not names:
        names = [_name_from_title(request.title)]
        assumptions.append(f"What is kept was guessed from the title: {names[0].replace('_', ' ')}.")
    kept = names[: _MOST_RESOURCES[request.complexity]]
    return tuple(
        _resource(name, sentences, cases, assumptions, is_main=position == 0) for position, name in enumerate(kept)
    )


def _merged(names: Sequence[str]) -> list[str]:
    """ "expense" and "submitted expense" are one thing: the one with the higher score stays."""
    kept: list[str] = []
    for name in names:
        last = name.rsplit("_", 1)[-1]
        if not any(last == other.rsplit("_", 1)[-1] for other in kept):
            kept.append(name)
    return kept


def _name_from_title(title: str) -> str:
    told = [w.lower() for w in re.findall(r"[A-Za-z][A-Za-z-]*", title)]
    nouns = [w for w in told if w not in words.STOP | words.BREAKS and words.lemma(w) is None and len(w) > 2]
    return words.identifier(words.singular(nouns[-1]) if nouns else "", "item")


def _resource(
    name: str,
    sentences: Sequence[Sentence],
    cases: Sequence[UseCase],
    assumptions: list[str],
    *,
    is_main: bool,
) -> Resource:
    fields = fields_in(sentences, name, takes_all=is_main)
    if len(fields) < 2:
        have = {f.name for f in fields}
        assumed = [
            DataField(name="title", type=FieldType.STRING, maximum=120),
            DataField(name="note", type=FieldType.TEXT, required=False, maximum=2000),
        ]
        fields = (*[f for f in assumed if f.name not in have], *fields)
        assumptions.append(
            f"The text says little about the fields of {name.replace('_', ' ')}; a title and a note were assumed."
        )
    verbs = [c.verb for c in cases if c.resource.rsplit("_", 1)[-1] == name.rsplit("_", 1)[-1]]
    states, transitions = _state_machine(verbs)
    mention = next((s for s in sentences if name.rsplit("_", 1)[-1] in s.text.lower()), None)
    return Resource(
        name=name,
        plural=words.plural(name),
        label=name.replace("_", " ").capitalize(),
        fields=fields,
        states=states,
        transitions=transitions,
        span=(mention.start, mention.end) if mention else None,
    )


def _state_machine(verbs: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """States in the order in which the text names their verbs; the first is where creation leads."""
    moving = list(dict.fromkeys(verb for verb in verbs if verb in words.TRANSITIONS))
    if not moving:
        return (), ()
    first = "submitted" if "submit" in verbs else "requested" if "request" in verbs else "open"
    states, transitions, last = [first], [], first
    for verb in moving:
        target = words.TRANSITIONS[verb]
        source = last if target in words.LATER else first
        transitions.append((verb, source, target))
        states.append(target)
        if target not in ("rejected", "cancelled", "declined"):
            last = target
    return tuple(states), tuple(transitions)


def _kept(cases: Sequence[UseCase], resources: Sequence[Resource]) -> tuple[UseCase, ...]:
    """The use cases of the kept resources, by their names; a verb that needs a state machine has one."""
    by_last = {resource.name.rsplit("_", 1)[-1]: resource.name for resource in resources}
    renamed = (
        case.model_copy(update={"resource": by_last.get(case.resource.rsplit("_", 1)[-1], "")}) for case in cases
    )
    kept = {(c.actor, c.verb, c.resource): c for c in renamed if c.resource}
    return tuple(kept.values())


def _assumed_cases(resource: Resource) -> tuple[UseCase, ...]:
    text = f"a user creates and reads {resource.label.lower()} records"
    return tuple(UseCase(actor="user", verb=verb, resource=resource.name, text=text) for verb in ("create", "view"))


_BENEFITS = (
    (words.CREATE, "it is recorded once, where everybody concerned finds it"),
    (set(words.TRANSITIONS), "nobody has to ask where it stands"),
    (words.UPDATE, "what is recorded stays true"),
    (words.DELETE, "nothing is kept that should not be"),
    (words.READ, "decisions rest on what is recorded"),
)


def _stories(
    cases: Sequence[UseCase], sentences: Sequence[Sentence], resources: Sequence[Resource], complexity: Complexity
) -> tuple[Story, ...]:
    labels = {resource.name: resource.label.lower() for resource in resources}
    stories = []
    for number, case in enumerate(cases[: _MOST_STORIES[complexity]], start=1):
        told = next((m for s in sentences if s.text == case.text and (m := _STORY.search(s.text.rstrip(".")))), None)
        benefit = told[3] if told and told[3] else next(text for verbs, text in _BENEFITS if case.verb in verbs)
        stories.append(
            Story(
                id=f"US-{number}",
                actor=case.actor,
                goal=f"{case.verb} {words.article(labels[case.resource])}",
                benefit=benefit,
                priority="must" if number <= 3 else "should",
                resource=case.resource,
                span=case.span,
            )
        )
    return tuple(stories)


def _integrations(sentences: Sequence[Sentence]) -> tuple[Integration, ...]:
    found: dict[str, Integration] = {}
    for sentence in sentences:
        for name in _INTEGRATIONS:
            if name not in found and re.search(rf"\b{re.escape(name)}\b", sentence.text, re.IGNORECASE):
                found[name] = Integration(name=name, purpose=sentence.text[:200], span=(sentence.start, sentence.end))
    return tuple(found.values())


def _is_out_of_scope(sentence: Sentence) -> bool:
    text = sentence.text.lower()
    return any(mark in text or mark in sentence.heading for mark in _OUT_OF_SCOPE)


def _document_sentences(documents: Sequence[Document]) -> list[Sentence]:
    return [sentence for document in documents for sentence in cut(document.text[:READ_MAX])]


def _questions(cases: Sequence[UseCase], criteria: Sequence[object]) -> tuple[str, ...]:
    asked = []
    if not any(case.verb in words.DELETE for case in cases):
        asked.append("Who may delete a record, and is it kept for audit?")
    if not any(getattr(c, "stated", False) for c in criteria):
        asked.append("Which acceptance criteria must hold beyond those derived here?")
    return tuple(asked)
