"""Small English: lexicons and word forms. Tables, so that adding a word is adding a row."""

import keyword
import re
import unicodedata

CREATE = {"create", "add", "submit", "register", "book", "place", "upload", "post", "file", "record", "log", "report",
          "schedule", "save", "enter", "send", "request", "open", "make", "issue", "import", "propose", "reserve", "order",
          "borrow", "rent", "apply", "raise", "capture", "donate", "vote", "rate", "subscribe", "enrol", "enroll", "purchase", "buy",
          "write", "draft", "lend", "invite", "plan", "start", "store", "generate", "define", "collect", "set up", "hire", "ingest", "answer"}  # fmt: skip
ALWAYS_CREATES = {"create", "add", "submit", "register", "make", "post", "file", "report", "request", "open", "log", "record", "place", "enter", "save", "write"}  # fmt: skip
READ = {"view", "see", "list", "browse", "search", "read", "track", "find", "filter", "export", "check", "monitor", "review", "sort",
        "download", "look", "get", "fetch", "query", "access", "inspect", "watch", "compare", "retrieve", "follow"}  # fmt: skip
UPDATE = {"edit", "update", "change", "modify", "correct", "rename", "manage", "adjust", "configure", "set", "amend", "alter", "extend",
          "reschedule", "move", "switch", "mark", "maintain", "rotate", "fix"}  # fmt: skip
DELETE = {"delete", "remove", "erase", "purge", "discard"}
# Verb -> the state it leads to.
TRANSITIONS = {
    "approve": "approved", "reject": "rejected", "cancel": "cancelled", "close": "closed", "publish": "published",
    "archive": "archived", "complete": "completed", "ship": "shipped", "pay": "paid", "refund": "refunded",
    "accept": "accepted", "decline": "declined", "assign": "assigned", "resolve": "resolved", "confirm": "confirmed",
    "return": "returned", "suspend": "suspended", "activate": "active", "deactivate": "inactive", "verify": "verified",
    "deliver": "delivered", "escalate": "escalated", "finish": "finished", "release": "released", "expire": "expired", "revoke": "revoked",
    "withdraw": "withdrawn", "dispatch": "dispatched", "settle": "settled", "pause": "paused", "reopen": "reopened",
    "resubmit": "resubmitted", "retire": "retired", "void": "voided", "disable": "disabled", "enable": "enabled", "lock": "locked",
    "unpublish": "unpublished", "shortlist": "shortlisted", "triage": "triaged", "validate": "validated", "sign": "signed",
    "countersign": "countersigned", "discharge": "discharged", "merge": "merged", "waive": "waived", "redeem": "redeemed", "pick": "picked", "pack": "packed",
}  # fmt: skip
# State -> the verb that leads there, where the verb is not told by the state's own name.
STATE_VERBS = {"in_progress": "start", "done": "finish", "open": "reopen", "submitted": "submit", "started": "start", "sent": "send", "in_review": "review",
               "overdue": "mark_overdue", "active": "activate", "inactive": "deactivate", "scheduled": "schedule", "requested": "request", "booked": "book",
               "no_show": "mark_no_show", "on_hold": "hold", "ready": "mark_ready", "failed": "fail", "lost": "mark_lost", "won": "win", "hired": "hire"}  # fmt: skip
# These follow another state rather than the first one.
LATER = {"closed", "archived", "refunded", "returned", "delivered", "expired", "revoked", "settled", "reopened", "resubmitted", "completed",
         "finished", "paid", "shipped", "dispatched", "released", "discharged", "retired"}  # fmt: skip
# States in which nothing goes on: they are not the source of what the text names next.
ENDS = {"rejected", "cancelled", "declined", "withdrawn", "voided", "expired", "archived", "revoked", "suspended", "paused", "disabled", "deactivated"}  # fmt: skip
SAME_STATE = {"canceled": "cancelled", "resolve": "resolved", "done": "finished", "complete": "finished", "completed": "finished", "close": "closed", "new": "open", "pending": "open",
              "opened": "open"}  # fmt: skip
# These lead back to where a record stood before it got into one of these states; nobody "is resumed" for good.
BACK = {"resume": ("paused", "suspended", "on_hold", "stopped"), "reactivate": ("suspended", "deactivated", "inactive", "disabled", "paused"),
        "unlock": ("locked",), "unpause": ("paused",), "reinstate": ("suspended", "revoked"), "unarchive": ("archived",)}  # fmt: skip
