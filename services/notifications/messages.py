"""How a notification reads outside: an e-mail, or the body of a webhook in the format that its receiver understands."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from uuid import UUID

CHOICES = "account"


class Format(StrEnum):
    JSON = "json"
    SLACK = "slack"
    TEAMS = "teams"


@dataclass(frozen=True)
class Message:
    """`id` stays the same when it is sent again, so that a receiver can tell. `url`: the whole address of the place."""

    id: UUID
    kind: str
    title: str
    text: str
    url: str
    team: str
    person: str
    at: datetime


def as_mail(message: Message, *, sender: str, to: str, base_url: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = f"{message.title}: {message.text}"[:160]
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{sender.rsplit('@', 1)[-1].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"{message.text}\n\n{message.url}\n\n-- \nGreenlight, team {message.team}. "
        f"You choose what comes by e-mail: {base_url}/{CHOICES}\n"
    )
    return mail


def as_body(form: Format, message: Message) -> bytes:
    """The same message gives the same bytes."""
    return json.dumps(_BODIES[form](message), ensure_ascii=False, sort_keys=True).encode()


def signature_headers(key: bytes, id_: UUID, body: bytes, now: datetime) -> dict[str, str]:
    """Headers with which a receiver knows that the message is ours, and of when. Source: Standard Webhooks 1.0."""
    timestamp = str(int(now.timestamp()))
    mac = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": str(id_),
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _json(message: Message) -> Mapping[str, object]:
    return {
        "type": f"greenlight.{message.kind}",
        "id": str(message.id),
        "at": message.at.isoformat(),
        "team": message.team,
        "person": message.person,
        "title": message.title,
        "text": message.text,
        "url": message.url,
    }


def _slack(message: Message) -> Mapping[str, object]:
    said = f"{_slack_text(message.person)}: {_slack_text(message.text)}"
    return {
        "text": f"{message.title}. {said}",
        "blocks": [
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": f"*{message.title}*\n{said}\n<{message.url}|Open in Greenlight>"},
            }
        ],
    }


def _slack_text(text: str) -> str:
    """People's text: no link, no mention of a channel, no emphasis. Source: Slack, formatting text for app surfaces."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"{c}\u200b" if c in "*_~`@" else c for c in escaped)


def _teams(message: Message) -> Mapping[str, object]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": message.title, "weight": "Bolder", "wrap": True},
            # Pieces of a RichTextBlock are shown as they are; a TextBlock would read people's text as Markdown.
            {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": f"{message.person}: {message.text}"}]},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Greenlight", "url": message.url}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


_BODIES: dict[Format, Callable[[Message], Mapping[str, object]]] = {
    Format.JSON: _json,
    Format.SLACK: _slack,
    Format.TEAMS: _teams,
}
