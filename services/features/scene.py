"""What is known while a text is read: people, things with their fields and states, and how words name them.

Rules may add a field or a state that only they mention; everything added keeps the span of the sentence it came from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.features import states, words
from services.features.sentences import Sentence
from services.features.understanding import DataField, FieldType, Integration, Resource, Sensitivity

# As a single word these are acts, never fields; "rent", "volume" or "address" are.
_STRONG_VERBS = {"create", "submit", "approve", "reject", "edit", "delete", "cancel", "add", "view", "see", "list", "filter", "sort", "search", "export", "change", "update", "publish", "assign",
                 "book", "order", "ship", "close", "open", "reopen", "read", "write", "register", "creating", "submitting", "approving", "rejecting"}  # fmt: skip
_CLAUSE = {
    "must",
    "should",
    "can",
    "cannot",
    "is",
    "are",
    "be",
    "has",
    "have",
    "may",
    "will",
    "not",
    "only",
    "that",
    "which",
    "when",
    "if",
    "and",
    "or",
    "but",
}
FIELDS_MAX = 14
STATES_MAX = 9
THINGS_MAX = 5
_STRIP = re.compile(
    r"^(?:(?:all of|an?|the|each|every|any|all|no|their|its|his|her|my|our|one|new|this|all of|both|given|valid|another|same|correct|field|value of|length of|number of characters in)\s+)+"
)
_SUFFIX = re.compile(r"\s+(?:field|value|values|column|text|input|length|attribute|property)$")
# Words that never name a field by themselves.
_NO_FIELD = {"it", "they", "this", "that", "he", "she", "there", "which", "system", "user", "page", "list", "screen", "app", "form", "api", "request", "requests", "response",
             "error", "message", "everything", "nothing", "something", "what", "who", "access", "data", "result", "results", "change", "changes", "thing", "things",
             "test", "tests", "least", "most", "more", "feature", "we", "you", "i", "authentication", "authorization", "login", "sign-in", "confirmation", "approval"}  # fmt: skip


@dataclass
class Thing:
    """A resource while it is being read. `told`: the places of the text that list its states."""

    name: str
    fields: dict[str, DataField] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    transitions: list[tuple[str, str, str]] = field(default_factory=list)
    told: tuple[tuple[int, int], ...] = ()
    span: tuple[int, int] | None = None

    @property
    def spoken(self) -> str:
        """As the text says it: "notification", where the name had to be notification_item."""
        return words.spoken(self.name)

    @property
    def last(self) -> str:
        return self.spoken.rsplit("_", 1)[-1]

    def frozen(self) -> Resource:
        order = sorted(self.fields.values(), key=lambda f: not f.required)
        return Resource(
            name=self.name,
            plural=words.plural(self.name),
            label=self.spoken.replace("_", " ").capitalize(),
            fields=tuple(order),
            states=tuple(self.states),
            transitions=tuple(dict.fromkeys(self.transitions)),
            span=self.span,
        )


@dataclass
class Scene:
    """`makers`: resource -> the actors that create it; `owners`: those who call it their own; `topic` is the resource that
    was named last; `systems` are the other systems that the text names, `currency` the one of its amounts.
    """

    actors: list[str]
    things: dict[str, Thing]
    makers: dict[str, list[str]]
    topic: str = ""
    speaker: str = ""
    last_field: str = ""
    verbs: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)
    systems: tuple[Integration, ...] = ()
    currency: str = ""

    @property
    def main(self) -> Thing:
        return next(iter(self.things.values()))

    def thing_in(self, phrase: str) -> Thing | None:
        """The thing that a phrase names: by its whole name, else by its last word."""
        told = [words.singular(w) for w in re.findall(r"[a-z][a-z'-]*", phrase.lower().replace("_", " "))]
        joined = "_".join(told)
        whole = [t for t in self.things.values() if re.search(rf"(?:^|_){re.escape(t.spoken)}(?:_|$)", joined)]
        if whole:
            return max(whole, key=lambda t: len(t.name))
        return next((t for t in self.things.values() if t.last in told), None)

    def only_thing(self, phrase: str) -> Thing | None:
        """The thing, when the phrase says nothing else: "an order", "their own orders", "the purchase order"."""
        bare = _STRIP.sub("", phrase.strip().lower())
        bare = re.sub(r"^(?:own|existing|such|of)\s+", "", bare)
        if bare in ("it", "them", "one", "this", "that", "draft", "drafts"):
            return self.things.get(self.topic) or self.main
        told = [words.singular(w) for w in bare.replace("_", " ").split()]
        for thing in self.things.values():
            parts = thing.spoken.split("_")
            if told and told[-1] == parts[-1] and set(told) <= set(parts):
                return thing
        return None

    def where(self, sentence: str) -> Thing:
        """The thing a sentence is about: the one it names, else the last one that was named, else the main one."""
        return self.thing_in(sentence) or self.things.get(self.topic) or self.main

    def actor_of(self, phrase: str, *, adds: bool = False) -> str | None:
        """Who a phrase means; with `adds`, also somebody whom no other sentence names."""
        bare = _STRIP.sub("", phrase.strip().lower())
        if bare == "i" and self.speaker:
            return self.speaker
        name = " ".join([*bare.split()[:-1], words.singular(bare.split()[-1])]) if bare else ""
        if name in self.actors:
            return name
        if name in ("user", "person", "caller"):
            return next((a for a in self.actors if a == "user"), None)
        known = next(
            (
                a
                for a in self.actors
                if a.split()[-1] == name or a.startswith(f"{name} of ") or name.split()[-1:] == [a]
            ),
            None,
        )
        return known or (self._new_actor(name) if adds else None)

    def _new_actor(self, name: str) -> str | None:
        """Somebody whom only a rule names: "only auditors may ..."."""
        told = name.split()
        plain = 1 <= len(told) <= 3 and re.fullmatch(r"[a-z][a-z -]+", name) and not self.only_thing(name)
        if not plain or not (
            words.is_actor(told[-1]) or (len(told) == 3 and told[1] == "of" and words.is_actor(told[0]))
        ):
            return None
        if set(told) & (words.MODALS | words.BREAKS - {"of"} | words.STOP) or words.is_state_word(told[0]):
            return None
        self.actors.append(name)
        return name

    def actors_in(self, phrase: str) -> tuple[str, ...] | None:
        """All of "managers, team leads and admins"; None when one of them is nobody known."""
        parts = [p for p in re.split(r",|\band\b|\bor\b|/", phrase) if p.strip()]
        found = [self.actor_of(part, adds=True) for part in parts]
        return tuple(dict.fromkeys(a for a in found if a)) if found and all(found) else None

    def field_of(self, phrase: str, where: Thing, sentence: Sentence, *, kind: FieldType | None = None) -> str | None:
        """The name of a field that a phrase means, added when it is new and looks like one; None when it cannot be a field."""
        bare = _SUFFIX.sub("", _STRIP.sub("", phrase.strip().lower()))
        bare = re.sub(rf"\s+(?:of|for|in|on) {_STRIP.pattern[1:]}?(?:\w+ )?{re.escape(where.last)}s?$", "", bare)
        bare = re.sub(
            rf"^(?:{re.escape(where.name.replace('_', ' '))}|{re.escape(where.last)})(?:'s|s'|s)?\s+", "", bare
        )
        if re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", bare):
            return self._field_by_name(bare, where, sentence, kind)
        told = [w for w in re.findall(r"[a-z][a-z-]*", bare) if w not in words.STOP - {"first", "last", "new"}]
        if (
            _CLAUSE & set(bare.split())
            or "'t" in bare
            or bare.endswith(" first")
            or not told
            or len(told) > 3
            or not re.fullmatch(r"[a-z][a-z _'/-]*", bare)
        ):
            return None
        name = words.identifier("_".join([*told[:-1], words.singular(told[-1])]), "value")
        if name in ("state", "status", "state_value", "status_value"):
            return "state" if where.states else self.add(where, "status", sentence, FieldType.STRING)
        known = where.fields.get(name) or next(
            (f for f in where.fields.values() if set(told) <= set(f.name.split("_"))), None
        )
        known = known or next((f for f in where.fields.values() if f.name.rsplit("_", 1)[-1] == name), None)
        known = known or next((f for f in where.fields.values() if _is_moment_of(f, told)), None)
        if known:
            return known.name
        bad = (
            told[0] in _NO_FIELD
            or told[-1] in _NO_FIELD
            or (told[0] in _STRONG_VERBS and len(told) == 1)
            or set(told) & (words.BREAKS | words.MODALS)
        )
        if bad or words.is_actor(told[-1]) or self.only_thing(bare) or len(where.fields) >= FIELDS_MAX:
            return None
        return self.add(where, name, sentence, kind)

    def _field_by_name(self, bare: str, where: Thing, sentence: Sentence, kind: FieldType | None) -> str | None:
        """A name as programmers write it is a field as it stands: "percent_off"."""
        name = words.identifier(bare, "value")
        if name in where.fields or name.removesuffix("_at") in where.fields:
            return name if name in where.fields else name.removesuffix("_at")
        return self.add(where, name, sentence, kind) if len(where.fields) < FIELDS_MAX else None

    def fields_of(self, phrase: str, where: Thing, sentence: Sentence) -> tuple[str, ...] | None:
        parts = [p for p in re.split(r",|\band\b|\bor\b|&|/", phrase) if p.strip()]
        before = dict(where.fields)
        found = [self.field_of(part, where, sentence) for part in parts]
        if not found or not all(found):
            where.fields = before
            return None
        return tuple(dict.fromkeys(f for f in found if f))

    def state_of(self, word: str, where: Thing) -> str | None:
        """A state of the thing by its name; a participle of a known verb becomes one."""
        bare = _STRIP.sub("", word.strip().strip("\"'").lower()).replace("-", "_").replace(" ", "_")
        bare = re.sub(r"^(?:already_|been_|in_state_|in_status_|marked_as_|marked_)", "", bare)
        return next(
            (s for s in where.states if s == bare or words.SAME_STATE.get(s, s) == words.SAME_STATE.get(bare, bare)),
            None,
        )

    def act_of(self, verb: str, where: Thing) -> str | None:
        """The act that a verb's form means for a thing: create, list, get, update, delete or a transition's verb."""
        base = words.base_of(verb)
        if any(v == base for v, _, _ in where.transitions):
            return base
        reached = self.state_of(words.TRANSITIONS[base], where) if base in words.TRANSITIONS else None
        if reached:
            return next((v for v, _, t in where.transitions if t == reached), None)
        return words.act_of(base) if base else None

    def act_for(self, verb: str, where: Thing) -> str | None:
        """Like `act_of`; a verb that nobody knows yet becomes a transition to its participle ("redeem" -> redeemed)."""
        bare = re.sub(r"^(?:be |get |also |then |always |ever |actually )+", "", verb.strip())
        marked = re.fullmatch(
            r"(?:mark|set|marked|flag)(?: (?:it|them|[a-z ]+?))? (?:as|to) (?P<state>[a-z_ -]+)", bare
        )
        if marked:
            state = self.state_of(marked["state"], where) or words.identifier(marked["state"], "")
            return self._move_to(state, words.verb_to(state), where)
        known = self.act_of(bare, where)
        if known == "create" and self._moves_instead(bare, where):
            known = None
        if known or not re.fullmatch(r"[a-z-]+(?: (?:off|in|out|up|down|back|over|on|for))?", bare):
            return known
        if bare in words.STATE_VERBS and bare != "open":
            return self._move_to(bare, words.verb_to(bare), where)
        base = words.base_of(bare.split()[0]) or bare.split()[0]
        name = "_".join([base, *bare.split()[1:]]).replace("-", "_")
        if base in words.NO_VERB or len(base) < 3:
            return None
        if any(v == name for v, _, _ in where.transitions):
            return name
        return self._way_back(name, where) or self._move_to(words.participle(name), name, where)

    def _way_back(self, verb: str, where: Thing) -> str | None:
        """The verb, where it leads out of a state of the thing to where that was entered from."""
        moves = states.back(verb, where.states, where.transitions)
        where.transitions += moves
        return verb if moves else None

    def _moves_instead(self, verb: str, where: Thing) -> bool:
        """Whether a verb that can create moves this thing: ideas are posted, and one is planned later."""
        base = words.base_of(verb)
        used = self.verbs.get(where.name, set())
        return base not in words.ALWAYS_CREATES and base not in used and bool(used & words.CREATE)

    def _move_to(self, state: str, verb: str, where: Thing) -> str | None:
        """The verb that leads to the state: the one that does so already, else the given one from now on."""
        same = next((v for v, _, t in where.transitions if t == state), None)
        if same or not state or state in where.states[:1] or len(where.states) >= STATES_MAX:
            return same
        where.states = where.states or [states.ASSUMED]
        source = (
            next((s for s in reversed(where.states) if s not in words.ENDS), where.states[0])
            if state in words.LATER
            else where.states[0]
        )
        if state not in where.states:
            where.states.append(state)
        where.transitions.append((verb, source, state))
        return verb

    def begins_as(self, state: str, where: Thing) -> bool:
        """Calls the first state by the text's own word, where no sentence has named one so far."""
        if where.told or where.states[:1] != [states.ASSUMED]:
            return False
        where.states[0] = state
        renamed = {states.ASSUMED: state}
        where.transitions = [(v, renamed.get(a, a), renamed.get(b, b)) for v, a, b in where.transitions]
        return True

    def change(self, where: Thing, name: str, **changes: object) -> None:
        """What a rule says of a field is known of the field as well, so that forms and contracts agree with it."""
        if name in where.fields:
            where.fields[name] = where.fields[name].model_copy(update=changes)

    def add(self, where: Thing, name: str, sentence: Sentence, kind: FieldType | None) -> str:
        made = make_field(name, (), sentence.span)
        if kind:
            made = made.model_copy(
                update={
                    "type": kind,
                    "maximum": None if kind not in (FieldType.STRING, FieldType.TEXT) else made.maximum,
                }
            )
        where.fields[name] = made.model_copy(update={"required": False})
        return name

    def copy(self) -> "Scene":
        """To try a sentence and forget what it added."""
        things = {
            n: replace(t, fields=dict(t.fields), states=list(t.states), transitions=list(t.transitions))
            for n, t in self.things.items()
        }
        return replace(self, actors=list(self.actors), things=things)

    def take(self, other: "Scene") -> None:
        self.things, self.topic, self.actors, self.last_field = (
            other.things,
            other.topic,
            other.actors,
            other.last_field,
        )


