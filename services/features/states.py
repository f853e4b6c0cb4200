"""The states of a thing and the moves between them: as the text lists them, draws them with arrows, or as its verbs tell."""

import re
from collections.abc import Iterator, Sequence

from services.features import words
from services.features.sentences import Sentence

MOST = 8
ASSUMED = "open"  # the first state, where the text names none
LONGEST = 1_000  # characters of a sentence in which states are looked for
_NAME = r"[\"'`]?(?<![a-z])[a-z][a-z_-]{0,30}(?: (?:progress|review|hold|show|way|off|down|back|out|transit|approval))?[\"'`]?"
_ARROW = r"(?:->|→|=>|>)"
_SPLIT = re.compile(r"\s*(?:,|/|\||\bor\b|\band\b|\bto\b|\bthen\b|->|→|=>|>)\s*", re.IGNORECASE)
_LIST = rf"(?P<list>{_NAME}(?:\s*(?:,? (?:or|and|then|to) |,|/|\||{_ARROW})\s*{_NAME}){{1,11}})"
_STATES = re.compile(
    r"(?<!by )(?<!by the )(?<!and )\b(?:status(?:es)?|states?|stages?|lifecycle|life cycle|workflow|pipeline)\b(?: (?:is|are|can be|may be|must be|of an? [\w ]{2,24}? (?:is|are)|goes|go|moves|field))?(?: always| either| exactly)?"
    rf"(?: one of| from| through| with values?)?(?: the following)?\s*[:(=]?\s*{_LIST}",
    re.IGNORECASE,
)
_GOES = re.compile(rf"\b(?:goes|go|moves?|passes|pass)\s+(?:from|through)\s+(?:the \w+:?\s*)?{_LIST}", re.IGNORECASE)
_IS = re.compile(
    rf"^(?P<who>(?:it|they|an? [\w -]{{3,30}}?|the [\w -]{{3,30}}?|[\w -]{{3,30}}?))(?:'s| is| are| can be| is either| are either) {_LIST}\W*$",
    re.IGNORECASE,
)
_CHAIN = re.compile(
    rf"(?P<from>{_NAME}(?:\s*,\s*{_NAME}){{0,7}})(?P<rest>(?:\s*{_ARROW}\s*{_NAME}){{1,9}})", re.IGNORECASE
)

_CALLED_OFF = {"cancelled", "canceled", "withdrawn", "expired", "called_off", "aborted", "turned_down"}
_HEADED = re.compile(r"(?:status(?:es)?|states?|lifecycle|life cycle)\b")  # of the whole, whatever was named before
Moves = list[tuple[str, str, str]]


def listed(
    last: str, others: set[str], sentences: Sequence[Sentence], *, is_main: bool
) -> tuple[list[str], Moves, list[Sentence]]:
    """The states that the text lists for the thing whose last word is given, the first one initial, the moves between
    them, and the sentences that say so; empty without a list.
    """
    mine = list(_about(last, others, sentences, is_main=is_main))
    arrows = [s for s in mine if re.search(_ARROW, s.text)]
    states, moves = _drawn([m for s in arrows for m in _CHAIN.finditer(s.text[:LONGEST])])
    if len(states) > 1 and _are_states(states):
        return states, moves, arrows
    for sentence in mine:
        for pattern, text in ((_IS, sentence.plain), (_STATES, sentence.text), (_GOES, sentence.text)):
            match = pattern.search(text[:LONGEST]) if pattern is _IS or sentence.section != "criteria" else None
            states = _names(match["list"]) if match else []
            is_list = len(states) > (2 if pattern is _IS else 1)
            if match and is_list and _tells(pattern, match, last) and (pattern is _STATES or _are_states(states)):
                return states, between(states), [sentence]
    return [], [], []


def _tells(pattern: re.Pattern[str], match: re.Match[str], last: str) -> bool:
    """ "trips are planned, under way or completed" is about the trip; "the reason is lost or found" about a field."""
    return pattern is not _IS or match["who"] in ("it", "they") or words.singular(match["who"].split()[-1]) == last


