"""What people are told of: one row per kind, read by the inbox, by the choices on the page Account and by messages."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    REVIEW = "review"
    REVIEWER = "reviewer"
    REVIEW_OVERDUE = "review_overdue"
    MENTION = "mention"
    QUESTION = "question"
    RUN_FAILED = "run_failed"
    APPROVAL_STALE = "approval_stale"
    WAIVER_ENDS = "waiver_ends"
    WAIVER_ENDED = "waiver_ended"
    CRITERION = "criterion"
    CRITERION_OVERDUE = "criterion_overdue"


class Channel(StrEnum):
    """Where a kind goes besides the inbox."""

    INBOX = "inbox"
    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class KindRow:
    """`title` heads a message; `asks` says when it comes. `is_urgent`: it asks the person to do something."""

    title: str
    asks: str
    is_urgent: bool


KINDS: dict[Kind, KindRow] = {
    Kind.REVIEW: KindRow("A gate waits for you", "A run waits at a gate and my approval would count", is_urgent=True),
    Kind.REVIEWER: KindRow("You are asked to review", "Somebody asks me by name to review", is_urgent=True),
    Kind.REVIEW_OVERDUE: KindRow("Your review is overdue", "A review that was asked of me is overdue", is_urgent=True),
    Kind.MENTION: KindRow("You are mentioned", "Somebody mentions me", is_urgent=True),
    Kind.QUESTION: KindRow("An agent asks you", "An agent of a run asks the team something", is_urgent=True),
    Kind.RUN_FAILED: KindRow("Your run has failed", "A run that I asked for fails", is_urgent=True),
    Kind.APPROVAL_STALE: KindRow(
        "Your approval is stale", "What I approved has changed since", is_urgent=True
    ),
    Kind.WAIVER_ENDS: KindRow("A waiver ends soon", "A waiver of mine ends within seven days", is_urgent=False),
    Kind.WAIVER_ENDED: KindRow("A waiver has ended", "A waiver of mine has ended", is_urgent=True),
    Kind.CRITERION: KindRow("A criterion is yours", "Somebody gives me a criterion to see to", is_urgent=False),
    Kind.CRITERION_OVERDUE: KindRow("A criterion is overdue", "A criterion that I see to is overdue", is_urgent=True),
}  # fmt: skip

URGENT = frozenset(kind for kind, row in KINDS.items() if row.is_urgent)

# How the inbox is filtered.
GROUPS: dict[str, tuple[Kind, ...]] = {
    "Reviews": (Kind.REVIEW, Kind.REVIEWER, Kind.REVIEW_OVERDUE, Kind.APPROVAL_STALE),
    "Mentions": (Kind.MENTION,),
    "Questions": (Kind.QUESTION,),
    "Failures": (Kind.RUN_FAILED,),
    "Criteria": (Kind.WAIVER_ENDS, Kind.WAIVER_ENDED, Kind.CRITERION, Kind.CRITERION_OVERDUE),
}
