"""Threats at the borders: other systems, tokens, addresses that people register."""

from collections.abc import Iterator, Mapping

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.discovery.threat_ground import Ground, threat
from services.deliverables.discovery import Threat
from services.features.speech import one_of

_SYSTEMS: Mapping[str, tuple[str, str, str, tuple[str, str], int]] = {
    # kind -> category, threat, cure, ids, impact
    "payment": ("Spoofing", "somebody else sends the 'paid' message of {name}", "the signature of each message is checked, and the payment is asked for again by its id", ("CWE-345", "API10:2023"), 5),
    "email": ("Information disclosure", "an e-mail through {name} carries fields of the record to a wrong address", "messages name the record's id, not its fields", ("CWE-201", "API3:2023"), 3),
    "sms": ("Denial of service", "acts are repeated so that {name} sends thousands of paid messages", "one message per act and person; a daily limit with the vendor", ("CWE-799", "API4:2023"), 4),
    "chat": ("Information disclosure", "a channel of {name} has readers who may not see the record", "messages name the record's id, not its fields", ("CWE-201", "API3:2023"), 3),
    "identity": ("Spoofing", "a token of another application of {name} is accepted here", "audience and issuer are checked besides the signature", ("CWE-287", "API2:2023"), 5),
    "storage": ("Information disclosure", "a link to a file in {name} is passed on and works for everybody", "links end after minutes and are made per person", ("CWE-552", "API1:2023"), 4),
    "search": ("Information disclosure", "{name} still finds what was deleted or is not for the asker", "results are read again through the service", ("CWE-213", "API3:2023"), 3),
    "queue": ("Tampering", "a message in {name} is put in by somebody else or comes twice", "only this service may write; each message has an id that is applied once", ("CWE-345", "API10:2023"), 4),
}  # fmt: skip
_TRIALS = {
    "identity": "a token that {name} made for another application: 401",
    "payment": "'paid' without a signature, with an old one, and twice: only one valid message counts",
    "email": "search the outbox for values of fields",
    "chat": "search the outbox for values of fields",
    "sms": "the same act twenty times by one person: one message",
    "storage": "open a link of {name} as somebody else, and after its end",
}


def system_threats(g: Ground) -> Iterator[Threat]:
    op = next(op for op in g.design.operations if op.verb == "create")
    for system in g.brief.understanding.integrations:
        row = _SYSTEMS.get(
            system.kind,
            (
                "Tampering",
                "an answer of {name} that is wrong or too large is believed",
                "answers are validated like a caller's body, with a limit of size",
                ("CWE-20", "API10:2023"),
                3,
            ),
        )
        yield threat(
            op,
            row[0],
            row[1].format(name=system.name),
            row[3],
            (3, row[4]),
            row[2],
            f"whoever runs {system.name} here",
            _TRIALS.get(system.kind, "a stand-in for {name} that lies, repeats and is slow").format(name=system.name),
            quoted(g.brief.request, system.span),
        )


def token_threats(g: Ground) -> Iterator[Threat]:
    strongest = max(
        g.design.operations, key=lambda op: (op.method != "GET", op.verb not in ("create", "update"), -len(op.roles))
    )
    yield threat(
        strongest,
        "Spoofing",
        f"A token that was made elsewhere, is too old, or says alg none opens {strongest.id} as {one_of(strongest.roles)}",
        ("CWE-347", "API2:2023"),
        (2, 5),
        "signature, algorithm and end are checked; TOKEN_SECRET has at least 32 bytes; SIGN_IN=local is never set where others can reach it",
        "operations",
        "tokens without signature, with another secret, after their end: 401",
        "roles of the request",
    )


def address_threats(g: Ground) -> Iterator[Threat]:
    """Webhooks: the service calls where people tell it to."""
    if "webhook" in g.brief.understanding.interfaces:
        yield threat(
            g.design.operations[0],
            "Information disclosure",
            "an address that somebody registers at POST /webhooks leads into our own network",
            ("CWE-918", "API7:2023"),
            (3, 4),
            "app/webhooks.py takes https only, looks the name up and calls no private address, and follows no redirect",
            "backend",
            "register a name that resolves to 127.0.0.1, 10.0.0.1 and 169.254.169.254: nothing is sent",
            "the request",
        )
