"""Who does what: use cases as "actor, verb, thing" clauses of sentences and of user stories."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.nouns import WEAK, is_qualifier, is_thing, phrase_before
from services.features.sentences import Sentence
from services.features.understanding import UseCase

STORY = re.compile(
    r"^\W*as an? ([a-z][a-z -]{1,30}?),? i(?: want| need| would like| wish| should be able|'d like)(?: to be able)?(?: to)? (.+?)(?:,? (?:so that|so|in order to) (.+))?$",
    re.IGNORECASE | re.DOTALL,
)
_PASSIVE = re.compile(
    r"\b([a-z][\w -]{1,40}?) (?:is|are|can be|may be|must be|should be|will be|gets?|get) (?:then |only |also |always )?([a-z-]+) (?:only )?by ((?:an? |the |any )?[a-z][a-z ]{2,24}?)(?:$|[,.;]| (?:who|when|if|after|before|and|or|within|with|for|in|on|via|through|using)\b)",
    re.IGNORECASE,
)
_ARTICLES = {"a", "an", "the", "each", "every", "this", "of", "per", "their", "his", "her", "its", "my", "own", "our", "any", "no", "some", "new", "one", "such", "all"}  # fmt: skip
_NO_SUBJECT = {"system", "service", "app", "application", "server", "api", "page", "browser", "gateway", "scheduler", "worker", "error", "number", "filter", "header"}  # fmt: skip
_POINTED = {"it", "them", "one", "everything", "all"}
_BE = {"is", "are", "was", "were", "be", "been", "being", "gets"}
_CLAUSE = {"who", "what", "when", "where", "whether", "how", "that", "if", "why", "which", "whom"}
_PARTICLES = {"up", "in", "out", "off", "down"}
_KNOWN_ACTS = {*words.TRANSITIONS, *words.READ, *words.UPDATE, *words.DELETE, "submit"} - {
    "pick",
    "look",
    "check",
    "follow",
    "watch",
    "accept",
}
_GERUNDS = {"hiring", "billing", "marketing", "purchasing", "shipping", "accounting", "publishing", "operating", "receiving", "nursing", "building", "managing", "planning", "staffing"}  # fmt: skip
# Before the name of people these are no part of it.
_NO_NOUN = {"but", "says", "say", "tells", "asks", "gets", "get", "lets", "let", "gives", "makes", "when", "while", "because", "since", "though", "furthermore", "then", "interested", "idea", "elderly", "nobody", "everybody"}  # fmt: skip
# "a spot in a class" is about the class.
_PART_OF = {"spot", "spots", "seat", "seats", "place", "places", "copy", "copies", "list", "lists", "details", "history", "slot"}  # fmt: skip
_NEGATED = {"not", "cannot", "can't", "never", "nobody", "no", "mustn't", "won't", "don't", "doesn't", "without"}


def story_of(sentence: Sentence) -> tuple[str, str, str] | None:
    """(actor, goal, benefit) of "As a ..., I want ... so that ...", else None."""
    told = STORY.search(" ".join(sentence.text.replace("*", "").replace("’", "'").split()).rstrip("."))
    return (words.singular_phrase(told[1].lower()), told[2], told[3] or "") if told else None


def use_cases(sentences: Sequence[Sentence]) -> tuple[UseCase, ...]:
    """Each (actor, verb, thing) once, in the order of the text. `resource` is still the text's own noun."""
    return tuple({(c.actor, c.verb, c.resource): c for c in reversed(told_cases(sentences))}.values())[::-1]


def told_cases(sentences: Sequence[Sentence]) -> tuple[UseCase, ...]:
    """Every clause, also one that says again what another has said."""
    told = [s for s in sentences if s.section not in ("out", "background", "questions")]
    return _found(told) or _found([s for s in sentences if s.section == "background"])


