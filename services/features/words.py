"""Small English: lexicons and word forms. Tables, so that adding a word is adding a row."""

import keyword
import re
import unicodedata

CREATE = {"create", "add", "submit", "register", "book", "place", "upload", "post", "file", "record", "log", "report",
          "schedule", "save", "enter", "send", "request", "open", "make", "issue", "import", "propose", "reserve", "order"}  # fmt: skip
READ = {
    "view",
    "see",
    "list",
    "browse",
    "search",
    "read",
    "track",
    "find",
    "filter",
    "export",
    "check",
    "monitor",
    "review",
}
UPDATE = {"edit", "update", "change", "modify", "correct", "rename", "manage", "adjust", "configure", "set"}
DELETE = {"delete", "remove"}
# Verb -> the state it leads to.
TRANSITIONS = {
    "approve": "approved", "reject": "rejected", "cancel": "cancelled", "close": "closed", "publish": "published",
    "archive": "archived", "complete": "completed", "ship": "shipped", "pay": "paid", "refund": "refunded",
    "accept": "accepted", "decline": "declined", "assign": "assigned", "resolve": "resolved", "confirm": "confirmed",
    "return": "returned", "suspend": "suspended", "activate": "activated", "verify": "verified", "deliver": "delivered",
    "escalate": "escalated", "finish": "finished", "release": "released", "expire": "expired", "revoke": "revoked",
}  # fmt: skip
# These follow another state rather than the first one.
LATER = {"closed", "archived", "refunded", "returned", "delivered", "expired", "revoked"}
VERBS = CREATE | READ | UPDATE | DELETE | set(TRANSITIONS)

ACTORS = {"user", "customer", "manager", "admin", "administrator", "employee", "member", "client", "owner", "operator", "agent",
          "developer", "student", "teacher", "patient", "doctor", "nurse", "driver", "buyer", "seller", "merchant", "guest",
          "visitor", "author", "editor", "reviewer", "analyst", "accountant", "tenant", "landlord", "staff", "team", "support",
          "people", "person", "host", "parent", "engineer", "librarian", "reader", "shopper", "subscriber", "moderator", "clerk"}  # fmt: skip
_ACTOR_ENDINGS = ("er", "or", "ee", "ist", "ant", "ian")
NOT_ACTORS = {"order", "number", "folder", "paper", "computer", "letter", "offer", "transfer", "error", "monitor", "server", "voucher",
              "filter", "register", "parameter", "payment", "calendar", "answer", "member fee", "color", "floor", "newsletter"}  # fmt: skip

STOP = {"a", "an", "the", "this", "that", "these", "those", "each", "every", "all", "any", "some", "their", "his", "her", "its", "our",
        "your", "my", "new", "own", "one", "more", "other", "able", "and", "or", "then", "also", "only", "just", "it", "them", "they",
        "we", "i", "you", "he", "she", "so", "to", "be", "is", "are", "was", "not", "no", "existing", "same", "such", "multiple", "several",
        "many", "here", "there", "which", "who", "what", "when", "once", "never", "always", "can", "may", "must", "should", "shall", "will",
        "want", "wants", "need", "needs", "like", "would", "could", "do", "does", "have", "has", "had", "first", "last", "please"}  # fmt: skip
BREAKS = {"with", "for", "by", "in", "on", "at", "if", "from", "of", "as", "via", "through", "into", "onto", "before", "after", "within",
          "without", "using", "based", "per", "about", "until", "while", "because", "where", "against", "under", "above", "over", "than",
          "up", "out", "back", "online", "between", "during", "across"}  # fmt: skip
MODALS = {"can", "may", "must", "should", "shall", "will", "could"}


def act_of(verb: str) -> str:
    """What a verb does with a record: create, update, delete or read."""
    groups = (("create", CREATE), ("update", UPDATE), ("delete", DELETE), ("read", READ))
    return next(act for act, verbs in groups if verb in verbs)


