"""How records are found and handed over: filters, order, search, pages, CSV."""

import re

from services.features import words
from services.features.rules.grammar import number
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import FieldType, Rule, RuleKind

_TIMES = (FieldType.DATETIME, FieldType.DATE)


def _thing(w: Words, scene: Scene, sentence: Sentence) -> Thing | None:
    return (
        scene.only_thing(re.sub(r"^list of ", "", w.thing))
        if w.thing and w.thing not in ("list", "lists", "result", "results", "table", "overview")
        else scene.where(sentence.plain)
    )


_CREATED = re.compile(
    r"(?:creation|created|submission|submitted) (?:date|time|at|on)|age|date created|time of creation|newest|created at"
)


def _named(phrase: str, thing: Thing, scene: Scene, sentence: Sentence) -> tuple[str, ...] | None:
    """Field names and "state"; a date range is its date, a person who made it is "created_by"."""
    parts = [p.strip() for p in re.split(r",|\band\b|\bor\b|/|&|\bas well as\b", phrase) if p.strip()]
    found = [_one(re.sub(r"^(?:by|for) ", "", part), thing, scene, sentence) for part in parts]
    return tuple(dict.fromkeys(n for n in found if n)) if found and all(found) else None


def _one(part: str, thing: Thing, scene: Scene, sentence: Sentence) -> str | None:
    bare = re.sub(r"^(?:its|the) ", "", re.sub(r" ?\b(?:range|period|interval|span)\b", "", part)) or "date"
    times = [f.name for f in thing.fields.values() if f.type in _TIMES]
    if _CREATED.fullmatch(bare):
        return "created_at"
    if bare in ("date", "time") and bare not in thing.fields:
        return times[0] if times else "created_at"
    if bare in ("status", "state", "stage") and thing.states:
        return "state"
    if words.singular_phrase(bare) in scene.makers.get(thing.name, []):
        return "created_by"
    other = scene.only_thing(bare)
    if other and other is not thing:
        name = next((f.name for f in thing.fields.values() if f.refers_to == other.name), "")
        if not name:
            name = f"{other.name}_id"
            scene.add(thing, name, sentence, FieldType.REFERENCE)
            scene.change(thing, name, refers_to=other.name)
        return name
    return scene.field_of(bare, thing, sentence)


def _place(w: Words, phrase: str, scene: Scene, sentence: Sentence) -> Thing | None:
    """The thing that is listed: the one that is named, else the one that has the fields already."""
    named = _thing(w, scene, sentence)
    if w.thing or scene.thing_in(sentence.plain):
        return named
    told = [words.identifier(p, "") for p in re.split(r",|\band\b|\bor\b", phrase) if p.strip()]
    return next((t for t in scene.things.values() if any(n in t.fields for n in told)), named)


