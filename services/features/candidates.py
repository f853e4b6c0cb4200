"""Which nouns of a text are things that the feature keeps, in the order of their weight, each by its whole name."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from services.features import words
from services.features.fields import declared_tables
from services.features.listed import FieldList, field_lists, names_in
from services.features.nouns import DETERMINERS, WEAK, bare, is_qualifier, is_thing
from services.features.sentences import Sentence
from services.features.understanding import UseCase

_TOKEN = re.compile(r"[A-Za-z][A-Za-z_'’-]*|[.,;:()]")
_TITLE_OF = re.compile(
    r"\b([a-z][a-z-]+) (?:lists?|register|log|directory|catalogue|catalog)\b|\b(?:lists?|register|log|directory|catalogue) of ([a-z][a-z-]+)",
    re.IGNORECASE,
)
# What people hold of another thing is what a feature about both is about: the booking, not the room.
_OPEN = {"a", "an", "the", "their", "its", "his", "her", "every", "each", "all", "our"}
_HELD = ("booking", "reservation", "loan", "rental", "order")
ENOUGH = 5
DECLARED, LISTED, MADE, MOVED, TITLE = 12, 8, 5, 4, 5


def names_of(title: str, sentences: Sequence[Sentence], cases: Sequence[UseCase]) -> list[str]:
    """Names of things, the main one first; empty where no noun has enough weight."""
    own = [s for s in sentences if s.section not in ("background", "story")] or sentences
    lists = [f for f in field_lists([s for s in sentences if s.start or s.text != title]) if f.head]
    counted = Counter(w for s in own for w in _nouns(s))
    firm: Counter[str] = Counter()
    whole: dict[str, str] = {}

    def add(name: str, points: int) -> None:
        last = name.rsplit("_", 1)[-1]
        firm[last] += points
        whole.setdefault(last, name)

    headed = [s.heading.removeprefix("fields of ") for s in sentences if s.heading.startswith("fields of ")]
    for name in dict.fromkeys([*declared_tables(sentences), *(h.replace(" ", "_") for h in headed)]):
        add(name, DECLARED)
    named = _listed_names(lists)
    for name, listed in named:
        add(name, LISTED if not words.is_actor(name) else LISTED - 2)
        firm[name.rsplit("_", 1)[-1]] += 3 * any(_refers(listed, other) for other, _ in named if other != name)
    fields = {words.singular(n.split()[-1]) for f in lists for n, _, _ in names_in(f.text, f.head)}
    made_of: dict[str, str] = {}
    for name, points in _acted(cases, counted, fields - set(firm), made_of):
        add(name, points)
    in_title, in_list = _of_title(title)
    score = Counter(firm)
    for noun in [*counted, *in_title]:
        if noun in firm or (counted[noun] > 1 and noun not in fields) or noun in in_title:
            score[noun] = firm[noun] + min(counted[noun], 8) + in_title.get(noun, 0)
            whole.setdefault(noun, noun)
    for made, of in [(m, o) for m, o in made_of.items() if m in _HELD]:
        score[made] = max(score[made], score[of] + 1)
    ranked = sorted(score, key=lambda n: (-score[n], list(score).index(n)))
    kept = [n for n in ranked if firm[n] >= ENOUGH - 1 and score[n] >= ENOUGH]
    if not kept:
        kept = [n for n in ranked if score[n] > 1][:1] or [n for n in counted if n not in fields][:1]
    is_told = ranked and (
        (ranked[0] in in_list and counted[ranked[0]] > 0)
        or (in_title.get(ranked[0], 0) >= TITLE and counted[ranked[0]] > 2)
    )
    if is_told and ranked[0] not in kept:
        kept = [ranked[0], *kept]
    full = list(dict.fromkeys(_full_name(n, whole.get(n, n), named, sentences) for n in kept))
    return [
        words.identifier(n, "item")
        for n in full
        if not any(o != n and o.startswith(f"{n}_") for o in full) or n in dict(named)
    ]


def _listed_names(lists: Sequence[FieldList]) -> list[tuple[str, FieldList]]:
    """The things that have lists of fields; "visitors order tickets with ..." makes orders."""
    found = []
    for listed in lists:
        made = words.REIFIED.get(listed.act)
        found.append((made or listed.head.replace(" ", "_").replace("-", "_"), listed))
    return found


def _refers(listed: FieldList, other: str) -> bool:
    names = [n for n, _, _ in names_in(listed.text, listed.head)]
    return listed.about == other.replace("_", " ") or any(
        n.removesuffix(" id") == other.replace("_", " ") for n in names
    )


def _acted(
    cases: Sequence[UseCase], counted: Counter[str], fields: set[str], made_of: dict[str, str]
) -> Iterator[tuple[str, int]]:
    """What people make and move. To do something with a thing can be to make another one: to borrow a book is a loan."""
    seen: set[tuple[str, str]] = set()
    for case in cases:
        resource = _plain(case.resource)
        noun = resource.rsplit("_", 1)[-1]
        made = None if case.state else words.REIFIED.get(case.verb)
        if (case.verb, noun) in seen or not (is_thing(noun) or noun in WEAK):
            continue
        seen.add((case.verb, noun))
        is_document = case.verb == "apply" and counted[noun] > counted["application"]
        if made and noun != made and noun not in words.MADE_BY_BOOKING and not is_document:
            told = next((m for m in (made, "booking", "reservation", "rental") if counted[m]), made)
            made_of[told] = noun
            yield told, MADE
            yield resource, 2
        elif noun not in fields:
            points = (
                MADE
                if (case.verb in words.CREATE and not case.state) or case.verb == "manage"
                else MOVED
                if case.verb in words.TRANSITIONS
                else 2
            )
            yield resource if is_qualifier(resource.split("_")[0]) else noun, points


def _plain(name: str) -> str:
    """Without the "item" that makes a taken word usable as a name."""
    short = name.removesuffix("_item")
    return short if words.identifier(short, "item") == name else name


def _nouns(sentence: Sentence) -> Iterator[str]:
    """Nouns as the words around them tell: after a determiner, or in the plural."""
    told = [t.lower().replace("’", "'") for t in _TOKEN.findall(sentence.text)]
    for position, word in enumerate(told):
        if not word[0].isalpha():
            continue
        noun = bare(word).rsplit("_", 1)[-1]
        before = told[position - 1] if position else "."
        is_noun = before in DETERMINERS or noun != word or (position > 1 and told[position - 2] in DETERMINERS)
        follows = told[position + 1] if position + 1 < len(told) else ""
        is_verb = before not in DETERMINERS and follows in _OPEN and (words.lemma(word) is not None or noun != word)
        if is_noun and not is_verb and is_thing(noun) and not words.is_actor(noun):
            yield noun


def _of_title(title: str) -> tuple[dict[str, int], list[str]]:
    """Weight of the nouns of a title, with what the verb of "book a room" makes; and the things of "guest list".

    The thing of an "order management system" weighs less than one that the title names for itself.
    """
    told = [w.lower() for w in _TOKEN.findall(title) if w[0].isalpha()]
    weights: dict[str, int] = {}
    for word, *after in zip(told, [*told[1:], ""], [*told[2:], "", ""], strict=False):
        noun = bare(word)
        is_command = not weights and word == told[0] and after[0] in ("a", "an", "the")  # "Plan a migration"
        if is_thing(noun) and not words.is_actor(noun) and noun not in words.TITLE_WORDS and not is_command:
            weights[noun] = TITLE - 3 * bool({"system", "platform", "service", "tool"} & set(after))
        if word in words.REIFIED:
            weights[words.REIFIED[word]] = TITLE
    listed = [bare(w.lower()) for match in _TITLE_OF.findall(title) for w in match if w]
    listed = [n for n in listed if is_thing(n) or n in words.ACTORS]
    return {**weights, **dict.fromkeys(listed, TITLE + 3)}, listed


def _full_name(noun: str, whole: str, named: Sequence[tuple[str, FieldList]], sentences: Sequence[Sentence]) -> str:
    """ "request" is the "leave request" that lists the fields, or that the text mostly speaks of."""
    listed = [n for n, _ in named if n.rsplit("_", 1)[-1] == noun]
    if "_" in whole and (not listed or whole in listed):
        return whole
    if listed:
        return max(listed, key=len)
    alone, compounds = 0, Counter[str]()
    for sentence in sentences:
        told = [t.lower() for t in _TOKEN.findall(sentence.text)]
        for before, word in zip(["", *told], told, strict=False):
            if bare(word) == noun:
                alone += 1
                compounds[before] += bool(before and is_qualifier(before))
    best, times = max(compounds.items(), key=lambda c: c[1], default=("", 0))
    is_name = best and times * 2 >= alone and (times > 1 or alone == 1) and not words.is_actor(best)
    return f"{best.replace('-', '_')}_{noun}" if is_name else noun


def name_from_title(title: str) -> str:
    """The thing of a title where the text names none."""
    listed = [bare(w.lower()) for match in _TITLE_OF.findall(title) for w in match if w]
    told = [w.lower() for w in _TOKEN.findall(title) if w[0].isalpha()]
    nouns = [w for w in told if w not in words.STOP | words.BREAKS and len(w) > 2 and w not in words.TITLE_WORDS]
    things = [bare(w) for w in nouns if is_thing(bare(w))]
    plain = listed or things or [words.singular(w) for w in nouns]
    return words.identifier(plain[0] if plain else "", "item")
