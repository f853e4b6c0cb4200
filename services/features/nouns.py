"""Which words name a thing that can be kept, and how long its name is: tables of nouns, adjectives and technologies."""

import re

from services.features import words

# Verbs of the tables that are as often a noun before another noun: "order item", "log entry", "found item".
_NOUN_TOO = {"order", "log", "purchase", "found", "report", "record", "time", "request", "booking", "rating", "listing", "posting", "offer", "plan", "file", "issue",
             "review", "post", "check", "return", "release", "sign", "set", "place", "answer", "edit", "vote", "draft", "schedule", "invite", "book", "watch", "comment",
             "lost", "refund", "transfer", "claim", "dispute", "rental", "loan", "visit", "delivery", "follow", "contact", "payment", "shift", "change", "store", "access", "query", "import",
             "export", "track", "pack", "approval", "cancellation", "submission", "creation", "removal", "deletion", "rejection"}  # fmt: skip
_ADJECTIVES = {"short", "long", "proper", "small", "large", "big", "good", "bad", "free", "signed-in", "real", "broken", "weekly", "yearly", "annual", "same", "whole", "early", "late", "optional",
               "household", "town", "winter", "summer", "nasty", "yellow", "printed", "nightly", "common", "central", "clear", "double", "further", "half", "important", "interested", "last",
               "least", "little", "main", "master", "necessary", "normal", "plain", "possible", "safe", "serious", "stated", "unpaid", "user", "wrong", "allowed", "certain", "third-party",
               "first-cut", "self-service", "direct", "correct", "exact", "exactly", "missing", "waiting", "proposed", "external", "partner", "failed", "connected", "locked", "turned",
               "down", "more", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "most", "fewer", "less", "few", "such", "another", "other", "others", "open", "closed",
               "online", "offline", "empty", "high", "low", "own", "mobile", "web", "distributed", "centralized", "real-time", "event-driven", "regular", "total", "used", "unused",
               "general", "special", "extra", "typical", "local", "global", "remote", "manual", "automatic", "quick", "fast", "slow", "easy", "hard", "nice", "great", "best", "better", "third", "second",
               "next", "previous", "entire", "separate", "different", "various", "similar", "particular", "specific", "individual", "personal", "shared", "old", "new", "recent", "latest"}  # fmt: skip
_TECHNOLOGIES = {"kafka", "redis", "graphql", "websocket", "api", "json", "csv", "http", "https", "sms", "slack", "postgre", "postgresql", "docker", "kubernetes", "pdf", "html", "xml", "sql", "rest",
                 "restful", "microservice", "monolith", "bff", "saas", "jwt", "oauth", "sso", "aws", "azure", "browser", "database", "backend", "frontend", "server", "cloud", "gateway", "queue",
                 "topic", "cache", "broker", "token", "endpoint set", "circuit", "strangler", "pub", "sub", "wiki", "excel", "spreadsheet", "mailbox", "inbox", "terminal", "portal", "checkout", "tablet"}  # fmt: skip
_NEVER = {"architecture", "pattern", "strategy", "design", "configuration", "support", "history", "register", "trail", "workflow", "pipeline", "principle", "cancellation", "approval", "processing", "tracing",
          "logging", "authentication", "authorization", "collaboration", "verification", "logic", "limiting", "need", "self", "themselve", "thing", "system", "platform", "service", "app", "application form",
          "tool", "page", "screen", "form", "website", "web", "people", "person", "everyone", "everybody", "nobody", "anyone", "whoever", "other", "reason", "rule", "point", "case", "example", "idea of",
          "way", "kind", "sort", "type", "level", "hour", "minute", "second", "day", "week", "month", "year", "morning", "evening", "time", "moment", "end", "start", "beginning", "side", "world", "life",
          "character", "digit", "letter", "word", "euro", "eur", "percent", "number", "total", "row", "column", "but", "and", "say", "since", "because", "while", "although", "retry", "told", "field", "value", "name", "title", "status", "state", "text", "list", "table of",
          "e-mail", "email", "mail", "message", "notification by", "phone", "address of", "url", "link", "password", "user", "company", "office", "town", "law", "lawyer", "legal", "manual", "help", "work",
          "problem", "solution", "context", "background", "scope", "criterion", "requirement", "acceptance", "scenario", "step of", "feature", "story", "ticket of", "change", "action", "access", "right",
          "cause", "question of", "call", "request of", "response", "error", "result", "failure", "attempt", "data", "info", "information", "detail", "money", "price", "cost", "amount", "quantity", "date",
          "deadline", "colour", "color", "device", "train", "chat", "hotline", "team", "group", "department", "staff", "crew", "customer", "employee", "mood", "eye", "pair", "button", "queue of", "rain",
          "house", "home", "door", "car", "city", "street", "school", "gym", "library", "clinic", "practice", "shop", "warehouse of", "market", "partner", "pen", "test", "handover", "severity", "limit",
          "goods", "good", "kept", "sold", "left", "put", "usable", "initial", "glove", "glance", "guideline", "go-live", "stuff", "lot", "bit", "trouble", "fun", "use", "usage", "look", "feel", "tone", "style", "training", "learning", "term", "condition"}  # fmt: skip