# Word in a field's name -> its type, first match wins.
FIELD_TYPES = (
    ("email", ("email", "mail")),
    ("url", ("url", "link", "website", "image", "photo", "picture", "attachment", "receipt", "document")),
    ("boolean", ("active", "enabled", "flag", "public", "private", "paid?", "urgent", "optional")),
    ("datetime", ("time", "timestamp", "datetime", "slot", "start", "end", "at")),
    ("date", ("date", "day", "deadline", "birthday", "due", "expiry")),
    ("money", ("amount", "price", "cost", "total", "fee", "salary", "budget", "balance", "payment", "tax", "discount")),
    ("integer", ("quantity", "count", "number", "rating", "score", "age", "points", "seats", "stock", "capacity", "priority",
                 "duration", "minutes", "hours", "days", "size", "stars", "guests", "year", "limit")),
    ("number", ("weight", "height", "length", "width", "latitude", "longitude", "percentage", "rate", "temperature", "distance")),
    ("text", ("description", "note", "notes", "comment", "reason", "body", "message", "text", "content", "summary", "address",
              "details", "feedback", "instructions")),
)  # fmt: skip
SENSITIVE = (
    ("personal", ("name", "email", "mail", "phone", "address", "birthday", "birth", "age", "ip", "location", "latitude", "passport")),
    ("payment", ("card", "iban", "account", "cvv", "bank")),
    ("health", ("diagnosis", "symptom", "symptoms", "medication", "allergy", "allergies", "prescription", "blood")),
    ("credentials", ("password", "token", "secret", "pin", "key")),
)  # fmt: skip
# Names that would clash with the attributes of a record, or with words of SQL and Python.
_TAKEN = {"id", "version", "state", "metadata", "copy", "json", "dict", "schema", "construct", "validate", "registry", "fields",
          "model", "table", "select", "order", "group", "user", "index", "type", "from", "where", "item_id", "self", "cls", "created_at",
          "updated_at", "session", "app", "main", "test", "tests", "str", "int", "list", "set", "float", "bool", "date", "datetime",
          "models", "health", "ready", "metrics", "events", "flags", "static", "actor", "body", "request", "response"}  # fmt: skip

_IRREGULAR = {"people": "person", "staff": "staff", "data": "data", "media": "media", "news": "news", "series": "series", "status": "status",
              "children": "child", "analyses": "analysis", "address": "address", "business": "business", "access": "access", "bonus": "bonus"}  # fmt: skip


def singular(word: str) -> str:
    """ "expenses" -> "expense", "categories" -> "category"; words that are their own singular stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


def lemma(word: str) -> str | None:
    """The verb of the tables that a word is a form of: "approves", "approved" and "approving" -> "approve"."""
    candidates = [word]
    for ending, replacements in (
        ("ies", ("y",)),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ing", ("", "e")),
        ("ied", ("y",)),
        ("ed", ("", "e")),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            candidates += [word[: -len(ending)] + replacement for replacement in replacements]
    doubled = re.sub(r"(.)\1(?:ed|ing)$", r"\1", word)
    return next((c for c in [*candidates, doubled] if c in VERBS), None)


def is_actor(word: str) -> bool:
    base = singular(word)
    return base not in NOT_ACTORS and (base in ACTORS or (len(base) > 4 and base.endswith(_ACTOR_ENDINGS)))


def identifier(words: str, fallback: str) -> str:
    """snake_case, ASCII, no keyword, no taken name, at most 40 characters."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
    name = re.sub(r"^[0-9_]+", "", name)
    if not name:
        return fallback
    return f"{name}_{fallback}" if name in _TAKEN or keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def first_match(words: set[str], table: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    return next((kind for kind, known in table if words.intersection(known)), None)


def article(noun: str) -> str:
    """The noun with "a" or "an", by its sound: "an hour" and "a user" are in the table."""
    vowel = (noun[:1] in "aeiou" and not noun.startswith(("us", "uni", "eu", "one"))) or noun.startswith(
        ("hour", "honest")
    )
    return f"{'an' if vowel else 'a'} {noun}"