# Verbs that are another act with a word after their object: "checks the order in".
PHRASAL = {("check", "in"), ("check", "out"), ("call", "off"), ("hand", "in"), ("hand", "out"), ("hand", "over"), ("sign", "off"), ("send", "back"),
           ("write", "off"), ("tick", "off"), ("turn", "down"), ("lay", "off"), ("shut", "down")}  # fmt: skip
VERBS = CREATE | READ | UPDATE | DELETE | set(TRANSITIONS) | set(BACK) | {"_".join(pair) for pair in PHRASAL}
# To do this with one thing is to make another one: "members borrow books" makes loans.
REIFIED = {"borrow": "loan", "lend": "loan", "rent": "rental", "book": "booking", "reserve": "reservation", "vote": "vote", "rate": "rating",
           "subscribe": "subscription", "donate": "donation", "apply": "application", "enrol": "enrolment", "enroll": "enrollment",
           "buy": "purchase", "purchase": "purchase", "hire": "rental", "order": "order", "answer": "answer"}  # fmt: skip
# These are what booking makes, so "book an appointment" makes no booking beside it.
MADE_BY_BOOKING = {"appointment", "visit", "trip", "meeting", "session", "reservation", "order", "leave", "holiday", "shift"}  # fmt: skip
# Names of one and the same thing that a verb makes; a text has one of them.
SAME_MAKING = (
    ("booking", "reservation", "appointment"),
    ("purchase", "order"),
    ("rental", "hire", "booking"),
    ("loan", "lending"),
    ("enrolment", "enrollment", "registration"),
)


# What people do to make such a thing, in words that fit its own name.
MAKING_VERBS = {
    "loan": "request",
    "rental": "request",
    "booking": "make",
    "reservation": "make",
    "appointment": "request",
    "application": "submit",
    "rating": "add",
    "vote": "add",
    "order": "place",
    "purchase": "make",
    "donation": "make",
    "subscription": "request",
    "enrolment": "request",
    "enrollment": "request",
    "registration": "submit",
    "answer": "submit",
}


def makings(verb: str) -> tuple[str, ...]:
    """What a verb makes, by all its names: "reserve" -> reservation, booking, appointment."""
    made = REIFIED.get(verb, "")
    return (made, *(name for group in SAME_MAKING if made in group for name in group if name != made)) if made else ()


_IRREGULAR_VERBS = {"paid": "pay", "sent": "send", "made": "make", "seen": "see", "found": "find", "written": "write", "withdrawn": "withdraw", "bought": "buy",
                    "lent": "lend", "chosen": "choose", "done": "finish", "shown": "view", "got": "get", "drafted": "draft", "cancelled": "cancel",
                    "canceled": "cancel", "cancelling": "cancel", "canceling": "cancel", "cancellation": "cancel", "approval": "approve", "rejection": "reject",
                    "submission": "submit", "creation": "create", "deletion": "delete", "publication": "publish", "closure": "close", "removal": "remove",
                    "payment": "pay", "reopening": "reopen", "re-opened": "reopen", "re-open": "reopen", "re-submit": "resubmit", "re-submitted": "resubmit",
                    "viewable": "view", "taking": "take", "taken": "take", "making": "make", "giving": "give", "given": "give", "editable": "edit", "visible": "view"}  # fmt: skip

ACTORS = {"head", "chief", "director", "user", "customer", "manager", "admin", "administrator", "employee", "member", "client", "owner", "operator", "agent",
          "developer", "student", "teacher", "patient", "doctor", "nurse", "driver", "buyer", "seller", "merchant", "guest",
          "visitor", "author", "editor", "reviewer", "analyst", "accountant", "tenant", "landlord", "staff", "team", "support",
          "people", "person", "host", "parent", "engineer", "librarian", "reader", "shopper", "subscriber", "moderator", "clerk",
          "lead", "officer", "respondent", "president", "assistant", "colleague", "supervisor", "technician", "scientist", "mechanic", "writer", "resident", "citizen",
          "teller", "trustee", "pupil", "applicant", "hr", "cashier", "courier", "pharmacist", "therapist", "volunteer", "coach", "chef", "guard", "pilot"}  # fmt: skip
_ACTOR_ENDINGS = ("er", "or", "ee", "ist", "ant", "ian")
# Those whom a record is about, where the text does not say who makes it.
SERVED = {"customer", "client", "patient", "member", "guest", "visitor", "resident", "tenant", "parent", "student", "donor", "applicant", "subscriber", "employee",
          "buyer", "shopper", "citizen", "hirer", "borrower", "participant", "attendee", "passenger", "policyholder", "candidate", "user"}  # fmt: skip
