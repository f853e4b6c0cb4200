"""Who is told of what, and that every change is remembered."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import Rule, RuleKind

_OWNERS = re.compile(
    r"(?:(?:the|its|their|original|respective|affected|concerned|requesting|submitting|reporting|that) )*(?:whoever [a-z]+ (?:it|them|the [a-z ]+)|requester|requestor|submitter|owner|author|reporter|creator|applicant|person who .+|user who .+|(?:\w+ )?who (?:created|made|submitted|placed|requested|reported|booked|filed|opened|wrote|raised) .+|one who .+)"
)
_CHANNELS = (
    ("email", r"e-?mail|mail|sendgrid"),
    ("sms", r"\bsms\b|text message|twilio"),
    ("slack", r"slack|teams|chat"),
    ("app", r"push|in-app|notification"),
)


def recipients(phrase: str, thing: Thing, scene: Scene) -> tuple[str, ...]:
    """Roles, and "owner" for whoever made the record; empty when one of them is nobody known."""
    found = []
    for part in [p.strip() for p in re.split(r",|\band\b|\bor\b", phrase) if p.strip()]:
        is_owner = _OWNERS.fullmatch(re.sub(r"^the ", "", part)) is not None
        actor = scene.actor_of(re.sub(r" (?:who|that) .*$", "", part), adds=not is_owner)
        made = re.search(r" (?:who|that) (?P<verb>[a-z]+) ", part)
        elsewhere = words.REIFIED.get(words.base_of(made["verb"])) if made else None
        if elsewhere and elsewhere != thing.last:
            return ()  # "the members who booked it" are those of the bookings
        if is_owner or (actor and _is_theirs(actor, part, thing, scene)):
            found.append("owner")
        elif actor and _is_one_of_it(part, actor, thing):
            return ()
        elif actor:
            found.append(actor)
        else:
            return ()
    return tuple(dict.fromkeys(found))


def _is_theirs(actor: str, part: str, thing: Thing, scene: Scene) -> bool:
    """Whether a record belongs to one of the actors, who therefore is told, and not all of them."""
    makers, owners = scene.makers.get(thing.name, []), scene.owners.get(thing.name, set())
    is_one = part.split()[-1] == words.singular(part.split()[-1])
    is_served = is_one and not makers and not owners and actor.split()[-1] in words.SERVED
    return actor in makers or actor in owners or (is_served and not _is_one_of_it(part, actor, thing))


def _is_one_of_it(part: str, actor: str, thing: Thing) -> bool:
    """Whether "the driver" is the one whom the record names: neither every driver nor whoever made the record."""
    fields = {name.removesuffix("_id") for name in thing.fields}
    return part.split()[-1] == actor.split()[-1] and bool({actor.replace(" ", "_"), actor.split()[-1]} & fields)


def _notify(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    thing = scene.only_thing(w.thing) if w.thing else scene.where(sentence.plain)
    if thing is None:  # "when the goods are received" is about whatever can be received
        thing = next((t for t in scene.things.values() if scene.state_of(w.verb, t) in t.states[1:]), None)
    if thing is None:
        return None
    who = recipients(w.who, thing, scene)
    verbs = [v.strip() for v in re.split(r",|\band\b|\bor\b|/", w.verb) if v.strip()]
    acts = [act_told(v, thing, scene) for v in verbs]
    channel = next(
        (name for name, pattern in _CHANNELS if re.search(pattern, f"{w.channel} {w.how} {w.how2} {w.how3}")), ""
    )
    if not who or not acts or not all(acts):
        return None
    return [
        Rule(kind=RuleKind.NOTIFY, resource=thing.name, act=act, actors=who, channel=channel or "email")
        for act in acts
        if act
    ]


def act_told(verb: str, thing: Thing, scene: Scene) -> str | None:
    bare = re.sub(r"^(?:has been |is |was |gets |becomes |newly |marked as |set to )+", "", verb)
    state = scene.state_of(bare, thing) if thing.states else None
    if state and state != thing.states[0]:
        return next((v for v, _, t in thing.transitions if t == state), None)
    act = scene.act_for(bare, thing)
    return act if act != "list" else None


def _status(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    """ "when the status changes": after every transition."""
    thing = scene.only_thing(w.thing) if w.thing else scene.where(sentence.plain)
    if thing is None or not thing.transitions:
        return None
    who = recipients(w.who, thing, scene)
    channel = next(
        (name for name, pattern in _CHANNELS if re.search(pattern, f"{w.channel} {w.how} {w.how2} {w.how3}")), ""
    )
    acts = dict.fromkeys(v for v, _, _ in thing.transitions)
    return (
        [
            Rule(kind=RuleKind.NOTIFY, resource=thing.name, act=act, actors=who, channel=channel or "email")
            for act in acts
        ]
        if who
        else None
    )


def _history(w: Words, scene: Scene, sentence: Sentence) -> Rule:
    thing = (scene.only_thing(w.thing) if w.thing else None) or scene.where(sentence.plain)
    return Rule(kind=RuleKind.HISTORY, resource=thing.name)


_HOW = r"(?P<channel>(?: (?:by|via|per|through|over|with|in) (?:an? |the )?(?:automatic )?(?:e-?mail|mail|sms|text message|slack|teams|chat|twilio|sendgrid|mailgun|push notification|push|in-app notification|notification|app|phone)(?: message)?)?)"
_TOLD = r"(?:(?:is|are|gets|get|must be|has to be|should be|will be|shall be|must get|should get) (?:automatically )?(?:notified|informed|told|alerted|e-?mailed|messaged|warned|(?:sent |given )?an? (?P<how>(?:confirmation )?(?:e-?mail|mail|sms|text message|message|notification|push notification|slack message))(?: notification)?)|receives? an? (?P<how2>(?:confirmation )?(?:e-?mail|mail|sms|text message|message|notification|push notification|slack message)(?: notification)?)|(?:must|should|will) receive an? (?P<how3>(?:confirmation )?(?:e-?mail|sms|text message|message|notification)(?: notification)?))"
BE = r"(?:is|are|has been|have been|gets|was|becomes)"
_VERB = r"(?!(?:an?|the|is|are|it)\b)[a-z-]+(?: (?:off|in|out|up|down|back|over)\b)?"
VERBS = rf"(?P<verb>{_VERB}(?:(?:, | or | and |, or |/){_VERB})*)"

PHRASES: tuple[Phrase, ...] = (
    Phrase(r"<verb:verb> {a}<thing> sends an? (?P<how>(?:e-?mail|mail|sms|text message|message|notification)) to {a}<who:list>", _notify),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" (?:for|about|on|of) (?:each|every|an?|the|any) (?P<verb>rejection|approval|cancellation|submission|payment|publication)(?: of {a}<thing>)?", _notify),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" (?:for|about|on|of) (?:each|every|an?|the|any) decision(?: on {a}<thing>)?", _status),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" {when} {a}<thing> " + BE + r" " + VERBS, _notify),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" {when} (?:his|her|their|its|an?|the|one of their) (?:own )?<thing> " + BE + r" " + VERBS + _HOW.replace("channel", "c2"), _notify),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" {when} (?:{a}<x:words> )(?:has |have )?" + VERBS + r" (?:it|{a}<thing>)", _notify),
    Phrase(r"{when} {a}<thing> " + BE + r" " + VERBS + r",? {a}<who:list> " + _TOLD + _HOW, _notify),
    Phrase(r"{when} (?:{a}<x:words> )" + VERBS + r" {a}<thing>,? {a}<who:list> " + _TOLD + _HOW, _notify),
    Phrase(r"{when} <verb:verb> {a}<thing>,? {a}<who:list> " + _TOLD + _HOW, _notify),
    Phrase(r"(?:also )?(?:notify|inform|tell|alert|e-?mail|message) {a}<who:list>" + _HOW + r" {when} {a}<thing> " + BE + r" " + VERBS, _notify),
    Phrase(r"(?:also )?(?:notify|inform|tell|alert|e-?mail|message) {a}<who:list>" + _HOW + r" {when} (?:{a}<x:words> )(?:has |have )?" + VERBS + r" (?:it|{a}<thing>)", _notify),
    Phrase(r"(?:send|sends) {a}(?P<how>(?:confirmation )?(?:e-?mail|mail|sms|message|notification|push notification)) to {a}<who:list> {when} {a}<thing> " + BE + r" " + VERBS, _notify),
    Phrase(r"(?:send|sends) {a}<who:list> {a}(?P<how>(?:confirmation )?(?:e-?mail|mail|sms|message|notification|push notification)) {when} {a}<thing> " + BE + r" " + VERBS, _notify),
    Phrase(r"an? (?P<how>(?:confirmation )?(?:e-?mail|mail|sms|message|notification)) (?:is|must be|gets|will be|should be) sent to {a}<who:list> {when} {a}<thing> " + BE + r" " + VERBS, _notify),
    Phrase(r"{when} {a}<thing> " + BE + r" " + VERBS + r",? an? (?P<how>(?:confirmation )?(?:e-?mail|mail|sms|message|notification)) (?:is|must be|gets|will be|should be) sent to {a}<who:list>", _notify),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" (?:{when} (?:the |its |their )?(?:status|state)(?: of {a}<thing>)? changes|of every status change|about every status change|about status changes|on every status change)", _status),
    Phrase(r"{a}<who:list> " + _TOLD + _HOW + r" {when} {a}<thing> changes (?:its )?(?:status|state)", _status),
    Phrase(r"{when} (?:the |its )?(?:status|state)(?: of {a}<thing>)? changes,? {a}<who:list> " + _TOLD + _HOW, _status ),
    Phrase(r"(?:every|each|all|any) (?:status |state )?(?:changes?|updates?|edits?|actions?|modifications?|decisions?)(?: (?:to|of|on|in) {a}<thing>)? (?:is|are|must be|has to be|have to be|gets|should be|will be|shall be) (?:recorded|logged|kept|stored|audited|tracked|saved|written to (?:the|an) (?:audit log|history|log|audit trail))(?: in .*)?(?:,? (?:with|including|together with|and|by|showing) .*)?", _history),
    Phrase(r"(?:there (?:is|must be) )?(?:an? |the )?(?:full |complete )?(?:audit log|audit trail|change log|history|history of changes|change history)(?: of {a}<thing>)? (?:shows|records|keeps|contains|lists|is kept|must be kept|must show|stores)(?: .*)?", _history),
    Phrase(r"{a}<thing> (?:has|keeps|shows|must have|must keep|have) (?:an? |the |its |their )?(?:full |complete )?(?:audit log|audit trail|change log|history|history of (?:all )?changes|change history)(?: .*)?", _history),
    Phrase(r"(?:it (?:is|must be) (?:visible|recorded|logged|traceable|possible to see) )?who (?:changed|did|edited|modified|approved|decided) what(?:,? and)? when(?: (?:is|must be) (?:recorded|logged|kept|visible|stored))?", _history),
)  # fmt: skip
