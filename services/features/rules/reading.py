"""A sentence is tried against every family of phrases, whole first, then clause by clause; all of it or nothing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.features.rules.grammar import phrase
from services.features.scene import Scene
from services.features.sentences import Sentence
from services.features.understanding import Rule

Reader: TypeAlias = Callable[["Words", Scene, Sentence], Rule | Sequence[Rule] | None]


@dataclass(frozen=True)
class Words:
    """What a phrase took, by name; a group that took nothing is ""."""

    taken: dict[str, str]

    def __getattr__(self, name: str) -> str:
        return self.taken.get(name, "")

    def but(self, **told: str) -> "Words":
        """The same with these said instead."""
        return Words({**self.taken, **told})


@dataclass(frozen=True)
class Phrase:
    text: str
    reader: Reader


_PREFIX = re.compile(
    r"^(?:list: |(?:ac|br|fr|nfr|r|us|req)[- ]?\d*(?:\.\d+)?\s*[:.)-]\s*|(?:the )?(?:system|service|app|application|api|backend|platform|server) (?:must|should|shall|has to|needs to|will)? ?"
    r"(?:ensure|make sure|enforce|guarantee|check)s? (?:that )?|(?:please )?(?:ensure|make sure|check) (?:that )?|it (?:must|should|shall) be (?:ensured|guaranteed) that |note(?: that)?:? |also,? |additionally,? |then,? |rule: |"
    r"of course,? |importantly,? |important: |the rules?:? |(?:we|they) (?:also )?(?:need|want|expect)(?: it)? (?:that )?(?=.* (?:is|are|must|can)\b)|if possible,? |by the way,? |and |but )+"
)
_POSSIBLE = re.compile(
    r"^it (?:is|must be|should be|shall be|has to be|will be) (?:also )?possible (?:for (?P<who>[\w ]{3,30}?) )?to (?P<rest>.+)$"
)
_NOT_POSSIBLE = re.compile(
    r"^it (?:must|should|shall|is) (?:not|never) (?:be )?possible (?:for (?P<who>[\w ]{3,30}?) )?to (?P<rest>.+)$"
)
# What says the same in more words, or with its words in another order -> the form that the phrases know.
_PLAINER = tuple(
    (re.compile(pattern), plainer)
    for pattern, plainer in (
        (r",? if (?:it is )?(?:set|given|present|provided|any),?(?= )", ""),
        (r"^(?P<who>[\w ]+?),? and (?:nobody|no one) else,? (?=can|may)", r"only \g<who> "),
        (r"^(?P<who>[\w ]+?) alone (?=can|may)", r"only \g<who> "),
        (r" \((?:see|e\.g\.|for example|i\.e\.|required|important|must)[^)]*\)", ""),
        (r"\b([a-z]+) ((?:an?|the) [a-z]+) (off|in|out|up|back|down|over)(?=$|,| and| or)", r"\1 \3 \2"),
        (r"\b([a-z]+) (it|them) (off|in|out|up|back|down|over)\b", r"\1 \3 \2"),
    )
)
# A sentence with one of these says more than the phrases can; "except the last four" is how masking is said.
_MORE = re.compile(
    r"\b(?:unless|except(?! (?:for )?(?:the |its |their )?last )|even if|depending on|provided that|as appropriate|if necessary|where possible|ideally|etc)\b"
)
_JOINT = re.compile(
    r"(?:;|,)? ?\b(?:and|but|while|or)\b |; |\. |, "
    r"(?=(?:it|its|the|at most|must|cannot|is|are|may|can|and|defaults?|max|if|newest|nobody|an? [a-z]+ ones?|\d+|only|\w+ (?:can|may|must|cannot))\b)"
)
_SUBJECT = re.compile(
    r"^(?P<subject>.{2,60}?) (?P<verb>must not|cannot|can't|may not|must|may|can|is|are|has|have|should|will|shall|defaults?)\b"
)
# "When it is paid, the customer is told and an event is published": both follow.
_TRIGGER = re.compile(r"^(?P<when>(?:when|whenever|once|after|as soon as) [^,]{3,60}), ")
LONGEST = 400


def rules_of(sentence: Sentence, scene: Scene, phrases: Sequence[Phrase]) -> tuple[Rule, ...]:
    """The rules that together are the whole sentence; empty when a part of it is not understood. What the sentence adds to
    the scene stays only when it was understood.
    """
    text = _PREFIX.sub("", sentence.plain)
    for pattern, plainer in _PLAINER:
        text = pattern.sub(plainer, text)
    if len(text) > LONGEST or _MORE.search(text):
        return ()
    possible, impossible = _POSSIBLE.match(text), _NOT_POSSIBLE.match(text)
    if possible:
        text = f"{possible['who'] or scene.speaker or 'users'} can {possible['rest']}"
    elif impossible:
        text = f"{impossible['who'] or 'nobody'} {'cannot' if impossible['who'] else 'can'} {impossible['rest']}"
    trial = scene.copy()
    found = _whole(text, trial, sentence, phrases) or _parts(text, trial, sentence, phrases)
    if found:
        scene.take(trial)
        named = scene.thing_in(text)
        scene.topic = named.name if named else scene.topic
    return found


_OTHER_ONE = re.compile(r"an? (?P<state>[a-z]+) (?:one|ones) (?P<can>can|can't|cannot)$")


def _same_verb(left: str, right: str, scene: Scene) -> str:
    """ "a resolved ticket can be reopened, a closed one can't" -> "a closed ticket can't be reopened"."""
    never = re.match(r"never (?:one|those|any)(?: that| which)? (?P<made>(?:they|he|she) .*)$", right)
    act = re.search(r"(?:can|may|must) (?P<verb>[a-z]+) ", left)
    if never and act and scene.thing_in(left):
        return f"nobody can {act['verb']} a {scene.where(left).name.replace('_', ' ')} {never['made']}"
    other, verb = _OTHER_ONE.match(right), re.search(r" be (?P<verb>[a-z-]+)$", left)
    thing = scene.thing_in(left)
    return (
        f"a {other['state']} {thing.name.replace('_', ' ')} {other['can']} be {verb['verb']}"
        if other and verb and thing
        else right
    )


def _whole(text: str, scene: Scene, sentence: Sentence, phrases: Sequence[Phrase]) -> tuple[Rule, ...]:
    for candidate in phrases:
        match = phrase(candidate.text).fullmatch(text)
        if match:
            trial = scene.copy()
            told = candidate.reader(Words({k: v for k, v in match.groupdict().items() if v}), trial, sentence)
            if told:
                scene.take(trial)
                return (told,) if isinstance(told, Rule) else tuple(told)
    return ()


def _parts(text: str, scene: Scene, sentence: Sentence, phrases: Sequence[Phrase]) -> tuple[Rule, ...]:
    """Clauses joined by "and", "but" or ";"; a clause without a subject has that of the first one."""
    joints = list(_JOINT.finditer(text))
    for joint in joints[:6]:
        left, right = text[: joint.start()].rstrip(" ,"), text[joint.end() :].strip()
        trial = scene.copy()
        first = _whole(left, trial, sentence, phrases)
        if not first:
            continue
        subject = _SUBJECT.match(left)
        versions = [_same_verb(left, right, trial)]
        if subject:
            links = ("", f"{subject['verb']} ", "is ", f"{subject['verb']} be ", "can ")
            versions += [f"{subject['subject']} {link}{right}" for link in links]
        trigger = _TRIGGER.match(left)
        versions += [f"{trigger['when']}, {right}"] if trigger else []
        named = trial.thing_in(left)
        if named:
            trial.topic = named.name
        for version in versions:
            second = _whole(version, trial, sentence, phrases) or _parts(version, trial, sentence, phrases)
            if second:
                scene.take(trial)
                return (*first, *second)
    return ()
