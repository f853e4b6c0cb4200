"""Where an item came from, in the words of the request."""

import re
from dataclasses import replace

from services.agents.engine import Brief
from services.features.request import FeatureRequest
from services.features.understanding import AcceptanceCriterion, Integration

ASSUMPTION = "assumption"
_LONGEST, _SHORTEST, _LONGEST_PURPOSE = 110, 24, 50
_END = re.compile(r"[.!?](?=\s)|\n")


def quoted(request: FeatureRequest, span: tuple[int, int] | None, longest: int = _LONGEST) -> str:
    """The words in quotation marks, cut with an ellipsis; a word or two are shown with their sentence. Without a span: assumption."""
    if span is None:
        return ASSUMPTION
    text = f"{request.title}\n{request.description}"
    words = " ".join(text[span[0] : span[1]].split())
    if len(words) < _SHORTEST:
        words = " ".join(_sentence(text, *span).split())
    return f"“{words if len(words) <= longest else words[: longest - 1].rstrip() + '…'}”" if words else ASSUMPTION


def _sentence(text: str, start: int, end: int) -> str:
    """What stands between the ends of sentences around a span; a full stop inside a number ends none."""
    ends = [m.end() for m in _END.finditer(text)]
    return text[max((e for e in ends if e <= start), default=0) : min((e for e in ends if e >= end), default=len(text))]


def origin(brief: Brief, criterion: AcceptanceCriterion) -> str:
    """Of a criterion: its document, the request, or what it was derived from."""
    if criterion.source:
        return criterion.source
    if criterion.stated:
        return "request"
    return f"derived from {criterion.story or 'the fields'}"


def first_sentence(request: FeatureRequest) -> str:
    text = " ".join(request.description.split())
    end = min((i + 1 for i in (text.find(". "), text.find("! "), text.find("? ")) if i > 0), default=len(text))
    return text[:end][:240]


# Kind of another system -> what goes there, where the request gives only a sentence.
_PURPOSES = {"payment": "payments", "email": "e-mails", "sms": "text messages", "chat": "messages", "identity": "sign-in", "storage": "files", "search": "search", "queue": "events", "calendar": "appointments", "maps": "addresses"}  # fmt: skip


def readable(brief: Brief) -> Brief:
    """With other systems named as the request writes them, and a purpose of a few words."""
    systems = tuple(_readable(brief.request, i) for i in brief.understanding.integrations)
    return replace(brief, understanding=brief.understanding.model_copy(update={"integrations": systems}))


def _readable(request: FeatureRequest, system: Integration) -> Integration:
    found = re.search(
        re.escape(system.name.replace("_", " ")), f"{request.title}\n{request.description}", re.IGNORECASE
    )
    is_sentence = system.purpose.rstrip().endswith((".", "!")) or len(system.purpose) > _LONGEST_PURPOSE
    purpose = _PURPOSES.get(system.kind, "its service") if is_sentence else system.purpose
    return system.model_copy(update={"name": found[0] if found else system.name, "purpose": purpose})