def _filter(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = _place(w, w.fields, scene, sentence)
    names = _named(w.fields, thing, scene, sentence) if thing else None
    return Rule(kind=RuleKind.FILTER, resource=thing.name, act="list", fields=names) if thing and names else None


def _search(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = _place(w, w.fields, scene, sentence)
    names = _named(w.fields, thing, scene, sentence) if thing else None
    if thing is None or not names:
        return None
    texts = (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL)
    plain = all(n in thing.fields and thing.fields[n].type in texts and not thing.fields[n].choices for n in names)
    return Rule(kind=RuleKind.SEARCH if plain else RuleKind.FILTER, resource=thing.name, act="list", fields=names)


def _sort(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = _place(w, w.field, scene, sentence)
    if thing is None:
        return None
    times = [f.name for f in thing.fields.values() if f.type in _TIMES]
    if not w.field and re.search(r"soonest|earliest", w.way) and times:
        return Rule(kind=RuleKind.SORT, resource=thing.name, act="list", fields=(times[0],), operator="<")
    if not w.field:
        down = bool(re.search(r"newest|latest|most recent|recent", w.way))
        return Rule(
            kind=RuleKind.SORT, resource=thing.name, act="list", fields=("created_at",), operator=">" if down else "<"
        )
    names = _named(w.field, thing, scene, sentence)
    if not names or len(names) > 1:
        return None
    down = bool(re.search(r"newest|latest|descending|highest|most|recent|largest|desc\b", w.way))
    return Rule(kind=RuleKind.SORT, resource=thing.name, act="list", fields=names, operator=">" if down else "<")


def _most(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "earliest due date first", "highest score first"."""
    return _sort(w, scene, sentence)


def _page(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing, size = (
        (
            scene.only_thing(w.thing)
            if w.thing and w.thing not in ("item", "items", "entries", "entry", "results", "rows", "records")
            else scene.where(sentence.plain)
        ),
        number(w.n),
    )
    return (
        Rule(kind=RuleKind.PAGE, resource=thing.name, act="list", maximum=int(size))
        if thing and size and 1 <= size <= 100
        else None
    )


def _export(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = _thing(w, scene, sentence)
    return Rule(kind=RuleKind.EXPORT, resource=thing.name, act="export") if thing else None


_WHO = r"(?:(?:<who:list>|you|we|i|people) (?:{can}|must|need to|want to|wants to|has to) |(?:should be able to |can |be able to ))?"
_WAY = r"(?P<way>ascending|descending|asc|desc|(?:with the )?(?:newest|latest|oldest|most recent|soonest|earliest|highest|lowest|largest|smallest|nearest|alphabetically|alphabetical)(?: one| ones)?(?: first| on top| at the top| to (?:oldest|newest|lowest|highest))?)"

PHRASES: tuple[Phrase, ...] = (
    Phrase(_WHO + r"(?:query|look up|pull up) {a}<thing> by <fields:list>", _filter),
    Phrase(r"(?:get on |{a}list of |listing )?{a}<thing> returns? <n:number> at a time", _page),
    Phrase(r"(?P<way>latest|newest|most recent|highest|earliest|lowest|oldest) <field> (?:on top|first|at the top)", _sort),
    Phrase(r"searching for (?:a )?part of {a}<fields> finds {a}<thing>(?:,.*)?", _search),
    Phrase(_WHO + r"(?:list|show|see|find|view|look up) {a}<thing> (?:sorted|ordered) by <field>(?:,? " + _WAY + r")?", _sort),
    Phrase(_WHO + r"(?:list|show|see|view|group) {a}<thing> by <fields:list>", _filter),
    Phrase(r"{a}(?:list|overview)(?: (?:for|of) [a-z ]+?)? (?:must|should|shall|can|has to) be (?:filterable|filtered) by <fields:list>", _filter),
    Phrase(r"{a}<thing> (?:{be} |shall be |must be |can be )?exportable (?:as|to|in) csv", _export),
    Phrase(r"(?:find|look up) {a}<thing> by <fields:list>", _search),
    Phrase(r"(?:one|you|people|anybody|everybody) can (?:search|look) (?:for )?(?:{a}<thing> )?by <fields:list>", _search),
    Phrase(_WHO + r"(?:filter|narrow) (?:{a}<thing> )?(?:down )?by <fields:list>", _filter),
    Phrase(r"{a}(?:list of )?<thing> (?:can|must|should|may|is|are|has to|have to) (?:be )?(?:filtered|filterable|narrowed down|listed) by <fields:list>", _filter),
    Phrase(r"(?:get /\S+|{a}(?:[a-z]+ )?list|{a}api|{a}endpoint|{a}overview|listing {a}<thing>) (?:must |should |shall )?(?:supports?|allows?|offers?|has) (?:filters?|filtering) (?:by|for|on) <fields:list>", _filter),
    Phrase(r"(?:get /\S+|{a}list|{a}api|{a}endpoint) (?:supports?|allows?|offers?) (?:sorting|ordering) by <field:list>(?: " + _WAY + r")?", _sort),
    Phrase(r"filter(?:s|ing)? (?:for |of )?(?:{a}<thing> )?(?:by|for|on|are) <fields:list>(?: works| is possible| are available)?", _filter),
    Phrase(r"{a}(?:list|overview|table)(?: of {a}<thing>)? (?:can|must|should|may) be (?:filtered|narrowed down|narrowed) by <fields:list>", _filter),
    Phrase(_WHO + r"(?:search|find|look up) (?:for )?(?:{a}<thing> )?(?:by|in|on|via) <fields:list>", _search),
    Phrase(r"{a}<thing> (?:can|must|should|may|is|are) (?:be )?(?:searched|searchable|found|looked up) (?:by|in|via) <fields:list>", _search),
    Phrase(r"(?:full[- ]text )?search (?:works |is possible |looks )?(?:for {a}<thing> )?(?:by|in|on|over|across|covers) <fields:list>", _search),
    Phrase(_WHO + r"(?:sort|order) (?:{a}<thing> )?by <field:list>(?: " + _WAY + r")?", _sort),
    Phrase(r"{a}(?:list of |list with |list shows )?<thing> (?:{be} |can be |may be |appear |come )?(?:listed |shown |displayed |returned )?(?:sorted|ordered|in order of|in the order of|sortable)(?: by)? <field>(?:,? (?:in )?" + _WAY + r"(?: order)?)?", _sort),
    Phrase(r"{a}(?:list of |list with |list shows )?<thing> (?:{be} |appear |come )?(?:listed |shown |displayed |returned )?(?:sorted |ordered |by default )?(?:with (?:the )?)?(?P<way>newest|latest|most recent|oldest|soonest|earliest)(?: ones?| \w+)? (?:first|on top|at the top)(?: by default)?", _sort),
    Phrase(r"{a}<thing> (?:{be} )?(?:listed|shown|displayed|returned|sorted|ordered)(?: by)? (?P<way>earliest|latest|highest|lowest|soonest|largest|smallest|most recent) <field> first", _most),
    Phrase(r"(?:the )?(?P<way>newest|latest|most recent|oldest) (?:<thing> )?(?:first|on top|at the top|come first|comes first|are (?:shown|listed) first)", _sort),
    Phrase(r"(?P<way>earliest|latest|highest|lowest|soonest) <field> first", _most),
    Phrase(r"{a}(?:list of |page of |list )?<thing> (?:{be} |shows? |shown |returns? |is shown |are shown |are listed |is paginated |are paginated |is paged |are paged |has )?(?:in pages of |with |at most |up to |,)? ?<n:number>(?: <t2:value>)? (?:per|a|on each|on one|on a) page(?: by default)?", _page),
    Phrase(r"{a}(?:list|lists|page|pages|overview|table|results?)(?: of {a}<thing>)? (?:{be} |shows? |contains? |holds? |has |have |returns? |is paginated,? |are paginated,? |paginated,? )?(?:paginated )?(?:in pages of |with |at most |up to |by default |,)? ?<n:number>(?: <t2:value>)?(?: (?:per|a|on each|on one|on a) page)?(?: by default)?", _page),
    Phrase(r"(?:paginated?|pagination|pages?)(?: with| of|:)? <n:number>(?: <thing>)?(?: per page)?", _page),
    Phrase(r"<n:number>(?: <thing>)? (?:per|a|on each|on one) page", _page),
    Phrase(_WHO + r"(?:export|download) (?:(?:the )?list of |(?:the )?filtered )?{a}<thing>(?: of an? [a-z ]+)?(?: list| data)?(?: in| as| to| into)?(?: an?)? csv(?: file| format)?(?: for .*)?", _export),
    Phrase(r"{a}(?:list of |filtered )?<thing>(?: list| data)? (?:can|must|should|may) be (?:exported|downloaded)(?: by {a}<who:list>)?(?: in| as| to| into)(?: an?)? csv(?: file| format)?(?: by {a}<w2:list>)?", _export),
    Phrase(r"(?:csv export|export (?:as|to) csv)(?: of {a}<thing>)?(?: is available| works| exists)?", _export),
)  # fmt: skip