def _found(sentences: Sequence[Sentence]) -> tuple[UseCase, ...]:
    found: list[UseCase] = []
    speaker = topic = ""
    known_before = 0
    for sentence in sentences:
        told = story_of(sentence)
        topic = _topic(sentence) or (found[-1].resource if len(found) > known_before else topic)
        known_before = len(found)
        if told:
            speaker = told[0]
            found += _clauses(sentence, [*told[0].split(), *_tokens(told[1])], told[0])
            continue
        found += _clauses(sentence, _tokens(sentence.text), "", speaker, topic)
        for thing, verb, actor in _PASSIVE.findall(" ".join(sentence.text.split())):
            base = words.lemma(verb.lower())
            noun = noun_phrase(_tokens(thing), 0)
            name = words.singular_phrase(re.sub(r"^(?:an?|the|any) ", "", actor.lower().strip()))
            person = name.split()
            if base and noun and is_person(person, len(person) - 1) and is_thing(noun.split()[-1]):
                found.append(_case(_with_qualifier(person, len(person) - 1), base, noun, sentence))
    known = {c.actor for c in found}
    return tuple(c.model_copy(update={"actor": _short(c.actor, known)}) for c in found)


_SUBJECT = re.compile(
    r"^(?:details: |scenario\b.*? given |given )?(?:an?|the|each|every) ((?:[a-z_-]+ ){0,2}[a-z_-]+)(?=(?: (?:has|have|names|holds|carries|consists|contains|belongs|goes|moves|is|that|which) )|:)"
)


def _topic(sentence: Sentence) -> str:
    """What a sentence begins with: "each sample carries a barcode", or what it calls `purchase_order`."""
    told = _SUBJECT.match(sentence.plain)
    ticked = re.search(r"\ban? `([a-z_]+)`", sentence.text)
    name = phrase_before(told[1].strip()) if told else ticked[1] if ticked else ""
    last = words.singular(name.replace("_", " ").split()[-1]) if name else ""
    return words.identifier(name, "item") if is_thing(last) and not words.is_actor(last) else ""


def _short(actor: str, known: set[str]) -> str:
    """ "fitness studio member" is the "member" of the rest of the text, where no other kind of member is named."""
    last = actor.rsplit(" ", 1)[-1]
    return last if last in known and sum(a.rsplit(" ", 1)[-1] == last for a in known) == 2 else actor


def _case(actor: str, verb: str, noun: str, sentence: Sentence, state: str = "") -> UseCase:
    return UseCase(
        actor=actor,
        verb=words.verb_to(state) if state else verb,
        resource=words.identifier(noun, "item"),
        text=sentence.text,
        state=state,
        span=sentence.span,
    )


def _marked_as(verb: str, tokens: Sequence[str], after: int) -> str:
    """The state to which a verb says that something is set: "mark an order as shipped" -> shipped, "set it to done"."""
    told = tokens[after : after + 7] if verb in ("mark", "set", "switch", "move") else ()
    place = next((n for n, word in enumerate(told) if word == "as" or (word == "to" and verb != "mark")), 0)
    if not place or len(told) < place + 2 or {",", ".", ";", "and", "or"} & set(told[:place]):
        return ""
    word = told[place + 1].replace("-", "_")
    is_state = words.is_state_word(word) or word.endswith("ed") or word in ("done", "draft")
    return word if is_state or (verb == "mark" and word not in words.STOP) else ""


def _tokens(text: str) -> list[str]:
    plain = re.sub(r"\b(ask)(?:s|ed|ing)? for\b", "request", text.replace("`", ""), flags=re.IGNORECASE)
    plain = re.sub(r"\blooks? at\b", "see", words.joined(plain), flags=re.IGNORECASE)
    found = re.findall(r"[A-Za-z][A-Za-z_'’-]*|\d+|[,;:.()]", plain)
    return [
        t if t == "IT" and n + 1 < len(found) and words.is_actor(found[n + 1].lower()) else t.lower().replace("’", "'")
        for n, t in enumerate(found)
    ]