NOT_ACTORS = {"order", "number", "folder", "paper", "computer", "letter", "offer", "transfer", "error", "monitor", "server", "voucher", "filter", "register",
          "parameter", "payment", "calendar", "answer", "member fee", "color", "floor", "newsletter", "after", "under", "over", "whoever", "however",
          "whatever", "whenever", "wherever", "never", "ever", "other", "another", "rather", "together", "later", "earlier", "water", "master", "character",
          "matter", "winter", "summer", "december", "november", "october", "september", "quarter", "center", "counter", "chapter", "meter", "header", "footer",
          "router", "printer", "scanner", "container", "layer", "buffer", "cluster", "browser", "worker", "timer", "trigger", "shelter", "dinner", "corner",
          "door", "mirror", "sensor", "indicator", "factor", "sector", "committee", "coffee", "employee fee", "relevant", "important", "plant", "grant",
          "constant", "instant", "variant", "significant", "elegant", "distant", "exist", "assist", "consist", "resist", "persist", "checklist", "wishlist",
          "waitlist", "shortlist", "twist", "least", "median", "longer", "shorter", "higher", "lower", "bigger", "smaller", "larger", "greater", "fewer",
          "better", "newer", "older", "either", "neither", "whether", "remember", "consider", "enter", "deliver", "recover", "discover", "cover", "refer",
          "prefer", "differ", "suffer", "trader fee", "pointer", "identifier", "modifier", "qualifier", "behavior", "behaviour", "colour", "favor", "favour",
          "labour", "humour", "breaker", "reminder", "placeholder", "disclaimer", "banner", "poster", "sticker", "tracker", "folder name", "laser", "power",
          "tower", "flower", "shower", "weather", "proper", "super", "hyper", "cancer", "finger", "anger", "danger", "hunger", "laptop", "minor", "major",
          "prior", "interior", "exterior", "superior", "junior", "senior", "guarantee", "degree", "agree", "assistant fee", "warrant", "sergeant fee",
          "invoice fee", "restaurant", "pleasant", "brilliant", "vacant", "abundant", "dominant", "redundant", "compliant", "reluctant", "want", "meant",
          "list", "moist", "wrist", "mist", "fist", "italian", "european", "guest list", "gateway", "slider", "cursor", "vector", "mentor fee", "terror",
          "horror", "anchor", "harbor", "harbour", "motor", "tutor fee", "elevator", "generator", "calculator", "separator", "operator fee", "connector",
          "descriptor", "constructor", "constructor fee", "refresher", "starter", "holder", "provider"}  # fmt: skip

STOP = {"a", "an", "the", "this", "that", "these", "those", "each", "every", "all", "any", "some", "their", "his", "her", "its", "our",
        "your", "my", "new", "own", "one", "more", "other", "able", "and", "or", "then", "also", "only", "just", "it", "them", "they",
        "we", "i", "you", "he", "she", "so", "to", "be", "is", "are", "was", "not", "no", "existing", "same", "such", "multiple", "several",
        "many", "here", "there", "which", "who", "what", "when", "once", "never", "always", "can", "may", "must", "should", "shall", "will",
        "want", "wants", "need", "needs", "like", "would", "could", "do", "does", "have", "has", "had", "first", "last", "please"}  # fmt: skip
BREAKS = {"with", "for", "by", "in", "on", "at", "if", "from", "of", "as", "via", "through", "into", "onto", "before", "after", "within",
          "without", "using", "based", "per", "about", "until", "while", "because", "where", "against", "under", "above", "over", "than",
          "up", "out", "back", "online", "between", "during", "across"}  # fmt: skip
MODALS = {"can", "may", "must", "should", "shall", "will", "could"}


def act_of(verb: str) -> str | None:
    """What a verb does with a record: create, update, delete or list; None for the verb of a transition and any other."""
    return next((act for act, verbs in _ACTS if verb in verbs), None)


_ACTS = (("create", CREATE), ("update", UPDATE), ("delete", DELETE), ("list", READ))