def _about(last: str, others: set[str], sentences: Sequence[Sentence], *, is_main: bool) -> Iterator[Sentence]:
    """The sentences that name the thing first, and those after them that name none."""
    topic = ""
    for sentence in sentences:
        named = next((w for w in (words.singular(w) for w in sentence.words) if w == last or w in others), "")
        topic = named or ("" if _HEADED.match(sentence.plain) else topic)
        if topic == last or (is_main and not topic) or (is_main and re.search(_ARROW, sentence.text)):
            yield sentence


def _names(text: str) -> list[str]:
    names = [words.identifier(p.strip("\"'` "), "") for p in _SPLIT.split(text) if p and p.strip("\"'` ")]
    return [n for n in dict.fromkeys(names) if n and n not in words.STOP][:MOST]


def _are_states(names: Sequence[str]) -> bool:
    """Whether a list is of states rather than of anything else: at least half of its words say so."""
    said = [
        n
        for n in names
        if words.is_state_word(n)
        or n in words.STATE_VERBS
        or n.endswith("ed")
        or n.startswith(("under_", "in_", "on_"))
        or n.split("_")[0].endswith("ed")
        or n in ("draft", "new", "done")
    ]
    return len(said) * 2 >= len(names)


def _drawn(chains: Sequence[re.Match[str]]) -> tuple[list[str], Moves]:
    """ "a -> b -> c" and, on further lines, its branches; "a, b -> c" leads from both."""
    states: list[str] = []
    moves: Moves = []
    for chain in chains:
        sources = _names(chain["from"])
        for target in [n for part in re.split(_ARROW, chain["rest"]) for n in _names(part)]:
            states += [s for s in (*sources, target) if s not in states]
            moves += [(verb_to(target, s), s, target) for s in sources if s in states]
            sources = [target]
    return states[:MOST], [m for m in dict.fromkeys(moves) if {m[1], m[2]} <= set(states[:MOST])]


def verb_to(state: str, source: str = "") -> str:
    """The verb that leads to a state; what was rejected is submitted once more."""
    is_again = state == "submitted" and source in ("rejected", "declined", "withdrawn")
    return "resubmit" if is_again else words.verb_to(state)


def between(states: Sequence[str]) -> Moves:
    """Along the list; an end (rejected, cancelled) branches off from where the list stands and leads nowhere."""
    moves, last = [], states[0]
    for state in states[1:]:
        if state in _CALLED_OFF:
            before = states[: states.index(state)]
            going = [s for s in before if s not in words.ENDS | words.LATER | _CALLED_OFF | {"done"}] or [states[0]]
            reached = dict.fromkeys((going[0], going[-1]))
            moves += [(verb_to(state), source, state) for source in reached]
        else:
            moves.append((verb_to(state), last, state))
        if state not in words.ENDS | _CALLED_OFF:
            last = state
        # "submitted, approved, rejected": the rejected one comes from where the approved one came from.
        if state in ("rejected", "declined") and len(moves) > 1 and moves[-1][1] in ("approved", "accepted"):
            moves[-1] = (moves[-1][0], moves[-2][1], state)
    return moves


# What leads back to the first state, and from where.
_BACK = {"resubmit": ("rejected", "declined"), "reopen": ("resolved", "closed", "rejected")}


def of_verbs(verbs: Sequence[str], moving: Sequence[str]) -> tuple[list[str], Moves]:
    """States in the order in which the text names their verbs; the first is where creation leads."""
    first = "submitted" if "submit" in verbs else "requested" if "request" in verbs else ASSUMED
    states, last = [first], first
    moves: Moves = []
    for verb in moving:
        moves += back(verb, states, moves)
        if verb in words.BACK:
            continue
        target = words.participle(verb)
        if verb in _BACK:
            moves += [(verb, source, first) for source in _BACK[verb] if source in states]
        if target in states or verb in _BACK:
            continue
        source = last if target in words.LATER else first
        moves.append((verb, source, target))
        states.append(target)
        if target not in words.ENDS:
            last = target
    return states, moves


def back(verb: str, states: Sequence[str], moves: Moves) -> Moves:
    """ "resume": from each state in which nothing goes on back to where it was entered from."""
    left = [s for s in words.BACK.get(verb, ()) if s in states]
    return [(verb, s, next((a for _, a, b in moves if b == s), states[0])) for s in left if s != states[0]]