def _clauses(sentence: Sentence, tokens: list[str], known: str, speaker: str = "", topic: str = "") -> list[UseCase]:
    """Every "actor verb(s) object" of a sentence; `known` is the actor of a story, which leads its tokens.

    An object that is only pointed at ("approves it", "may approve or reject") is the thing that was named last.
    """
    cases: list[UseCase] = []
    actor, position = known, len(known.split()) if known else 0
    while position < len(tokens):
        told = tokens[position]
        verb = words.lemma(told)
        if verb and actor and not _is_noun_here(tokens, position):
            verbs, after = _verb_chain(tokens, position)
            noun = _object(tokens, after, verbs, cases[-1].resource if cases else topic)
            is_negated = bool(_NEGATED & set(tokens[max(0, position - 3) : position]))
            if noun and not is_negated and not _is_narrowed(tokens, position, _past(tokens, after, noun)):
                cases += [_case(actor, v, noun, sentence, _marked_as(v, tokens, after)) for v in verbs]
            position = _past(tokens, after, noun)
            continue
        if speaker and told == "i":
            actor = speaker
        elif is_person(tokens, position):
            if _is_spoken_of(tokens, position):
                position += 1
                continue  # "for the customer": not who acts
            actor, position = _name(tokens, position)
        elif told in {".", ";", ")", "when", "if", "once", "until", "while", "because"}:
            actor = known
        position += 1
    return cases


_NARROWING = {"with", "without", "whose", "that", "which", "if", "when", "while", "unless", "until", "of", "from"}
_NARROWING_BY = {"above", "over", "below", "under", "before", "after"}  # also particles: "switch a step over"


def _is_narrowed(tokens: Sequence[str], position: int, past: int) -> bool:
    """ "Only an administrator can create a key with scope admin" does not say who creates keys."""
    is_only = bool({"only", "nobody"} & set(tokens[max(0, position - 6) : position]))
    told, then = [*tokens[past : past + 2], "", ""][:2]
    return is_only and (told in _NARROWING or (told in _NARROWING_BY and then[:1].isalnum()))


def _past(tokens: Sequence[str], after: int, noun: str) -> int:
    """The place after an object, whose words are no verbs: "start a work order"."""
    last = noun.split()[-1] if noun else ""
    return next((n + 1 for n in range(after, min(after + 7, len(tokens))) if words.singular(tokens[n]) == last), after)


def _object(tokens: list[str], after: int, verbs: Sequence[str], topic: str) -> str:
    if tokens[after : after + 1] == ["for"] and verbs[-1] in ("vote", "apply", "donate", "search", "look"):
        after += 1
    rest = [t for t in tokens[after : after + 2] if t != "then"]
    is_all = rest == ["all", "of"] or (rest[:1] == ["all"] and len(rest) < 2)
    if not rest or rest[0] in {".", ";"}:
        return topic.replace("_", " ") if set(verbs) & _KNOWN_ACTS else ""
    if rest[0] in _POINTED and (rest[0] != "all" or is_all):
        if rest[1:] and rest[1] in _PARTICLES:
            return ""  # "pick it up" is not to pick
        many = [
            words.singular(t)
            for t in tokens[max(0, after - 40) : after]
            if rest[0] == "them" and t.endswith("s") and is_thing(words.singular(t))
        ]
        named = [n for n in many if not words.lemma(n) and not words.is_actor(n)]
        return named[-1] if named else topic.replace("_", " ")
    if rest[0] in _CLAUSE:
        return ""
    noun = noun_phrase(tokens, after)
    last = noun.split()[-1] if noun else ""
    return noun if is_thing(last) or (last in WEAK and not words.is_actor(last)) else ""


def is_person(tokens: Sequence[str], position: int) -> bool:
    """Whether the word at a place names people, and is not a part of a longer name: "tenant admins" are admins."""
    told = tokens[position]
    following = tokens[position + 1] if position + 1 < len(tokens) else ""
    if (
        not words.is_actor(told)
        or told in words.STOP
        or words.singular(told) in _NO_SUBJECT
        or told in ("people", "whoever")
    ):
        return False
    return not words.is_actor(following) or (following in ("leads", "lead", "heads") and told != "team")


