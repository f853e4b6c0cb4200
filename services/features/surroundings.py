"""What stands around the feature: other systems, interfaces beside HTTP, and what this engine cannot build."""

import re
from collections.abc import Sequence

from services.features.sentences import Sentence
from services.features.understanding import Integration

# name as it is written -> kind
_SYSTEMS = {
    "stripe": "payment", "paypal": "payment", "adyen": "payment", "payment provider": "payment", "payment gateway": "payment", "payment service": "payment", "payment processor": "payment", "braintree": "payment", "mollie": "payment", "klarna": "payment", "slack": "chat",
    "microsoft teams": "chat", "twilio": "sms", "sms": "sms", "sendgrid": "email", "mailgun": "email", "smtp": "email", "s3": "storage", "object storage": "storage",
    "kafka": "queue", "rabbitmq": "queue", "sqs": "queue", "message queue": "queue", "message broker": "queue", "event bus": "queue", "redis": "queue", "elasticsearch": "search", "opensearch": "search",
    "ldap": "identity", "active directory": "identity", "oauth": "identity", "single sign-on": "identity", "sso": "identity", "keycloak": "identity", "google calendar": "calendar",
    "outlook": "calendar", "google maps": "maps", "salesforce": "service", "hubspot": "service", "jira": "service", "github": "service", "gitlab": "service", "sap": "service",
    "erp": "service", "crm": "service", "accounting system": "service", "accounting software": "service", "billing system": "service", "inventory system": "service", "shipping provider": "service", "shipping service": "service", "xero": "service", "quickbooks": "service", "datev": "service", "payroll system": "service", "warehouse system": "service", "external service": "service",
    "exchange rate service": "service", "exchange rate api": "service", "carrier": "service", "carrier api": "service", "credit bureau": "service", "legacy system": "service", "monolith": "service",
}  # fmt: skip
# Kind of system -> the channel of the messages that go through it.
CHANNELS = {"email": "email", "sms": "sms", "chat": "slack"}
_INTERFACES = {
    "graphql": r"\bgraphql\b",
    "websocket": r"\bweb ?sockets?\b|\breal[- ]time (?:updates?|collaboration|notifications?|feed)\b|\blive updates?\b",
    "webhook": r"\bweb ?hooks?\b",
}
_NOT_BUILT = (
    (r"\bgrpc\b|\bprotocol buffers\b", "gRPC: the service speaks HTTP and JSON"),
    (r"\b(?:native )?(?:ios|android) app\b|\bmobile app\b", "a native mobile app: the page is responsive and works on phones"),
    (r"\bmachine learning\b|\bml model\b|\bpredict(?:s|ion|ive)\b|\brecommendation engine\b|\bllm\b|\bai[- ]", "what must be learned from data: there is no model to train here"),
    (r"\bocr\b|\bimage recognition\b|\bscan (?:the )?receipts?\b", "reading pictures"),
    (r"\bblockchain\b", "a blockchain"),
    (r"\bfile uploads?\b|\bupload (?:a |the |their )?(?:file|photo|picture|image|pdf|attachment|document)s?\b", "storing uploaded files: a link to the file is kept"),
    (r"\bsubscriptions?\b(?=.*\bgraphql\b)|\bgraphql\b(?=.*\bsubscriptions?\b)", "GraphQL subscriptions: live changes go over the WebSocket"),
    (r"\bistio\b|\bservice mesh\b|\bapi gateway\b|\bkong\b", "a gateway or service mesh of its own: limits and roles are enforced in the service"),
    (r"\bmulti[- ]language\b|\btranslated into\b", "translations: texts are in one file, ready to be translated"),
)  # fmt: skip

# Kinds by their own name: beside the name of a system of the kind they are not another one.
_KINDS = ("sms", "smtp")
# Where records are kept before there is a service for them.
_KEPT_TODAY = r"\b(spreadsheets?|excel(?: sheets?| files?)?|google sheets?|wiki(?: pages?)?|paper (?:diary|diaries|slips?|forms?|lists?|files?)|(?:shared )?mailbox|access database|(?:old|legacy|existing|current) (?:system|database|tool|application)|monolith)\b"
_MOVED = r"\bexisting ((?:[a-z-]+ ){1,2}?)(?:are|is|must be|have to be) (?:migrated|imported|moved)\b"
_NOT_MOVED = r"\b(?:migration|import)s? (?:is|are) not (?:needed|required|part)\b|\bno (?:data )?(?:migration|import)\b|\bstarts? (?:empty|fresh)\b"


def kept_today_in(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """What holds the records today; empty where the text says that nothing is moved."""
    text = "\n".join(s.plain for s in sentences)
    if re.search(_NOT_MOVED, text):
        return ()
    moved = [f"existing {match[1].strip()}" for match in re.finditer(_MOVED, text)]
    return tuple(dict.fromkeys([*moved, *(match[1] for match in re.finditer(_KEPT_TODAY, text))]))[:3]


# As it is written -> its code of ISO 4217.
_CURRENCIES = (
    ("EUR", r"\beur\b|\beuros?\b|€"),
    ("USD", r"\busd\b|\bdollars?\b|\$ ?\d"),
    ("GBP", r"\bgbp\b|£"),
    ("CHF", r"\bchf\b"),
)


def currency_in(sentences: Sequence[Sentence]) -> str:
    """The one currency that the text speaks of; empty for none, and for several."""
    text = "\n".join(s.plain for s in sentences)
    found = [code for code, pattern in _CURRENCIES if re.search(pattern, text)]
    return found[0] if len(found) == 1 else ""


def integrations_in(sentences: Sequence[Sentence]) -> tuple[Integration, ...]:
    """Other systems by name, in the order of the text, each with the sentence that names it."""
    found: dict[str, Integration] = {}
    for sentence in sentences:
        if sentence.section == "out" or re.search(r"\b(?:no|without|not use|instead of)\b", sentence.plain):
            continue
        for name, kind in _SYSTEMS.items():
            if (
                name not in found
                and re.search(rf"\b{re.escape(name)}s?\b(?!-\d)", sentence.plain)
                and not any(name in other for other in found)
            ):
                found[name] = Integration(
                    name=name, kind=kind, purpose=" ".join(sentence.text.split())[:200], span=sentence.span
                )
    by_name = {i.kind for i in found.values() if i.name not in _KINDS}
    return tuple(i for i in found.values() if i.name not in _KINDS or i.kind not in by_name)[:6]


def as_written(systems: Sequence[Integration], sentences: Sequence[Sentence]) -> tuple[Integration, ...]:
    """The systems by their names as the text first writes them: "Kafka" for kafka."""
    text = "\n".join(s.text for s in sentences)
    found = [re.search(rf"\b{re.escape(s.name)}", text, re.IGNORECASE) for s in systems]
    return tuple(s.model_copy(update={"name": m[0]}) if m else s for s, m in zip(systems, found, strict=True))


def interfaces_in(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    text = "\n".join(s.plain for s in sentences if s.section not in ("out", "background"))
    return tuple(name for name, pattern in _INTERFACES.items() if re.search(pattern, text))


def not_built_in(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    text = "\n".join(s.plain for s in sentences if s.section not in ("out", "background"))
    return tuple(sentence for pattern, sentence in _NOT_BUILT if re.search(pattern, text))