def _is_moment_of(field: DataField, told: Sequence[str]) -> bool:
    """Whether "departure" or "departure time" means the field departs_at."""
    if field.type not in (FieldType.DATE, FieldType.DATETIME) or (
        len(told) > 1 and told[1:] not in (["time"], ["date"])
    ):
        return False
    verb = re.sub(r"(?:es|s|ed)$", "", field.name.removesuffix("_at").removesuffix("_on"))
    return len(verb) > 4 and told[0].startswith(verb) and "_" not in verb


def _type_by_name(name: str) -> str:
    """By the last word, which is the noun: a "cost center" is no money, an "e-mail address" is no address."""
    if "email" in name or "mail" in name.split("_"):
        return "email"
    last = name.rsplit("_", 1)[-1]
    return words.first_match({last, words.singular(last)}, words.FIELD_TYPES) or "string"


def make_field(name: str, choices: Sequence[str], span: tuple[int, int] | None) -> DataField:
    """A field with the type that its name suggests."""
    told = set(name.split("_"))
    kind = FieldType.STRING if choices else FieldType(_type_by_name(name))
    sensitive = words.first_match(told, words.SENSITIVE)
    return DataField(
        name=name,
        type=kind,
        choices=tuple(choices),
        maximum={FieldType.STRING: 200, FieldType.TEXT: 5000}.get(kind) if not choices else None,
        sensitive=Sensitivity(sensitive) if sensitive else None,
        span=span,
    )