# Word in a field's name -> its type, first match wins.
FIELD_TYPES = (
    ("email", ("email", "mail")),
    ("url", ("url", "link", "website", "image", "photo", "picture", "attachment", "receipt", "document")),
    ("boolean", ("active", "enabled", "flag", "public", "private", "paid?", "urgent", "optional")),
    ("datetime", ("time", "timestamp", "datetime", "slot", "start", "end", "at")),
    ("date", ("date", "day", "deadline", "birthday", "due", "expiry")),
    ("money", ("amount", "price", "net", "gross", "subtotal", "deposit", "premium", "fine", "salary", "income", "revenue", "wage", "charge", "donation", "payout", "value", "cost", "total", "fee", "salary", "budget", "balance", "payment", "tax", "discount")),
    ("integer", ("quantity", "qty", "count", "rating", "score", "age", "points", "seats", "stock", "capacity", "priority",
                 "duration", "minutes", "hours", "days", "size", "stars", "guests", "year", "limit")),
    ("number", ("weight", "height", "length", "width", "latitude", "longitude", "percentage", "rate", "temperature", "distance")),
    ("text", ("description", "note", "notes", "comment", "reason", "body", "message", "text", "content", "summary", "address",
              "details", "feedback", "instructions")),
)  # fmt: skip
# A first guess by the field's own words; privacy.py decides with its thing and the whole text.
SENSITIVE = (
    ("personal", ("name", "email", "mail", "phone", "address", "birthday", "birth", "age", "ip", "location", "latitude", "passport")),
    ("payment", ("card", "iban", "account", "cvv", "bank")),
    ("health", ("diagnosis", "symptom", "symptoms", "medication", "allergy", "allergies", "prescription", "blood")),
    ("credentials", ("password", "token", "secret", "pin", "key")),
)  # fmt: skip
# Names that would clash with the attributes of a record, or with words of SQL and Python.
_TAKEN = {"id", "version", "state", "state_at", "created_at", "created_by", "changed_at", "updated_at", "metadata", "copy", "json", "dict", "schema", "construct",
          "validate", "registry", "fields", "model", "models", "item_id", "self", "cls", "session", "app", "main", "test", "tests", "str", "int", "list", "set", "float",
          "bool", "health", "ready", "metrics", "events", "flags", "static", "limit", "sort", "q", "after", "next", "history", "export", "caller", "select", "values",
          "datetime", "access", "cache", "clock", "problems", "notifications", "change", "made", "use", "notification", "feature", "made_by"}  # fmt: skip

_IRREGULAR = {"people": "person", "staff": "staff", "data": "data", "media": "media", "news": "news", "series": "series", "species": "species", "status": "status",
              "children": "child", "analyses": "analysis", "address": "address", "business": "business", "access": "access", "bonus": "bonus"}  # fmt: skip


def singular(word: str) -> str:
    """ "expenses" -> "expense", "categories" -> "category"; words that are their own singular stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("zzes"):
        return word[:-3]
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def singular_phrase(phrase: str) -> str:
    """The last word of a phrase in the singular: "warehouse managers" -> "warehouse manager"."""
    told = phrase.split()
    return " ".join([*told[:-1], singular(told[-1])]) if told else ""


def is_state_word(word: str) -> bool:
    """ "approved", "pending": says in which state a thing is, so it is not a part of the thing's name."""
    return word in _STATE_WORDS or word in STATE_VERBS


_STATE_WORDS = {*TRANSITIONS.values(), "pending", "open", "overdue", "active", "inactive", "available", "unpaid", "unread", "past", "upcoming", "current",
                "unresolved", "unassigned", "incoming", "daily", "weekly", "monthly", "recent", "old", "older", "latest", "personal", "own", "entire",
                "whole", "valid", "invalid", "single", "specific", "similar", "different", "relevant", "full", "complete", "urgent", "public", "private",
                "digital", "custom", "simple", "basic", "real-time", "internal", "external", "detailed", "next", "previous", "additional", "various"}  # fmt: skip
# Nouns that are objects of verbs and are never kept by themselves.
NO_THING = {"thing", "something", "anything", "everything", "nothing", "time", "place", "way", "list", "status", "state", "detail", "details", "access",
          "information", "info", "overview", "history", "change", "changes", "date", "page", "screen", "button", "data", "email", "e-mail", "notification",
          "csv", "pdf", "it", "them", "system", "app", "name", "link", "one", "number", "amount", "reason", "result", "progress", "sure", "note", "day", "week",
          "month", "year", "hour", "minute", "email address", "part", "attention", "money", "mistake", "problem", "record", "set", "least", "most", "lot",
          "care", "decision", "effect", "role", "right", "permission"}  # fmt: skip