# These are kept only where the text itself lists what they hold, or names their kind.
WEAK = {"line", "notification", "note", "record", "role", "decision", "permission", "message", "list", "change", "event", "edit", "step", "test", "page", "form", "team", "group", "user", "customer", "employee", "device", "car", "mail", "company", "department", "partner"}  # fmt: skip
_PRONOUNS = {"it", "they", "he", "she", "we", "you", "i", "who", "which", "that", "what", "one", "this", "these", "those", "them", "us", "him", "her", "me", "where", "when", "how", "why", "there"}  # fmt: skip
_WORD = re.compile(r"[a-z][a-z_'-]*")
DETERMINERS = {"a", "an", "the", "each", "every", "any", "all", "no", "their", "its", "his", "her", "our", "my", "your", "some", "own", "one", "two", "these", "those", "this", "that", "such", "more", "new", "of", "same", "another"}  # fmt: skip


def bare(word: str) -> str:
    """Singular, without a possessive."""
    return words.singular(re.sub(r"'s?$", "", word))


def is_thing(word: str) -> bool:
    """Whether a singular noun can name something that is kept, as far as the word alone tells."""
    if len(word) < 3 or word in _PRONOUNS or word in _NEVER or word in _TECHNOLOGIES or word in _ADJECTIVES:
        return False
    if word in words.STOP | words.BREAKS | words.MODALS | words.NO_THING or word.endswith(
        ("ly", "n't", "nnot", "able", "ible", "ful", "less", "ous")
    ):
        return False
    if words.is_state_word(word) and word not in _NOUN_TOO:
        return False
    verb = words.lemma(word)
    return not verb or word in _NOUN_TOO or (verb != word and not word.endswith(("ed", "ing", "es")))


def is_qualifier(word: str) -> bool:
    """Whether a word before a noun is a part of the noun's name: "leave request", not "short survey"."""
    if "_" in word or not re.fullmatch(r"[a-z][a-z-]+", word) or word.endswith(("ly", "'s")):
        return False
    if word in _ADJECTIVES | _PRONOUNS | DETERMINERS | words.STOP | words.BREAKS | words.MODALS | words.NO_QUALIFIER:
        return False
    if word in _NOUN_TOO:
        return True
    if words.is_state_word(word) or words.lemma(word) or word.endswith(("ed", "ing")):
        return False
    return not words.is_actor(word) or word == words.singular(word)


def phrase_before(text: str) -> str:
    """The name of the thing with which a text ends: "an employee files an expense" -> "expense"; "" where none does."""
    told: list[str] = _WORD.findall(text.lower().replace("`", ""))[-4:]
    if not told or text.rstrip()[-1:] in ",;:.()":
        return ""
    last = bare(told[-1])
    if "_" in told[-1]:
        return told[-1].replace("_", " ")
    if last in _PRONOUNS or last in DETERMINERS or not last:
        return ""
    before = told[-2] if len(told) > 1 else ""
    is_verb = len(told) > 2 and words.is_actor(told[-3]) and words.lemma(before) is not None
    qualified = f"{before} {last}" if before and is_qualifier(before) and not is_verb else ""
    is_noun = before in DETERMINERS or told[-1] != last or not before or bool(qualified)
    if is_thing(last) or (is_noun and (last in words.ACTORS or last in WEAK or words.lemma(last) == last)):
        return qualified or last
    return ""


def verb_before(text: str) -> str:
    """The verb of which the last noun is the object: "visitors order tickets" -> "order"."""
    told = _WORD.findall(text.lower())[-3:]
    return (words.lemma(told[1]) or "") if len(told) == 3 and words.is_actor(told[0]) else ""
