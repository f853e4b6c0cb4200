"""The rows. A table says what is stored, never what is allowed; every root row carries its team.

Import from here, so that the metadata is complete: `from db.tables import Run, Task`.
"""

from db.tables.breaker import Breaker
from db.tables.criterion import Assignment, Attestation, CriterionComment, Waiver
from db.tables.decision import Decision, LedgerEntry
from db.tables.evidence import Evidence, Verdict
from db.tables.feature import ContextDocument, Feature
from db.tables.git_object import GitObject
from db.tables.house_rules import HouseRules
from db.tables.notification import Delivery, Notification, NotificationChoice, Webhook
from db.tables.person import AuthSession, Membership, OneTimeLink, Team, User
from db.tables.policy import TeamPolicy
from db.tables.question import Question, QuestionAnswer
from db.tables.reviewer import Reviewer
from db.tables.run import Call, Event, Outbox, Revision, Run, Task, Worker
from db.tables.spending import Spending, TeamLimit
from db.tables.thread import Thread, ThreadComment

__all__ = [
    "Assignment",
    "Attestation",
    "AuthSession",
    "Breaker",
    "Call",
    "ContextDocument",
    "CriterionComment",
    "Decision",
    "Delivery",
    "Event",
    "Evidence",
    "Feature",
    "GitObject",
    "HouseRules",
    "LedgerEntry",
    "Membership",
    "Notification",
    "NotificationChoice",
    "OneTimeLink",
    "Outbox",
    "Question",
    "QuestionAnswer",
    "Reviewer",
    "Revision",
    "Run",
    "Spending",
    "Task",
    "Team",
    "TeamLimit",
    "TeamPolicy",
    "Thread",
    "ThreadComment",
    "User",
    "Verdict",
    "Waiver",
    "Webhook",
    "Worker",
]
