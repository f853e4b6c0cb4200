"""Sentences that read like a demand, and from which nothing was taken. Talk about today or about ourselves is none."""

import re
from collections.abc import Iterable, Sequence

from services.features import words
from services.features.cases import is_person, story_of
from services.features.headings import section_of
from services.features.sentences import Sentence

Span = tuple[int, int]

_STRONG = re.compile(
    r"\b(?:must|shall|should|ha(?:s|ve) to|needs? to|may not|cannot|can't|(?:is|are) (?:required|mandatory|not allowed|not possible)|required to|"
    r"wants?|would (?:also )?(?:like|love)|'d (?:also )?(?:like|love)|never|only|always|automatically|at (?:most|least)|no more than|allowed|unless)\b"
)
_WEAK = re.compile(
    r"\b(?:can|may (?=[a-z])|belongs? to|needs? (?:an?|the|its|their|to be)|(?:is|are) (?:something |a matter |a job )?for (?:the|an?)|by default)\b|\b(?:is|are|costs?) (?:\w+ )?\d"
    r"|\b(?:states?|status(?:es)?|life ?cycle)\b ?:|->|→"
)
# How it is today and who we are: told so that the wish is understood.
_TODAY = re.compile(
    r"\b(?:today|currently|at the moment|right now|so far|until now|up to now|these days|nowadays|as before|still|(?:last|this) (?:week|month|year|spring|summer|autumn|winter|\w+day)|(?:years?|months?|weeks?) ago)\b"
)
_OURSELVES = re.compile(
    r"^(?:ok(?:ay)?,? |so,? |hi all,? |well,? |and |but )*(?:we|our (?!\w+ (?:needs?|wants?)\b)|i)(?:'\w+)? "
)
_WISHED = re.compile(r"^(?:\w+,? )?(?:we|i)(?:'d| would)? (?:also )?(?:want|need|wish|like|love|must|should|have to)\b")
# The wish for the feature as a whole: what it must do stands in other sentences.
_WHOLE = re.compile(
    r"\b(?:needs?|wants?|build|make|create|replace .+ (?:with|by)) (?:an? )?(?:(?!that |which )[\w-]+ ){0,3}?(?:service|api|app|application|tool|system|backend|endpoint|page|solution)\b"
)
_LABEL = re.compile(r"^\W*(?P<label>[A-Za-z][A-Za-z ]{2,24})\W*:")


def lost_demands(sentences: Sequence[Sentence], taken: Iterable[Span]) -> tuple[str, ...]:
    """Of the sentences after the title; `taken`: the places of the text that gave something."""
    used = list(taken)
    return tuple(
        " ".join(s.text.split())
        for s in sentences[1:]
        if s.section not in ("out", "background", "questions")
        and len(s.words) > 3
        and not any(start < s.end and s.start < end for start, end in used)
        and reads_like_a_demand(s)
    )


def reads_like_a_demand(sentence: Sentence) -> bool:
    """Whether somebody who wrote it would miss it: an obligation, a wish, an act by somebody, states, a command."""
    plain = sentence.plain
    label = _LABEL.match(sentence.text)
    if plain.endswith(("?", ":")) or (label and section_of(label["label"].lower()) == "background"):
        return False
    if story_of(sentence):
        return True
    if _WHOLE.search(plain) or (_OURSELVES.match(plain) and not _WISHED.match(plain)):
        return False
    if _STRONG.search(plain):
        return True
    return not _TODAY.search(plain) and bool(_WEAK.search(plain) or _acts(plain))


_THIRD = re.compile(
    r"^(?:an?|the|each|every) (?:[a-z-]+ )?[a-z-]+ (?P<verb>[a-z]+s)(?: for)? (?:an?|the|it|them|their|its)\b"
)


def _acts(plain: str) -> bool:
    """ "Mechanics see what is open", "a neighbour asks for a loan", "send a reminder": somebody acts, or is told to."""
    told = re.findall(r"[a-z'-]+", plain)
    third = _THIRD.match(plain)
    is_command = len(told) > 1 and told[0] in words.VERBS and told[1] in ("a", "an", "the", "all", "every", "each")
    is_acting = any(
        is_person(told, place) and words.lemma(verb) and not verb.endswith(("ed", "ing"))
        for place, verb in enumerate(told[1:4])
    )
    return is_command or is_acting or bool(third and (words.lemma(third["verb"]) or third["verb"] == "asks"))