# Adjectives and verbs before an actor that are not a part of the actor's name.
NO_QUALIFIER = {"registered", "logged-in", "signed-in", "different", "same", "other", "another", "authorised", "authorized", "notify", "notifies", "notified", "let",
          "lets", "allow", "allows", "help", "helps", "tell", "tells", "anonymous", "only", "both", "two", "three", "our", "busy", "responsible", "right",
          "wrong", "assigned", "unauthorised", "authenticated", "unauthenticated", "paying", "existing", "multiple", "senior", "single", "individual", "if",
          "but", "because", "today", "currently", "when", "whenever", "given"}  # fmt: skip


def plural(word: str) -> str:
    """ "category" -> "categories", "head of department" -> "heads of department"; "door staff" is many already."""
    first, of, rest = word.partition(" of ")
    if of:
        return f"{plural(first)}{of}{rest}"
    if word.endswith(_MANY_BY_THEMSELVES):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


_MANY_BY_THEMSELVES = ("staff", "people", "personnel")


def lemma(word: str) -> str | None:
    """The verb of the tables that a word is a form of: "approves", "approved" and "approving" -> "approve"."""
    candidates = [_IRREGULAR_VERBS.get(word, word), word]
    for ending, replacements in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            candidates += [word[: -len(ending)] + replacement for replacement in replacements]
    doubled = re.sub(r"(.)\1(?:ed|ing)$", r"\1", word)
    return next((c for c in [*candidates, doubled] if c in VERBS), None)


_ENDINGS = (("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ing", ("", "e")), ("ied", ("y",)), ("ed", ("", "e")))


_PHRASAL = re.compile(
    rf"\b(?P<verb>{'|'.join(sorted({v for v, _ in PHRASAL}))})(?:e?s)? (?P<object>(?:(?:an?|the|their|his|her|my|each) (?:[a-z-]+ ){{1,2}}?|it |them )?)(?P<particle>{'|'.join(sorted({p for _, p in PHRASAL}))})\b"
    r"(?=$|[.,;:!)]| (?:and|or|but|again|when|if|once|at|an?|the|it|them|their|his|her)\b)",
    re.IGNORECASE,
)


def joined(text: str) -> str:
    """With each phrasal verb as one word before its object: "checks the order in" -> "check_in the order"."""

    def put(match: re.Match[str]) -> str:
        pair = match["verb"].lower(), match["particle"].lower()
        return f"{'_'.join(pair)} {match['object']}".rstrip() if pair in PHRASAL else match[0]

    return _PHRASAL.sub(put, text)


def base_of(word: str) -> str:
    """Like `lemma`; of a verb that no table knows, the likely infinitive; "" for more than one word."""
    known = lemma(word)
    if known or " " in word:
        return known or ""
    stem = re.sub(r"(?:ied)$", "y", word)
    stem = re.sub(r"^([^aeiou]*[aeiou]ll)(?:ed|ing)$", r"\1", stem)  # called, filled
    stem = re.sub(r"([^aeiou])\1(?:ed|ing)$", r"\1", stem)
    return (
        re.sub(
            r"(?<=[^aeiou])(?:ed|ing|s)$",
            lambda m: "e" if re.search(r"(?:[vcgzu]|[aeiou]s)$", stem[: -len(m[0])]) else "",
            stem,
        )
        if len(stem) > 4
        else stem
    )


def participle(verb: str) -> str:
    """The state that a verb leads to: "approve" -> approved, "call_off" -> called_off."""
    if verb in TRANSITIONS:
        return TRANSITIONS[verb]
    base, _, particle = verb.partition("_")
    made = TRANSITIONS.get(base) or _PARTICIPLES.get(base) or _regular(base)
    return f"{made}_{particle}" if particle else made


def _regular(verb: str) -> str:
    """ "tag" -> tagged, "try" -> tried, "file" -> filed."""
    if len(verb) <= 4 and re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return f"{verb}{verb[-1]}ed"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


def verb_to(state: str) -> str:
    """The verb that leads to a state: "approved" -> "approve", "in_progress" -> "start", "called_off" -> "call_off"."""
    named = next((verb for verb, target in TRANSITIONS.items() if target == state), None)
    if named or state in STATE_VERBS:
        return named or STATE_VERBS[state]
    first, _, particle = state.partition("_")
    base = next((v for v, p in _PARTICIPLES.items() if p == first), None) or (
        base_of(first) if first.endswith("ed") else ""
    )
    if not base or base == first:
        return f"mark_{state}"
    return f"{base}_{particle}" if particle else base


