"""How many and how often: open records per person, acts per minute."""

from services.features import words
from services.features.rules.grammar import number, seconds
from services.features.rules.lifecycle import FIRST
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.states import ASSUMED
from services.features.understanding import Rule, RuleKind

_GOING_ON = (
    *("open", "active", "current", "pending", "outstanding", "unreturned", "running", "simultaneous", "concurrent"),
    *("unfinished", "upcoming"),
)
_DONE = ("done", "finished", "closed", "completed", "returned", "resolved")


def _going_on(thing: Thing, over: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The states of a record that is not through yet."""
    return tuple(s for s in thing.states if s not in words.ENDS and s not in words.LATER and s not in over)


def _split(phrase: str, scene: Scene) -> tuple[Thing | None, tuple[str, ...]]:
    """ "open loans" -> the loan and its open states."""
    thing = scene.only_thing(phrase)
    if thing:
        return thing, ()
    told = phrase.split()
    for cut in range(1, min(4, len(told))):
        thing = scene.only_thing(" ".join(told[cut:]))
        word = " ".join(told[:cut])
        if thing is None:
            continue
        if word in _GOING_ON:
            if word in FIRST and _going_on(thing) == (ASSUMED,):
                scene.begins_as(word, thing)
            named = scene.state_of(word, thing)
            is_ended = any(s in words.ENDS or s in words.LATER or s in _DONE for s in thing.states)
            return thing, _going_on(thing, _DONE) if is_ended else (named,) if named else ()
        state = scene.state_of(word, thing)
        if state:
            return thing, (state,)
    return None, ()


def _count(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    most = number(w.n)
    thing, states = _split(w.thing, scene)
    if thing is None and w.verb:
        made = words.REIFIED.get(words.base_of(w.verb))
        thing = next((t for t in scene.things.values() if made and t.last == made), None)
        states = _going_on(thing) if thing else states
    if thing and w.when:
        named = scene.state_of(w.when, thing) if w.when == "in progress" else None
        going_on = _going_on(thing)
        states = (named,) if named else going_on[:1] if w.when.startswith("waiting") else going_on
        if not states:
            return None
    is_anybody = w.actor in ("", "person", "user", "account", "people", "users")
    if thing is None or not most or most < 1 or not (is_anybody or scene.actor_of(w.actor)):
        return None
    return Rule(kind=RuleKind.COUNT, resource=thing.name, maximum=int(most), states=states)


def _rate(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    most, window = number(w.n), seconds(f"{w.every or 'one'} {w.window}")
    thing = scene.only_thing(w.thing) if w.thing else None
    if w.thing and thing is None and not (w.verb and w.t2):
        return None  # requests of any kind are no act on a record
    verb = words.base_of(w.verb) if w.verb else ""
    where = thing or scene.where(sentence.plain)
    act = scene.act_of(verb, where) if verb else "create"
    if not most or window is None or most > 200 or act is None or act in ("list", "delete"):
        return None
    return Rule(kind=RuleKind.RATE, resource=where.name, act=act, maximum=int(most), seconds=window)


_PER = r"(?:(?: per| for each| by)(?: one| single)? {person})?"
_WITHIN = r"(?:per|a|an|every|within|in|each)"
_SPAN = r"(?: the same| one)?(?: (?P<every>\d+))? (?P<window>seconds?|minutes?|hours?|days?|weeks?)"
_WINDOW = _WITHIN + _SPAN

PHRASES: tuple[Phrase, ...] = (
    Phrase(r"no <actor> (?:may|can|must|should) (?:have|hold|own|make|create|book|place|borrow|rent|submit|open|reserve) more than <n:number> <thing>(?: at (?:a|the same|one|any) time| at once)?", _count),
    Phrase(r"{a}<actor> (?:{can} |may )?(?:have|hold|own|keep|borrow|rent|book|open|place) <n:number> <thing> at (?:most|maximum)", _count),
    Phrase(r"{most} <n:number> (?P<thing>requests|calls) " + _WINDOW + r" (?:and|per) [a-z ]+? for (?P<verb>[a-z]+ing) {a}<t2>(?:, then 429)?", _rate),
    Phrase(r"{a}(?:<actor> )?(?:{can} |may |must )?(?:only )?(?P<verb>[a-z]+) {most} <n:number> (?:<thing> )?" + _WINDOW + _PER, _rate),
    Phrase(r"{a}(?:<actor> )?{cannot} (?P<verb>[a-z]+) more than <n:number> <thing> " + _WINDOW + _PER, _rate),
    Phrase(r"(?:the )?(?:rate limit|limit|api limit|rate) (?:is|of|must be|:) (?:{most} )?<n:number>(?: <thing>)? " + _WINDOW + _PER, _rate),
    Phrase(r"{most} <n:number>(?: <thing>)?(?: may be (?P<verb>[a-z]+)| can be [a-z]+| are (?:allowed|accepted|possible))? " + _WINDOW + _PER, _rate),
    Phrase(r"{most} <n:number>(?: <thing>)? (?:per|for each|by)(?: one| single)? {person} (?:and|" + _WITHIN + ")" + _SPAN, _rate),
    Phrase(r"{a}<thing> (?:is|are|must be|should be) (?:rate[- ])?limited to <n:number>(?: \w+)? " + _WINDOW + _PER, _rate),
    Phrase(r"{a}<actor> (?:{can} |may |must )?(?:only )?(?:have|has|hold|holds|own|keep|make|create|book|place|borrow|rent|submit|open|reserve) {most} <n:number> <thing>(?: (?:that are )?(?P<when>in progress|waiting for [a-z]+|open|pending))?(?: at (?:a|the same|one|any) time| at once| simultaneously| in total| in parallel)?", _count),
    Phrase(r"{a}<actor> (?:{can} |may )?(?P<verb>borrow|rent|reserve|book|buy|vote|hold) {most} <n:number> <thing>(?: at (?:a|the same|one|any) time| at once| simultaneously| in total)?", _count),
    Phrase(r"{a}<actor> {cannot} (?:have|hold|own|make|create|book|place|borrow|rent|submit|open|reserve) more than <n:number> <thing>(?: at (?:a|the same|one|any) time| at once| simultaneously| in total)?", _count),
    Phrase(r"(?:there (?:can|may|must) be )?{most} <n:number> <thing> (?:per|for each|for one|by one) <actor>(?: at (?:a|the same|one|any) time| at once)?(?: (?:is|are) (?:allowed|possible))?", _count),
    Phrase(r"<thing> (?:are|is|must be) limited to <n:number> (?:per|for each) <actor>", _count),
)  # fmt: skip