def _is_spoken_of(tokens: Sequence[str], position: int) -> bool:
    """ "for the customer", "by a manager": who is spoken of does not act here."""
    before = [t for t in tokens[max(0, position - 3) : position] if t not in _ARTICLES]
    return (
        bool(before)
        and before[-1]
        in words.BREAKS - {"as", "when", "if", "once", "until", "where", "before", "after", "while"} | {"to"}
        and bool(position)
    )


def _name(tokens: Sequence[str], position: int) -> tuple[str, int]:
    """The name of people at a place, with the noun before it or what they are the head of, and its last place."""
    if (
        words.singular(tokens[position]) in ("head", "chief", "director")
        and tokens[position + 1 : position + 2] == ["of"]
        and len(tokens) > position + 2
    ):
        return f"{words.singular(tokens[position])} of {tokens[position + 2]}", position + 2
    return _with_qualifier(tokens, position), position


def _with_qualifier(tokens: Sequence[str], position: int) -> str:
    """The actor with the noun before it: "warehouse manager"."""
    previous = tokens[position - 1] if position else ""
    name = words.singular(tokens[position])
    if previous == "IT":
        return f"it {name}"
    if previous in _GERUNDS or (is_qualifier(previous) and previous not in _NO_NOUN and not previous.isdigit()):
        return f"{previous} {name}"
    return name


def _is_noun_here(tokens: list[str], position: int) -> bool:
    """ "an order", "the review": a verb's word that follows an article is a noun; so is the first of "order number is".

    "is approved" and "published articles" say what a thing is, and nobody acts.
    """
    told = tokens[position]
    before = tokens[position - 1] if position else ""
    after = tokens[position + 1] if position + 1 < len(tokens) else ""
    is_joined = before in {"or", "and", ","}
    if told.endswith("ed") and not is_joined and before not in ("have", "has") and not words.is_actor(before):
        return True
    just = tokens[max(0, position - (5 if is_joined else 2)) : position]
    if told.endswith("ing") and before in words.BREAKS:
        return True
    is_form = words.lemma(told) != told and not told.endswith("s")
    if is_form and _BE & set(just):
        return True
    return (
        before in _ARTICLES | {"has", "have", "without"}
        or before.isdigit()
        or after in _BE | {"must", "cannot", "has", "have"}
    )


def _verb_chain(tokens: list[str], position: int) -> tuple[list[str], int]:
    """The verbs joined by commas, "and" and "or" from a place on, and the place after them."""
    verbs: list[str] = []
    joined = True
    while position < len(tokens):
        verb = words.lemma(tokens[position])
        if verb and joined:
            verbs.append(verb)
            joined = False
        elif tokens[position] in {",", "and", "or"}:
            if not any(words.lemma(t) for t in tokens[position + 1 : position + 3]):
                break
            joined = True
        else:
            break
        position += 1
    return verbs, position


def noun_phrase(tokens: list[str], position: int) -> str:
    """The last two words of the thing named from a place on, singular; empty when there is none."""
    if tokens[position + 1 : position + 4] and set(tokens[position : position + 3]) & _PART_OF:
        position += 1 + next(n for n, t in enumerate(tokens[position : position + 4]) if t in _PART_OF)
        position += 1 if tokens[position : position + 1] and tokens[position] in ("in", "for", "of", "on", "at") else 0
    phrase: list[str] = []
    for word in tokens[position : position + 7]:
        ends = (
            word in {",", ";", ":", ".", "(", ")", "but", "and", "or", "while", "since", "because", "so", "themselves"}
            or word in words.BREAKS
            or (phrase and (word in words.STOP or word in words.MODALS))
        )
        if ends or (
            phrase
            and words.lemma(word)
            and word.endswith(("ed", "ing"))
            and word not in ("booking", "rating", "listing", "posting")
        ):
            break
        if word not in words.STOP and not (not phrase and words.is_state_word(word)):
            phrase.append(word)
    if not phrase or phrase[-1] in words.NO_THING:
        return ""
    return " ".join([*phrase[-2:-1], words.singular(phrase[-1])])