_PARTICIPLES = {"set": "set", "put": "put", "reset": "reset", "send": "sent", "take": "taken", "give": "given", "sell": "sold", "win": "won", "lose": "lost",
          "hold": "held", "ban": "banned", "plan": "planned", "stop": "stopped", "drop": "dropped", "ship": "shipped", "submit": "submitted",
          "refer": "referred", "permit": "permitted", "commit": "committed", "admit": "admitted", "transmit": "transmitted", "make": "made", "begin": "begun", "write": "written", "pay": "paid", "withdraw": "withdrawn", "find": "found", "go": "gone", "break": "broken",
          "choose": "chosen", "freeze": "frozen", "shut": "shut", "lay": "laid"}  # fmt: skip
# Words that stand where a verb may stand and are no act on a record.
NO_VERB = {"one", "those", "be", "have", "has", "had", "do", "does", "use", "used", "work", "contain", "carry", "show", "shown", "display", "displayed",
          "return", "returned", "give", "given", "need", "want", "allow", "allowed", "require", "required", "exceed", "exist", "appear", "include", "included",
          "is", "are", "can", "may", "must", "not", "only", "longer", "the", "than", "with", "visible", "shorter", "possible", "empty", "unique", "valid",
          "sign", "log", "signed", "logged", "notify", "notified", "inform", "informed", "tell", "told", "leak", "overlap", "filtered", "sorted", "searched",
          "exported", "ordered", "masked", "hidden", "happen", "lie", "occur", "end", "believe", "understand", "trust", "feel", "look", "reach", "lead", "come",
          "get", "receive", "keep", "kept", "stored", "run", "call", "answer", "answered", "print", "printed"} - {"return", "returned", "call", "sign"}  # fmt: skip


def is_actor(word: str) -> bool:
    base = singular(word)
    return base not in NOT_ACTORS and (base in ACTORS or (len(base) > 4 and base.endswith(_ACTOR_ENDINGS)))


def identifier(words: str, fallback: str) -> str:
    """snake_case, ASCII, no keyword, no taken name, at most 40 characters; a longer one ends with a whole word."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"(?<![a-z])e[-_ ]?mail(?:[_ ]address(?:es)?)?(?![a-z])", "email", plain)
    name = _cut(re.sub(r"[^a-z0-9]+", "_", plain).strip("_"))
    name = re.sub(r"^[0-9_]+", "", name)
    if not name:
        return fallback
    return f"{name}_{fallback}" if name in _TAKEN or keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def _cut(name: str, most: int = 40) -> str:
    """At the end of a word, and of one that does not lead on to the next ("of", "the")."""
    if len(name) <= most:
        return name
    kept = name[: most + 1].split("_")[:-1]
    while kept and kept[-1] in BREAKS | STOP:
        kept.pop()
    return "_".join(kept) or name[:most]


def spoken(name: str, fallback: str = "item") -> str:
    """The name without what `identifier` had to add to a taken one."""
    bare = name.removesuffix(f"_{fallback}")
    return bare if bare in _TAKEN else name


def first_match(words: set[str], table: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    return next((kind for kind, known in table if words.intersection(known)), None)


def article(noun: str) -> str:
    """The noun with "a" or "an", by its sound: "an hour" and "a user" are in the table; what is many has none ("seats")."""
    if noun.endswith("staff"):
        return f"a member of the {noun}"
    if singular(noun.rsplit(" ", 1)[-1]) != noun.rsplit(" ", 1)[-1] and " or " not in noun:
        return noun
    vowel = (noun[:1] in "aeiou" and not noun.startswith(("us", "uni", "eu", "one"))) or noun.startswith(
        ("hour", "honest")
    )
    return f"{'an' if vowel else 'a'} {noun}"


# Words of titles that name no thing.
TITLE_WORDS = {"system", "management", "platform", "service", "api", "app", "application", "feature", "module", "portal", "tool", "support", "architecture",
          "strategy", "design", "implementation", "integration", "microservices", "microservice", "pattern", "patterns", "tracker", "tracking", "dashboard",
          "workflow", "online", "basic", "simple", "improve", "better", "self-service", "mobile", "web", "user", "users", "data", "process", "automation",
          "version", "mvp", "approvals", "approval"}  # fmt: skip
NAMED = {"product", "room", "customer", "category", "project", "team", "member", "course", "class", "vehicle", "item", "tenant", "shop", "tag", "table",
          "supplier", "warehouse"}  # fmt: skip
